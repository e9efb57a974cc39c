"""Means of block-bootstrap resamples of several series at once."""

from __future__ import annotations

from typing import Literal

import numpy as np

from barograph.core.arrays import FloatArray, IntArray

Scheme = Literal["circular", "moving"]


def block_means(
    values: FloatArray,
    *,
    generator: np.random.Generator,
    resamples: int = 500,
    block: int,
    scheme: Scheme = "circular",
) -> FloatArray:
    """Column means of block-bootstrap resamples; every column sees the same resampled days.

    A resample strings together blocks of `block` consecutive rows with random starts until it has n rows
    (the last block is cut). "circular" lets blocks wrap around the end, so that every row is equally likely;
    "moving" does not. Block sums come from running sums: the cost is n / block per resample, not n.

    Parameters
    ----------
    values : FloatArray [n, n_columns]
        Without NaN, in time order.
    generator : numpy.random.Generator
        Source of the starts.
    resamples, block : int
        Number of resamples, and rows per block (between 1 and n).
    scheme : {"circular", "moving"}
        Whether blocks wrap.

    Returns
    -------
    FloatArray [resamples, n_columns]

    References
    ----------
    Künsch (1989), The jackknife and the bootstrap for general stationary observations; Politis and Romano
    (1992), A circular block-resampling procedure for stationary data.
    """
    n = values.shape[0]
    block = min(block, n)
    centre = values.mean(axis=0)
    centred = values - centre  # keeps the running sums small, and so exact
    wrapped = np.concatenate([centred, centred[: block - 1]]) if scheme == "circular" else centred
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(wrapped, axis=0)])
    full, rest = divmod(n, block)
    last = n if scheme == "circular" else n - block + 1
    starts = generator.integers(0, last, size=(resamples, full + (rest > 0)))
    totals = (sums[starts[:, :full] + block] - sums[starts[:, :full]]).sum(axis=1)
    if rest:
        totals += sums[starts[:, full] + rest] - sums[starts[:, full]]
    return np.asarray(centre + totals / n)


def indexed_means(values: FloatArray, indices: IntArray) -> FloatArray:
    """Column means of resamples given by row numbers (0-based).

    Parameters
    ----------
    values : FloatArray [n, n_columns]
        Without NaN.
    indices : IntArray [resamples, n]
        Rows of each resample.

    Returns
    -------
    FloatArray [resamples, n_columns]
    """
    n = values.shape[0]
    counts = np.stack([np.bincount(row, minlength=n) for row in np.asarray(indices)])
    return np.asarray(counts @ values / indices.shape[1])
