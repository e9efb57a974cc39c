"""Scores of predicted loss given default: how near it is, and how well it ranks the losses.

LGD is a decimal share of the exposure. NaN is refused; a figure without anything to measure is NaN.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.credit.checks import complete
from barograph.measures.credit.ranks import midranks


def _pair(lgd: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    lost = complete("lgd", lgd)
    return lost, complete("predicted", predicted, lost.size)


def r_squared(lgd: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """One minus squared error over the squared deviation from these records' own mean; can be negative.

    NaN where the LGD never varies.
    """
    lost, said = _pair(lgd, predicted)
    if not lost.size or np.ptp(lost) == 0.0:
        return math.nan
    return float(1.0 - np.sum((lost - said) ** 2) / np.sum((lost - lost.mean()) ** 2))


def mean_absolute_error(lgd: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Mean absolute difference, in units of the LGD.

    It is also the area over the regression error curve (Bi and Bennett 2003, Regression error characteristic
    curves, ICML), taken to the largest error.
    """
    lost, said = _pair(lgd, predicted)
    return float(np.abs(lost - said).mean()) if lost.size else math.nan


def spearman(lgd: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Rank correlation, ties at their midrank; NaN where either side never varies."""
    lost, said = _pair(lgd, predicted)
    if not lost.size or np.ptp(lost) == 0.0 or np.ptp(said) == 0.0:
        return math.nan
    first, second = (midranks(values) - (lost.size + 1) / 2.0 for values in (lost, said))
    return float(first @ second / math.sqrt((first @ first) * (second @ second)))


def loss_capture_ratio(
    lgd: npt.ArrayLike, predicted: npt.ArrayLike, exposure: npt.ArrayLike | None = None
) -> float:
    r"""How much of the ranking of losses a prediction captures, between a random and the perfect order.

    The loss capture curve takes the records from the highest predicted LGD down and plots the share of all
    losses (LGD times exposure) against the share of all exposure; a tie is a straight line.

    .. math:: LCR = \frac{A_{model} - \tfrac12}{A_{perfect} - \tfrac12}

    with A the area under the curve, the perfect one following the LGD itself. For LGDs of 0 and 1 and equal
    exposures it is the accuracy ratio.

    Parameters
    ----------
    lgd, predicted : array_like [n_obs]
    exposure : array_like [n_obs], optional
        Positive; default: all alike (the curve of percentages).

    Returns
    -------
    float
        1 for the perfect order, about 0 for a random one, negative for an order upside down; NaN where the
        LGD never varies or nothing was lost in all.

    References
    ----------
    Li, Bhariok, Keenan and Santilli (2009), Validation techniques and performance metrics for loss given
    default models, Journal of Risk Model Validation 3.

    Examples
    --------
    >>> loss_capture_ratio([0.9, 0.1, 0.5], [0.8, 0.2, 0.3])
    1.0
    """
    lost, said = _pair(lgd, predicted)
    weight = np.ones(lost.size) if exposure is None else complete("exposure", exposure, lost.size)
    if np.any(weight <= 0.0):
        raise DataError(
            "exposure must be positive",
            came=f"the smallest is {weight.min():g}",
            do="Leave those records out",
        )
    if not lost.size or np.ptp(lost) == 0.0 or lost @ weight == 0.0:
        return math.nan
    return (_captured(lost, said, weight) - 0.5) / (_captured(lost, lost, weight) - 0.5)


def _captured(lost: FloatArray, key: FloatArray, weight: FloatArray) -> float:
    """Area under the loss capture curve of the records taken by a descending key, equal keys at once."""
    code = np.unique(-key, return_inverse=True)[1]
    exposed, losses = np.bincount(code, weights=weight), np.bincount(code, weights=lost * weight)
    captured = np.cumsum(losses)
    middle = captured - losses / 2.0
    return float(exposed @ middle / (exposed.sum() * captured[-1]))
