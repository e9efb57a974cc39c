"""The price contract: what a table of daily prices must keep before any model sees it.

============  ========  ======================  =====================================================
column        type      unit                    must hold
============  ========  ======================  =====================================================
entity        text      –                       filled; one name per series
time          date      calendar day            filled, unique and ascending per series, not after today
close         float     currency or points      filled, finite, above zero, not constant
open          float     as close                above zero where given; within low … high
high, low     float     as close                above zero where given; low ≤ high
volume        float     units traded            not negative where given; zero is read as not reported
============  ========  ======================  =====================================================

Currency fixings keep the same contract; besides, no rate may change by a power of ten from day to day.

Besides: at least `minimum_rows` rows per series, no more than `longest_gap` calendar days between two rows.
Rows must come in order: a table out of order is refused, because sorting it would hide what else went wrong.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import polars as pl

from barograph.collect import rules
from barograph.collect.columns import REQUIRED, hint
from barograph.collect.values import blank, dates, numbers
from barograph.collect.values import names as entity_names
from barograph.collect.violation import Violation
from barograph.core.notes import noted
from barograph.core.records import PRICE_COLUMNS


@dataclass(frozen=True, slots=True)
class Contract:
    """The numbers of the price contract; its rules are those of the module's table."""

    minimum_rows: int = 600  # per series: about two years of history and a test block
    longest_gap: int = 30  # calendar days between two rows of a series
    range_tolerance: float = 1e-6  # relative, for open and close against low … high
    fixings: bool = False  # currency rates: series may stop (see `collect.fixings`); no zeros are lost


PRICES = Contract()
"""What a study of prices is run on."""

FIXINGS = Contract(fixings=True)
"""What a study of currency fixings is run on."""

CONTRACTS = {"prices": PRICES, "fixings": FIXINGS}
"""`collect.quotes` -> contract."""


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """A table read against a contract: typed, in file order, with what is wrong and what was assumed."""

    table: pl.DataFrame  # row, entity, time, then the price columns it carries
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]


def check(table: pl.DataFrame, contract: Contract, *, today: datetime.date) -> list[Violation]:
    """Everything in which a long price table breaks a contract, or an empty list.

    Parameters
    ----------
    table : polars.DataFrame
        Columns `entity`, `time`, `close` and any of `open`, `high`, `low`, `volume`, as text or typed, and
        optionally `row`, the number under which the user finds the row.
    contract : Contract
        Which numbers it must keep.
    today : datetime.date
        The clock: no row may be later.

    Examples
    --------
    >>> import polars as pl, datetime
    >>> days = ["2020-01-02", "2020-01-03"]
    >>> table = pl.DataFrame({"entity": ["a", "a"], "time": days, "close": ["1", "-2"]})
    >>> found = check(table, Contract(minimum_rows=2), today=datetime.date(2026, 11, 22))
    >>> [(v.column, v.rule, v.row, v.value) for v in found]
    [('close', 'zero or negative price', 2, '-2.0')]
    """
    return list(inspect(table, contract, today=today).violations)


def inspect(
    table: pl.DataFrame,
    contract: Contract,
    *,
    today: datetime.date,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> Inspection:
    """A long price table typed and judged; only rows between the two days (inclusive) count.

    A row whose date cannot be read always counts. For `table`, see `check`.
    """
    missing = missing_columns(tuple(table.columns))
    if missing:
        return Inspection(table.clear(), tuple(missing), ())
    numbered = table if "row" in table.columns else table.with_row_index("row", offset=1)
    day, note = dates(numbered["time"])
    inside = _inside(day, since, until)
    raw, day = numbered.filter(inside), day.filter(inside)
    if raw.is_empty():
        return Inspection(raw, (_empty(table, since, until),), ())
    typed, notes = _typed(raw, day)
    settled, zeros = _without_zero_volume(typed)
    violations = [*_raw_violations(raw, typed), *_typed_violations(settled, contract, today)]
    return Inspection(settled, tuple(violations), tuple(n for n in (note, *notes, zeros) if n))


def missing_columns(columns: tuple[str, ...]) -> list[Violation]:
    """A violation for every required column that is not there, with the nearest name that is."""
    strangers = [c for c in columns if c not in (*REQUIRED, *PRICE_COLUMNS, "row")]
    return [
        Violation(
            column=column,
            rule="missing column",
            count=1,
            row=None,
            value="",
            do=f"Add or rename a column; {hint(column, strangers)}",
        )
        for column in REQUIRED
        if column not in columns
    ]


def _empty(table: pl.DataFrame, since: datetime.date | None, until: datetime.date | None) -> Violation:
    if table.is_empty():
        return Violation(
            "time", "no rows", 1, None, "", "Give a table with at least one row below its header"
        )
    span = f"{since or 'the start'} … {until or 'the end'}"
    return Violation("time", "no rows in the window", 1, None, span, "Widen since and until")


def _inside(day: pl.Series, since: datetime.date | None, until: datetime.date | None) -> pl.Series:
    inside = pl.Series([True] * len(day), dtype=pl.Boolean)
    if since is not None:
        inside &= (day >= since).fill_null(True)
    if until is not None:
        inside &= (day <= until).fill_null(True)
    return inside


def _typed(raw: pl.DataFrame, day: pl.Series) -> tuple[pl.DataFrame, list[str]]:
    """The table with its types, and what was assumed."""
    columns = [raw["row"].cast(pl.Int64), entity_names(raw["entity"]), day.alias("time")]
    notes = []
    for name in PRICE_COLUMNS:
        if name in raw.columns:
            values, note = numbers(raw[name])
            columns.append(values)
            notes.append(note)
    return pl.DataFrame(columns), notes


def _without_zero_volume(typed: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """A volume of zero on a day with a price was not reported: it becomes null, and is counted."""
    zeros = int((typed["volume"] == 0).sum()) if "volume" in typed.columns else 0
    if not zeros:
        return typed, ""
    known = typed.with_columns(volume=pl.when(pl.col("volume") != 0).then("volume"))
    return known, noted("notes.reading.no_volume", rows=zeros)


def _raw_violations(raw: pl.DataFrame, typed: pl.DataFrame) -> list[Violation]:
    violations = rules.absent(typed, typed["entity"].is_null(), column="entity")
    for column in ("time", *PRICE_COLUMNS):
        if column in typed.columns:
            empty = blank(raw[column])
            if column in REQUIRED:
                violations += rules.absent(typed, empty, column=column)
            else:
                violations += rules.hollow(empty, column=column)
            violations += rules.unreadable(typed, raw[column], column=column)
    return violations


def _typed_violations(typed: pl.DataFrame, contract: Contract, today: datetime.date) -> list[Violation]:
    violations = [
        *rules.unsorted(typed),
        *rules.repeated(typed),
        *rules.gaps(typed, longest=contract.longest_gap),
        *rules.future(typed, today=today),
    ]
    for column in PRICE_COLUMNS:
        if column in typed.columns:
            violations += rules.not_finite(typed, column)
            violations += rules.out_of_range(typed, column)
            violations += rules.constant(typed, column)
    if contract.fixings:
        violations += rules.redenominated(typed)
    violations += rules.inconsistent_range(typed, tolerance=contract.range_tolerance)
    return violations + rules.too_short(typed, minimum=contract.minimum_rows)
