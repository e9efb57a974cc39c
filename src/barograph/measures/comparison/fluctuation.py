"""Was one forecaster better all the time, or only once?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.measures.comparison.long_run import long_run_variance

WINDOW_SHARES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CRITICAL: Final[dict[float, tuple[float, ...]]] = {
    0.10: (3.232, 2.986, 2.810, 2.661, 2.529, 2.392, 2.265, 2.132, 1.978),
    0.05: (3.452, 3.235, 3.070, 2.926, 2.802, 2.681, 2.571, 2.453, 2.286),
    0.01: (3.914, 3.733, 3.592, 3.455, 3.332, 3.240, 3.133, 3.022, 2.863),
}
"""Two-sided critical values by size and window share: quantiles of the largest absolute increment of a
Brownian motion over that share, scaled to variance one. Simulated by us with 40,000 random walks of 2,000
steps (standard error about .01 at 5 %)."""


@dataclass(frozen=True, slots=True, eq=False)
class Fluctuation:
    """A forecaster's advantage through time; negative where the first forecaster has the smaller losses."""

    path: FloatArray  # [n - window + 1] statistic of each window; empty where the test is undefined
    last: IntArray  # [n - window + 1] place of each window's last row among the rows given
    critical: float  # band: outside ± critical somewhere, equal ability at all times is rejected
    note: str = ""

    @property
    def statistic(self) -> float:
        """The largest absolute value of the path; NaN without one."""
        return float(np.abs(self.path).max()) if self.path.size else np.nan

    @property
    def rejected(self) -> bool:
        """Whether the path leaves the band."""
        return bool(self.path.size) and self.statistic > self.critical


def fluctuation(
    difference: FloatArray, *, window_share: float = 0.3, lags: int = 0, size: float = 0.05
) -> Fluctuation:
    r"""Giacomini-Rossi fluctuation test: equal predictive ability in every window of time.

    .. math:: F_t = \frac{1}{\hat\sigma\sqrt m}\sum_{j=t-m+1}^{t} d_j,\qquad
              \text{reject if } \max_t |F_t| > k_\alpha(m/n)

    where :math:`\hat\sigma^2` is the Newey-West long-run variance of all differences. Critical values are
    interpolated between window shares.

    Parameters
    ----------
    difference : FloatArray [n]
        Loss of the first forecaster minus loss of the second, in time order; rows with a NaN are left out
        (`last` still counts the rows given).
    window_share : float
        m / n, between 0.1 and 0.9.
    lags : int
        Bartlett lags, at least h − 1 for h-step forecasts.
    size : float
        0.10, 0.05 or 0.01: chance of rejecting forecasters that are always equal.

    Returns
    -------
    Fluctuation
        With an empty path and a note for fewer than 20 rows, or differences that never vary.

    References
    ----------
    Giacomini and Rossi (2010), Forecast comparisons in unstable environments, J. Applied Econometrics 25,
    equation 4.
    """
    if not WINDOW_SHARES[0] <= window_share <= WINDOW_SHARES[-1]:
        raise ValueError(f"window_share must be between 0.1 and 0.9, got {window_share}")
    if size not in CRITICAL:
        raise ValueError(f"size must be one of {sorted(CRITICAL)}, got {size}")
    values = np.asarray(difference, dtype=np.float64)
    kept = np.flatnonzero(np.isfinite(values))
    values, n = values[kept], int(kept.size)
    critical = float(np.interp(window_share, WINDOW_SHARES, CRITICAL[size]))
    nothing = np.empty(0), np.empty(0, np.int64)
    if n < 20:
        return Fluctuation(*nothing, critical, "too few observations")
    spread = long_run_variance(values, lags=lags)
    if spread <= 0.0:
        return Fluctuation(*nothing, critical, "the losses never differ")
    window = max(1, round(window_share * n))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    path = (sums[window:] - sums[:-window]) / np.sqrt(spread * window)
    return Fluctuation(path, kept[window - 1 :].astype(np.int64), critical)
