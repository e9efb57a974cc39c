"""AUC over blocks, and the difference of two, when whole clusters of records are drawn again.

Where records of one currency, country or customer run through all blocks, what is drawn must be the cluster
with everything it has in every block: records of one cluster depend on each other, and labels overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.results import TestResult
from barograph.measures.credit.checks import blocks_of, complete, defaulted
from barograph.measures.credit.wald import Interval

NAME = "cluster_bootstrap"


@dataclass(frozen=True, slots=True)
class ClusteredAuc:
    """Stratified AUC of the first score less that of the second, with a percentile interval."""

    aucs: tuple[float, float]
    difference: float
    interval: Interval
    test: TestResult


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Of each block that counts: pairs of a bad and a good that are ranked rightly, by their clusters."""

    right: FloatArray  # [n_blocks, n_clusters, n_clusters] bads' cluster, goods' cluster; ties count half
    bads: FloatArray  # [n_blocks, n_clusters]
    goods: FloatArray  # [n_blocks, n_clusters]


def clustered_auc(
    label: npt.ArrayLike,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    block: AnyArray,
    cluster: AnyArray,
    *,
    generator: np.random.Generator,
    draws: int,
    level: float = 0.95,
) -> ClusteredAuc:
    """Two stratified AUCs on the same records, and a paired bootstrap of clusters of their difference.

    Parameters
    ----------
    label, a, b : array_like [n_obs]
        1 = bad; higher scores are riskier.
    block : array [n_obs]
        AUC is taken within each and averaged with the number of records as weights (`delong.stratified_auc`);
        blocks with fewer than two records of a class are left out.
    cluster : array [n_obs]
        Drawn with replacement, as many as there are; each draw takes a cluster's records of every block.
    generator : numpy.random.Generator
    draws : int
    level : float
        Of the percentile interval.

    Returns
    -------
    ClusteredAuc
        The p-value is twice the smaller share of draws on either side of zero; NaN, with a note, with fewer
        than two clusters or where the difference never varies.

    References
    ----------
    Field and Welsh (2007), Bootstrapping clustered data, J. R. Stat. Soc. B 69: the cluster bootstrap.
    """
    bad = defaulted(label)
    scores = [complete("score", score, bad.size) for score in (a, b)]
    names, codes = np.unique(cluster, return_inverse=True)
    used = [rows for rows in blocks_of(block, bad.size) if min(bad[rows].sum(), (~bad[rows]).sum()) >= 2]
    n, size = sum(rows.size for rows in used), names.size
    whole = np.ones((1, size))
    made = [_pairs(bad, score, used, codes, size) for score in scores]
    aucs = tuple(float(_auc(one, whole)[0]) for one in made)
    difference = aucs[0] - aucs[1]
    if size < 2 or not used:
        nothing = TestResult(NAME, math.nan, math.nan, n, "fewer than two clusters or no block")
        return ClusteredAuc((aucs[0], aucs[1]), difference, (math.nan, math.nan), nothing)
    weight = generator.multinomial(size, np.full(size, 1.0 / size), size=draws).astype(np.float64)
    moved = _auc(made[0], weight) - _auc(made[1], weight)
    moved = moved[np.isfinite(moved)]
    spread = float(np.std(moved, ddof=1)) if moved.size > 1 else 0.0
    if not spread > 0.0:
        nothing = TestResult(NAME, math.nan, math.nan, n, "the difference never varies")
        return ClusteredAuc((aucs[0], aucs[1]), difference, (math.nan, math.nan), nothing)
    side = min(int((moved <= 0.0).sum()), int((moved >= 0.0).sum()))
    p_value = min(1.0, 2.0 * (side + 1) / (moved.size + 1))
    low, high = np.quantile(moved, [(1 - level) / 2, (1 + level) / 2]).tolist()
    test = TestResult(NAME, difference / spread, p_value, n)
    return ClusteredAuc((aucs[0], aucs[1]), difference, (low, high), test)


def _pairs(bad: BoolArray, score: FloatArray, blocks: list[IntArray], codes: IntArray, size: int) -> _Pairs:
    right = np.zeros((len(blocks), size, size))
    bads, goods = np.zeros((len(blocks), size)), np.zeros((len(blocks), size))
    for number, rows in enumerate(blocks):
        risky, safe = rows[bad[rows]], rows[~bad[rows]]
        bads[number] = np.bincount(codes[risky], minlength=size)
        goods[number] = np.bincount(codes[safe], minlength=size)
        for code in np.unique(codes[safe]):
            below = np.sort(score[safe[codes[safe] == code]])
            left, up = (np.searchsorted(below, score[risky], side=side) for side in ("left", "right"))
            won = 0.5 * (left + up)
            right[number, :, code] = np.bincount(codes[risky], weights=won, minlength=size)
    return _Pairs(right, bads, goods)


def _auc(made: _Pairs, weight: FloatArray) -> FloatArray:
    """Stratified AUC for each row of cluster weights, [n_draws]; blocks without a class do not count."""
    right = np.einsum("dg,fgh,dh->df", weight, made.right, weight, optimize=True)
    bads, goods = weight @ made.bads.T, weight @ made.goods.T
    pairs = bads * goods
    inside = np.divide(right, pairs, out=np.zeros_like(right), where=pairs > 0)
    records = np.where(pairs > 0, bads + goods, 0.0)
    total = records.sum(axis=1)
    summed = (inside * records).sum(axis=1)
    return np.asarray(np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0))
