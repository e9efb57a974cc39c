"""Weight of evidence of the bins of a column, and the column's information value.

Siddiqi (2006), Credit Risk Scorecards, ch. 6: ``WoE = ln(share of goods / share of bads)``, so that a bin
with more bads than its share is negative. Some texts use the opposite sign; the information value is the
same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError


def weight_of_evidence(goods: npt.ArrayLike, bads: npt.ArrayLike, *, smoothing: float = 0.0) -> FloatArray:
    """``ln(share of goods / share of bads)`` of each bin.

    Parameters
    ----------
    goods, bads : array_like [n_bins]
        Counts, not negative.
    smoothing : float
        Records added to every bin in the proportion of goods and bads of the whole sample. They pull a thin
        bin towards zero, and give an empty one exactly zero (adding the same half to both counts, as is often
        done, would make an empty bin look bad). Zero is the textbook's formula.

    Returns
    -------
    FloatArray [n_bins]

    Raises
    ------
    DataError
        If counts are negative, one class is empty, or a bin lacks goods or bads without smoothing.

    Examples
    --------
    >>> weight_of_evidence([860, 35300], [140, 3700]).round(5).tolist()
    [-0.42719, 0.01307]
    """
    good, bad = _shares(goods, bads, smoothing)
    return np.asarray(np.log(good / bad))


def information_terms(goods: npt.ArrayLike, bads: npt.ArrayLike, *, smoothing: float = 0.0) -> FloatArray:
    """Each bin's part of the information value, ``(share of goods - share of bads) · WoE``, [n_bins]."""
    good, bad = _shares(goods, bads, smoothing)
    return np.asarray((good - bad) * np.log(good / bad))


def information_value(goods: npt.ArrayLike, bads: npt.ArrayLike, *, smoothing: float = 0.0) -> float:
    """Sum of `information_terms`: how far the bins part goods from bads.

    Siddiqi reads it as unpredictive below 0.02, weak to 0.1, medium to 0.3, strong above.
    """
    return float(information_terms(goods, bads, smoothing=smoothing).sum())


def _shares(goods: npt.ArrayLike, bads: npt.ArrayLike, smoothing: float) -> tuple[FloatArray, FloatArray]:
    good, bad = np.asarray(goods, dtype=np.float64), np.asarray(bads, dtype=np.float64)
    if good.shape != bad.shape or np.any(good < 0) or np.any(bad < 0) or not (good.sum() and bad.sum()):
        raise DataError(
            "bins need counts of goods and bads that are not negative, with some of each in the whole",
            came=f"got {good.sum():g} goods in {good.size} bins and {bad.sum():g} bads in {bad.size}",
            do="Count both classes in every bin",
        )
    share = good.sum() / (good.sum() + bad.sum())
    good, bad = good + smoothing * share, bad + smoothing * (1.0 - share)
    if np.any(good == 0) or np.any(bad == 0):
        raise DataError(
            "without smoothing every bin needs a good and a bad",
            came=f"bin {int(np.argmax((good == 0) | (bad == 0)))} has none of one of them",
            do="Merge the bin with a neighbour, or pass smoothing above zero",
        )
    return good / good.sum(), bad / bad.sum()
