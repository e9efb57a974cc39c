"""`credit/lgd`: the share of the disbursed amount that is lost once a loan is charged off.

Known at application plus the disbursed amount; never term, balance or status. Walk forward by the year of
charge-off: the losses of earlier years train, those of a year are forecast. Published R²
of such models lie between 4 and 43 %: little is promised.
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
)
from barograph.core.texts import text
from barograph.risks.credit.default import DENIED

__all__ = ["RECIPE"]

CLAIMS = (
    ScoringClaim(
        key="floor-not-worse",
        rung="floor",
        kind="not_worse",
        model="combination",
        opponent="fractional_logit",
        metric="mae",
    ),
    ScoringClaim(
        key="target-ols", rung="target", kind="better", model="combination", opponent="ols", metric="mae"
    ),
    ScoringClaim(
        key="target-fractional",
        rung="target",
        kind="better",
        model="combination",
        opponent="fractional_logit",
        metric="mae",
    ),
    ScoringClaim(
        key="target-booster",
        rung="target",
        kind="better",
        model="combination",
        opponent="lightgbm",
        metric="mae",
    ),
    ScoringClaim(
        key="moonshot-booster",
        rung="moonshot",
        kind="better",
        model="network",
        opponent="lightgbm",
        metric="mae",
    ),
)

RECIPE = Recipe(
    study=ScoringStudy(
        name="credit/lgd",
        question=text("studies.question.lgd"),
        collect=RecordsSection(
            source="sba-lgd",
            deny={column: why for column, why in DENIED.items() if column != "disbursement_gross"},
        ),
        prepare=EncodeSection(bins=8, history_months=0),
        model=ScorersSection(
            networks=("tabm",),
            head="hurdle_beta",
            baselines=("ols", "fractional_logit", "lightgbm"),
            calibration="platt",
        ),
        train=FitSection(seeds=3, trials=8, max_steps=300, learning_rate=6e-3, batch=256),
        evaluate=JudgeSection(
            protocols=("origin",),
            train_since=1990,
            origins=tuple(range(2007, 2014)),
            development=(2007, 2008),
            claims=CLAIMS,
        ),
    ),
    budgets={
        "quick": {
            "model.settings": {"tabm": {"k": 4, "hidden": [32]}},
            "train.seeds": 1,
            "train.trials": 2,
            "train.max_steps": 75,
            "evaluate.origins": (2008, 2010),
        },
        "standard": {
            "model.settings": {"tabm": {"k": 8, "hidden": [64]}},
            "train.seeds": 3,
            "train.trials": 8,
            "train.max_steps": 200,
        },
        "full": {
            "prepare.bins": 16,
            "model.networks": ("tabm", "mlp", "transformer", "autoencoder"),
            "train.seeds": 2,
            "train.bag": 5,
            "train.trials": 24,
            "train.max_steps": 800,
        },
    },
    minutes={"quick": 0.5, "standard": 3.0, "full": 40.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
