"""Are two areas under ROC curves different? DeLong's test, within blocks where there are several.

Labels are 0 and 1, a higher score is riskier, ties count by half; NaN is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, BoolArray, FloatArray
from barograph.core.results import TestResult
from barograph.measures.credit.checks import blocks_of, complete, defaulted
from barograph.measures.credit.ranks import placements
from barograph.measures.credit.wald import Interval, clustered_covariance, wald


@dataclass(frozen=True, slots=True)
class AucCovariance:
    """Areas under the ROC curves of several scores of the same records, and how surely they are known."""

    aucs: FloatArray  # [m]
    covariance: FloatArray  # [m, m]


@dataclass(frozen=True, slots=True)
class AucComparison:
    """First area minus second."""

    aucs: tuple[float, float]
    difference: float
    interval: Interval
    test: TestResult
    freedom: float = math.inf  # degrees of freedom of the test; infinite = normal
    blocks: int = 1  # that entered
    left_out: int = 0  # blocks with fewer than two records of a class


def _influence(bad: BoolArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """AUC of each score [m], and what each record adds to it [m, n]: squares sum to DeLong's variance.

    The scale 1 / √(k (k − 1)) with k records of the class makes them unbiased; NaN where k = 1.
    """
    placed = np.stack([placements(bad, score) for score in scores])
    aucs = placed[:, bad].mean(axis=1)
    size = np.where(bad, bad.sum(), (~bad).sum()).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return aucs, (placed - aucs[:, None]) / np.sqrt(size * (size - 1.0))


def _scored(label: npt.ArrayLike, *scores: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    bad = defaulted(label)
    return bad, np.stack([complete("score", score, bad.size) for score in scores])


def delong(label: npt.ArrayLike, scores: npt.ArrayLike) -> AucCovariance:
    r"""Areas under the ROC curves of m scores, and their covariance.

    .. math:: \hat\Sigma = S_{10} / n_{bad} + S_{01} / n_{good}

    with S the sample covariances of the placements of bads among goods and of goods among bads.

    Parameters
    ----------
    label : array_like [n_obs]
    scores : array_like [m, n_obs]

    Returns
    -------
    AucCovariance
        All NaN with one class; the covariance NaN with one record of a class.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves,
    Biometrics 44; in O(m n log n) after Sun and Xu (2014), Fast implementation of DeLong's algorithm, IEEE
    Signal Processing Letters 21.
    """
    return _delong(*_scored(label, *np.atleast_2d(np.asarray(scores, dtype=np.float64))))


def _delong(bad: BoolArray, table: FloatArray) -> AucCovariance:
    if not bad.size or bad.all() or not bad.any():
        m = table.shape[0]
        return AucCovariance(np.full(m, np.nan), np.full((m, m), np.nan))
    aucs, influence = _influence(bad, table)
    return AucCovariance(aucs, clustered_covariance(influence, None))


def delong_interval(label: npt.ArrayLike, score: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """Normal interval of one AUC by DeLong's variance, cut to [0, 1]; NaN where that is undefined or 0."""
    bad, table = _scored(label, score)
    found = _delong(bad, table)
    auc, variance = float(found.aucs[0]), float(found.covariance[0, 0])
    (low, high), _ = wald("delong", auc, variance, n_obs=bad.size, level=level)
    return (low if math.isnan(low) else max(low, 0.0)), (high if math.isnan(high) else min(high, 1.0))


def delong_paired(
    label: npt.ArrayLike, a: npt.ArrayLike, b: npt.ArrayLike, *, level: float = 0.95
) -> AucComparison:
    """AUC of score a minus AUC of score b on the same records, with DeLong's two-sided test.

    Parameters
    ----------
    label, a, b : array_like [n_obs]
    level : float
        Of the interval of the difference.

    Returns
    -------
    AucComparison
        Its test is NaN, with a note, where a class has fewer than two records or the difference never varies.

    Examples
    --------
    >>> delong_paired([0, 0, 1, 0, 1, 1], [1, 2, 3, 4, 5, 6], [3, 1, 4, 2, 6, 5]).aucs
    (0.8888888888888888, 1.0)
    """
    bad, scores = _scored(label, a, b)
    return _compared("delong_paired", _delong(bad, scores), n_obs=bad.size, level=level)


