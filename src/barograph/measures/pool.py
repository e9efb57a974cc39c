"""Logarithmic pool of variance forecasts: a weighted geometric mean with weights learnt on past outcomes.

``ln h = Σ_k w_k ln h_k`` with weights on the simplex. In these weights the mean QLIKE,
``ln h + y / h``, is convex, so the best weights are one small convex problem; they are then shrunk towards
equal, because few days say little about close rivals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted import PoolParameters

PRIOR_DAYS = 1500.0
"""Days at which data and equal weights count alike: six years, a cycle of calm and storm.

A pool near equal is steadier than the best weights of the past, series by series; see docs/evidence.md.
"""

_ITERATIONS = 200
_TOLERANCE = 1e-10  # of the gradient along the simplex, in units of QLIKE


def fit_pool(
    models: Sequence[str],
    log_variances: FloatArray,
    *,
    target: FloatArray,
    n_days: int,
    prior_weight_days: float = PRIOR_DAYS,
) -> PoolParameters:
    """Weights that would have been best, shrunk towards equal by how little was seen.

    The weights of a horizon minimise the mean of ``ln h + y / h`` over the known rows; with n distinct days
    the fitted value keeps ``n / (n + prior)`` of them and takes the rest from equal weights.

    Sources: Patton (2011), Journal of Econometrics 160 (the loss is right for noisy proxies); Genest and
    Zidek (1986), Statistical Science 1 (logarithmic pooling).

    Parameters
    ----------
    models : sequence of str
        Names, in the order of the first axis.
    log_variances : array [n_models, n_rows, n_horizons]
        Forecasts made out of sample.
    target : array [n_rows, n_horizons]
        Sum of squared returns over the horizon; NaN where unknown (left out).
    n_days : int
        Distinct days behind the rows: rows of many entities on one day count once.
    prior_weight_days : float
        Days at which data and equal weights count alike.

    Returns
    -------
    PoolParameters
        Weights [n_horizons, n_models], not negative, each row summing to one.
    """
    _check(models, log_variances, target)
    trust = n_days / (n_days + prior_weight_days)
    weights = np.empty((target.shape[1], len(models)))
    for column in range(target.shape[1]):
        known = np.isfinite(target[:, column]) & np.isfinite(log_variances[:, :, column]).all(axis=0)
        if not known.any():
            raise DataError(
                "a pool needs outcomes to weigh its models by",
                came=f"none is known for horizon number {column + 1}",
                do="Use a longer validation block",
            )
        best = _best_weights(log_variances[:, known, column], target[known, column])
        weights[column] = trust * best + (1.0 - trust) / len(models)
    return PoolParameters(models=tuple(models), weights=weights)


def pool(parameters: PoolParameters, log_variances: FloatArray) -> FloatArray:
    """Pooled log variance, ``Σ_k w_k ln h_k``.

    Parameters
    ----------
    parameters : PoolParameters
    log_variances : array [n_models, n_rows, n_horizons]
        In the order of ``parameters.models``.

    Returns
    -------
    array [n_rows, n_horizons]
        NaN where one of the models is.
    """
    return np.asarray(np.einsum("hk,knh->nh", parameters.weights, log_variances))


def _best_weights(logs: FloatArray, target: FloatArray) -> FloatArray:
    """Minimiser of mean QLIKE over the simplex: Newton steps within the free weights, [n_models].

    A weight that reaches zero leaves the free set; one whose price says it would pay comes back.
    """
    n_models = logs.shape[0]
    weights, free = np.full(n_models, 1.0 / n_models), np.ones(n_models, dtype=bool)
    for _ in range(_ITERATIONS):
        gradient, curvature = _slopes(weights, logs, target)
        price = float(gradient[free].mean())
        if np.abs(gradient[free] - price).max() < _TOLERANCE:
            held = np.asarray(np.where(free, np.inf, gradient - price))
            if held.min() > -_TOLERANCE:
                break
            free[held.argmin()] = True
            continue
        weights, free = _line_search(weights, free, _newton(gradient, curvature, free), logs, target)
    return np.asarray(weights / weights.sum())


def _slopes(weights: FloatArray, logs: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient [n_models] and curvature [n_models, n_models] of mean QLIKE in the weights."""
    ratio = target * np.exp(-weights @ logs)
    gradient = (logs * (1.0 - ratio)).mean(axis=1)
    curvature = (logs * ratio) @ logs.T / target.size
    return np.asarray(gradient), np.asarray(curvature)


def _newton(gradient: FloatArray, curvature: FloatArray, free: BoolArray) -> FloatArray:
    """Newton direction among the free weights that keeps their sum, [n_models]."""
    inside = np.flatnonzero(free)
    size = inside.size
    system = np.zeros((size + 1, size + 1))
    block = curvature[np.ix_(inside, inside)]
    system[:size, :size] = block + 1e-12 * np.trace(block) * np.eye(size)
    system[:size, size] = system[size, :size] = 1.0
    right = np.append(-gradient[inside], 0.0)
    direction = np.zeros(gradient.shape[0])
    direction[inside] = np.linalg.lstsq(system, right, rcond=None)[0][:size]
    return direction


def _line_search(
    weights: FloatArray, free: BoolArray, direction: FloatArray, logs: FloatArray, target: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """A step along the direction that lowers the loss, no further than to the first zero weight."""
    falling = direction < 0.0
    room = np.where(falling, weights / np.where(falling, -direction, 1.0), np.inf)
    size = min(1.0, float(room.min()))
    blocked = int(room.argmin()) if size == float(room.min()) else -1
    before = _loss(weights, logs, target)
    while _loss(weights + size * direction, logs, target) > before and size > 1e-12:
        size, blocked = 0.5 * size, -1
    moved, still_free = np.maximum(weights + size * direction, 0.0), free.copy()
    if blocked >= 0:
        moved[blocked], still_free[blocked] = 0.0, False
    return moved, still_free


def _loss(weights: FloatArray, logs: FloatArray, target: FloatArray) -> float:
    pooled = weights @ logs
    return float((pooled + target * np.exp(-pooled)).mean())


def _check(models: Sequence[str], log_variances: FloatArray, target: FloatArray) -> None:
    if log_variances.shape != (len(models), *target.shape):
        raise DataError(
            "a pool needs one forecast per model for every target",
            came=f"got {log_variances.shape} forecasts of {len(models)} models for {target.shape} targets",
            do="Give log_variances as [n_models, n_rows, n_horizons]",
        )
