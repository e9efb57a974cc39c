"""From a ledger to what models see before each week and before each loss, and what came."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.ledger_study import LedgerInputsSection
from barograph.core.ledger_table import LedgerPart, LedgerSamples, LossLedger

WEEK = 7
YEAR = 365.25
COUNT_SPANS = (1, 4, 13, 52)
AMOUNT_SPANS = (5, 20, 100)
CALENDAR = ("season_sine", "season_cosine")
COUNT_NAMES = (*CALENDAR, *(f"log_count_{n}" for n in COUNT_SPANS), "log_amount_13", "log_largest_13")
SEVERITY_NAMES = (
    *CALENDAR, *(f"log_amount_{n}" for n in AMOUNT_SPANS), "log_largest_20", "log_days_since",
    "log_count_28_days",
)  # fmt: skip
WEEK_NAMES = ("log_count", "log_total", "log_largest", "log_days", "log_count_change")
COMING_DAYS = (15, 46, 76, 107, 137, 168, 198, 228, 259, 289, 320, 350)
"""Days after the newest at which a coming year's season is taken."""


def build_ledgers(ledger: LossLedger, section: LedgerInputsSection) -> LedgerSamples:
    """Weeks and losses with what was known before each; `coming` makes rows of weeks and days to come.

    Weeks begin on Mondays; incomplete first and last ones are left out. A loss sees losses of earlier days
    alone, so that losses of one day do not see each other.
    """
    mondays = complete_weeks(ledger)
    table = _weeks(ledger, mondays)
    seen = np.arange(mondays.size)
    return LedgerSamples(
        ledger=ledger,
        counts=_counts(table, mondays, seen, outcome=table["count"], window=section.window),
        severities=_severities(ledger, ledger.day, outcome=ledger.amount, window=section.window),
        weeks=_described(table, ledger),
        week_names=WEEK_NAMES,
    )


def coming(ledger: LossLedger, section: LedgerInputsSection) -> tuple[LedgerPart, LedgerPart]:
    """Rows of the next weeks, and of days through the coming year, with history as it stands now."""
    mondays = complete_weeks(ledger)
    table = _weeks(ledger, mondays)
    ahead = mondays[-1] + WEEK * np.arange(1, section.ahead + 1)
    seen = np.full(section.ahead, mondays.size)
    nothing = np.full(section.ahead, np.nan)
    days = ledger.until + np.asarray(COMING_DAYS)
    return (
        _counts(table, ahead, seen, outcome=nothing, window=section.window),
        _severities(ledger, days, outcome=np.full(days.size, np.nan), window=section.window),
    )


def complete_weeks(ledger: LossLedger) -> DateArray:
    """Mondays of the weeks that lie wholly within the records."""
    first = ledger.since + (-_weekday(ledger.since)) % WEEK
    weeks = int((ledger.until - first).astype(np.int64) + 1) // WEEK
    return np.asarray(first + WEEK * np.arange(max(weeks, 0)))


def first_monday(year: int) -> np.datetime64:
    """The first Monday of a year."""
    day = np.datetime64(f"{year:04d}-01-01", "D")
    return day + (-_weekday(day)) % WEEK


def _weekday(day: np.datetime64) -> int:
    """0 for Monday."""
    return int((day.astype("datetime64[D]").astype(np.int64) + 3) % WEEK)


def _season(days: DateArray) -> FloatArray:
    phase = 2.0 * np.pi * days.astype("datetime64[D]").astype(np.float64) / YEAR
    return np.column_stack([np.sin(phase), np.cos(phase)])


def _weeks(ledger: LossLedger, mondays: DateArray) -> dict[str, FloatArray]:
    """Count, total, largest and number of days with losses of each week; sums of logarithms."""
    n = mondays.size
    place = (ledger.day - mondays[0]).astype(np.int64) // WEEK
    rows = np.flatnonzero((place >= 0) & (place < n))
    place, amount = place[rows], ledger.amount[rows]
    largest = np.zeros(n)
    np.maximum.at(largest, place, amount)
    day = ledger.day[rows].astype(np.int64)
    fresh = np.concatenate([[True], np.diff(day) > 0]) if day.size else np.zeros(0, bool)
    ones = np.ones(place.size)

    def summed(weights: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(place, weights=weights, minlength=n), dtype=np.float64)

    return {
        "count": summed(ones),
        "total": summed(amount),
        "largest": largest,
        "days": summed(fresh.astype(np.float64)),
        "logs": summed(np.log(amount)),
    }


