"""What a model may be fitted on at an origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_levels import LevelLinearParameters


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Inputs up to an origin, and the outcomes that were known by then (NaN for all others)."""

    inputs: FloatArray  # [n, F]
    outcome: FloatArray  # [n, H]
    names: tuple[str, ...]
    lags: int  # the first so many inputs are known values of the target, newest first
    anchor: int  # input where the linear control starts
    limit: float  # standardised inputs are clipped to ± limit

    def rows(self, horizon: int) -> IntArray:
        """Origins whose outcome in that column was known."""
        return np.flatnonzero(np.isfinite(self.outcome[:, horizon]))

    def started(self, anchor: int) -> LevelLinearParameters:
        """A model that says its anchor and nothing else; without one, NaN."""
        shape = (self.outcome.shape[1], self.inputs.shape[1])
        return LevelLinearParameters(
            names=self.names,
            anchor=anchor,
            center=np.zeros(shape),
            spread=np.ones(shape),
            intercept=np.full(shape[0], 0.0 if anchor >= 0 else np.nan),
            coefficients=np.zeros(shape),
            deviation=np.full(shape[0], np.nan),
            limit=self.limit,
        )
