"""Fitted values of the panel branch: conventional models of several levels at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.core.arrays import FloatArray
from barograph.core.fitted_value import FittedValue


@dataclass(frozen=True, slots=True, eq=False)
class PanelDriftParameters(FittedValue):
    """Anchor plus a constant change a step (see `measures.panels`); the driftless random walk has zeros."""

    kind: ClassVar[str] = "panel_drift"
    drift: FloatArray  # [E] change a period, on the work scale


@dataclass(frozen=True, slots=True, eq=False)
class PanelAutoregressionParameters(FittedValue):
    """An autoregression of each series: of its level (order 0), its change (1) or its change of change (2).

    ``x[s + 1] = intercept + sum over lags of coefficients * x[s - lag]``, iterated.
    """

    kind: ClassVar[str] = "panel_autoregression"
    intercept: FloatArray  # [E]
    coefficients: FloatArray  # [E, P], newest lag first; 0 beyond the chosen order
    orders: FloatArray  # [E] 0, 1 or 2: how often the series is differenced


@dataclass(frozen=True, slots=True, eq=False)
class PanelFactorParameters(FittedValue):
    """Factors of a panel that move by a vector autoregression (see `measures.panels.factors`).

    With x a series differenced `orders` times: ``x = center + loadings @ state`` and ``state[s + 1] =
    intercept + transition @ state[s]``. A state is read off the series with `reads` above 0 by least squares.
    Groups of series have factors of their own: the state is their concatenation.
    """

    kind: ClassVar[str] = "panel_factors"
    orders: FloatArray  # [E] 0, 1 or 2
    center: FloatArray  # [E]
    loadings: FloatArray  # [E, K]
    reads: FloatArray  # [E] 1 where the series tells of the state, 0 where it only follows
    intercept: FloatArray  # [K]
    transition: FloatArray  # [K, K]


@dataclass(frozen=True, slots=True, eq=False)
class PanelLinearParameters(FittedValue):
    """The linear control: standardised change of any series as a ridge regression on standardised inputs."""

    kind: ClassVar[str] = "panel_linear"
    intercept: FloatArray  # [H]
    coefficients: FloatArray  # [H, F]


@dataclass(frozen=True, slots=True, eq=False)
class PanelScaleParameters(FittedValue):
    """GARCH(1,1) of each series' changes a period: ``h[s + 1] = omega + alpha * x[s]**2 + beta * h[s]``.

    ``omega = alpha = 0`` and ``beta = 1`` is a constant variance. Squared units of the work scale.
    """

    kind: ClassVar[str] = "panel_scale"
    omega: FloatArray  # [E]
    alpha: FloatArray  # [E]
    beta: FloatArray  # [E]
    start: FloatArray  # [E] variance before the first change


PANEL_KINDS: dict[str, type[FittedValue]] = {
    kind.kind: kind
    for kind in (
        PanelDriftParameters,
        PanelAutoregressionParameters,
        PanelFactorParameters,
        PanelLinearParameters,
        PanelScaleParameters,
    )
}
"""Kinds of the panel branch by name."""
