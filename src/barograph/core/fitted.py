"""Fitted values: what training leaves behind as frozen plain data, applied by pure functions of `measures`.

Each knows how to become plain data (JSON-ready lists and numbers) and back; `FITTED_KINDS` is the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError
from barograph.core.fitted_anomaly import ANOMALY_KINDS
from barograph.core.fitted_ledgers import CountParameters, FrequencyParameters, SeverityParameters
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.core.fitted_panels import PANEL_KINDS
from barograph.core.fitted_records import (
    CalibratorParameters,
    EncoderParameters,
    GradeParameters,
    LogisticParameters,
    ScorecardParameters,
    StackParameters,
)
from barograph.core.fitted_value import FittedValue as FittedValue


@dataclass(frozen=True, slots=True, eq=False)
class GarchParameters(FittedValue):
    """GJR-GARCH(1,1) with Student-t errors on returns in percent (see `measures.garch` for the recursion).

    ``gamma = 0`` is plain GARCH. `backcast` starts the recursion (percent squared).
    """

    kind: ClassVar[str] = "garch"
    mean: float  # percent per day
    omega: float  # percent squared
    alpha: float
    gamma: float
    beta: float
    degrees_of_freedom: float
    backcast: float


@dataclass(frozen=True, slots=True, eq=False)
class EwmaParameters(FittedValue):
    """Exponentially weighted moving variance; `initial` starts the recursion (decimal squared)."""

    kind: ClassVar[str] = "ewma"
    decay: float
    initial: float


@dataclass(frozen=True, slots=True, eq=False)
class HarParameters(FittedValue):
    """Heterogeneous autoregression: h-day variance on daily, weekly and monthly mean variance proxies."""

    kind: ClassVar[str] = "har"
    coefficients: FloatArray  # [n_horizons, 4] constant, day, week, month
    floor: FloatArray  # [n_horizons] smallest admissible forecast
    cap: FloatArray  # [n_horizons] largest


@dataclass(frozen=True, slots=True, eq=False)
class HistoricalParameters(FittedValue):
    """Historical simulation: the sample variance and quantiles of the last `window` days."""

    kind: ClassVar[str] = "historical"
    window: int


@dataclass(frozen=True, slots=True, eq=False)
class ScalerParameters(FittedValue):
    """Column means and standard deviations of a training window, and the day that window ended."""

    kind: ClassVar[str] = "scaler"
    names: tuple[str, ...]
    mean: FloatArray  # [n_columns]
    scale: FloatArray  # [n_columns] > 0
    limit: float  # standardised values are clipped to ± limit
    until: str  # ISO date, the fit window's last day


@dataclass(frozen=True, slots=True, eq=False)
class LogLinearParameters(FittedValue):
    """Gamma regression with log link: log variance = intercept + x · coefficients, one row per horizon."""

    kind: ClassVar[str] = "log_linear"
    names: tuple[str, ...]
    intercept: FloatArray  # [n_horizons]
    coefficients: FloatArray  # [n_horizons, n_inputs]


@dataclass(frozen=True, slots=True, eq=False)
class TailParameters(FittedValue):
    """Standardised quantiles and shortfalls: a return's distribution is sigma times these.

    Sigma is the square root of the h-day variance forecast. Lower-tail shortfalls are positive.
    """

    kind: ClassVar[str] = "tail"
    quantiles: FloatArray  # [n_horizons, len(LEVELS)]
    shortfall: FloatArray  # [n_horizons, len(ALPHAS)]


@dataclass(frozen=True, slots=True, eq=False)
class ConformalParameters(FittedValue):
    """Rate of the time-ordered conformal multiplier (see `measures.conformal`); 0 switches it off."""

    kind: ClassVar[str] = "conformal"
    rate: float
    limit: float  # the multiplier stays within [1 / limit, limit]


@dataclass(frozen=True, slots=True, eq=False)
class PoolParameters(FittedValue):
    """Weights of a logarithmic pool of variance forecasts, per horizon; each row sums to one."""

    kind: ClassVar[str] = "pool"
    models: tuple[str, ...]
    weights: FloatArray  # [n_horizons, n_models]


FITTED_KINDS: dict[str, type[FittedValue]] = (
    {
        cls.kind: cls
        for cls in (
            GarchParameters,
            EwmaParameters,
            HarParameters,
            HistoricalParameters,
            ScalerParameters,
            LogLinearParameters,
            TailParameters,
            ConformalParameters,
            PoolParameters,
            EncoderParameters,
            LogisticParameters,
            ScorecardParameters,
            CalibratorParameters,
            StackParameters,
            GradeParameters,
            LevelLinearParameters,
            CountParameters,
            SeverityParameters,
            FrequencyParameters,
        )
    }
    | ANOMALY_KINDS
    | PANEL_KINDS
)
"""Every kind a bundle may hold, by name."""


def fitted_from_plain(plain: dict[str, Any]) -> FittedValue:
    """A fitted value from its plain form, whatever its kind."""
    kind = str(plain.get("kind"))
    if kind not in FITTED_KINDS:
        raise BundleError(
            f"a fitted value's kind must be one of {', '.join(sorted(FITTED_KINDS))}",
            came=f"got '{kind}'",
            do="Serve this bundle with the version of Barograph that wrote it",
        )
    return FITTED_KINDS[kind].from_plain(plain)
