"""The laws of the hit tests under independent exceptions, by simulation.

Where the chi-square law is poor (far tails, short samples), a p-value is the rank of the observed statistic
among those of simulated sequences: ``(1 + #{simulated >= observed}) / (simulations + 1)``, Dufour (2006).
The laws depend only on the number of days, the tail probability and the settings, not on the data, so each
is drawn once and kept.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.results import TestResult
from barograph.measures.backtests.common import as_hits, check_probability, undefined
from barograph.measures.backtests.common import waiting_times as waiting_times_of
from barograph.measures.backtests.duration import duration, duration_ratios
from barograph.measures.backtests.haas import mixed_kupiec, waiting_ratios

_BLOCK = 2_000_000  # simulated days held at a time


def monte_carlo_p_value(statistic: float, simulated: FloatArray) -> float:
    """Rank p-value of a statistic that is large under the alternative; ties (to rounding) count against it.

    NaN for a NaN statistic.

    Examples
    --------
    >>> monte_carlo_p_value(2.5, np.array([1.0, 2.0, 3.0]))
    0.5
    """
    if np.isnan(statistic):
        return float("nan")
    slack = 1e-9 * max(abs(statistic), 1.0)
    return float((1.0 + (simulated >= statistic - slack).sum()) / (simulated.shape[0] + 1.0))


def dynamic_quantile_p_value(
    hits: npt.ArrayLike, *, alpha: float, lags: int = 4, simulations: int = 500, seed: int = 0
) -> TestResult:
    """The dynamic quantile test on a constant and own lags, with a Monte-Carlo p-value.

    Without the VaR among the regressors the law under the null is free of the data and shared by all models
    and entities of the same length; with it, it would have to be drawn anew for each series.
    """
    state = as_hits(hits)
    check_probability(alpha)
    n_obs = state.shape[0]
    if n_obs <= 2 * lags + 2:
        return undefined("dynamic_quantile", n_obs=n_obs, note=f"fewer than {2 * lags + 3} days")
    statistic = float(_lag_statistics(state[None, :], alpha, lags)[0])
    null = dynamic_quantile_null(n_obs, alpha=alpha, lags=lags, simulations=simulations, seed=seed)
    note = f"Monte-Carlo p-value, {simulations} simulations"
    return TestResult("dynamic_quantile", statistic, monte_carlo_p_value(statistic, null), n_obs, note)


def mixed_kupiec_p_value(
    hits: npt.ArrayLike, *, alpha: float, simulations: int = 500, seed: int = 0
) -> TestResult:
    """Haas's mixed test with a Monte-Carlo p-value: one waiting time carries too little for its chi-square
    law.

    The statistic grows with the number of exceptions, so its rank is taken after dividing by its degrees of
    freedom. NaN without exceptions.
    """
    state = as_hits(hits)
    n_obs = state.shape[0]
    times = waiting_times_of(state)
    plain = mixed_kupiec(times, n_obs, alpha=alpha)
    if plain.note:
        return plain
    null = mixed_kupiec_null(n_obs, alpha=alpha, simulations=simulations, seed=seed)
    p_value = monte_carlo_p_value(plain.statistic / (times.size + 1), null)
    note = f"Monte-Carlo p-value, {simulations} simulations"
    return TestResult("mixed_kupiec", plain.statistic, p_value, n_obs, note)


def duration_p_value(
    hits: npt.ArrayLike, *, alpha: float, simulations: int = 500, seed: int = 0
) -> TestResult:
    """The Weibull duration test with a Monte-Carlo p-value, as its authors advise.

    Days are whole and the exponential law is not: with exact forecasts the chi-square p-value rejects 8 % of
    the time at 5 % on 3,000 days at alpha 0.025, and more where exceptions are more. NaN where `duration` is.
    """
    state = as_hits(hits)
    n_obs = state.shape[0]
    plain = duration(state).test
    if plain.note:
        return plain
    null = duration_null(n_obs, alpha=alpha, simulations=simulations, seed=seed)
    note = f"Monte-Carlo p-value, {simulations} simulations"
    return TestResult("duration", plain.statistic, monte_carlo_p_value(plain.statistic, null), n_obs, note)


@lru_cache(maxsize=512)
def duration_null(n_obs: int, *, alpha: float, simulations: int, seed: int) -> FloatArray:
    """Duration statistics of independent hit sequences, [<= simulations]; undefined ones are left out."""
    random = np.random.default_rng([seed, n_obs, 2])
    parts = [duration_ratios(random.random((count, n_obs)) < alpha) for count in _blocks(simulations, n_obs)]
    found = np.concatenate(parts)
    return np.asarray(found[np.isfinite(found)])


@lru_cache(maxsize=512)
def dynamic_quantile_null(n_obs: int, *, alpha: float, lags: int, simulations: int, seed: int) -> FloatArray:
    """Dynamic quantile statistics (constant and lags) of independent hit sequences, [simulations]."""
    random = np.random.default_rng([seed, n_obs, 0, lags])
    parts = [
        _lag_statistics(random.random((count, n_obs)) < alpha, alpha, lags)
        for count in _blocks(simulations, n_obs)
    ]
    return np.concatenate(parts)


@lru_cache(maxsize=512)
def mixed_kupiec_null(n_obs: int, *, alpha: float, simulations: int, seed: int) -> FloatArray:
    """Mixed Kupiec statistics over their degrees of freedom of independent hit sequences, [<= simulations].

    Sequences without exceptions, on which the test is undefined, are left out.
    """
    random = np.random.default_rng([seed, n_obs, 1])
    parts = [
        _mixed_statistics(random.random((count, n_obs)) < alpha, alpha)
        for count in _blocks(simulations, n_obs)
    ]
    return np.concatenate(parts)


def _blocks(simulations: int, n_obs: int) -> list[int]:
    size = max(1, _BLOCK // n_obs)
    whole, rest = divmod(simulations, size)
    return [size] * whole + ([rest] if rest else [])


def _lag_statistics(state: BoolArray, alpha: float, lags: int) -> FloatArray:
    """The statistic of `dynamic_quantile` without further regressors, for many sequences [n_sequences,
    n_obs].

    Works on products of lagged hits, so that the regression is one small solve per sequence.
    """
    hit = state.astype(np.float64) - alpha
    days = hit.shape[1] - lags
    shifted = [np.ones((hit.shape[0], days)), *(hit[:, lags - k : lags - k + days] for k in range(lags + 1))]
    stacked = np.stack(shifted, axis=1)  # [n_sequences, 2 + lags, days]: constant, today, lags
    products = stacked @ stacked.transpose(0, 2, 1)
    known = [0, *range(2, lags + 2)]
    gram, cross = products[:, known][:, :, known], products[:, known, 1]
    scale = np.sqrt(np.einsum("sii->si", gram))
    scale = np.where(scale > 0, scale, 1.0)
    solved = np.linalg.pinv(gram / scale[:, :, None] / scale[:, None, :], rcond=1e-10, hermitian=True)
    scaled = cross / scale
    values = np.einsum("si,sij,sj->s", scaled, solved, scaled) / (alpha * (1.0 - alpha))
    return np.asarray(values, dtype=np.float64)


def _mixed_statistics(state: BoolArray, alpha: float) -> FloatArray:
    """Mixed Kupiec over degrees of freedom of every sequence [n_sequences, n_obs] that has exceptions."""
    sequence, day = np.nonzero(state)
    counts = np.bincount(sequence, minlength=state.shape[0]).astype(np.float64)
    first = np.diff(sequence, prepend=-1) != 0
    times = np.where(first, day + 1, np.diff(day, prepend=0)).astype(np.float64)
    between = np.bincount(sequence, weights=waiting_ratios(times, alpha), minlength=state.shape[0])
    present = counts > 0
    return (between + _coverage_ratios(counts, state.shape[1], alpha))[present] / (counts[present] + 1.0)


def _coverage_ratios(counts: FloatArray, n_obs: int, alpha: float) -> FloatArray:
    """Kupiec's likelihood ratio of many counts (0 < counts < n_obs matters only)."""
    share = np.clip(counts / n_obs, 1e-300, 1.0 - 1e-16)
    others = n_obs - counts
    ratio = counts * np.log(share / alpha) + others * (np.log1p(-share) - np.log1p(-alpha))
    return np.asarray(2.0 * ratio, dtype=np.float64)
