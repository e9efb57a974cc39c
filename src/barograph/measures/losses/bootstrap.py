"""How well a yearly quantile is known from a few years of losses: a bootstrap of the fit.

With ten years of data the 99.9 % quantile is an extrapolation by a factor of a hundred; the interval says how
far the sampling of years and losses alone moves it, given that the family of distributions is right. Nothing
here tests that family so far out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.measures.losses.checks import within
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.severity import Severity

Scheme = Literal["years", "losses", "parametric"]
SCHEMES: tuple[Scheme, ...] = ("years", "losses", "parametric")
MOST_FAILURES = 0.1
"""Share of resamples that may defy the fit before the interval is refused."""

Ledger = Sequence[FloatArray]
"""The losses of each year; a year without any is an empty array."""

Fit = Callable[[Ledger], tuple[Frequency, Severity]]
Figure = Callable[[Frequency, Severity], float]


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapInterval:
    """A figure of the fitted year, and the percentile interval of its resamples."""

    value: float  # from the data as they are
    lower: float
    upper: float  # infinite where the figure is in enough resamples
    draws: FloatArray  # [n_draws - failures], ascending
    failures: int  # resamples on which the fit was refused, which are not in the interval
    scheme: Scheme


def bootstrap_interval(
    ledger: Ledger,
    fit: Fit,
    figure: Figure,
    *,
    random: np.random.Generator,
    scheme: Scheme = "years",
    draws: int = 500,
    confidence: float = 0.95,
) -> BootstrapInterval:
    """Percentile interval of a figure of the fitted model, such as the 99.9 % quantile of the year.

    ``years`` resamples whole years, keeping what belongs together in a year; ``losses`` resamples yearly
    counts and, independently, the amounts from all years; ``parametric`` simulates the fitted model.

    Parameters
    ----------
    ledger : sequence of array [n_losses of the year]
        Losses of two years at least.
    fit : callable
        From a ledger to frequency and severity; may raise DataError on at most `MOST_FAILURES` of resamples.
    figure : callable
        From frequency and severity to the figure.
    draws : int
        Resamples.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 6 and 13.
    """
    if scheme not in SCHEMES:
        raise unknown("scheme", scheme, SCHEMES)
    if len(ledger) < 2:
        raise DataError("a bootstrap needs two years of losses", came=f"got {len(ledger)}", do="Add years")
    side = 0.5 * (1.0 - within("confidence", confidence, low=0.0, high=1.0))
    fitted = fit(ledger)
    again = (_resampled(ledger, fitted, scheme, random) for _ in range(draws))
    ranked = _refitted(again, fit, figure, draws)
    lower, upper = np.quantile(ranked, [side, 1.0 - side], method="inverted_cdf")  # infinite values allowed
    return BootstrapInterval(figure(*fitted), float(lower), float(upper), ranked, draws - ranked.size, scheme)


def _refitted(ledgers: Iterable[Ledger], fit: Fit, figure: Figure, draws: int) -> FloatArray:
    """Ascending figures of the resamples that the fit accepts; an error where those are too few."""
    found = []
    for ledger in ledgers:
        with suppress(DataError):  # counted, and at most MOST_FAILURES of them
            found.append(figure(*fit(ledger)))
    if not found or draws - len(found) > MOST_FAILURES * draws:
        raise DataError(
            f"the fit must work on {1.0 - MOST_FAILURES:.0%} of the resamples",
            came=f"it was refused on {draws - len(found)} of {draws}",
            do="Lower its thresholds, take a simpler model, or give a longer history",
        )
    return np.sort(found)


def _resampled(
    ledger: Ledger, fitted: tuple[Frequency, Severity], scheme: Scheme, random: np.random.Generator
) -> list[FloatArray]:
    """As many years again."""
    years = len(ledger)
    if scheme == "years":
        return [ledger[place] for place in random.integers(0, years, years)]
    if scheme == "parametric":
        frequency, severity = fitted
        number = frequency.draw(random, years)
        losses = severity.draw(random, int(number.sum()))
    else:
        number = random.choice([year.size for year in ledger], years)
        pool = np.concatenate(ledger)
        losses = random.choice(pool, int(number.sum())) if pool.size else pool
    return np.split(losses, np.cumsum(number)[:-1])
