"""`market/macro`: where are money, prices, jobs and the bill rate in the coming quarters?

Each series is worked on as its transformation code says, by what had been published at the origin. The rival
is an autoregression whose lags the Bayesian criterion chooses; networks correct it from zero. Origins before
1990 are for development, later ones confirm. With 203 quarters little can be shown.
"""

from __future__ import annotations

from barograph.core.panel_study import (
    PanelClaim,
    PanelInputsSection,
    PanelJudgeSection,
    PanelModelSection,
    PanelSection,
    PanelStudy,
    PanelTrainSection,
)
from barograph.core.recipe import Recipe
from barograph.core.texts import text

__all__ = ["RECIPE"]

CLAIMS = (
    PanelClaim(key="floor-never-worse", rung="floor", kind="never_worse", opponent="ar"),
    PanelClaim(key="target-ar", rung="target", kind="ratio", opponent="ar", share=0.75),
    PanelClaim(key="target-random-walk", rung="target", kind="better", opponent="random_walk"),
    PanelClaim(
        key="moonshot-a-year", rung="moonshot", kind="mean_ratio", opponent="ar", horizons=(2, 4), bound=0.95
    ),
)

RECIPE = Recipe(
    study=PanelStudy(
        name="market/macro",
        question=text("studies.question.macro"),
        collect=PanelSection(source="us-macro", kind="macro"),
        prepare=PanelInputsSection(window=8, half_life=20.0, stale=2),
        model=PanelModelSection(
            networks=("mlp", "rnn"),
            settings={
                "mlp": {"hidden": [16]},
                "cnn": {"channels": 8, "hidden": [16]},
                "rnn": {"hidden": 8, "readout": [16]},
                "autoencoder": {"encoder": [16], "latent": 3, "hidden": [16]},
                "transformer": {"width": 8, "heads": 2, "hidden": [16]},
            },
            start="ar",
            baselines=("random_walk", "drift", "ar", "var", "pca_var"),
        ),
        train=PanelTrainSection(
            seeds=5, max_steps=300, check_every=20, patience=6, batch=64, learning_rate=2e-3,
            weight_decay=1e-2, refit_months=12,
        ),
        evaluate=PanelJudgeSection(
            test_since="1980-01-01", development_until="1989-12-31", opponent="ar", claims=CLAIMS
        ),
    ),
    budgets={
        "quick": {
            "model.networks": ("mlp",),
            "train.seeds": 2,
            "train.max_steps": 160,
            "train.refit_months": 36,
            "train.workers": 1,
            "evaluate.bootstrap": 100,
        },
        "standard": {"train.refit_months": 12},
        "full": {
            "model.networks": ("mlp", "rnn", "cnn", "autoencoder", "transformer"),
            "train.seeds": 10,
            "train.refit_months": 3,
            "evaluate.bootstrap": 2000,
        },
    },
    minutes={"quick": 1.0, "standard": 3.0, "full": 60.0},
)  # fmt: skip
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
