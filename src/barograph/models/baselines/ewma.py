"""RiskMetrics: an exponentially weighted moving variance with a decay nobody estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barograph.core.arrays import FloatArray
from barograph.core.fitted import EwmaParameters, FittedValue
from barograph.models.baselines.base import Baseline, known_returns

_START_DAYS = 75


@dataclass(frozen=True)
class EwmaBaseline(Baseline):
    """Exponentially weighted variance; the first 75 days' mean squared return starts it.

    Parameters
    ----------
    decay : float
        Weight of the past; 0.94 is RiskMetrics' value for daily data.
    """

    decay: float = 0.94

    def fit(
        self,
        returns: FloatArray,
        proxy: FloatArray,
        *,
        horizons: Sequence[int],
        warm: FittedValue | None = None,
    ) -> EwmaParameters:
        """See `Baseline.fit`."""
        known = known_returns(returns)
        return EwmaParameters(decay=self.decay, initial=float((known[:_START_DAYS] ** 2).mean()))
