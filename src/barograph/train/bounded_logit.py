"""Log-odds as a non-negative combination of columns, by maximum likelihood: calibrators and stacks."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import Bounds, minimize
from scipy.special import expit

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError

_SLOPE = 1e-6  # largest slope of the mean loss, in the units of the search, left at a free coefficient
_OPTIONS: Any = {"maxiter": 2000, "maxfun": 5000, "ftol": 1e-15, "gtol": 1e-10}


def fit_bounded_logit(
    columns: FloatArray,
    label: FloatArray,
    *,
    pull: float = 0.0,
    towards: FloatArray | None = None,
    weight: FloatArray | None = None,
) -> tuple[FloatArray, float]:
    """Coefficients [k], none negative, and intercept that minimise the mean log loss plus a pull.

    The minimised is ``mean log loss + pull / 2 · Σ (coefficient - towards)²``, by L-BFGS-B (Byrd, Lu, Nocedal
    and Zhu 1995) on centred columns in units of
    about equal curvature; it is convex, so the start is of no account.

    Parameters
    ----------
    columns : array [k, n]
        Finite.
    label : array [n]
        In [0, 1], fractions allowed; the mean strictly between.
    pull : float
    towards : array [k] or None
        Zero if not given.
    weight : array [n] or None
        Records that each stands for, not all 0; the mean loss is the weighted one. 1 each if not given.

    Raises
    ------
    DataError
        Where the minimum was not reached.
    """
    share = np.full(label.size, 1.0 / label.size) if weight is None else weight / weight.sum()
    center = columns @ share
    unit = np.sqrt(np.square(columns - center[:, np.newaxis]) @ share + pull + 1e-12)
    x = (columns - center[:, np.newaxis]) / unit[:, np.newaxis]
    aim = (np.zeros(len(x)) if towards is None else towards) * unit

    def loss(at: FloatArray) -> tuple[float, FloatArray]:
        score = at[0] + at[1:] @ x
        away = (at[1:] - aim) / unit
        value = share @ (np.logaddexp(0.0, score) - label * score) + 0.5 * pull * (away @ away)
        excess = (expit(score) - label) * share
        slope = np.concatenate([[excess.sum()], x @ excess + pull * away / unit])
        return float(value), slope

    start = np.concatenate([[0.0], np.maximum(aim, 0.0)])
    bounds = Bounds(np.array([-np.inf] + [0.0] * len(x)), np.full(len(x) + 1, np.inf))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_OPTIONS)
    slope = loss(found.x)[1]
    slope[1:] = np.where(found.x[1:] > 0.0, slope[1:], np.minimum(slope[1:], 0.0))
    if not np.abs(slope).max() <= _SLOPE:
        raise DataError(
            "a calibration or a blend must reach its largest likelihood",
            came=f"a slope of {np.abs(slope).max():.1e} was left ({found.message})",
            do="Give it more records of both kinds, or choose calibration 'none'",
        )
    coefficients = np.asarray(found.x[1:] / unit, dtype=np.float64)
    return coefficients, float(found.x[0] - coefficients @ center)