def delong_unpaired(
    first: tuple[npt.ArrayLike, npt.ArrayLike],
    second: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    level: float = 0.95,
) -> AucComparison:
    """AUC on one sample minus AUC on another, independent one; Student t with Welch's degrees of freedom.

    Parameters
    ----------
    first, second : (label, score)
        Each array_like [n_obs of that sample].
    level : float
        Of the interval of the difference.

    References
    ----------
    The degrees of freedom are those of R's pROC: with variance v and n records of each sample,
    ``(v₁ + v₂)² / (v₁² / (n₁ − 1) + v₂² / (n₂ − 1))``.
    """
    found = [_delong(*_scored(label, score)) for label, score in (first, second)]
    sizes = np.array([np.size(label) for label, _ in (first, second)], dtype=np.float64)
    aucs = np.concatenate([one.aucs for one in found])
    variance = np.array([one.covariance[0, 0] for one in found])
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = float(variance.sum() ** 2 / np.sum(variance**2 / (sizes - 1.0)))
    joint = AucCovariance(aucs, np.diag(variance))
    return _compared("delong_unpaired", joint, n_obs=int(sizes.sum()), level=level, freedom=freedom)


def _compared(
    name: str,
    found: AucCovariance,
    *,
    n_obs: int,
    level: float,
    freedom: float = math.inf,
    blocks: int = 1,
    left_out: int = 0,
) -> AucComparison:
    contrast = np.array([1.0, -1.0])
    difference = float(contrast @ found.aucs)
    interval, test = wald(
        name,
        difference,
        float(contrast @ found.covariance @ contrast),
        n_obs=n_obs,
        freedom=freedom,
        level=level,
        note=f"blocks left out for want of a class: {left_out}" if left_out else "",
    )
    first, second = (float(value) for value in found.aucs)
    return AucComparison((first, second), difference, interval, test, freedom, blocks, left_out)


def _within_blocks(
    bad: BoolArray, scores: FloatArray, block: AnyArray
) -> tuple[FloatArray, FloatArray, list[int], int]:
    """Mean AUCs [m], influence of each record [m, n], sizes of the blocks used, number of the others."""
    every = blocks_of(block, bad.size)
    used = [rows for rows in every if min(bad[rows].sum(), (~bad[rows]).sum()) >= 2]
    total = sum(rows.size for rows in used)
    aucs = np.zeros(scores.shape[0]) if used else np.full(scores.shape[0], np.nan)
    influence = np.zeros(scores.shape)
    for rows in used:
        weight = rows.size / total
        inside, moved = _influence(bad[rows], scores[:, rows])
        aucs += weight * inside
        influence[:, rows] = weight * moved
    return aucs, influence, [rows.size for rows in used], len(every) - len(used)


def stratified_auc(label: npt.ArrayLike, score: npt.ArrayLike, block: AnyArray) -> float:
    """AUC within each block, averaged with the number of records as weights.

    What a score gains by telling good vintages from bad ones does not count. Blocks with fewer than two
    records of a class are left out, as in `stratified_delong`; NaN if all are.
    """
    bad, table = _scored(label, score)
    return float(_within_blocks(bad, table, block)[0][0])


def stratified_delong(
    label: npt.ArrayLike,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    block: AnyArray,
    *,
    cluster: AnyArray | None = None,
    level: float = 0.95,
) -> AucComparison:
    r"""DeLong's test of two scores pooled over blocks such as vintages.

    .. math:: \Delta = \sum_g w_g \Delta_g,\qquad
              \widehat{\mathrm{var}}(\Delta) = \sum_g w_g^2\,\widehat{\mathrm{var}}(\Delta_g)

    where Δ_g is the difference of the AUCs within block g and w_g its share of the records. The blocks are
    taken as independent; with `cluster` only the clusters are.

    Parameters
    ----------
    label, a, b : array_like [n_obs]
    block : array [n_obs]
        Vintage, fold or repetition of each record. Blocks with fewer than two records of a class are left out
        and counted: they have no AUC, or one of unknown variance.
    cluster : array [n_obs], optional
        Records with the same value may depend on each other, across blocks too: the same record in several
        repetitions of a cross-validation, the loans of one borrower. Default: each is on its own.
    level : float
        Of the interval of the difference.

    Returns
    -------
    AucComparison
        `aucs` are the two stratified areas.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988); clusters after Obuchowski (1997), Nonparametric analysis of
    clustered ROC curve data, Biometrics 53, here summed over the influence of each record.
    """
    bad, scores = _scored(label, a, b)
    aucs, influence, used, left_out = _within_blocks(bad, scores, block)
    covariance = clustered_covariance(influence, cluster)
    return _compared(
        "stratified_delong",
        AucCovariance(aucs, covariance),
        n_obs=sum(used),
        level=level,
        blocks=len(used),
        left_out=left_out,
    )
