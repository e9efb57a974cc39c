"""Where does the tail begin? Mean excess, Hill's estimator and the stability of the fitted shape.

Aids for the eye, not tests. McNeil, Frey and Embrechts (2015), Quantitative Risk Management, section 5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.measures.losses.checks import amounts
from barograph.measures.losses.pareto import fit_pareto


@dataclass(frozen=True, slots=True, eq=False)
class MeanExcess:
    """Average excess over each threshold: a straight line over a Pareto tail, rising for shapes above 0."""

    threshold: FloatArray  # [n_thresholds] money
    mean: FloatArray  # [n_thresholds] money, NaN where nothing exceeds
    standard_error: FloatArray  # [n_thresholds] money, NaN with fewer than two
    exceedances: IntArray  # [n_thresholds]


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """Pareto fits over rising thresholds; beyond the right one shape and modified scale stay level."""

    threshold: FloatArray  # [n_thresholds] money
    shape: FloatArray  # [n_thresholds]
    shape_error: FloatArray  # [n_thresholds] standard error
    modified_scale: FloatArray  # [n_thresholds] β - ξ u, money
    modified_scale_error: FloatArray  # [n_thresholds]
    exceedances: IntArray  # [n_thresholds]


def mean_excess(losses: npt.ArrayLike, thresholds: npt.ArrayLike) -> MeanExcess:
    """Average excess of the losses over each threshold, with its standard error.

    Parameters
    ----------
    losses : array_like [n_losses]
    thresholds : array_like [n_thresholds]
        Same money.
    """
    seen, levels = amounts(losses), np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    excesses = [seen[seen > level] - level for level in levels]
    return MeanExcess(
        levels,
        np.array([over.mean() if over.size else np.nan for over in excesses]),
        np.array([over.std(ddof=1) / np.sqrt(over.size) if over.size > 1 else np.nan for over in excesses]),
        np.array([over.size for over in excesses], dtype=np.int64),
    )


def hill(losses: npt.ArrayLike, order: npt.ArrayLike) -> FloatArray:
    r"""Hill's estimate of a positive tail shape from the k largest losses, for each k.

    .. math:: \hat\xi_k = \frac1k \sum_{i \le k} \ln X_{(i)} - \ln X_{(k + 1)}

    Parameters
    ----------
    losses : array_like [n_losses]
    order : array_like of int [n_orders]
        k, from 1 to n_losses - 1. Standard error: about ξ / √k.

    References
    ----------
    Hill (1975), A simple general approach to inference about the tail of a distribution, Ann. Statistics 3.
    """
    logs = np.log(np.sort(amounts(losses))[::-1])
    k = np.asarray(order, dtype=np.int64)
    if ((k < 1) | (k >= logs.size)).any():
        raise DataError(
            f"k must lie between 1 and {logs.size - 1}, one less than there are losses",
            came=f"got {k.min()} to {k.max()}",
            do="Ask for fewer of the largest losses",
        )
    return np.asarray(np.cumsum(logs)[k - 1] / k - logs[k])


def parameter_stability(losses: npt.ArrayLike, thresholds: npt.ArrayLike) -> Stability:
    r"""Generalised Pareto fits over each threshold with large-sample standard errors.

    Those of maximum likelihood, for shapes above -1/2: :math:`(1 + \xi) / \sqrt n` for the shape, and by the
    delta method for the modified scale :math:`\sqrt{(1 + \xi) \{2\beta^2 + 2 u \beta + (1 + \xi) u^2\} / n}`.

    Raises
    ------
    DataError
        Where a threshold leaves too few losses (`fit_pareto`).

    References
    ----------
    Smith (1987), Estimating tails of probability distributions, Ann. Statistics 15 (the covariance).
    """
    seen, levels = amounts(losses), np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    fits = [fit_pareto(seen, threshold=float(level)) for level in levels]
    number = np.array([int((seen > level).sum()) for level in levels], dtype=np.int64)
    shape, scale = np.array([fit.shape for fit in fits]), np.array([fit.scale for fit in fits])
    spread = (1.0 + shape) * (2.0 * scale**2 + 2.0 * levels * scale + (1.0 + shape) * levels**2)
    return Stability(
        levels,
        shape,
        (1.0 + shape) / np.sqrt(number),
        scale - shape * levels,
        np.sqrt(spread / number),
        number,
    )
