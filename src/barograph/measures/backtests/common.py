"""What the back-tests share: the sequence of exceptions and its counts, and how a result is written down.

An exception is a return strictly below minus the VaR. Rows with a missing value must be left out
beforehand: a back-test has no way to judge a day it did not see, so NaN raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, xlog1py, xlogy

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.late import late
from barograph.core.results import TestResult


@dataclass(frozen=True, slots=True)
class Transitions:
    """Days counted by yesterday's and today's state; ``n01`` = no exception yesterday, one today."""

    n00: int
    n01: int
    n10: int
    n11: int


def optimize() -> Any:
    """scipy's optimisers, loaded when a test first searches: what only serves does not hold their 11 MiB."""
    return late("scipy.optimize", need="a search", install="Install Barograph anew; scipy belongs to it")


def exceptions(returns: npt.ArrayLike, value_at_risk: npt.ArrayLike) -> BoolArray:
    """Which days were exceptions: ``returns < -value_at_risk``, strictly.

    Parameters
    ----------
    returns : array_like [n_obs]
        Returns or P&L, losses negative.
    value_at_risk : array_like [n_obs] or scalar
        Positive losses, in the unit of the returns.

    Examples
    --------
    >>> exceptions([-2.0, -1.0, 0.5], 1.0).tolist()
    [True, False, False]
    """
    observed = complete("returns", returns)
    return observed < -complete("value_at_risk", value_at_risk, n_obs=observed.shape[0])


def transitions(hits: npt.ArrayLike) -> Transitions:
    """The four counts of consecutive days; they sum to ``n_obs - 1``."""
    state = as_hits(hits)
    before, after = state[:-1], state[1:]
    return Transitions(
        n00=int((~before & ~after).sum()),
        n01=int((~before & after).sum()),
        n10=int((before & ~after).sum()),
        n11=int((before & after).sum()),
    )


def waiting_times(hits: npt.ArrayLike) -> IntArray:
    """Days from the start to the first exception, then from each to the next; the open end is not counted.

    Examples
    --------
    >>> waiting_times([0, 0, 1, 1, 0]).tolist()
    [3, 1]
    """
    return np.diff(np.flatnonzero(as_hits(hits)), prepend=-1).astype(np.int64)


def as_hits(hits: npt.ArrayLike) -> BoolArray:
    """The sequence of exceptions as booleans; anything but 0 and 1 raises."""
    values = complete("hits", hits)
    if not np.isin(values, (0.0, 1.0)).all():
        raise DataError(
            "hits must be 0 or 1",
            came="got other numbers",
            do="Pass the result of `exceptions(returns, var)`",
        )
    return np.asarray(values == 1.0, dtype=np.bool_)


def complete(name: str, values: npt.ArrayLike, *, n_obs: int | None = None) -> FloatArray:
    """A one-dimensional float array without missing values; a scalar is repeated where `n_obs` is given."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0 and n_obs is not None:
        array = np.full(n_obs, float(array))
    if array.ndim != 1 or (n_obs is not None and array.shape[0] != n_obs):
        wanted = "one value per day" if n_obs is None else f"{n_obs} values"
        raise DataError(
            f"{name} must hold {wanted}", came=f"got shape {array.shape}", do="Align the series by day first"
        )
    if not np.isfinite(array).all():
        missing = int((~np.isfinite(array)).sum())
        raise DataError(
            f"{name} must be complete and finite", came=f"{missing} values are not", do="Leave those days out"
        )
    return array


def check_probability(alpha: float) -> float:
    """A tail probability strictly between 0 and 1."""
    if not 0.0 < alpha < 1.0:
        raise DataError(
            "a tail probability must lie strictly between 0 and 1",
            came=f"got {alpha}",
            do="Pass 0.01 for a 99 % VaR",
        )
    return float(alpha)


def log_likelihood(n_exceptions: int, n_others: int, probability: float) -> float:
    """Bernoulli log-likelihood with ``0 ln 0 = 0``, in logs so that long samples do not underflow."""
    return float(xlogy(n_exceptions, probability) + xlog1py(n_others, -probability))


def chi_square(name: str, statistic: float, *, degrees: int, n_obs: int, note: str = "") -> TestResult:
    """A likelihood ratio (rounding below zero removed) and its chi-square p-value."""
    clean = max(float(statistic), 0.0)
    return TestResult(name, clean, float(chdtrc(degrees, clean)), n_obs, note)


def undefined(name: str, *, n_obs: int, note: str) -> TestResult:
    """A test that this sample cannot carry out: NaN twice, with the reason."""
    return TestResult(name, float("nan"), float("nan"), n_obs, note)
