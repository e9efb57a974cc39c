"""The days several series have in common: what a book is simulated from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.errors import DataError

MINIMUM_DAYS = 250
"""Fewest common days: the 1 % quantile then rests on two observations beyond it."""


@dataclass(frozen=True, slots=True, eq=False)
class JointHistory:
    """Next-day returns and their forecasts on days on which every series has one; rows ascend in time.

    A position gains what its series returns, or a mixture of several: `legs` says how much of each. A
    currency held in another than the quotations' base has two.
    """

    time: DateArray  # [n] origins: the days at whose end the forecasts were made
    known_at: DateArray  # [n] the days on which the returns became known, the same for every series
    returns: FloatArray  # [n, k] log returns of the day after the origin, decimals; or changes, see `simple`
    sigma: FloatArray  # [n, k] forecasts of their standard deviation, made at the origin
    left_out: int  # origins that only some of the series have, or whose next days differ
    legs: FloatArray | None = None  # [k, n_positions] what a position has of each series; None: its own
    drift: FloatArray | None = None  # [n, k] forecasts of the mean; None: zero
    simple: bool = False  # positions gain the returns as they are, not ``exp(return) - 1``

    @property
    def n(self) -> int:
        """Number of common days."""
        return int(self.time.shape[0])

    @property
    def residuals(self) -> FloatArray:
        """Standardised returns ``z = (r - drift) / sigma``, [n, k]."""
        return np.asarray((self.returns if self.drift is None else self.returns - self.drift) / self.sigma)

    def gains(self, returns: FloatArray) -> FloatArray:
        """Simple returns of the positions, [..., n_positions], from returns of the series, [..., k]."""
        together = returns if self.legs is None else returns @ self.legs
        return np.asarray(together if self.simple else np.expm1(together))

    def simulated(self, origin: int, past: IntArray) -> FloatArray:
        """Simple returns of the positions as they would have been drawn at an origin, [n_past, n_positions].

        Past shocks at the volatility that was forecast then; the dependence stays that of the days.
        """
        if self.drift is None:
            return self.gains(self.returns[past] / self.sigma[past] * self.sigma[origin])
        shocks = (self.returns[past] - self.drift[past]) / self.sigma[past]
        return self.gains(shocks * self.sigma[origin] + self.drift[origin])

    def known_before(self, origin: int) -> IntArray:
        """Rows whose return was known at the end of the day of row `origin`."""
        return np.flatnonzero(self.known_at[:origin] <= self.time[origin]).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesHistory:
    """One series' out-of-sample forecasts and what came of them."""

    name: str
    time: DateArray  # [n] ascending
    known_at: DateArray  # [n]
    returns: FloatArray  # [n] next-day log return, NaN if unknown
    variance: FloatArray  # [n] its forecast


def joint_history(series: Sequence[SeriesHistory], *, minimum: int = MINIMUM_DAYS) -> JointHistory:
    """Align series by origin date, so that what moved together stays together.

    A row is kept where every series has the origin, a known return and a positive variance, and where the
    returns of all became known on the same day: two returns that share an origin but not their last day
    (one market had a holiday) did not happen together.

    Source: Barone-Adesi, Giannopoulos and Vosper (1999), VaR without correlations for portfolios of
    derivative securities, Journal of Futures Markets 19.

    Parameters
    ----------
    series : sequence of SeriesHistory
        At least one; the columns of the result follow this order.
    minimum : int
        Fewest common days accepted.

    Raises
    ------
    DataError
        Where fewer days are common; the message names the series that ends first and the one that starts
        last.
    """
    usable = [_usable(item) for item in series]
    common = reduce(np.intersect1d, [item.time for item in usable])
    every = reduce(np.union1d, [item.time for item in usable])
    rows = [np.searchsorted(item.time, common) for item in usable]
    known = np.stack([item.known_at[at] for item, at in zip(usable, rows, strict=True)], axis=1)
    together = (known == known[:, :1]).all(axis=1)
    if int(together.sum()) < minimum:
        raise _too_few(series, usable, int(together.sum()), minimum)
    columns = list(zip(usable, rows, strict=True))
    return JointHistory(
        time=common[together],
        known_at=known[together, 0],
        returns=np.stack([item.returns[at] for item, at in columns], axis=1)[together],
        sigma=np.sqrt(np.stack([item.variance[at] for item, at in columns], axis=1)[together]),
        left_out=int(every.size - together.sum()),
    )


def _usable(item: SeriesHistory) -> SeriesHistory:
    fine = np.isfinite(item.returns) & np.isfinite(item.variance) & (item.variance > 0.0)
    return SeriesHistory(
        item.name, item.time[fine], item.known_at[fine], item.returns[fine], item.variance[fine]
    )


def _too_few(
    series: Sequence[SeriesHistory], usable: Sequence[SeriesHistory], found: int, minimum: int
) -> DataError:
    empty = [item.name for item in usable if not item.time.size]
    must = f"the positions of a book must have at least {minimum} out-of-sample days in common"
    if empty:
        return DataError(
            must, came=f"'{empty[0]}' has none in this bundle", do="Leave it out, or run the study longer"
        )
    first, last = max(usable, key=lambda s: s.time[0]), min(usable, key=lambda s: s.time[-1])
    return DataError(
        must,
        came=f"they have {found}: '{first.name}' begins on {first.time[0]}, "
        f"'{last.name}' ends on {last.time[-1]}",
        do=f"Leave out one of them ({len(series)} are held), or run the study on a longer test period",
    )
