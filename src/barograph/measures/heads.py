"""From a network's raw outputs to a forecast: log variance, and standardised tail where the head has one.

The heads (``key``: outputs per horizon K, meaning of raw output 0 = correction δ, others as below):

- ``qlike``: δ.
- ``student_t``: δ and the degrees of freedom of a unit-variance Student-t.
- ``quantile``: δ and a row of standardised quantile multiples at `LEVELS` that cannot cross.
- ``fz0``: δ, then VaR and ES multiples at each of `ALPHAS`, with ES at least VaR and both falling in alpha.

The forecast's log variance is ``offset + δ``. Raw zeros mean no correction and the start distribution, a
unit-variance Student-t with five degrees of freedom. A *standardised multiple* times sigma (the square root
of the forecast variance) is a return for quantiles and a positive loss for VaR and ES.
`barograph.models.heads` trains the same maps in torch; tests hold the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from barograph.core.arrays import FloatArray
from barograph.core.errors import unknown
from barograph.core.forecast import ALPHAS, LEVELS

CORRECTION_LIMIT = 4.0
"""A correction of log variance stays within ± this (a factor of 55 in variance)."""
SHAPE_LIMIT = 3.0
"""Raw outputs that stretch a tail stay within ± this before the exponential."""
LEAST_DEGREES = 2.1
START_DEGREES = 5.0
LEVEL_DEGREES = 5.0
"""Degrees of freedom of the student head of levels."""
DEGREES_LIMIT = 50.0
"""Raw outputs for degrees of freedom stay within ± this."""
DEGREES_SHIFT = float(np.log(np.expm1(START_DEGREES - LEAST_DEGREES)))

OUTPUTS: dict[str, int] = {
    "qlike": 1,
    "student_t": 2,
    "quantile": 1 + len(LEVELS),
    "fz0": 1 + 2 * len(ALPHAS),
}
"""Outputs per horizon of each head."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadOutput:
    """What a head says of each row and horizon.

    `quantiles` and `shortfall` are standardised multiples; None where the head has no tail of its own and
    the tail wrapper supplies one.
    """

    log_variance: FloatArray  # [..., H]
    quantiles: FloatArray | None  # [..., H, len(LEVELS)] ascending along the last axis
    shortfall: FloatArray | None  # [..., H, len(ALPHAS)] positive losses


def student_quantiles(degrees: FloatArray, levels: tuple[float, ...] = LEVELS) -> FloatArray:
    """Quantiles ``[..., len(levels)]`` of the unit-variance Student-t; `degrees` ``[...]`` are above 2."""
    nu = np.asarray(degrees, dtype=np.float64)[..., None]
    return np.asarray(special.stdtrit(nu, np.asarray(levels)) * np.sqrt((nu - 2.0) / nu), dtype=np.float64)


def student_shortfall(degrees: FloatArray, alphas: tuple[float, ...] = ALPHAS) -> FloatArray:
    """Lower-tail expected shortfall ``[..., len(alphas)]`` of the unit-variance Student-t, a positive loss.

    ``ES = sqrt((v - 2) / v) * f(q) / alpha * (v + q²) / (v - 1)`` with q the alpha-quantile and f the
    density of the Student-t with v degrees of freedom (McNeil, Frey and Embrechts 2015, eq. 2.25).
    """
    nu = np.asarray(degrees, dtype=np.float64)[..., None]
    alpha = np.asarray(alphas)
    quantile = special.stdtrit(nu, alpha)
    log_density = (
        special.gammaln((nu + 1.0) / 2.0)
        - special.gammaln(nu / 2.0)
        - 0.5 * np.log(nu * np.pi)
        - (nu + 1.0) / 2.0 * np.log1p(quantile**2 / nu)
    )
    mean_excess = (nu + quantile**2) / (nu - 1.0)
    shortfall = np.sqrt((nu - 2.0) / nu) * np.exp(log_density) / alpha * mean_excess
    return np.asarray(shortfall, dtype=np.float64)


START_QUANTILES = student_quantiles(np.asarray(START_DEGREES))
"""Standardised quantiles ``[len(LEVELS)]`` where every tail head begins."""
START_SHORTFALL = student_shortfall(np.asarray(START_DEGREES))
"""Standardised shortfalls ``[len(ALPHAS)]`` where every tail head begins."""
START_VALUE_AT_RISK = -START_QUANTILES[[LEVELS.index(alpha) for alpha in ALPHAS]]


