"""Monotone optimal binning: the split of ordered groups into bins that says most about the bad rate."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.special import xlogy

from barograph.core.arrays import AnyArray, FloatArray, IntArray

PRE_BINS = 20
"""Fine groups, at quantiles, that the bins are made of."""
LEAST_LEVEL = 30
"""Training records a categorical level needs for a place of its own; rarer ones share the last bin."""
LEVEL_PRIOR = 20.0
"""Records at the average bad rate that are added to a level's own before levels are put in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Goods and bads of ordered groups."""

    goods: FloatArray  # [n_groups]
    bads: FloatArray  # [n_groups]

    @classmethod
    def of(cls, code: IntArray, label: FloatArray, n_groups: int) -> Tally:
        """Counts per code in 0 … n_groups - 1."""
        bads = np.bincount(code, weights=label, minlength=n_groups).astype(np.float64)
        return cls(np.bincount(code, minlength=n_groups) - bads, bads)


def optimal_bins(tally: Tally, *, max_bins: int, least_share: float) -> tuple[int, ...]:
    r"""Where each bin ends: the monotone split with the largest likelihood, less a charge per bin.

    Over all splits of the groups into at most `max_bins` runs, each with at least `least_share` of the
    records and with bad rates that only rise or only fall, the sum of binomial log-likelihoods less
    ``½ ln n`` per bin (Schwarz 1978) is maximised exactly, by dynamic programming over the first and last
    group of the last bin. Navas-Palencia (2020), "Optimal binning", poses the problem with information value
    and side conditions on significance; here a bin that is not worth its charge is merged.

    Parameters
    ----------
    tally : Tally
        Of the groups in their order.
    max_bins : int
    least_share : float
        Of all records in the tally, per bin.

    Returns
    -------
    tuple of int
        Position after the last group of each bin, ascending; the last is the number of groups. One bin where
        no split pays.
    """
    goods, bads = (np.concatenate([[0.0], np.cumsum(one)]) for one in (tally.goods, tally.bads))
    n_groups, n = tally.goods.size, float(goods[-1] + bads[-1])
    if n_groups == 0 or n == 0.0:
        return (n_groups,)
    g, b = goods[1:] - goods[:-1, None], bads[1:] - bads[:-1, None]  # [first, last] group of a run
    size = np.maximum(g + b, 1e-300)
    rate = b / size
    worth = xlogy(b, rate) + xlogy(g, g / size) - 0.5 * np.log(n)
    allowed = np.triu(g + b >= max(least_share * n, 1.0))
    worth = np.where(allowed, worth, -inf)
    splits = [_best_split(worth, sign * rate, max_bins) for sign in (1.0, -1.0)]
    value, ends = max(splits, key=lambda split: split[0])
    return ends if value > -inf else (n_groups,)


def _best_split(worth: FloatArray, rate: FloatArray, max_bins: int) -> tuple[float, tuple[int, ...]]:
    """The largest worth of a split with rising rates, and the ends of its bins."""
    n_groups = len(worth)
    best = np.full_like(worth, -inf)  # [first, last] of the last bin, after so many bins
    best[0] = worth[0]
    tables, previous = [best], []
    for _ in range(1, max_bins):
        best, before = np.full_like(worth, -inf), np.zeros(worth.shape, dtype=np.int64)
        for first in range(1, n_groups):
            reached, ended = tables[-1][:first, first - 1], rate[:first, first - 1]
            fits = np.where(ended[:, None] <= rate[None, first, first:], reached[:, None], -inf)
            before[first, first:] = fits.argmax(axis=0)
            best[first, first:] = fits.max(axis=0) + worth[first, first:]
        tables.append(best)
        previous.append(before)
    values = [float(table[:, -1].max()) for table in tables]
    n_more = int(np.argmax(values))
    first, last, ends = int(np.argmax(tables[n_more][:, -1])), n_groups - 1, [n_groups]
    for before in reversed(previous[:n_more]):
        first, last = int(before[first, last]), first - 1
        ends.append(last + 1)
    return values[n_more], tuple(reversed(ends))


def numeric_cuts(
    values: FloatArray, label: FloatArray, *, max_bins: int, least_share: float
) -> tuple[float, ...]:
    """Inner cuts of the right-closed bins of a numeric column, each an observed value.

    `values` [n] are finite: no missing ones, no special codes. `least_share` is of these.
    """
    if values.size == 0:
        return ()
    candidates = np.quantile(values, np.arange(1, PRE_BINS) / PRE_BINS, method="inverted_cdf")
    cuts = np.unique(candidates[candidates < values.max()])
    tally = Tally.of(np.searchsorted(cuts, values), label, cuts.size + 1)
    ends = optimal_bins(tally, max_bins=max_bins, least_share=least_share)
    return tuple(float(cuts[end - 1]) for end in ends[:-1])


def level_groups(
    values: AnyArray, label: FloatArray, *, max_bins: int, least_share: float
) -> tuple[tuple[str, ...], ...]:
    """Levels of a categorical column in groups of rising bad rate, names in order within a group.

    Levels with at least `LEAST_LEVEL` records are put in order of their bad rate, drawn to the average by
    `LEVEL_PRIOR` records, then binned like a number. The others are in no group: they are served as unseen
    ones are. `values` [n] are str without missing ones.
    """
    names, code = np.unique(values.astype(str), return_inverse=True)
    tally = Tally.of(code, label, names.size)
    size = tally.goods + tally.bads
    rate = (tally.bads + LEVEL_PRIOR * label.mean()) / (size + LEVEL_PRIOR) if names.size else size
    order = np.lexsort((names, rate))
    order = order[size[order] >= LEAST_LEVEL]
    if order.size == 0:
        return ()
    ends = _coarse(size[order])
    coarse = Tally(
        *(np.add.reduceat(one[order], np.concatenate([[0], ends[:-1]])) for one in (tally.goods, tally.bads))
    )
    chosen = ends[np.array(optimal_bins(coarse, max_bins=max_bins, least_share=least_share)) - 1]
    return tuple(tuple(sorted(map(str, part))) for part in np.split(names[order], chosen[:-1]))


def _coarse(size: FloatArray) -> IntArray:
    """Ends of at most `PRE_BINS` runs of levels with about as many records each."""
    share = np.cumsum(size) / size.sum()
    run = np.minimum(np.ceil(share * PRE_BINS - 1e-9).astype(np.int64), PRE_BINS)
    return np.append(np.flatnonzero(np.diff(run)) + 1, size.size)
