"""The year's total loss, a random number of random losses, on a grid: by Fourier transform or recursion.

Shevchenko (2010), Calculation of aggregate loss distributions, Journal of Operational Risk 5, compares the
methods used here and in `monte_carlo`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.grid import AnnualLoss, Rule, discretise
from barograph.measures.losses.severity import Severity

TILT = 20.0
"""Exponential tilt over the whole grid: what wraps round is damped by exp(-20), rounding errors grow to
about 1e-7 at the grid's end and stay near 1e-15 at its beginning."""
CELLS = 2**17
_REACH = 3.0  # the grid's end, in single-loss quantiles


def compound_fft(
    frequency: Frequency,
    severity: Severity,
    *,
    step: float,
    cells: int = CELLS,
    rule: Rule = "rounding",
    tilt: float = TILT,
) -> AnnualLoss:
    r"""Distribution of the year's total by the discrete Fourier transform, tilted against wrapping round.

    The severity's probabilities are multiplied by :math:`e^{-\theta j}`, transformed, put through the
    frequency's generating function, transformed back and multiplied by :math:`e^{\theta j}`. Without the tilt
    totals beyond the grid reappear at its beginning.

    Parameters
    ----------
    frequency, severity : Frequency, Severity
    step : float
        Money.
    cells : int
        Points of the grid; the totals kept are below ``step · cells``.
    rule : str
        How the severity is made discrete, see `discretise`.
    tilt : float
        θ times `cells`; 0 leaves it out.

    References
    ----------
    Embrechts and Frei (2009), Panjer recursion versus FFT for compound distributions, Mathematical Methods of
    Operations Research 69 (a tilt of 20 over the grid).
    """
    single = discretise(severity, step=step, cells=cells, rule=rule)
    damping = np.exp(-tilt / cells * np.arange(cells))
    transformed = np.exp(frequency.log_generating(np.fft.rfft(single * damping)))
    total = np.fft.irfft(transformed, n=cells) / damping
    return AnnualLoss(step, np.maximum(total, 0.0), _mean(frequency, severity))


def compound_panjer(
    frequency: Frequency, severity: Severity, *, step: float, cells: int, rule: Rule = "rounding"
) -> AnnualLoss:
    r"""Distribution of the year's total by Panjer's recursion; work grows with the square of the cells.

    .. math:: g_k = \frac{1}{1 - a f_0} \sum_{j=1}^k \left(a + \frac{b j}{k}\right) f_j g_{k-j}

    with a = 0, b = λ for Poisson, and for the negative binomial :math:`a = \alpha\mu / (1 + \alpha\mu)` and
    :math:`b = a (1 / \alpha - 1)`. Free of aliasing, every term relatively exact: the check of the transform.

    Raises
    ------
    SettingError
        Where a year without loss is so rare (below 1e-290) that the recursion has nowhere to start.

    References
    ----------
    Panjer (1981), Recursive evaluation of a family of compound distributions, ASTIN Bulletin 12.
    """
    single = discretise(severity, step=step, cells=cells, rule=rule)
    start = float(frequency.log_generating(single[:1])[0])
    if start < np.log(1e-290):
        raise SettingError(
            "Panjer's recursion needs a year without loss to be likelier than 1e-290",
            came=f"its log probability is {start:.0f}",
            do="Use the Fourier transform",
        )
    grown = frequency.dispersion * frequency.mean
    a = grown / (1.0 + grown)
    b = frequency.mean * (1.0 - frequency.dispersion) / (1.0 + grown)
    total = np.zeros(cells)
    total[0] = np.exp(start)
    weighted = single * np.arange(cells)
    for k in range(1, cells):
        past = total[k - 1 :: -1]
        total[k] = a * (single[1 : k + 1] @ past) + b / k * (weighted[1 : k + 1] @ past)
        total[k] /= 1.0 - a * single[0]
    return AnnualLoss(step, total, _mean(frequency, severity))


def annual_moments(frequency: Frequency, severity: Severity) -> tuple[float, float]:
    r"""Mean and standard deviation of the year's total, either infinite where the severity's is.

    .. math:: EN \cdot EX, \qquad \sqrt{EN \cdot EX^2 + (\mathrm{Var} N - EN) (EX)^2}
    """
    one, square = float(severity.limited_mean(np.inf)), float(severity.second_moment())
    if one == np.inf:
        return np.inf, np.inf
    variance = frequency.mean * square + (frequency.variance - frequency.mean) * one**2
    return frequency.mean * one, float(np.sqrt(variance))


@dataclass(frozen=True, slots=True, eq=False)
class GridQuantiles:
    """Quantiles of the year's total, with bounds that the grid cannot pass; money."""

    level: FloatArray  # [n_levels]
    value: FloatArray  # [n_levels], losses dispersed over their neighbours, interpolated
    lower: FloatArray  # [n_levels], every loss rounded down
    upper: FloatArray  # [n_levels], every loss rounded up
    step: float


def annual_quantiles(
    frequency: Frequency, severity: Severity, level: npt.ArrayLike, *, cells: int = CELLS
) -> GridQuantiles:
    """Quantiles of the year's total by the transform, on a grid long enough for them, with error bounds.

    The grid is made three times as long as the largest loss to expect at the highest level plus the mean of
    all losses capped there, and doubled until its first half reaches the level.
    `lower` and `upper` hold the true quantile between them up to the transform's own rounding, about 1e-9 in
    probability; with λ losses a year they lie about λ steps apart. `value` is far nearer than the bounds.

    Parameters
    ----------
    frequency, severity : Frequency, Severity
    level : array_like [n_levels]
        Strictly between 0 and 1.
    cells : int
        Points of the grid.
    """
    wanted = np.atleast_1d(np.asarray(level, dtype=np.float64))
    if not ((wanted > 0.0) & (wanted < 1.0)).all():
        raise SettingError(
            "levels must lie strictly between 0 and 1", came=f"got {wanted.tolist()}", do="Use 0.999, say"
        )
    step = _first_reach(frequency, severity, float(wanted.max())) / cells
    above = compound_fft(frequency, severity, step=step, cells=cells, rule="upper")
    while above.probability[: cells // 2].sum() < wanted.max():
        step *= 2.0
        above = compound_fft(frequency, severity, step=step, cells=cells, rule="upper")
    below = compound_fft(frequency, severity, step=step, cells=cells, rule="lower")
    dispersed = compound_fft(frequency, severity, step=step, cells=cells, rule="dispersal")
    lower, upper = below.quantile(wanted), above.quantile(wanted)
    value = np.clip(dispersed.smooth_quantile(wanted), lower, upper)
    return GridQuantiles(wanted, value, lower, upper, step)


def _first_reach(frequency: Frequency, severity: Severity, level: float) -> float:
    rare = min((1.0 - level) / frequency.mean, 0.5)
    largest = float(severity.tail_quantile(rare))
    return _REACH * (largest + frequency.mean * float(severity.limited_mean(largest)))


def _mean(frequency: Frequency, severity: Severity) -> float:
    return frequency.mean * float(severity.limited_mean(np.inf))
