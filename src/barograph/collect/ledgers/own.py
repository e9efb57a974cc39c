"""A user's table of losses: one row for each, with its day and its amount."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import polars as pl

from barograph.collect.ledgers.snapshot import provenance_of
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import days_of, numbers_of
from barograph.collect.records.rows import refuse_rows
from barograph.core.errors import DataError, SettingError, nearest
from barograph.core.ledger_study import LedgerSection
from barograph.core.ledger_table import LedgerSnapshot, LossLedger
from barograph.core.notes import noted

LICENCE = noted("notes.source.own_licence")
FEWEST = 100
"""Losses below which nothing can be fitted and judged."""
FEWEST_YEARS = 4
"""Calendar years a ledger must span: two to fit on, two to hold out."""
REPEATS = 0.10
"""Share of rows that may repeat the day and amount of another row."""


def own_ledger(raw: RawTable, section: LedgerSection) -> LedgerSnapshot:
    """The ledger of a user's table, with its provenance.

    Raises
    ------
    DataError
        The table, a column or a row is not usable, or there is too little for a study.
    SettingError
        The section does not fit the table.
    """
    ledger, notes = ledger_of(raw, section)
    check_enough(ledger, raw.label)
    provenance = provenance_of(ledger, source=raw.label, licence=LICENCE, notes=(*raw.notes, *notes))
    return LedgerSnapshot(ledger, replace(provenance, assumed=raw.assumed))


def ledger_of(raw: RawTable, section: LedgerSection) -> tuple[LossLedger, tuple[str, ...]]:
    """The typed losses of a table, however few, oldest first; and what was assumed while reading."""
    amount, time = _named(raw, section)
    days, _, said = days_of(raw, time)
    refuse_rows(
        raw, time, "say in every row when the loss was", days.is_null(), do="Fill it, or drop the row"
    )
    today = datetime.date.today()
    refuse_rows(raw, time, f"not be later than today ({today})", days > today, do="Correct the dates")
    read = numbers_of(raw, amount)
    advice = "Fill it, or leave the row out"
    refuse_rows(raw, amount, "hold an amount in every row", read.values.is_null(), do=advice)
    do = "A loss is a positive amount: leave recoveries, near misses and reversals out, or turn the sign"
    refuse_rows(raw, amount, "be above 0", read.values <= 0.0, do=do)
    _refuse_twice(raw, section)
    table = pl.DataFrame({"day": days, "amount": read.values}).sort("day", maintain_order=True)
    notes = (*said, *read.notes, *_repeats(table, raw.label, named=section.loss_id is not None))
    return ledger_from(table, section, notes)


def ledger_from(
    table: pl.DataFrame, section: LedgerSection, notes: tuple[str, ...] = ()
) -> tuple[LossLedger, tuple[str, ...]]:
    """The ledger of typed losses (`day`, `amount`, ascending), cut to window and threshold."""
    since, until = _day("since", section.since), _day("until", section.until)
    if since is not None:
        table = table.filter(pl.col("day") >= since)
    if until is not None:
        table = table.filter(pl.col("day") <= until)
    small = table.filter(pl.col("amount") < section.threshold).height
    table = table.filter(pl.col("amount") >= section.threshold)
    if table.is_empty():
        raise DataError(
            "a ledger must hold losses",
            came=f"none is left of at least {section.threshold:g} in the window",
            do="Lower collect.threshold, or widen collect.since and collect.until",
        )
    if small:
        notes = (*notes, noted("notes.reading.below_threshold", n=small, threshold=section.threshold))
    days = table["day"].to_numpy().astype("datetime64[D]")
    ledger = LossLedger(
        day=days,
        amount=table["amount"].to_numpy().astype(np.float64),
        since=days[0] if since is None else np.datetime64(since, "D"),
        until=days[-1] if until is None else np.datetime64(until, "D"),
        threshold=section.threshold,
        unit=section.unit,
    )
    return ledger, (*notes, noted("notes.reading.complete", since=ledger.since, until=ledger.until))


def check_enough(ledger: LossLedger, label: str) -> None:
    """Refuse a ledger on which no year could be held out."""
    if ledger.n < FEWEST:
        raise DataError(
            f"{label} must hold at least {FEWEST} losses",
            came=f"it holds {ledger.n}",
            do="Give a longer history, or lower the reporting threshold",
        )
    if len(ledger.years()) < FEWEST_YEARS:
        raise DataError(
            f"{label} must span at least {FEWEST_YEARS} complete calendar years",
            came=f"it runs from {ledger.since} to {ledger.until}",
            do="Give a longer history: years are held out to judge the models",
        )
    if np.ptp(ledger.amount) == 0.0:
        raise DataError(
            f"the losses of {label} must differ",
            came=f"all are {ledger.amount[0]:g}",
            do="Choose another column with --target",
        )


def _named(raw: RawTable, section: LedgerSection) -> tuple[str, str]:
    amount, time = section.target, section.time
    if not amount or not time:
        raise SettingError(
            "an own ledger must say which column is the amount and which the day",
            came=f"collect.target is {amount!r}, collect.time is {time!r}",
            do=f"Columns are: {', '.join(raw.frame.columns)}",
        )
    used = [amount, time, *([section.loss_id] if section.loss_id else [])]
    for name in used:
        if name not in raw.frame.columns:
            hint = nearest(name, raw.frame.columns).capitalize()
            raise SettingError(f"{raw.label} must have column '{name}'", came="it has not", do=hint)
        if used.count(name) > 1:
            raise SettingError(
                "a column must have one role", came=f"'{name}' has two", do="Name each column once"
            )
    return amount, time


def _refuse_twice(raw: RawTable, section: LedgerSection) -> None:
    """Two rows of one loss."""
    if section.loss_id is None:
        return
    names = raw.frame[section.loss_id]
    advice = "Drop one of the rows, or add the amounts of one loss up"
    refuse_rows(raw, section.loss_id, "name each loss once", ~names.is_first_distinct(), do=advice)


def _repeats(table: pl.DataFrame, label: str, *, named: bool) -> tuple[str, ...]:
    """A note on rows that repeat a day and an amount; many of them are refused."""
    repeated = table.height - table.unique().height
    if not repeated or named:
        return ()
    if repeated > REPEATS * table.height:
        raise DataError(
            f"rows of {label} must be losses of their own",
            came=f"{repeated} of {table.height} repeat the day and the amount of another",
            do="Drop the duplicates, or name the column that tells losses apart with --entity",
        )
    return (noted("notes.reading.repeats", n=repeated),)


def _day(key: str, day: str | None) -> datetime.date | None:
    if day is None:
        return None
    try:
        return datetime.date.fromisoformat(day)
    except ValueError as error:
        raise SettingError(
            f"collect.{key} must be an ISO day", came=f"got '{day}'", do="Write 2015-01-01"
        ) from error
