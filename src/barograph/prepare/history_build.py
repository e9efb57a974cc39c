"""Building the history from dated records: each month's figures rest on what was dated by its end.

Counts per month first (applications, charge-offs, loans running), then rates over rolling windows. A group's
figure is the log of observed over expected, where expected is what the group would show at the rate of the
book, and both are raised by ``PRIOR``: the relative risk of Clayton and Kaldor (1987, Biometrics 43(3),
671-681) under a gamma prior with mean one, so that a small group stays near the book.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError, SettingError, unknown
from barograph.core.record_table import Records
from barograph.prepare.history import GroupHistory, History
from barograph.prepare.record_columns import numbered, texts

RUNNING = 36
"""Months after approval for which a loan counts as running, unless it was charged off before."""
PRIOR = 5.0
"""Events added to observed and expected alike."""
YEAR, QUARTER = 12, 3

BOOK_CHANNELS = ("applications_growth", "amount_growth", "charge_off_rate")


@dataclass(frozen=True, slots=True, eq=False)
class _Ledger:
    """When each record came and went, in months counted from the first row of the history."""

    opened: IntArray  # [n]
    charged_off: IntArray  # [n] month of the charge-off, never before `opened`; `never` where there is none
    n_months: int  # rows of the history; what is dated later is not looked at
    start: int  # row of the first record; nothing is known of the rows before it


def build_history(
    records: Records, *, by: tuple[str, ...], months: int, macro: pl.DataFrame | None
) -> History:
    """The history of a source's records, to be joined with `with_history`.

    Per month t, of the whole book: log growth of applications and of their amount (three months up to t
    over the same months a year before), and log of the yearly charge-off rate (charge-offs of the twelve
    months up to t over the mean number of loans running). Per group of each column in `by`, beside all
    records that name a group: charge-offs of twelve months, and growth of applications (twelve months over
    the twelve before). A loan runs from approval until its charge-off, ``RUNNING`` months at most.

    Parameters
    ----------
    records : Records
        All records of the source, with time and the days of default (`event_time`).
    by : tuple of str
        Categorical columns whose groups have a history; may be empty.
    months : int
        Steps of each record's history.
    macro : DataFrame or None
        `time` (day on which the row was known) and Float64 columns, each carried forward; None for none.

    Returns
    -------
    History
        Its last month is the one before the latest record's: later ones may not have ended.

    Raises
    ------
    DataError
        If the records have no time or no day of default, or `macro` is not as described.
    SettingError
        If `by` names a column that is not categorical, or `months` is not positive.
    """
    _check(records, by, months)
    ledger = _ledger(records, months)
    first = records.time.min().astype("datetime64[M]") - months
    everyone = np.zeros(records.n, dtype=np.int64)
    book = _book(ledger, records, everyone)
    names: tuple[str, ...] = BOOK_CHANNELS
    if macro is not None:
        names = (*names, *(name for name in macro.columns if name != "time"))
        book = np.hstack([book, _known_macro(macro, first, ledger.n_months)])
    groups = tuple(_group_history(ledger, records, column) for column in by)
    history = History(first=first, months=months, book_channels=names, book=book, groups=groups)
    _refuse_namesakes(history.channels)
    return history


def _check(records: Records, by: tuple[str, ...], months: int) -> None:
    for column in by:
        if column not in records.categorical:
            raise unknown("history_by", column, records.categorical)
    if months < 1:
        raise SettingError(
            "history_months must be at least 1 where a history is built",
            came=f"got {months}",
            do="Give the number of months, such as 24",
        )
    if not records.has_time or np.isnat(records.event_time).all():
        raise DataError(
            "a constructed history needs the day of each record and the day of each default",
            came="the records have no time" if not records.has_time else "no record has a day of default",
            do="Give records with both dates, or set history_months to 0",
        )


def _refuse_namesakes(channels: tuple[str, ...]) -> None:
    twice = sorted({name for name in channels if channels.count(name) > 1})
    if twice:
        raise DataError(
            "every channel of the history must have a name of its own",
            came=f"{', '.join(twice)} occurs twice",
            do="Rename the macro series or the column of the groups",
        )


def _ledger(records: Records, months: int) -> _Ledger:
    opened = _months(records.time)
    start = int(opened.min()) - months
    n_months = int(opened.max()) - start
    defaulted = ~np.isnat(records.event_time)
    charged_off = np.full(records.n, n_months + RUNNING, dtype=np.int64)
    charged_off[defaulted] = np.maximum(_months(records.event_time[defaulted]), opened[defaulted]) - start
    return _Ledger(opened - start, charged_off, n_months, months)


def _book(ledger: _Ledger, records: Records, everyone: IntArray) -> FloatArray:
    """The whole book's channels, [n_months, 3]."""
    applications = _per_month(ledger, ledger.opened, everyone, 1)
    amount = _per_month(ledger, ledger.opened, everyone, 1, weights=np.nan_to_num(records.amount, nan=0.0))
    charged_off, running = _charged_off(ledger, everyone, 1), _running(ledger, everyone, 1)
    now, before = _over(applications, QUARTER), _before(_over(applications, QUARTER))
    growth = np.log((now + 0.5) / (before + 0.5))
    paid_now, paid_before = _over(amount, QUARTER), _before(_over(amount, QUARTER))
    positive = (paid_now > 0.0) & (paid_before > 0.0)
    ratio = np.where(positive, paid_now, 1.0) / np.where(positive, paid_before, 1.0)
    rate = np.log((_over(charged_off, YEAR) + 0.5) / (_over(running, YEAR) / YEAR + 0.5))
    known_growth = _reaches(ledger, YEAR + QUARTER)
    return np.hstack(
        [
            np.where(known_growth, growth, np.nan),
            np.where(known_growth & positive, np.log(ratio), np.nan),
            np.where(_reaches(ledger, YEAR), rate, np.nan),
        ]
    )


