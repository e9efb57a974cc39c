"""Discrimination: how well a score tells the records that turn bad from those that do not.

Labels are 0 (good) and 1 (bad), a higher score is riskier, equal scores are one threshold, and only the
order of the scores counts. With one class alone every figure is NaN: there is nothing to tell apart. A
missing label or score is refused. A weight says how many records one stands for; at 0 it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.errors import DataError
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import complete, defaulted
from barograph.measures.credit.ranks import share_below


def _checked(label: npt.ArrayLike, score: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    bad = defaulted(label)
    return bad, complete("score", score, bad.size)


def _weighted(
    label: npt.ArrayLike, score: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Labels, scores and weights of the records whose weight is above zero."""
    bad, risk = _checked(label, score)
    weights = observation_weights(weight, bad.size)
    counted = weights > 0.0
    return (bad, risk, weights) if counted.all() else (bad[counted], risk[counted], weights[counted])


def _one_class(bad: BoolArray) -> bool:
    return not bad.size or bool(bad.all()) or not bool(bad.any())


def auc(label: npt.ArrayLike, score: npt.ArrayLike, *, weight: npt.ArrayLike | None = None) -> float:
    r"""Area under the ROC curve: the chance that a bad record is scored above a good one.

    .. math:: \Pr(S_{bad} > S_{good}) + \tfrac12 \Pr(S_{bad} = S_{good})

    Parameters
    ----------
    label, score : array_like [n_obs]
    weight : array_like [n_obs], optional

    Returns
    -------
    float
        0.5 for a score that knows nothing, 1 for a perfect order.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    bad, risk, weights = _weighted(label, score, weight)
    if _one_class(bad):
        return float("nan")
    if weight is None:
        return float(share_below(risk[bad], risk[~bad]).mean())
    goods, bads = _curve(bad, risk, weights)
    return float(np.sum(np.diff(goods) * (bads[1:] + bads[:-1]) / 2.0))


def gini(label: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Gini coefficient or accuracy ratio, ``2 AUC − 1``."""
    return 2.0 * auc(label, score) - 1.0


