"""How surely a figure over days is known, and whether two models differ: bootstrap over blocks of days."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.results import TestResult
from barograph.measures.alerts.daily import DailyFigure
from barograph.measures.credit.wald import Interval


@dataclass(frozen=True, slots=True)
class DayInterval:
    """A figure and what the days drawn again make of it."""

    value: float
    interval: Interval
    draws: int  # that entered: those in which the figure is defined
    note: str = ""  # why the interval is NaN


@dataclass(frozen=True, slots=True)
class DayDifference:
    """First model's figure minus second's."""

    figures: tuple[float, float]
    difference: float
    interval: Interval
    test: TestResult  # its `n_obs` counts days


def drawn_days(
    days: tuple[int, ...], *, draws: int, block: int, generator: np.random.Generator
) -> FloatArray:
    """How often each day counts in each resample, [draws, sum(days)].

    Within each fold a resample strings together blocks of consecutive days with random starts, wrapping
    around the end so that every day is equally likely, until it has as many days as the fold (the last
    block is cut).

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data.
    """
    if block < 1 or draws < 1:
        raise DataError(
            "draws and days of a block must be at least 1",
            came=f"got {draws} draws, blocks of {block}",
            do="Pass block=1 for single days",
        )
    parts = []
    for n in days:
        starts = generator.integers(0, max(n, 1), size=(draws, math.ceil(n / block)))
        drawn = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :n] % max(n, 1)
        place = drawn + n * np.arange(draws)[:, None]
        parts.append(np.bincount(place.ravel(), minlength=draws * n).reshape(draws, n))
    return np.concatenate(parts, axis=1).astype(np.float64)


def day_bootstrap(
    figure: DailyFigure,
    *,
    generator: np.random.Generator,
    draws: int = 1000,
    block: int = 1,
    level: float = 0.95,
) -> DayInterval:
    r"""Interval of a figure: expanded quantiles of its values when whole days are drawn again.

    The events of a day stay together, and with `block` above 1 neighbouring days do too. Resamples of few
    days vary too little, so the quantiles are taken further out, at :math:`\Phi(\mp t \sqrt{n / (n - 1)})`
    with n blocks and t Student's quantile with n − 1 degrees of freedom (each fold gives up one). In 1,000
    simulations each, with days of 400 events, a 95 % interval of average precision covered 93 % with 7 days
    and 92 to 94 % with 28, and the paired test of two equal models rejected 4 to 5 % at 5 %; with plain
    quantiles it was 87 %, 90 to 92 %, 12 to 13 % with 7 days and 6 to 7 % with 28.

    Parameters
    ----------
    figure : DailyFigure
    generator : numpy.random.Generator
        Source of the days.
    draws, block : int
        Resamples, and consecutive days per block.
    level : float
        Of the interval.

    Returns
    -------
    DayInterval
        NaN, with a note, where there are fewer than two blocks or no draw differs from another.

    References
    ----------
    Hesterberg (2015), What teachers should know about the bootstrap, The American Statistician 69, for the
    expansion; Künsch (1989), The jackknife and the bootstrap for general stationary observations.
    """
    value = figure.value
    counts = drawn_days(figure.days, draws=draws, block=block, generator=generator)
    spread = _Spread.of(figure.days, block)
    kept, note = _defined(figure.of(counts), value, spread)
    return DayInterval(value, spread.interval(kept, level, note), kept.size, note)


def paired_day_bootstrap(
    first: DailyFigure,
    second: DailyFigure,
    *,
    generator: np.random.Generator,
    draws: int = 1000,
    block: int = 1,
    level: float = 0.95,
) -> DayDifference:
    """First figure minus second on the same drawn days, with a two-sided p-value.

    The p-value comes from the smaller share of draws on either side of zero, the sample itself counted in,
    expanded as the interval is: zero lies outside the interval when p < 1 − level, up to the rounding of
    draws. The statistic, for information, is the difference over the expanded standard deviation.

    Parameters
    ----------
    first, second : DailyFigure
        Of two models on the same events, so that they have the same days.
    generator, draws, block, level
        As in `day_bootstrap`.

    Returns
    -------
    DayDifference
        Its test is NaN, with a note, where `day_bootstrap` has no interval.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 8, 13 and 16.
    """
    if first.days != second.days:
        raise DataError(
            "two figures are compared on the same days",
            came=f"got folds of {first.days} and of {second.days} days",
            do="Pass figures of the same events",
        )
    counts = drawn_days(first.days, draws=draws, block=block, generator=generator)
    figures, difference = (first.value, second.value), first.value - second.value
    spread = _Spread.of(first.days, block)
    kept, note = _defined(first.of(counts) - second.of(counts), difference, spread)
    interval, name, n_days = spread.interval(kept, level, note), "paired_day_bootstrap", sum(first.days)
    if note:
        return DayDifference(
            figures, difference, interval, TestResult(name, math.nan, math.nan, n_days, note)
        )
    left_out = "" if kept.size == draws else f"undefined draws left out: {draws - kept.size}"
    statistic = difference / (float(np.std(kept, ddof=1)) * spread.factor)
    test = TestResult(name, statistic, spread.p_value(kept), n_days, left_out)
    return DayDifference(figures, difference, interval, test)


@dataclass(frozen=True, slots=True)
class _Spread:
    """How much wider than its draws a figure of few blocks is."""

    freedom: float  # blocks, less one per fold
    factor: float  # √(blocks / freedom)

    @classmethod
    def of(cls, days: tuple[int, ...], block: int) -> _Spread:
        blocks = [max(n / block, 1.0) for n in days]
        freedom = sum(blocks) - len(blocks)
        return cls(freedom, math.sqrt(sum(blocks) / freedom) if freedom > 0.0 else math.inf)

    def interval(self, kept: FloatArray, level: float, note: str) -> Interval:
        """Expanded quantiles of the draws; NaN where there is a reason against."""
        if note:
            return math.nan, math.nan
        tail = float(ndtr(stdtrit(self.freedom, 0.5 - 0.5 * level) * self.factor))
        low, high = np.quantile(kept, [tail, 1.0 - tail]).tolist()
        return low, high

    def p_value(self, kept: FloatArray) -> float:
        """Two-sided, of zero."""
        side = min(int(np.sum(kept <= 0.0)), int(np.sum(kept >= 0.0)))
        share = min(0.5, (side + 1) / (kept.size + 1))
        return float(2.0 * stdtr(self.freedom, float(ndtri(share)) / self.factor))


def _defined(drawn: FloatArray, value: float, spread: _Spread) -> tuple[FloatArray, str]:
    """The draws in which the figure is defined, and why they say nothing, if so."""
    kept = drawn[np.isfinite(drawn)]
    if math.isnan(value):
        return kept, "undefined on this sample"
    if spread.freedom < 1.0:
        return kept, "fewer than two blocks of days"
    varies = kept.size > 1 and float(np.std(kept)) > 1e-13
    return kept, "" if varies else "no draw differs from another"
