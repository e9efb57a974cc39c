"""What a bundle of curves says to a banking book: the curve now, and draws of what it may become."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class CurveDraws:
    """Simulated changes of a curve over one horizon."""

    name: str  # of the horizon, such as "22 days"
    years: float
    changes: FloatArray  # [n_draws, n_tenors] of the quoted yields, decimals


@dataclass(frozen=True, slots=True, eq=False)
class CurveHistory:
    """Forecasts of one-period changes made out of sample, and what came: what a back-test needs."""

    time: DateArray  # [n] origins
    known_at: DateArray  # [n] days on which the outcome was known
    mean: FloatArray  # [n, n_tenors] forecast change of the yields, decimals
    deviation: FloatArray  # [n, n_tenors] > 0
    change: FloatArray  # [n, n_tenors] what came


@dataclass(frozen=True, slots=True, eq=False)
class CurveForecast:
    """One currency's curve: quoted yields now, and draws of their changes per horizon.

    `quoted` says whether the yields are par yields (`frequency` coupons a year, as the US Treasury's) or
    continuous zero rates.
    """

    currency: str
    day: datetime.date
    tenors: FloatArray  # [n_tenors] years, ascending
    yields: FloatArray  # [n_tenors] decimals
    quoted: Literal["par", "zero"]
    horizons: tuple[CurveDraws, ...] = ()
    history: CurveHistory | None = None
    frequency: int = 2

    def __post_init__(self) -> None:
        if (
            self.tenors.size < 2
            or not np.isfinite(self.yields).all()
            or self.yields.shape != self.tenors.shape
        ):
            raise DataError(
                "a curve must have at least two tenors, each with a yield",
                came=f"the curve of {self.currency} has {int(np.isfinite(self.yields).sum())}",
                do="Leave out tenors without a yield; a single rate is no curve",
            )
