"""`operational/fraud`: the probability that a card payment is fraudulent, while it is being made.

Prequential: every test week is scored by models fitted on the weeks whose labels were known the day before;
cards found to be in a thief's hands leave the test on the day after. The default data are simulated, with
known truth. The claims are written down before results are seen.
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
from barograph.core.unsupervised import UNSUPERVISED
from barograph.risks.operational.alerts import TAILS, UNSUPERVISED_CLAIM, alert_claims

__all__ = ["RECIPE"]

RECIPE = Recipe(
    study=ScoringStudy(
        name="operational/fraud",
        question=text("studies.question.fraud"),
        collect=RecordsSection(source="card-simulator", label_days=7, outcome_months=1),
        prepare=EncodeSection(events=EventsSection(), bins=8, tails=TAILS, history_months=0),
        model=ScorersSection(
            networks=("tabm",),
            baselines=("logistic", "lightgbm"),
            calibration="platt",
            experience=False,
            unsupervised=UNSUPERVISED,
        ),
        train=FitSection(
            seeds=3, trials=6, max_steps=300, batch=1024, learning_rate=4e-3, check_every=25, patience=4
        ),
        evaluate=JudgeSection(
            protocols=("origin",),
            origins=(20240401, 20240408, 20240415, 20240422, 20240429, 20240506),
            train_blocks=5,
            hold_out="vintage",
            remove_known=True,
            development=(20240401, 20240408),
            leak_alone=0.95,
            leak_removal=0.2,
            alerts=AlertsSection(),
            claims=(*alert_claims(margin=0.02), UNSUPERVISED_CLAIM),
        ),
        deploy=ShipSection(policy="fraud"),
    ),
    budgets={
        "quick": {
            "model.settings": {"tabm": {"k": 4, "hidden": [32]}},
            "train.seeds": 1,
            "train.trials": 2,
            "model.anomaly_members": 3,
            "train.max_steps": 200,
            "evaluate.origins": (20240422, 20240506),
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
