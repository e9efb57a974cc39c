"""The rules of the price contract, each a function from a typed table to its violations.

A typed table has `row` (Int64), `entity` (String), `time` (Date) and Float64 price columns, in file order.
"""

from __future__ import annotations

import datetime

import polars as pl

from barograph.collect.values import blank, text
from barograph.collect.violation import EXAMPLES, Violation

Violations = list[Violation]


def found(
    offending: pl.DataFrame, column: str, *, rule: str, do: str, value: str | None = None
) -> Violations:
    """At most one violation from the offending rows, which must carry `row` and `entity`.

    The value shown is that of `column` (or of the column called `value`) in the first offending row.
    """
    if offending.is_empty():
        return []
    some = offending.sort("row").head(EXAMPLES)
    first, *more = (
        (row, "" if shown is None else str(shown))
        for row, shown in zip(some["row"], some[value or column], strict=True)
    )
    return [
        Violation(
            column=column,
            rule=rule,
            count=offending.height,
            row=first[0],
            value=first[1],
            do=do,
            entity=some["entity"][0] or "",
            more=tuple(more),
        )
    ]


def unreadable(table: pl.DataFrame, raw: pl.Series, *, column: str) -> Violations:
    """Values that are neither blank nor what the column must hold; `raw` is the column as it came."""
    mask = table[column].is_null() & ~blank(raw)
    if not mask.any():
        return []
    if column == "time":
        rule, do = "not a date beyond doubt", "Write every date as YYYY-MM-DD"
    else:
        rule, do = "text among numbers", "Write plain numbers with a decimal point, no units or separators"
    offending = table.select("row", "entity").with_columns(value=text(raw)).filter(mask)
    return found(offending, column, rule=rule, do=do, value="value")


def absent(table: pl.DataFrame, empty: pl.Series, *, column: str) -> Violations:
    """Blanks (`empty`) where every row must hold a value."""
    if empty.all():
        return hollow(empty, column=column)
    offending = table.select("row", "entity").filter(empty).with_columns(value=pl.lit("(blank)"))
    do = "Fill the cell, or remove the row if there was no trading"
    return found(offending, column, rule="missing value", do=do, value="value")


def hollow(empty: pl.Series, *, column: str) -> Violations:
    """A column that is there and holds nothing."""
    if not empty.all():
        return []
    do = "Fill the column" if column in ("time", "entity", "close") else "Fill the column or leave it out"
    return [Violation(column, "all missing", len(empty), None, "", do)]


def not_finite(table: pl.DataFrame, column: str) -> Violations:
    """NaN and infinities."""
    nan = table.filter(pl.col(column).is_nan())
    infinite = table.filter(pl.col(column).is_infinite())
    return [
        *found(nan, column, rule="NaN", do="Repair the value, or leave the cell blank or the row out"),
        *found(infinite, column, rule="infinite", do="Repair the value (a division by zero?)"),
    ]


def out_of_range(table: pl.DataFrame, column: str) -> Violations:
    """Prices at or below zero; volumes below zero."""
    finite = table.filter(pl.col(column).is_finite())
    if column == "volume":
        do = "Give units traded, never negative"
        return found(finite.filter(pl.col(column) < 0), column, rule="below zero", do=do)
    do = "Give price levels above zero (not returns, yields or spreads)"
    return found(finite.filter(pl.col(column) <= 0), column, rule="zero or negative price", do=do)


def constant(table: pl.DataFrame, column: str) -> Violations:
    """Series whose column never moves."""
    still = (
        table.filter(pl.col(column).is_not_null())
        .group_by("entity")
        .agg(pl.col("row").min(), pl.col(column).first(), moves=pl.col(column).n_unique(), rows=pl.len())
        .filter((pl.col("moves") == 1) & (pl.col("rows") > 1))
    )
    return found(still, column, rule="constant", do="Check the export: a price that never moves has no risk")


def repeated(table: pl.DataFrame) -> Violations:
    """Days that a series holds more than once (counted without the first of each)."""
    dated = table.filter(pl.col("time").is_not_null())
    again = dated.filter(~pl.struct("entity", "time").is_first_distinct())
    return found(again, "time", rule="duplicate date", do="Keep one row per series and day")