def _group_history(ledger: _Ledger, records: Records, column: str) -> GroupHistory:
    """Charge-offs and growth of each group of a column beside all records that name one."""
    words = texts(records.table, column)
    groups = tuple(sorted(set(words) - {""}))
    code = numbered(words, {name: place for place, name in enumerate(groups)}, otherwise=len(groups))
    width = len(groups) + 1
    applications = _named(_per_month(ledger, ledger.opened, code, width))
    charged_off = _named(_charged_off(ledger, code, width))
    running = _named(_running(ledger, code, width))
    risk = _relative(_over(charged_off, YEAR), _over(running, YEAR))
    growth = _relative(_over(applications, YEAR), _before(_over(applications, YEAR)))
    return GroupHistory(
        column=column,
        groups=groups,
        charge_offs=np.where(_reaches(ledger, YEAR), risk, np.nan),
        growth=np.where(_reaches(ledger, 2 * YEAR), growth, np.nan),
    )


def _relative(observed: FloatArray, exposed: FloatArray) -> FloatArray:
    """Log of observed over expected events, [n_months, n_groups]; expected at the rate of all groups."""
    total = exposed.sum(axis=1, keepdims=True)
    rate = observed.sum(axis=1, keepdims=True) / np.where(total > 0.0, total, 1.0)
    result: FloatArray = np.log((observed + PRIOR) / (exposed * rate + PRIOR))
    return result


def _named(counts: FloatArray) -> FloatArray:
    """The counts with nothing in the last column, that of records which name no group."""
    return np.hstack([counts[:, :-1], np.zeros((counts.shape[0], 1))])


def _per_month(
    ledger: _Ledger, month: IntArray, code: IntArray, width: int, weights: FloatArray | None = None
) -> FloatArray:
    """Sums per month and group, [n_months, width]; what is dated after the last month is left out."""
    inside = month < ledger.n_months
    cell = month[inside] * width + code[inside]
    sums = np.bincount(
        cell, weights=None if weights is None else weights[inside], minlength=ledger.n_months * width
    )
    return sums.reshape(ledger.n_months, width).astype(np.float64)


def _charged_off(ledger: _Ledger, code: IntArray, width: int) -> FloatArray:
    """Charge-offs per month and group, of loans that were still counted as running, [n_months, width]."""
    counted = ledger.charged_off <= ledger.opened + RUNNING
    return _per_month(ledger, ledger.charged_off[counted], code[counted], width)


def _running(ledger: _Ledger, code: IntArray, width: int) -> FloatArray:
    """Loans running in each month, the one of their charge-off included, [n_months, width]."""
    last = np.minimum(ledger.charged_off, ledger.opened + RUNNING)
    came = _per_month(ledger, ledger.opened, code, width)
    gone = _per_month(ledger, last + 1, code, width)
    return np.cumsum(came - gone, axis=0)


def _over(counts: FloatArray, months: int) -> FloatArray:
    """Sum of the months up to each, as far as there are so many."""
    upto = np.vstack([np.zeros((1, counts.shape[1])), np.cumsum(counts, axis=0)])
    row = np.arange(counts.shape[0])
    result: FloatArray = upto[row + 1] - upto[np.maximum(row + 1 - months, 0)]
    return result


def _before(sums: FloatArray) -> FloatArray:
    """The same figure a year before; 0 where there is none."""
    return np.vstack([np.zeros((YEAR, sums.shape[1])), sums])[: sums.shape[0]]


def _reaches(ledger: _Ledger, months: int) -> BoolArray:
    """Months up to which so many are known, [n_months, 1]."""
    enough: BoolArray = np.arange(ledger.n_months)[:, None] + 1 - ledger.start >= months
    return enough


def _known_macro(macro: pl.DataFrame, first: np.datetime64, n_months: int) -> FloatArray:
    """Last published value of each series at the end of each month, [n_months, n_series]; NaN before any."""
    names = [name for name in macro.columns if name != "time"]
    types = {macro.schema[name] for name in names}
    if macro.schema.get("time") != pl.Date or types != {pl.Float64} or macro["time"].null_count():
        raise DataError(
            "a macro table must have a date column 'time' without gaps and columns of decimal numbers",
            came=f"got {', '.join(f'{name} ({kind})' for name, kind in macro.schema.items())}",
            do="Convert the columns (polars: pl.Date, pl.Float64)",
        )
    known = macro.sort("time", maintain_order=True).select(
        "time", pl.col(names).fill_nan(None).forward_fill()
    )
    months = first + np.arange(n_months)
    after = (months + 1).astype("datetime64[D]")  # first day that is too late
    row = np.searchsorted(known["time"].to_numpy(), after, side="left") - 1
    values = known.select(names).to_numpy()
    return np.where(row[:, None] >= 0, values[np.maximum(row, 0)], np.nan)


def _months(days: np.ndarray) -> IntArray:
    number: IntArray = days.astype("datetime64[M]").astype(np.int64)
    return number
