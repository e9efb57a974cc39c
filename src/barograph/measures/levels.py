"""Forecasts in levels: scales, the linear forecast, and normal densities in the target's own unit."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.core.level_study import Scale

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(21)


def month_end(month: IntArray) -> DateArray:
    """Last day of a month counted from January 1970.

    Examples
    --------
    >>> month_end(np.array([0, 1])).astype(str).tolist()
    ['1970-01-31', '1970-02-28']
    """
    after = np.asarray(month, dtype=np.int64) + 1
    first: DateArray = after.astype("datetime64[M]").astype("datetime64[D]")
    return (first.astype(np.int64) - 1).astype("datetime64[D]")


def period_end(time: DateArray, periods: int, months: int) -> DateArray:
    """Last day of the period so many periods of `months` after the one that ends at `time`."""
    return month_end(time.astype("datetime64[M]").astype(np.int64) + periods * months)


def to_scale(
    values: FloatArray, scale: Scale, *, size: FloatArray | None = None, floor: float = 1e-4
) -> FloatArray:
    r"""Values on the scale that models work on; NaN stays NaN.

    For ``logit`` a share :math:`k/n` with a known count n becomes the empirical log-odds
    :math:`\log\{(k + 1/2) / (n - k + 1/2)\}`, which exist for k = 0 and k = n too; without a count the share
    is first kept `floor` away from 0 and 1.

    Parameters
    ----------
    values : FloatArray
        In the target's own unit.
    scale : {"logit", "log", "level"}
        ``log`` gives NaN where a value is not positive.
    size : FloatArray, optional
        Counts behind shares, broadcast; NaN where there is none.
    floor : float
        See above.

    References
    ----------
    Cox and Snell (1989), Analysis of Binary Data, section 2.1.6 (empirical logistic transform).

    Examples
    --------
    >>> to_scale(np.array([0.0, 0.5]), "logit", size=np.array([9.0, 10.0])).round(4).tolist()
    [-2.9444, 0.0]
    """
    plain = np.asarray(values, dtype=np.float64)
    if scale == "level":
        return plain.copy()
    if scale == "log":
        return np.asarray(np.log(np.where(plain > 0.0, plain, np.nan)))
    count = np.full(plain.shape, np.nan) if size is None else np.broadcast_to(size, plain.shape)
    counted = count > 0.0
    with np.errstate(invalid="ignore"):
        smoothed = (plain * count + 0.5) / (count + 1.0)
        return np.asarray(logit(np.where(counted, smoothed, np.clip(plain, floor, 1.0 - floor))))


def from_scale(values: FloatArray, scale: Scale) -> FloatArray:
    """The inverse of `to_scale`, but for its smoothing of shares."""
    plain = np.asarray(values, dtype=np.float64)
    if scale == "level":
        return plain.copy()
    return np.asarray(np.exp(plain) if scale == "log" else expit(plain))


def linear_mean(parameters: LevelLinearParameters, inputs: FloatArray) -> FloatArray:
    """Mean of the forecast on the scale, ``[n, H]``, from inputs ``[n, F]``.

    A missing input counts as its mean; a missing anchor makes the row NaN.
    """
    x = np.asarray(inputs, dtype=np.float64)[:, None, :]  # [n, 1, F]
    z = np.clip((x - parameters.center) / parameters.spread, -parameters.limit, parameters.limit)
    moved = (np.nan_to_num(z, nan=0.0) * parameters.coefficients).sum(axis=2)
    start = inputs[:, parameters.anchor][:, None] if parameters.anchor >= 0 else 0.0
    return np.asarray(start + parameters.intercept + moved)


def gaussian_quantiles(mean: FloatArray, deviation: FloatArray, level: float, scale: Scale) -> FloatArray:
    """Quantile of a normal on the scale, in the target's own unit (quantiles follow monotone maps)."""
    return from_scale(np.asarray(mean) + ndtri(level) * np.asarray(deviation), scale)


def gaussian_mean(mean: FloatArray, deviation: FloatArray, scale: Scale) -> FloatArray:
    """Expectation in the target's own unit of a normal on the scale, by 21-point Gauss-Hermite quadrature.

    Examples
    --------
    >>> round(float(gaussian_mean(np.array(0.0), np.array(1.0), "log")), 6) == round(float(np.exp(0.5)), 6)
    True
    """
    points = np.asarray(mean)[..., None] + np.asarray(deviation)[..., None] * _NODES
    return np.asarray(from_scale(points, scale) @ (_WEIGHTS / _WEIGHTS.sum()))
