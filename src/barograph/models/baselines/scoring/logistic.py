"""Logistic regression, fractional logit and least squares with a light ridge, by Newton's method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_records import LogisticParameters
from barograph.measures.credit.linear_predictor import times
from barograph.models.baselines.base import NotConvergedError
from barograph.models.baselines.scoring.curvature import Curvature, transposed

Table = FloatArray | npt.NDArray[np.float32]
LIGHT_RIDGE = 1e-6
"""Ridge where none is asked for: it decides nothing but separable data and columns that repeat each other."""
LEAST_RIDGE = 1e-9
"""Below this the normal equations of repeated columns have no Cholesky factor in double precision."""
RIDGES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
"""Ridges tried by `choose_l2`, strongest first."""
TOLERANCE = 1e-8
"""Largest slope of the mean loss in any coefficient at which the fit counts as converged."""
_STEPS = 300
_HALVINGS = 30
_STALE = 0.4  # a kept Hessian must still cut the largest slope to this share a step, or it is computed afresh
_EXTREME = 1e-4  # start of the intercept where labels are all but one-sided


def fit_logistic(
    features: Table,
    label: FloatArray,
    names: Sequence[str],
    *,
    l2: float = LIGHT_RIDGE,
    warm: LogisticParameters | None = None,
    curvature: Curvature | None = None,
) -> LogisticParameters:
    r"""Minimise ``mean log loss + l2 / 2 · Σ coefficient²``; the intercept is free.

    Labels may be fractions: the same first-order condition is Papke and Wooldridge's (1996) quasi-likelihood
    for a mean in [0, 1]. Newton's steps (McCullagh and Nelder 1989, ch. 4) with halving; the Hessian, which
    costs most, is kept for as long as it serves. scikit-learn's C is ``1 / (l2 · n)``.

    Parameters
    ----------
    features : array [n, n_features]
        Finite and of similar scale (the ridge takes no account of units). A table of float32 is read in
        double precision block by block, and never copied whole.
    label : array [n]
        In [0, 1].
    names : sequence of str
        One per feature.
    l2 : float
        At least `LEAST_RIDGE`.
    warm : LogisticParameters or None
        Where the steps start; the optimum is the same from anywhere.
    curvature : Curvature or None
        What an earlier fit on the same features learnt of the loss's curvature: it saves computing it again.

    Raises
    ------
    DataError
        Where inputs are not finite, labels not in [0, 1] or all 0 or all 1, or shapes do not fit.
    NotConvergedError
        Where the slope does not vanish.
    """
    x, y = _checked(features, label, names)
    if y.min() < 0.0 or y.max() > 1.0:
        raise DataError(
            "labels of a logistic regression must lie in [0, 1]",
            came=f"they reach from {y.min():g} to {y.max():g}",
            do="Code bad as 1 and good as 0, or pass shares",
        )
    mean = float(y.mean())
    if not 0.0 < mean < 1.0:
        raise DataError(
            "a logistic regression needs labels of both kinds",
            came=f"all {y.size} are {mean:g}",
            do="Widen the training window, or check which value of the target means bad",
        )
    ridge = max(l2, LEAST_RIDGE)
    start = np.concatenate([[logit(np.clip(mean, _EXTREME, 1.0 - _EXTREME))], np.zeros(x.shape[1])])
    if warm is not None:
        start = np.concatenate([[warm.intercept], warm.coefficients])
    found = _newton(x, y, start, ridge, Curvature() if curvature is None else curvature)
    return LogisticParameters(tuple(names), float(found[0]), found[1:])


def choose_l2(
    features: Table,
    label: FloatArray,
    holdout: Table,
    holdout_label: FloatArray,
    names: Sequence[str],
    *,
    ridges: Sequence[float] = RIDGES,
) -> tuple[LogisticParameters, float]:
    """The fit, and its ridge, with the least log loss on held-out records; the stronger one where equal.

    The fits run from the strongest ridge to the weakest, each started from the one before.
    """
    best: tuple[float, LogisticParameters, float] | None = None
    fitted, curvature = None, Curvature()
    for ridge in sorted(ridges, reverse=True):
        fitted = fit_logistic(features, label, names, l2=ridge, warm=fitted, curvature=curvature)
        loss = _mean_loss(fitted.intercept + times(holdout, fitted.coefficients), holdout_label)
        if best is None or loss < best[0]:
            best = (loss, fitted, ridge)
    if best is None:
        raise DataError("a ridge must be chosen from some", came="got none", do="Give at least one")
    return best[1], best[2]


def fit_least_squares(
    features: FloatArray, label: FloatArray, names: Sequence[str], *, l2: float = LIGHT_RIDGE
) -> LogisticParameters:
    """Minimise ``mean (label - prediction)² / 2 + l2 / 2 · Σ coefficient²``; link `identity`.

    Parameters are those of `fit_logistic`; labels may be any finite numbers.
    """
    table, y = _checked(features, label, names)
    x = table.astype(np.float64)
    center, level = x.mean(axis=0), float(y.mean())
    moved = x - center
    matrix = moved.T @ moved / y.size
    matrix[np.diag_indices_from(matrix)] += max(l2, LEAST_RIDGE)
    coefficients = cho_solve(cho_factor(matrix), moved.T @ (y - level) / y.size) if x.shape[1] else x[0]
    return LogisticParameters(tuple(names), level - float(center @ coefficients), coefficients, "identity")


def _newton(x: Table, y: FloatArray, start: FloatArray, ridge: float, curvature: Curvature) -> FloatArray:
    """Intercept and coefficients [1 + n_features] at the minimum."""
    at, score = start, start[0] + times(x, start[1:])
    loss = _penalised(score, y, at, ridge)
    factor, steepest = None, np.inf
    for _ in range(_STEPS):
        gradient = _gradient(x, y, score, at, ridge)
        slope = float(np.abs(gradient).max())
        if slope <= TOLERANCE:
            return at
        if factor is None or slope > _STALE * steepest:
            factor = curvature.factor(x, score, ridge, afresh=factor is not None)
        direction = cho_solve(factor, gradient)
        change = direction[0] + times(x, direction[1:])
        size = 1.0
        for _ in range(_HALVINGS):
            trial = _penalised(score - size * change, y, at - size * direction, ridge)
            if trial <= loss + 1e-14:
                break
            size /= 2.0
        at, score, loss, steepest = at - size * direction, score - size * change, trial, slope
    raise NotConvergedError(
        "a logistic regression must reach its minimum",
        came=f"a slope of {slope:.1e} was left after {_STEPS} steps",
        do="Look for columns with enormous values, or give a stronger ridge",
    )


def _gradient(x: Table, y: FloatArray, score: FloatArray, at: FloatArray, ridge: float) -> FloatArray:
    excess = (expit(score) - y) / y.size
    return np.concatenate([[excess.sum()], transposed(x, excess) + ridge * at[1:]])


def _mean_loss(score: FloatArray, label: FloatArray) -> float:
    """Mean log loss of log-odds: ``ln(1 + e^s) - y s``."""
    return float(np.mean(np.logaddexp(0.0, score) - label * score))


def _penalised(score: FloatArray, y: FloatArray, at: FloatArray, ridge: float) -> float:
    return _mean_loss(score, y) + 0.5 * ridge * float(at[1:] @ at[1:])


def _checked(features: Table, label: FloatArray, names: Sequence[str]) -> tuple[Table, FloatArray]:
    given: Any = np.asarray(features)
    x: Table = given if given.dtype == np.float32 else given.astype(np.float64, copy=False)
    y = np.asarray(label, dtype=np.float64)
    if x.ndim != 2 or x.shape != (y.size, len(names)) or y.size == 0:
        raise DataError(
            "a regression needs one row of features per label and one name per feature",
            came=f"got features {x.shape}, {y.size} labels and {len(names)} names",
            do="Pass arrays that fit each other",
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError(
            "a regression's inputs and labels must be finite",
            came="some are NaN or infinite",
            do="Fill missing values by the encoder's plain view first",
        )
    return x, y