def _curve(
    bad: BoolArray, risk: FloatArray, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Shares of goods and of bads at or above each distinct score, from (0, 0) to (1, 1)."""
    order = np.argsort(-risk, kind="stable")
    last = np.append(np.flatnonzero(np.diff(risk[order])), risk.size - 1)
    counted = np.ones(risk.size) if weights is None else weights[order]
    bads = np.cumsum(counted * bad[order])[last]
    goods = np.cumsum(counted * ~bad[order])[last]
    return np.append(0.0, goods / goods[-1]), np.append(0.0, bads / bads[-1])


def kolmogorov_smirnov(label: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Largest distance between the score distributions of bads and goods, in either direction."""
    bad, risk = _checked(label, score)
    if _one_class(bad):
        return float("nan")
    goods, bads = _curve(bad, risk)
    return float(np.abs(bads - goods).max())


def roc_points(label: npt.ArrayLike, score: npt.ArrayLike, *, n: int = 200) -> tuple[FloatArray, FloatArray]:
    """At most n points of the ROC curve, evenly spaced along it, for a figure.

    Returns
    -------
    false_positive_rate, true_positive_rate : FloatArray [≤ n]
        From (0, 0) to (1, 1), every point on the curve; empty with one class.
    """
    bad, risk = _checked(label, score)
    if _one_class(bad):
        return np.empty(0), np.empty(0)
    goods, bads = _curve(bad, risk)
    along = np.searchsorted(goods + bads, np.linspace(0.0, 2.0, n))
    kept = np.unique(np.minimum(along, goods.size - 1))
    return goods[kept], bads[kept]


def _hull(bad: BoolArray, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Corners of the upper convex hull of the ROC curve: the classifiers that some cost makes best."""
    goods, bads = (axis.tolist() for axis in _curve(bad, risk))
    corners: list[int] = []
    for new in range(len(goods)):
        while len(corners) > 1:
            before, last = corners[-2], corners[-1]
            rise = (bads[last] - bads[before]) * (goods[new] - goods[last])
            if rise > (bads[new] - bads[last]) * (goods[last] - goods[before]):
                break
            corners.pop()
        corners.append(new)
    return np.array(goods)[corners], np.array(bads)[corners]


def convex_hull_auc(label: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Area under the upper convex hull of the ROC curve; at least the AUC, and at least one half.

    Source: Provost and Fawcett (2001), Robust classification for imprecise environments, Machine Learning 42.
    """
    bad, risk = _checked(label, score)
    if _one_class(bad):
        return float("nan")
    goods, bads = _hull(bad, risk)
    return float(np.sum(np.diff(goods) * (bads[1:] + bads[:-1]) / 2.0))


def h_measure(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    severity_ratio: float | None = None,
    beta: tuple[float, float] | None = None,
) -> float:
    r"""H-measure: the share of the avoidable misclassification loss that the score avoids.

    With relative cost c of calling a good record bad, 1 − c of calling a bad one good, weights w of a
    Beta(α, β) over c, class shares π and each cost's best threshold,

    .. math:: H = 1 - \frac{\int \min_t \{c\,\pi_0 F_0(t) + (1-c)\,\pi_1 (1 - F_1(t))\}\, w(c)\, dc}
                           {\int \min\{c\,\pi_0,\ (1-c)\,\pi_1\}\, w(c)\, dc}

    where F are the shares called bad. Unlike in the AUC, w is the same for every score that is compared.

    Parameters
    ----------
    label, score : array_like [n_obs]
    severity_ratio : float, optional
        How much worse it is to call a good record bad than to call a bad one good; the weight is
        Beta(2, 1 + 1 / ratio), whose mode is that cost. Default: π₁ / π₀, as R's hmeasure 1.0-2 has it.
    beta : (float, float), optional
        α and β given outright; Hand and Anagnostopoulos (2014) propose (1 + π₁, 1 + π₀).

    Returns
    -------
    float
        0 for a score that knows nothing, 1 for a perfect order.

    References
    ----------
    Hand (2009), Measuring classifier performance, Machine Learning 77; Hand and Anagnostopoulos (2014),
    A better Beta for the H measure, Pattern Recognition Letters 40.
    """
    if severity_ratio is not None and beta is not None:
        raise DataError(
            "the weight of the costs must be stated once",
            came="got both severity_ratio and beta",
            do="Leave one of them out",
        )
    bad, risk = _checked(label, score)
    if _one_class(bad):
        return float("nan")
    share = float(bad.mean())
    ratio = share / (1.0 - share) if severity_ratio is None else severity_ratio
    weight = beta or (2.0, 1.0 + 1.0 / ratio)
    ignorant = np.array([0.0, 1.0])
    return 1.0 - _loss(*_hull(bad, risk), share, weight) / _loss(ignorant, ignorant, share, weight)


def _loss(goods: FloatArray, bads: FloatArray, share: float, weight: tuple[float, float]) -> float:
    """Expected loss of the best corner at each cost; a corner is best between the costs of its two edges."""
    first, second = weight
    left, right = (1.0 - share) * np.diff(goods), share * np.diff(bads)
    cost = np.concatenate([[1.0], right / (left + right), [0.0]])
    of_goods = first / (first + second) * -np.diff(betainc(first + 1.0, second, cost))
    of_bads = second / (first + second) * -np.diff(betainc(first, second + 1.0, cost))
    return float(np.sum((1.0 - share) * goods * of_goods + share * (1.0 - bads) * of_bads))


def average_precision(
    label: npt.ArrayLike, score: npt.ArrayLike, *, weight: npt.ArrayLike | None = None
) -> float:
    r"""Area under the precision-recall curve as a step sum, :math:`\sum_t (R_t - R_{t-1}) P_t`.

    Over the distinct scores in descending order, without interpolation; the share of bads is what a score
    that knows nothing reaches.

    Parameters
    ----------
    label, score : array_like [n_obs]
    weight : array_like [n_obs], optional
        1 / rate for records sampled at a rate: precision depends on the share of bads, and only with
        weights is it that of the population.

    Examples
    --------
    >>> average_precision([0, 1, 0, 1], [0.1, 0.7, 0.7, 0.9])
    0.8333333333333333
    """
    bad, risk, weights = _weighted(label, score, weight)
    if _one_class(bad):
        return float("nan")
    goods, bads = _curve(bad, risk, weights)
    caught, called = bads[1:] * weights[bad].sum(), goods[1:] * weights[~bad].sum()
    return float(np.sum(np.diff(bads) * caught / (caught + called)))


@dataclass(frozen=True, slots=True)
class TopRecords:
    """What the k riskiest records hold."""

    precision: float  # share of them that are bad
    recall: float  # share of all bads among them
    lift: float  # precision over the share of bads


def precision_recall_at(label: npt.ArrayLike, score: npt.ArrayLike, k: int) -> TopRecords:
    """Precision, recall and lift of the k riskiest records.

    Where equal scores straddle the cut, those inside count by their expectation under random order.

    Parameters
    ----------
    label, score : array_like [n_obs]
    k : int
        Between 1 and n_obs.

    Examples
    --------
    >>> precision_recall_at([0, 1, 0, 1], [0.1, 0.7, 0.3, 0.9], 2)
    TopRecords(precision=1.0, recall=1.0, lift=2.0)
    """
    bad, risk = _checked(label, score)
    if not 1 <= k <= bad.size:
        raise DataError(
            f"k must lie between 1 and the {bad.size} records", came=f"got {k}", do="Ask for fewer records"
        )
    if _one_class(bad):
        return TopRecords(float("nan"), float("nan"), float("nan"))
    cut = np.sort(risk)[-k]
    above, tied = risk > cut, risk == cut
    caught = float(bad[above].sum() + bad[tied].mean() * (k - above.sum()))
    precision = caught / k
    return TopRecords(precision, caught / float(bad.sum()), precision / float(bad.mean()))
