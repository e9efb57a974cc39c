"""`credit/default-rate`: which share of a quarter's approvals will be charged off within 24 months?

A rate is known only 24 months after its quarter; what is known sooner – the current experience of charge-offs
and partly developed quarters – and lagged macro figures go in as inputs. The sample is one credit cycle and
the recipe was chosen with all of it in sight, so little is claimed and nothing is called confirmed.
"""

from __future__ import annotations

from barograph.core.level_study import (
    LevelClaim,
    LevelJudgeSection,
    LevelModelSection,
    LevelsSection,
    LevelStudy,
    LevelTrainSection,
    SeriesSection,
)
from barograph.core.recipe import Recipe
from barograph.core.texts import text

__all__ = ["RECIPE"]

CLAIMS = (
    LevelClaim(key="floor-not-worse", rung="floor", kind="not_worse", opponent="ar"),
    LevelClaim(key="target-ar", rung="target", kind="better", opponent="ar"),
    LevelClaim(key="target-random-walk", rung="target", kind="better", opponent="random_walk"),
    LevelClaim(key="target-experience", rung="target", kind="better", opponent="experience"),
    LevelClaim(key="moonshot-network", rung="moonshot", kind="better", model="network", opponent="linear"),
)

RECIPE = Recipe(
    study=LevelStudy(
        name="credit/default-rate",
        question=text("studies.question.default_rate"),
        collect=SeriesSection(source="sba-default-rate", delay=8, until="2009-09-30"),
        prepare=LevelsSection(horizons=(-4, 1), anchor="experience"),
        model=LevelModelSection(
            networks=("mlp", "rnn"),
            settings={"mlp": {"hidden": [8]}, "rnn": {"hidden": 4, "readout": [8]}},
            baselines=("random_walk", "experience", "ar", "arx"),
        ),
        train=LevelTrainSection(
            seeds=5, max_steps=200, check_every=10, patience=6, batch=16, learning_rate=3e-3, weight_decay=0.1
        ),
        evaluate=LevelJudgeSection(
            test_since="2001-03-31", headline=1, development_until="2009-09-30", claims=CLAIMS
        ),
    ),
    budgets={
        "quick": {
            "model.networks": ("mlp",),
            "train.seeds": 2,
            "train.max_steps": 100,
            "train.refit_every": 8,
            "train.penalties": (0.1, 1.0, 10.0),
        },
        "standard": {"model.networks": ("mlp", "rnn"), "train.seeds": 5, "train.refit_every": 4},
        "full": {
            "model.networks": ("mlp", "rnn", "cnn", "autoencoder", "transformer"),
            "train.seeds": 10,
            "train.max_steps": 400,
            "train.refit_every": 1,
        },
    },
    minutes={"quick": 0.5, "standard": 2.0, "full": 20.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
