"""Conventional models of the level branch: random walk, autoregression, ridge regressions."""

from barograph.models.baselines.levels.catalogue import (
    LEVEL_BASELINES,
    LINEAR,
    LevelModel,
    level_baseline,
)
from barograph.models.baselines.levels.known import Known

__all__ = ["LEVEL_BASELINES", "LINEAR", "Known", "LevelModel", "level_baseline"]
