"""`credit/german`: the thousand applicants of the Statlog sample, a smoke test of the scoring engine.

Bad cases are over-sampled to 30 % and the sample is tiny: the floor is no more than not to be clearly worse
than a scorecard, and what is above it will hardly be told from chance.
"""

from __future__ import annotations

from barograph.core.recipe import Recipe
from barograph.core.scoring_study import (
    EncodeSection,
    FitSection,
    JudgeSection,
    RecordsSection,
    ScorersSection,
    ScoringClaim,
    ScoringStudy,
    ShipSection,
)
from barograph.core.texts import text

__all__ = ["RECIPE"]

CLAIMS = (
    ScoringClaim(
        key="floor-not-worse",
        rung="floor",
        kind="not_worse",
        model="combination",
        opponent="scorecard",
        protocol="cross_validation",
    ),
    ScoringClaim(
        key="target-better",
        rung="target",
        kind="better",
        model="combination",
        opponent="scorecard",
        protocol="cross_validation",
    ),
    ScoringClaim(
        key="moonshot-booster",
        rung="moonshot",
        kind="better",
        model="network",
        opponent="lightgbm",
        protocol="cross_validation",
    ),
    ScoringClaim(
        key="target-booster",
        rung="target",
        kind="better",
        model="combination",
        opponent="lightgbm",
        protocol="cross_validation",
    ),
)

RECIPE = Recipe(
    study=ScoringStudy(
        name="credit/german",
        question=text("studies.question.applicant"),
        collect=RecordsSection(
            source="german-credit", outcome_months=12, protected=("personal_status_and_sex", "foreign_worker")
        ),
        prepare=EncodeSection(bins=8, least_category=20, history_months=0),
        model=ScorersSection(networks=("tabm",), calibration="platt"),
        train=FitSection(seeds=3, trials=8, max_steps=300, learning_rate=6e-3, batch=128),
        evaluate=JudgeSection(protocols=("cross_validation",), folds=3, repeats=3, claims=CLAIMS),
        deploy=ShipSection(asset_class="other_retail"),
    ),
    budgets={
        "quick": {"train.seeds": 1, "train.trials": 2, "train.max_steps": 75, "evaluate.repeats": 1},
        "standard": {"train.seeds": 3, "train.trials": 8, "train.max_steps": 300, "evaluate.repeats": 3},
        "full": {
            "model.networks": ("tabm", "mlp", "transformer", "autoencoder"),
            "train.seeds": 5,
            "train.bag": 5,
            "train.trials": 32,
            "train.max_steps": 600,
            "evaluate.repeats": 3,
        },
    },
    minutes={"quick": 0.5, "standard": 2.0, "full": 20.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
