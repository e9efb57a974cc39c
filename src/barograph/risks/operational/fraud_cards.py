"""`operational/fraud-cards`: the probability that a real card payment is fraudulent.

Two days of European payments in 2013 (Dal Pozzolo and others): principal components and the amount, but no
card, no merchant and no calendar time. Prequential by blocks of six hours: each is scored by models fitted on
all earlier hours, the last six of them held out for stopping, calibration and blend. Hours are drawn again in
every interval and test. The packaged cut holds a sixth of the legitimate payments; weights undo that in every
figure that depends on their number, and in the probabilities, and are never a feature.

The recipe was chosen on the second half of the first day (development). The second day confirms for
the models named here; anomaly models had been compared on it before (PCA on normal scores .809,
autoencoder .785 average precision), so that for them it is development too. The claims are written down
before results are seen.
"""

from __future__ import annotations

from typing import Final

from barograph.core.recipe import Recipe
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
from barograph.risks.operational.alerts import UNSUPERVISED_CLAIM, alert_claims

__all__ = ["RECIPE"]

TAILS: Final = (0.01, 0.05, 0.95, 0.99, 0.998)
"""Where bins end besides: a fraud lies far out on either side of the components."""

RECIPE = Recipe(
    study=ScoringStudy(
        name="operational/fraud-cards",
        question=text("studies.question.fraud"),
        collect=RecordsSection(
            source="card-fraud-ulb",
            block_hours=6,
            outcome_months=1,
            deny={"gap": text("studies.denied.gap")},
        ),
        prepare=EncodeSection(bins=8, tails=TAILS, history_months=0),
        model=ScorersSection(
            networks=("tabm", "mlp"),
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
            origins=(12, 18, 24, 30, 36, 42),
            hold_out="vintage",
            development=(12, 18),
            leak_alone=0.98,
            leak_removal=0.2,
            alerts=AlertsSection(),
            claims=(*alert_claims(margin=0.05, network_floor=False), UNSUPERVISED_CLAIM),
        ),
        deploy=ShipSection(policy="fraud"),
    ),
    budgets={
        "quick": {
            "model.networks": ("tabm",),
            "model.settings": {"tabm": {"k": 4, "hidden": [32]}},
            "train.seeds": 1,
            "train.trials": 2,
            "model.anomaly_members": 3,
            "train.max_steps": 200,
            "evaluate.origins": (18, 24, 36),
        },
        "standard": {
            "model.settings": {"tabm": {"k": 16, "hidden": [64]}},
        },
        "full": {
            "prepare.bins": 16,
            "model.networks": ("tabm", "mlp", "rnn", "cnn", "transformer", "autoencoder"),
            "model.settings": {"tabm": {"k": 16, "hidden": [128, 128]}},
            "train.seeds": 5,
            "train.trials": 24,
            "train.max_steps": 1500,
        },
    },
    minutes={"quick": 1.0, "standard": 5.0, "full": 60.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