def interpret(head: str, raw: FloatArray, *, offset: FloatArray) -> HeadOutput:
    """A head's raw outputs as log variance and standardised tail.

    Parameters
    ----------
    head : str
        ``qlike``, ``student_t``, ``quantile`` or ``fz0``.
    raw : FloatArray
        ``[..., H, K]`` with K = ``OUTPUTS[head]``.
    offset : FloatArray
        ``[..., H]`` log variance of the conventional forecast.

    Returns
    -------
    HeadOutput
        NaN in `raw` gives NaN.

    Examples
    --------
    >>> out = interpret("student_t", np.zeros((1, 3, 2)), offset=np.full((1, 3), -9.0))
    >>> out.log_variance.tolist(), bool(np.allclose(out.quantiles, START_QUANTILES))
    ([[-9.0, -9.0, -9.0]], True)
    """
    if head not in OUTPUTS:
        raise unknown("a head", head, OUTPUTS)
    wide = np.asarray(raw, dtype=np.float64)
    log_variance = offset + np.clip(wide[..., 0], -CORRECTION_LIMIT, CORRECTION_LIMIT)
    if head == "qlike":
        return HeadOutput(log_variance, None, None)
    if head == "student_t":
        degrees = degrees_of_freedom(wide[..., 1])
        return HeadOutput(log_variance, student_quantiles(degrees), student_shortfall(degrees))
    if head == "quantile":
        quantiles = quantile_multiples(wide[..., 1:])
        return HeadOutput(log_variance, quantiles, _bent_shortfall(quantiles))
    value_at_risk, shortfall = tail_multiples(wide[..., 1:])
    return HeadOutput(log_variance, _bent_quantiles(value_at_risk, shortfall), shortfall)


