"""Fitted value of the level branch: every conventional model there is linear in what was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.core.arrays import FloatArray
from barograph.core.fitted_value import FittedValue


@dataclass(frozen=True, slots=True, eq=False)
class LevelLinearParameters(FittedValue):
    """Normal forecast with mean ``anchor + intercept + z · b`` (see `measures.levels.linear_mean`).

    ``z`` are the inputs, standardised by `center` and `spread`, clipped to ± `limit`, 0 where missing. The
    random walk is the anchor alone; an autoregression has no anchor and reads lags alone.
    """

    kind: ClassVar[str] = "level_linear"
    names: tuple[str, ...]  # [F]
    anchor: int  # column of the inputs that the forecast starts from; -1 for none
    center: FloatArray  # [H, F]
    spread: FloatArray  # [H, F] > 0
    intercept: FloatArray  # [H]
    coefficients: FloatArray  # [H, F]
    deviation: FloatArray  # [H] standard deviation of the forecast error; NaN while unknown
    limit: float
