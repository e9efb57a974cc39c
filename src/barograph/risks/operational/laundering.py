"""`operational/laundering`: the probability that a transfer between accounts is part of a laundering scheme.

Prequential, as `operational/fraud`, with labels known a month later. Features are the flows of both accounts
and what the transfer closes in the network: cycles, scatter-gather, fans. The default data are simulated,
with known truth. The claims are written down before results are seen.
"""

from __future__ import annotations

from barograph.core.recipe import Recipe
from barograph.core.record_sections import EventsSection
from barograph.core.scoring_study import (
    AlertsSection,
    EncodeSection,
    FitSection,
    JudgeSection,
    RecordsSection,
    ScorersSection,
    ScoringStudy,
    ShipSection,
)
from barograph.core.texts import text
from barograph.risks.operational.alerts import TAILS, alert_claims

__all__ = ["RECIPE"]

RECIPE = Recipe(
    study=ScoringStudy(
        name="operational/laundering",
        question=text("studies.question.laundering"),
        # The simulated schemes end before the simulation does: the last days know no laundering.
        collect=RecordsSection(
            source="account-simulator", label_days=30, outcome_months=1, until="2024-05-19"
        ),
        prepare=EncodeSection(
            events=EventsSection(windows=(86_400, 7 * 86_400, 30 * 86_400), graph=True),
            bins=8,
            tails=TAILS,
            history_months=0,
        ),
        model=ScorersSection(
            networks=("tabm",), baselines=("logistic", "lightgbm"), calibration="platt", experience=False
        ),
        train=FitSection(
            seeds=3, trials=6, max_steps=300, batch=1024, learning_rate=4e-3, check_every=25, patience=4
        ),
        evaluate=JudgeSection(
            protocols=("origin",),
            origins=(20240408, 20240415, 20240422, 20240429, 20240506, 20240513),
            train_blocks=6,
            hold_out="vintage",
            development=(20240408, 20240415),
            leak_alone=0.98,
            leak_removal=0.2,
            alerts=AlertsSection(cards_per_day=20, budgets=(5, 10, 20, 40), review=50.0),
            claims=alert_claims(margin=0.02),
        ),
        deploy=ShipSection(policy="fraud"),
    ),
    budgets={
        "quick": {
            "model.settings": {"tabm": {"k": 4, "hidden": [32]}},
            "train.seeds": 1,
            "train.trials": 2,
            "train.max_steps": 200,
            "evaluate.origins": (20240422, 20240513),
        },
        "standard": {
            "model.settings": {"tabm": {"k": 16, "hidden": [64]}},
        },
        "full": {
            "prepare.bins": 16,
            "model.networks": ("tabm", "mlp", "rnn", "cnn", "transformer", "autoencoder"),
            "model.settings": {"tabm": {"k": 16, "hidden": [128, 128]}},
            "train.seeds": 3,
            "train.trials": 24,
            "train.max_steps": 1500,
        },
    },
    minutes={"quick": 1.0, "standard": 5.0, "full": 90.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
