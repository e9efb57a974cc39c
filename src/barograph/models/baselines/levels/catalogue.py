"""The conventional models of the level branch by their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from barograph.core.errors import unknown
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.models.baselines.levels.autoregression import fit_autoregression
from barograph.models.baselines.levels.known import Known
from barograph.models.baselines.levels.ridge import fit_anchored, fit_arx

LINEAR = "linear"
"""Key of the control."""


@dataclass(frozen=True, slots=True)
class LevelModel:
    """How a model is fitted at an origin, and how it chooses among the study's penalties.

    `best` takes the one with the smallest past errors, `cautious` the largest within one standard error of
    that: where the largest penalty leaves a sensible anchor, it is the simplest model the data do not refuse.
    """

    fit: Callable[[Known, float], LevelLinearParameters]
    tuning: Literal["none", "best", "cautious"] = "none"


def _random_walk(known: Known, penalty: float) -> LevelLinearParameters:
    """The last known value."""
    return known.started(0)


def _experience(known: Known, penalty: float) -> LevelLinearParameters:
    """The estimate that the study anchors on, as it stands."""
    return known.started(known.anchor)


LEVEL_BASELINES: dict[str, LevelModel] = {
    "ar": LevelModel(fit_autoregression),
    "arx": LevelModel(fit_arx, tuning="best"),
    "experience": LevelModel(_experience),
    "random_walk": LevelModel(_random_walk),
}
"""Every baseline by its key."""

CONTROL = LevelModel(fit_anchored, tuning="cautious")
"""The linear control."""


def level_baseline(key: str) -> LevelModel:
    """The model of a key, the control's included; `SettingError` for one that does not exist."""
    if key == LINEAR:
        return CONTROL
    if key not in LEVEL_BASELINES:
        raise unknown("a baseline of a series in levels", key, LEVEL_BASELINES)
    return LEVEL_BASELINES[key]
