"""Intervals of figures that have no formula: percentiles over resampled rows, or blocks of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barograph.core.arrays import IntArray

Interval = tuple[float, float]


def resampled_interval(
    figure: Callable[[IntArray], float],
    n: int,
    *,
    generator: np.random.Generator,
    block: int = 1,
    draws: int = 500,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of a figure of n rows.

    Parameters
    ----------
    figure : callable
        From rows (indices into the n, as many, repeated) to the figure; NaN where it has none on them.
    n : int
        Rows.
    generator : numpy.random.Generator
    block : int
        Rows that are drawn together, because neighbours hang together; blocks go round at the end.
    draws : int
        Resamples.
    level : float
        Of the interval.

    Returns
    -------
    tuple of two floats
        NaN where fewer than half of the resamples have the figure.

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data.
    """
    if n < 2:
        return float("nan"), float("nan")
    length = max(1, min(block, n))
    starts = generator.integers(0, n, size=(draws, -(-n // length)))
    drawn = np.array(
        [figure(((row[:, None] + np.arange(length)) % n).reshape(-1)[:n].astype(np.int64)) for row in starts]
    )
    known = drawn[np.isfinite(drawn)]
    if 2 * known.size < draws:
        return float("nan"), float("nan")
    side = 0.5 * (1.0 - level)
    low, high = np.quantile(known, [side, 1.0 - side])
    return float(low), float(high)