def gaussian(raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift and scale ``[..., H]`` of a normal about a conventional one, from raw ``[..., H, 2]``.

    The shift is raw output 0 in conventional standard deviations; the scale multiplies that deviation and is
    the exponential of raw output 1, which stays within ± `SHAPE_LIMIT`. Raw zeros leave the conventional
    normal as it is.

    Examples
    --------
    >>> gaussian(np.zeros((1, 1, 2)))
    (array([[0.]]), array([[1.]]))
    """
    wide = np.asarray(raw, dtype=np.float64)
    return wide[..., 0], np.exp(_limited(wide[..., 1]))


def shift_and_scale(raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift and scale ``[..., H]`` as any head of levels means them: a single raw output scales nothing.

    Examples
    --------
    >>> shift_and_scale(np.ones((1, 1, 1)))
    (array([[1.]]), array([[1.]]))
    """
    wide = np.asarray(raw, dtype=np.float64)
    return gaussian(wide) if wide.shape[-1] == 2 else (wide[..., 0], np.ones(wide.shape[:-1]))


def degrees_of_freedom(raw: FloatArray) -> FloatArray:
    """``LEAST_DEGREES + log(1 + exp(raw + shift))``: five where `raw` is zero."""
    clipped = np.clip(raw, -DEGREES_LIMIT, DEGREES_LIMIT)
    return np.asarray(LEAST_DEGREES + np.log1p(np.exp(clipped + DEGREES_SHIFT)), dtype=np.float64)


def quantile_multiples(raw: FloatArray) -> FloatArray:
    """Standardised quantiles ``[..., len(LEVELS)]`` that ascend whatever `raw` holds.

    The middle raw output moves the median; every other one stretches, by its exponential, the gap between two
    neighbouring start quantiles on its side of the median.
    """
    middle = len(LEVELS) // 2
    gaps = np.diff(START_QUANTILES) * np.exp(_limited(np.delete(raw, middle, axis=-1)))
    centre = START_QUANTILES[middle] + raw[..., middle : middle + 1]
    below = centre - np.cumsum(gaps[..., :middle][..., ::-1], axis=-1)[..., ::-1]
    above = centre + np.cumsum(gaps[..., middle:], axis=-1)
    return np.concatenate([below, centre, above], axis=-1)


def tail_multiples(raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """VaR and ES multiples, each ``[..., len(ALPHAS)]``, from raw ``[..., 2 * len(ALPHAS)]`` (VaR first).

    Built from the largest alpha down: VaR grows by positive gaps; each ES lies above its own VaR and above
    the ES of the next larger alpha by a positive gap. Every gap is that of the start distribution times an
    exponential.
    """
    count = len(ALPHAS)
    stretch = np.exp(_limited(raw))
    value_at_risk: list[FloatArray] = []
    shortfall: list[FloatArray] = []
    for i in reversed(range(count)):
        gap, excess = tail_gaps(i)
        risk = gap * stretch[..., i] + (value_at_risk[-1] if value_at_risk else 0.0)
        least = np.maximum(risk, shortfall[-1]) if shortfall else risk
        value_at_risk.append(risk)
        shortfall.append(least + excess * stretch[..., count + i])
    return np.stack(value_at_risk[::-1], axis=-1), np.stack(shortfall[::-1], axis=-1)


def tail_gaps(i: int) -> tuple[float, float]:
    """Start gaps at ``ALPHAS[i]``: of VaR to that of the next larger alpha, of ES to its lower bound."""
    if i == len(ALPHAS) - 1:
        return float(START_VALUE_AT_RISK[i]), float(START_SHORTFALL[i] - START_VALUE_AT_RISK[i])
    least = max(START_SHORTFALL[i + 1], START_VALUE_AT_RISK[i])
    return float(START_VALUE_AT_RISK[i] - START_VALUE_AT_RISK[i + 1]), float(START_SHORTFALL[i] - least)


def _limited(raw: FloatArray) -> FloatArray:
    return np.clip(raw, -SHAPE_LIMIT, SHAPE_LIMIT)


def _lower_tail_means() -> FloatArray:
    """Integral of the start distribution's quantile function from 0 to each level, ``[len(LEVELS)]``."""
    levels = np.asarray(LEVELS)
    return -levels * student_shortfall(np.asarray(START_DEGREES), LEVELS)


def _bent_shortfall(quantiles: FloatArray) -> FloatArray:
    """ES of the start distribution, bent so that it passes through `quantiles`.

    The bend is linear between neighbouring start quantiles and goes on below the lowest one with the slope
    of the first piece, so the integral of the quantile function has a closed form on each piece.
    """
    levels, means = np.asarray(LEVELS), _lower_tail_means()
    slope = np.diff(quantiles, axis=-1) / np.diff(START_QUANTILES)  # [..., L - 1]
    base = quantiles[..., :-1] - slope * START_QUANTILES[:-1]
    outer = base[..., :1] * levels[0] + slope[..., :1] * means[0]
    inner = base * np.diff(levels) + slope * np.diff(means)
    integral = np.concatenate([outer, outer + np.cumsum(inner, axis=-1)], axis=-1)
    return np.stack([-integral[..., LEVELS.index(alpha)] / alpha for alpha in ALPHAS], axis=-1)


def _bent_quantiles(value_at_risk: FloatArray, shortfall: FloatArray) -> FloatArray:
    """The start distribution's quantiles, the lower half bent so that it passes through the VaR multiples.

    The bend is linear between zero and the start multiples at `ALPHAS`; beyond the outermost it stretches
    distances as the excess ES - VaR is stretched there. Quantiles above zero stay those of the start
    distribution.
    """
    knots = np.concatenate([-START_VALUE_AT_RISK, [0.0]])  # ascending
    values = np.concatenate([-value_at_risk, np.zeros_like(value_at_risk[..., :1])], axis=-1)
    outer = (shortfall[..., 0] - value_at_risk[..., 0]) / (START_SHORTFALL[0] - START_VALUE_AT_RISK[0])
    columns = []
    for start in START_QUANTILES:
        if start >= 0.0:
            columns.append(np.full(outer.shape, start))
        elif start < knots[0]:
            columns.append(values[..., 0] + outer * (start - knots[0]))
        else:
            left = int(np.searchsorted(knots, start, side="right")) - 1
            share = (start - knots[left]) / (knots[left + 1] - knots[left])
            columns.append(values[..., left] + share * (values[..., left + 1] - values[..., left]))
    return np.stack(columns, axis=-1)
