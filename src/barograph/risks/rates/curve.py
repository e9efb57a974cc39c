"""`rates/curve` and `rates/curve-monthly`: how will the yield curve move, and by how much may it?

The random walk is the one to beat, and mostly nobody does. So the floor – never significantly worse than it –
is a success, and what the model adds is a density. Origins before 2008 chose the recipe (network sizes, step
sizes, head, half-life); later ones confirm.
"""

from __future__ import annotations

from typing import Any

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
from barograph.core.section import Budget
from barograph.core.texts import text

__all__ = ["MONTHLY", "RECIPE"]

FLOORS = (
    PanelClaim(key="floor-never-worse", rung="floor", kind="never_worse"),
    PanelClaim(key="target-nelson-siegel", rung="target", kind="better", opponent="dns_ar"),
    PanelClaim(
        key="target-density",
        rung="target",
        kind="ratio",
        opponent="random_walk_garch",
        metric="crps",
        share=0.7,
    ),
)

MONTH = (
    PanelClaim(
        key="moonshot-a-month", rung="moonshot", kind="ratio_tested", horizons=(22,), bound=0.99, share=0.5
    ),
)

LONG = (
    PanelClaim(key="target-half-a-year", rung="target", kind="mean_ratio", horizons=(6, 12), bound=0.99),
    PanelClaim(
        key="moonshot-a-year", rung="moonshot", kind="ratio_tested", horizons=(12,), bound=0.97, share=0.5
    ),
)

SMALL: dict[str, dict[str, Any]] = {
    "mlp": {"hidden": [8]},
    "cnn": {"channels": 8, "hidden": [16]},
    "rnn": {"hidden": 8, "readout": [16]},
    "autoencoder": {"encoder": [16], "latent": 3, "hidden": [16]},
    "transformer": {"width": 8, "heads": 2, "hidden": [16]},
}
"""Networks for signals as faint as those in rates."""

BASELINES = ("random_walk", "drift", "random_walk_garch", "dns_ar", "dns_var", "pca_var", "ar", "var")


def _study(name: str, frequency: str, claims: tuple[PanelClaim, ...], **changes: Any) -> PanelStudy:
    return PanelStudy(
        name=name,
        question=text("studies.question.curve"),
        collect=PanelSection(source="us-treasury", frequency=frequency),
        prepare=PanelInputsSection(**changes["prepare"]),
        model=PanelModelSection(
            networks=changes["networks"], settings=changes["settings"], baselines=BASELINES
        ),
        train=PanelTrainSection(
            seeds=5, max_steps=300, check_every=20, patience=6, batch=256, **changes["train"]
        ),
        evaluate=PanelJudgeSection(test_since="2001-01-01", development_until="2007-12-31", claims=claims),
    )


def _budgets(**daily: Any) -> dict[Budget, dict[str, Any]]:
    return {
        "quick": {
            "model.networks": ("mlp",),
            "model.baselines": ("random_walk", "random_walk_garch", "dns_ar", "ar"),
            "train.seeds": 2,
            "train.max_steps": 160,
            "train.workers": 1,  # a second process would take longer to start than to train
            "evaluate.bootstrap": 100,
            **daily["quick"],
        },
        "standard": daily["standard"],
        "full": {
            "model.networks": ("mlp", "cnn", "rnn", "autoencoder", "transformer"),
            "train.seeds": 10,
            "evaluate.bootstrap": 2000,
            **daily["full"],
        },
    }


RECIPE = Recipe(
    study=_study(
        "rates/curve",
        "days",
        (*FLOORS, *MONTH),
        prepare={"window": 22, "half_life": 22.0, "stale": 5},
        networks=("mlp",),
        settings=SMALL,
        train={"learning_rate": 1e-3, "weight_decay": 0.1, "stride": 5, "refit_months": 24},
    ),
    budgets=_budgets(
        quick={"train.refit_months": 36, "train.stride": 10, "train.calibration_months": 36},
        standard={"train.refit_months": 24, "train.stride": 5},
        full={"train.refit_months": 12, "train.stride": 2},
    ),
    minutes={"quick": 1.0, "standard": 3.0, "full": 120.0},
)
"""The curve by day; `minutes` are the budgets' allowances on two idle cores, not measurements."""

MONTHLY = Recipe(
    study=_study(
        "rates/curve-monthly",
        "months",
        (*FLOORS, *LONG),
        prepare={"window": 12, "half_life": 12.0, "stale": 1},
        networks=("mlp", "cnn"),
        settings=SMALL | {"mlp": {"hidden": [16, 16]}},
        train={"learning_rate": 2e-3, "weight_decay": 1e-2, "refit_months": 12},
    ),
    budgets=_budgets(
        quick={"train.refit_months": 24},
        standard={"train.refit_months": 12},
        full={"train.refit_months": 3},
    ),
    minutes={"quick": 1.0, "standard": 3.0, "full": 120.0},
)
"""The curve by month."""