def unsorted(table: pl.DataFrame) -> Violations:
    """Rows dated before the row above them in the same series."""
    before = _with_previous(table).filter(pl.col("time") < pl.col("previous"))
    return found(before, "time", rule="dates not ascending", do="Sort the rows by date, oldest first")


def gaps(table: pl.DataFrame, *, longest: int) -> Violations:
    """Rows that come more than `longest` calendar days after the one above in the same series."""
    days = (pl.col("time") - pl.col("previous")).dt.total_days()
    wide = _with_previous(table).with_columns(days=days).filter(pl.col("days") > longest)
    shown = wide.with_columns(value=pl.format("{} ({} days)", "time", "days"))
    do = "Fill the gap, or set since behind it"
    return found(shown, "time", rule=f"gap of more than {longest} days", do=do, value="value")


def _with_previous(table: pl.DataFrame) -> pl.DataFrame:
    dated = table.filter(pl.col("time").is_not_null())
    return dated.with_columns(previous=pl.col("time").shift(1).over("entity"))


ZEROS_TOLERANCE = 0.05
"""How near a day's log10 factor must lie to a whole number to be read as zeros lost or gained (12 %)."""


def redenominated(table: pl.DataFrame) -> Violations:
    """Days on which a rate changes by about a power of ten: a new unit, which is no loss and no gain."""
    positive = table.filter(
        pl.col("time").is_not_null() & (pl.col("close") > 0) & pl.col("close").is_finite()
    )
    digits = (pl.col("close") / pl.col("close").shift(1).over("entity")).log10()
    zeros = positive.with_columns(digits=digits).filter(
        (pl.col("digits").abs() > 1 - ZEROS_TOLERANCE)
        & ((pl.col("digits") - pl.col("digits").round()).abs() < ZEROS_TOLERANCE)
    )
    shown = zeros.with_columns(value=pl.format("{} (times {})", "time", (10.0 ** pl.col("digits")).round(6)))
    do = "Write the days before in the new unit, name the two as series of their own, or set since behind it"
    return found(shown, "close", rule="redenomination", do=do, value="value")


def future(table: pl.DataFrame, *, today: datetime.date) -> Violations:
    """Rows dated after today."""
    ahead = table.filter(pl.col("time") > today)
    return found(ahead, "time", rule="in the future", do=f"Keep rows up to today, {today.isoformat()}")


def too_short(table: pl.DataFrame, *, minimum: int) -> Violations:
    """Series with fewer rows than a study needs; counts series, not rows."""
    sizes = table.group_by("entity").agg(pl.col("row").min(), rows=pl.len())
    short = sizes.filter(pl.col("rows") < minimum).with_columns(value=pl.format("{} rows", "rows"))
    do = f"Give at least {minimum} rows per series: networks need a history, and then a test"
    return found(short, "close", rule=f"fewer than {minimum} rows", do=do, value="value")


def inconsistent_range(table: pl.DataFrame, *, tolerance: float) -> Violations:
    """Days whose high is below the low, or whose open or close lies outside them (relative tolerance)."""
    if not {"high", "low"} <= set(table.columns):
        return []
    slack = tolerance * pl.col("high").abs()
    prices = [column for column in ("open", "high", "low", "close") if column in table.columns]
    finite = table.with_columns(pl.when(pl.col(c).is_finite()).then(c) for c in prices)
    shown = finite.with_columns(value=pl.format("high {}, low {}", "high", "low"))
    crossed = shown.filter(pl.col("high") < pl.col("low") - slack)
    violations = found(
        crossed, "high", rule="high below low", do="Check whether columns were swapped", value="value"
    )
    for column in ("open", "close"):
        if column in table.columns:
            outside = (pl.col(column) > pl.col("high") + slack) | (pl.col(column) < pl.col("low") - slack)
            shown_too = shown.with_columns(value=pl.format("{} not in {} … {}", column, "low", "high")).join(
                crossed, on="row", how="anti"
            )
            do = "Use unadjusted prices throughout, or leave out open, high and low"
            violations += found(
                shown_too.filter(outside), column, rule="outside low … high", do=do, value="value"
            )
    return violations
