"""What every forecaster answers with: a predictive distribution of the h-day log return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import LeakError
from barograph.core.records import Samples

LEVELS = (0.005, 0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99, 0.995)
"""The quantile levels of every distribution (25 of them, symmetric)."""

ALPHAS = (0.01, 0.025)
"""Tail probabilities for which expected shortfall is carried; each is also in `LEVELS`."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Predictive distributions of log returns over each horizon.

    `variance` is the forecast of the sum of squared daily returns over the horizon; `quantiles` are returns
    (losses negative); `shortfall` is a positive loss, the mean loss beyond the quantile at each of `ALPHAS`,
    for the lower tail (a long position).
    """

    variance: FloatArray  # [n, n_horizons]
    quantiles: FloatArray  # [n, n_horizons, len(LEVELS)] ascending along the last axis
    shortfall: FloatArray  # [n, n_horizons, len(ALPHAS)]

    def value_at_risk(self, alpha: float) -> FloatArray:
        """VaR of a long position at tail probability `alpha`, a positive loss, shape [n, n_horizons]."""
        return -self.quantiles[..., LEVELS.index(alpha)]

    def expected_shortfall(self, alpha: float) -> FloatArray:
        """ES of a long position at tail probability `alpha`, a positive loss, shape [n, n_horizons]."""
        return self.shortfall[..., ALPHAS.index(alpha)]

    def take(self, rows: IntArray) -> Distribution:
        """The distributions of some rows."""
        return Distribution(self.variance[rows], self.quantiles[rows], self.shortfall[rows])


def joined(parts: list[Distribution]) -> Distribution:
    """Distributions of consecutive blocks, one after the other."""
    if not parts:
        raise LeakError("a distribution needs at least one block")
    return Distribution(
        np.concatenate([p.variance for p in parts]),
        np.concatenate([p.quantiles for p in parts]),
        np.concatenate([p.shortfall for p in parts]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class OutOfSample:
    """The scored rows of a walk-forward run, and what every candidate said of them at the time.

    `rows` index `samples` and are grouped by entity, ascending in time. Every distribution has one row each.
    """

    samples: Samples
    rows: IntArray  # [n_scored]
    fold: IntArray  # [n_scored] number of the fold that forecast the row
    distributions: dict[str, Distribution]  # candidate -> forecasts
    members: dict[str, FloatArray]  # network -> log variance of each seed, [n_seeds, n_scored, n_horizons]
    event_threshold: FloatArray  # [n_scored] daily squared return that counts as an event (training quantile)
    controls: tuple[str, ...]  # candidates that are controls (matched-information linear)
    baselines: tuple[str, ...]
    networks: tuple[str, ...]
    combinations: tuple[str, ...]
