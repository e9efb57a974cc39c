"""Historical simulation: the last days as they were, each as likely as the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barograph.core.arrays import FloatArray
from barograph.core.fitted import FittedValue, HistoricalParameters
from barograph.models.baselines.base import Baseline, known_returns


@dataclass(frozen=True)
class HistoricalBaseline(Baseline):
    """Mean squared return and empirical quantiles of a moving window.

    Parameters
    ----------
    window : int
        Days, 500 by custom: supervisors ask for at least one year.
    """

    window: int = 500

    def fit(
        self,
        returns: FloatArray,
        proxy: FloatArray,
        *,
        horizons: Sequence[int],
        warm: FittedValue | None = None,
    ) -> HistoricalParameters:
        """See `Baseline.fit`; nothing is estimated, the history is only checked."""
        known_returns(returns)
        return HistoricalParameters(window=self.window)
