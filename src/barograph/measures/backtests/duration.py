"""Do exceptions cluster in time? Christoffersen and Pelletier (2004), Journal of Financial Econometrics 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.results import TestResult
from barograph.measures.backtests.common import as_hits, chi_square, optimize, undefined

_SHAPES = (1e-3, 1e3)


@dataclass(frozen=True, slots=True)
class DurationTest:
    """The Weibull shape (1 = no memory, below 1 = clustering) and the test that it is one."""

    shape: float
    test: TestResult


def duration(hits: npt.ArrayLike) -> DurationTest:
    """Likelihood ratio of Weibull against exponential durations, chi-square with one degree of freedom.

    Durations between exceptions have density ``a^b b d^(b-1) exp(-(a d)^b)``; the spell before the first
    exception and the one after the last are censored, unless the sample starts or ends with an exception.
    The scale is concentrated out, ``a^b = m / sum(d^b)`` with m complete spells, and the score in b falls
    monotonically, so its root is the one maximum.

    NaN, with a note, with fewer than two complete spells, or where they do not vary enough for a maximum.
    """
    state = as_hits(hits)
    spells, censored = _spells(state)
    n_obs = state.shape[0]
    if spells.size - int(censored.sum()) < 2:
        note = "fewer than three exceptions"
        return DurationTest(float("nan"), undefined("duration", n_obs=n_obs, note=note))
    logs = np.log(spells)
    if _score(_SHAPES[1], logs, censored) >= 0.0:
        note = "complete spells are all as long as the longest"
        return DurationTest(float("nan"), undefined("duration", n_obs=n_obs, note=note))
    shape = float(optimize().brentq(_score, *_SHAPES, args=(logs, censored), xtol=1e-13, rtol=1e-13))
    ratio = 2.0 * (_profile(shape, logs, censored) - _profile(1.0, logs, censored))
    return DurationTest(shape, chi_square("duration", ratio, degrees=1, n_obs=n_obs))


def duration_ratios(states: BoolArray) -> FloatArray:
    """The statistic of `duration` for many sequences at once, [n_sequences, n_obs]; NaN where undefined.

    The root of the score is bracketed by bisection in the logarithm of the shape, all sequences together.
    """
    logs, censored, present = _padded(states)
    complete = (present & ~censored).sum(axis=1)
    inside = np.where(present & ~censored, logs, 0.0).sum(axis=1)
    largest = logs.max(axis=1)
    usable = (complete >= 2) & (inside < complete * largest - 1e-12)

    def powers(shape: FloatArray) -> FloatArray:
        return np.where(present, np.exp(shape[:, None] * (logs - largest[:, None])), 0.0)

    def profile(shape: FloatArray) -> FloatArray:
        log_scale = np.log(np.maximum(complete, 1)) - shape * largest - np.log(powers(shape).sum(axis=1))
        return np.asarray(complete * (log_scale + np.log(shape) - 1.0) + (shape - 1.0) * inside)

    low, high = (np.full(complete.shape, np.log(bound)) for bound in _SHAPES)
    for _ in range(48):
        middle = 0.5 * (low + high)
        weights = powers(np.exp(middle))
        tilted = (weights * logs).sum(axis=1) / weights.sum(axis=1)
        rising = complete / np.exp(middle) + inside - complete * tilted > 0.0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    ratio = 2.0 * (profile(np.exp(0.5 * (low + high))) - profile(np.ones(complete.shape)))
    return np.where(usable, np.maximum(ratio, 0.0), np.nan)


def _padded(states: BoolArray) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Log spells of many sequences side by side, which are censored, and which places hold one."""
    single = [_spells(state) for state in states]
    width = max(spells.shape[0] for spells, _ in single)
    logs = np.zeros((len(single), width))
    censored, present = np.zeros(logs.shape, dtype=np.bool_), np.zeros(logs.shape, dtype=np.bool_)
    for row, (spells, open_ended) in enumerate(single):
        logs[row, : spells.shape[0]] = np.log(spells)
        censored[row, : spells.shape[0]] = open_ended
        present[row, : spells.shape[0]] = True
    return logs, censored, present


def _spells(state: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Lengths of the spells in days, and which of them are censored."""
    days = np.flatnonzero(state)
    if days.size == 0:
        return np.array([float(state.shape[0])]), np.array([True])
    spells, censored = [np.diff(days)], [np.zeros(days.size - 1, dtype=np.bool_)]
    if not state[0]:
        spells.insert(0, days[:1] + 1)
        censored.insert(0, np.array([True]))
    if not state[-1]:
        spells.append(np.array([state.shape[0] - 1 - days[-1]]))
        censored.append(np.array([True]))
    return np.concatenate(spells).astype(np.float64), np.concatenate(censored)


def _score(shape: float, logs: FloatArray, censored: BoolArray) -> float:
    """Derivative of the concentrated log-likelihood in the shape."""
    weights = np.exp(shape * (logs - logs.max()))
    complete = int((~censored).sum())
    tilted = float((weights * logs).sum() / weights.sum())
    return complete / shape + float(logs[~censored].sum()) - complete * tilted


def _profile(shape: float, logs: FloatArray, censored: BoolArray) -> float:
    """Log-likelihood at a shape, the scale at its best."""
    complete = int((~censored).sum())
    log_sum = shape * logs.max() + np.log(np.exp(shape * (logs - logs.max())).sum())
    log_scale = np.log(complete) - log_sum  # of a^b
    inside = (shape - 1.0) * logs[~censored].sum()
    return float(complete * (log_scale + np.log(shape) - 1.0) + inside)
