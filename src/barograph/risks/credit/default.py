"""`credit/default`: the probability that a small-business loan is charged off within three years.

Two protocols. *At the origin*, the headline: walk forward by approval year, with labels that were known then.
*Retrospective*: earlier vintages train and later ones test, with outcomes that matured after the origin; it
compares models and says nothing of calibration. The claims are written down before results are seen.
"""

from __future__ import annotations

from typing import Final

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

OUTCOME: Final = text("studies.denied.outcome")
DENIED: Final = {
    "term": text("studies.denied.rewritten"),
    "status": OUTCOME,
    "chgoff_date": OUTCOME,
    "chgoff_amount": OUTCOME,
    "balance": OUTCOME,
    "disbursement_date": text("studies.denied.after_approval"),
    "disbursement_gross": text("studies.denied.after_approval"),
}
"""Columns of the packaged loans that must never be a feature, and why (measured in the sample's notes)."""

TESTS: Final = ("2004-2005", "2006-2007")
"""The two retrospective tests."""

FLOOR = (
    ScoringClaim(
        key="floor-not-worse", rung="floor", kind="not_worse", model="combination", opponent="scorecard"
    ),
    ScoringClaim(
        key="floor-calibrated",
        rung="floor",
        kind="better_calibrated",
        model="combination",
        opponent="scorecard",
    ),
    *(
        ScoringClaim(
            key=f"floor-network-{test}",
            rung="floor",
            kind="better",
            model="network",
            opponent="scorecard",
            protocol="retrospective",
            block=test,
            p_value=0.01,
            margin=0.005,
        )
        for test in TESTS
    ),
)
"""At the origin, over all vintages: ranks not worse than the scorecard and is better calibrated. In either
retrospective test the network alone ranks better than the scorecard, by half a point of AUC at least."""

TARGET = (
    ScoringClaim(
        key="target-origin", rung="target", kind="better", model="combination", opponent="scorecard"
    ),
    ScoringClaim(
        key="target-origin-booster",
        rung="target",
        kind="better",
        model="combination",
        opponent="lightgbm",
    ),
    *(
        ScoringClaim(
            key=f"target-booster-{test}",
            rung="target",
            kind="within_margin",
            model="network",
            opponent="lightgbm",
            protocol="retrospective",
            block=test,
            margin=0.005,
        )
        for test in TESTS
    ),
    *(
        ScoringClaim(
            key=f"target-blend-{test}",
            rung="target",
            kind="best_of_all",
            model="combination",
            protocol="retrospective",
            block=test,
        )
        for test in TESTS
    ),
)
"""Ranks better than the scorecard, and than tuned LightGBM, at the origin; the network is no more than half a
point of AUC below tuned LightGBM (95 % interval), and the combination is the best of all."""

MOONSHOT = tuple(
    ScoringClaim(
        key=f"moonshot-booster-{test}",
        rung="moonshot",
        kind="better",
        model="network",
        opponent="lightgbm",
        protocol="retrospective",
        block=test,
    )
    for test in TESTS
)
"""The network alone ranks better than tuned LightGBM."""

RECIPE = Recipe(
    study=ScoringStudy(
        name="credit/default",
        question=text("studies.question.default"),
        collect=RecordsSection(source="sba-loans", deny=DENIED, outcome_months=36),
        prepare=EncodeSection(bins=8, history_by=("naics_sector", "state"), history_months=24),
        model=ScorersSection(networks=("tabm",), hazard="mlp", calibration="platt"),
        train=FitSection(
            seeds=3, trials=8, max_steps=600, batch=512, learning_rate=6e-3, check_every=50, patience=4
        ),
        evaluate=JudgeSection(
            protocols=("origin", "retrospective"),
            train_since=1999,
            origins=tuple(range(2004, 2011)),
            retrospective=((2000, 2003, 2004, 2005), (2000, 2005, 2006, 2007)),
            development=(2004, 2005),
            leak_alone=0.75,
            claims=(*FLOOR, *TARGET, *MOONSHOT),
        ),
        deploy=ShipSection(),
    ),
    budgets={
        "quick": {
            "collect.share": 0.5,
            "model.settings": {"tabm": {"k": 4, "hidden": [32]}},
            "train.seeds": 1,
            "train.trials": 2,
            "train.max_steps": 150,
            "evaluate.origins": (2005, 2008),
            "evaluate.retrospective": ((2000, 2003, 2004, 2005),),
        },
        "standard": {
            "model.networks": ("tabm",),
            "model.settings": {"tabm": {"k": 16, "hidden": [64]}},
            "train.seeds": 3,
            "train.trials": 8,
            "train.max_steps": 600,
        },
        "full": {
            "prepare.bins": 16,
            "model.networks": ("tabm", "mlp", "cnn", "rnn", "transformer", "autoencoder"),
            "model.settings": {"tabm": {"k": 16, "hidden": [128]}},
            "train.seeds": 1,
            "train.bag": 5,
            "train.trials": 24,
            "train.max_steps": 1000,
            "train.patience": 6,
        },
    },
    minutes={"quick": 1.0, "standard": 5.0, "full": 120.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