def _counts(
    table: dict[str, FloatArray], time: DateArray, seen: IntArray, *, outcome: FloatArray, window: int
) -> LedgerPart:
    """Weeks, each with the history of the weeks before number `seen`."""
    counts = [np.log1p(_mean_of_last(table["count"], seen, span)) for span in COUNT_SPANS]
    number = _mean_of_last(table["count"], seen, 13)
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = np.where(number > 0.0, _mean_of_last(table["logs"], seen, 13) / number, np.nan)
        largest = np.log(_largest_of_last(table["largest"], seen, 13))
        size = np.where(table["count"] > 0.0, table["logs"] / table["count"], np.nan)
    season = _season(time)
    inputs = np.column_stack([season, *counts, typical, np.where(np.isfinite(largest), largest, np.nan)])
    channels = np.column_stack([np.log1p(table["count"]), size])
    return LedgerPart(time, outcome, season, inputs, COUNT_NAMES, _steps(channels, seen, window))


def _severities(ledger: LossLedger, days: DateArray, *, outcome: FloatArray, window: int) -> LedgerPart:
    """Days, each with the losses of the days before it."""
    seen = np.searchsorted(ledger.day, days, side="left")
    logs = np.log(ledger.amount)
    typical = [_mean_of_last(logs, seen, span) for span in AMOUNT_SPANS]
    month = np.searchsorted(ledger.day, days - 28, side="left")
    enough = (days - ledger.since).astype(np.int64) >= 28
    recent = np.where(enough, np.log1p((seen - month).astype(np.float64)), np.nan)
    last = ledger.day[np.maximum(seen - 1, 0)]
    since = np.where(seen > 0, np.log1p((days - last).astype(np.float64)), np.nan)
    season = _season(days)
    inputs = np.column_stack([season, *typical, _largest_of_last(logs, seen, 20), since, recent])
    gaps = np.log1p(np.diff(ledger.day, prepend=ledger.day[:1]).astype(np.float64))
    channels = np.column_stack([logs, gaps])
    return LedgerPart(days, outcome, season, inputs, SEVERITY_NAMES, _steps(channels, seen, window))


def _described(table: dict[str, FloatArray], ledger: LossLedger) -> FloatArray:
    """Each week as it was; amounts in units of the reporting threshold, where there is one."""
    unit = ledger.threshold or 1.0
    count, number = table["count"], np.arange(table["count"].size)
    before = np.nan_to_num(_mean_of_last(count, number, 4), nan=0.0)
    before = np.where(number < 4, count, before)
    change = np.log1p(count) - np.log1p(before)
    parts = [count, table["total"] / unit, table["largest"] / unit, table["days"]]
    return np.column_stack([*(np.log1p(part) for part in parts), change])


def _mean_of_last(values: FloatArray, seen: IntArray, span: int) -> FloatArray:
    """Mean of the last `span` of the first `seen` values; NaN where there are fewer."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    start = np.maximum(seen - span, 0)
    return np.where(seen >= span, (sums[seen] - sums[start]) / span, np.nan)


def _largest_of_last(values: FloatArray, seen: IntArray, span: int) -> FloatArray:
    """Largest of the last `span` of the first `seen` values; NaN where there are fewer."""
    if values.size < span:
        return np.full(seen.size, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(values, span).max(axis=1)
    return np.where(seen >= span, windows[np.maximum(seen - span, 0)], np.nan)


def _steps(channels: FloatArray, seen: IntArray, window: int) -> FloatArray:
    """The last `window` rows of the first `seen`, [n, window, C]; NaN before the beginning."""
    padded = np.concatenate([np.full((window, channels.shape[1]), np.nan), channels])
    return np.asarray(padded[seen[:, None] + np.arange(window)])
