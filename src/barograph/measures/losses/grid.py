"""Losses on a grid of equal steps: a severity made discrete, and the year's total it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError, unknown
from barograph.measures.losses.checks import positive
from barograph.measures.losses.severity import Severity

Rule = Literal["rounding", "dispersal", "lower", "upper"]
RULES: tuple[Rule, ...] = ("rounding", "dispersal", "lower", "upper")


def discretise(severity: Severity, *, step: float, cells: int, rule: Rule = "rounding") -> FloatArray:
    r"""Probabilities of 0, h, 2h, … for a severity.

    ``rounding`` moves each loss to the nearest point; ``lower`` down, which can only make every quantile of
    the total smaller, and ``upper`` up; ``dispersal`` splits it between its two neighbours so that the mean
    is kept, :math:`p_k = \{2 L(kh) - L((k-1)h) - L((k+1)h)\} / h` with L the limited mean. Far out rounding
    errors show, a few 1e-16 of either sign in units of the mean over h; clipping them would bias the sum.

    Parameters
    ----------
    step : float
        h, money.
    cells : int
        Points kept; the probability of larger losses is left out, which alters no total below the grid's end.

    Returns
    -------
    FloatArray [cells]
        Sums to less than 1 by what lies beyond.

    References
    ----------
    Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., section 9.6 (rounding, local moment
    matching).
    """
    if rule not in RULES:
        raise unknown("rule", rule, RULES)
    if cells < 2:
        raise SettingError("a grid needs at least 2 cells", came=f"got {cells}", do="Use some thousands")
    h = positive("step", step)
    if rule == "dispersal":
        limited = severity.limited_mean(h * np.arange(cells + 1.0))
        inner = (2.0 * limited[1:-1] - limited[:-2] - limited[2:]) / h
        return np.concatenate([[1.0 - limited[1] / h], inner])
    shift = {"rounding": 0.5, "lower": 1.0, "upper": 0.0}[rule]
    beyond = severity.survival(h * (np.arange(cells) + shift))
    return np.concatenate([[1.0 - beyond[0]], -np.diff(beyond)])


@dataclass(frozen=True, slots=True, eq=False)
class AnnualLoss:
    """Distribution of a year's total loss on a grid.

    `quantile` takes the grid as it is. `smooth_quantile` takes the probability of a point as spread over the
    step around it: nearer the truth by far for ``rounding`` and ``dispersal``, and no bound.
    """

    step: float  # money
    probability: FloatArray  # [cells], of totals 0, h, 2h, …
    mean: float  # of the total, exact: also of what lies beyond the grid

    def quantile(self, level: npt.ArrayLike) -> FloatArray:
        """Smallest total on the grid that is not exceeded with probability `level`.

        Raises
        ------
        DataError
            Where the grid ends before that level.
        """
        wanted, reached = self._reached(level)
        return np.asarray(self.step * np.searchsorted(reached, wanted, side="left"))

    def smooth_quantile(self, level: npt.ArrayLike) -> FloatArray:
        """Quantile by linear interpolation of the distribution function between half steps; raises alike."""
        wanted, reached = self._reached(level)
        k = np.searchsorted(reached, wanted, side="left")
        before = np.where(k > 0, reached[np.maximum(k - 1, 0)], 0.0)
        share = (wanted - before) / (reached[k] - before)
        return np.where(k > 0, self.step * (k - 0.5 + share), 0.0)

    def expected_shortfall(self, level: float) -> float:
        """Mean of the worst ``1 - level`` of years; infinite where the mean is.

        From the exact mean less the part below the quantile, so that what the grid leaves out is counted.
        """
        if self.mean == np.inf:
            return np.inf
        at = float(self.quantile(level))
        k = round(at / self.step)
        below = self.probability[:k]
        inside = self.step * float(np.arange(k) @ below) + at * (level - float(below.sum()))
        return (self.mean - inside) / (1.0 - level)

    def _reached(self, level: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        wanted, reached = np.asarray(level, dtype=np.float64), np.cumsum(self.probability)
        if not ((wanted > 0.0) & (wanted <= reached[-1])).all():
            raise DataError(
                f"levels must be above 0 and within the grid, which ends at level {reached[-1]:.6g}",
                came=f"got {wanted.tolist()}",
                do="Use more cells or a longer step",
            )
        return wanted, reached
