"""The periods of a panel: what its days look like, and the last value of each month or quarter."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from barograph.core.errors import DataError, SettingError
from barograph.core.notes import noted
from barograph.core.panel_study import Frequency, PanelSection

MONTHS: dict[Frequency, int] = {"months": 1, "quarters": 3}
"""Frequency -> months of a period."""
COARSE: dict[Frequency, int] = {"days": 0, "months": 1, "quarters": 2}
DAYS_GAP, MONTH_GAP, QUARTER_GAP = 5.0, (27.0, 32.0), (88.0, 93.0)
MIXED = 0.1
"""Share of gaps of another frequency from which on a calendar is mixed."""
UNFINISHED = 5
"""Days that a month of daily values may lack at its end and still count as over."""
LONGEST_GAP = 31
"""Days without a row after which a daily table has a hole."""


def frequency_of(table: pl.DataFrame, *, label: str) -> Frequency:
    """The frequency of a table's days (sorted, each once); raises `DataError` for a mixture."""
    days = table["time"].to_numpy().astype("datetime64[D]").astype(np.int64)
    gaps = np.diff(days).astype(np.float64)
    if gaps.size < 2:
        raise DataError(
            f"{label} must hold many days, months or quarters",
            came=f"it holds {days.size} rows",
            do="Give more history",
        )
    middle = float(np.median(gaps))
    kinds: dict[Frequency, float] = {
        "days": float((gaps <= DAYS_GAP).mean()),
        "months": float(((gaps >= MONTH_GAP[0]) & (gaps <= MONTH_GAP[1])).mean()),
        "quarters": float(((gaps >= QUARTER_GAP[0]) & (gaps <= QUARTER_GAP[1])).mean()),
    }
    best = max(kinds, key=lambda kind: kinds[kind])
    if kinds[best] >= 1.0 - MIXED:
        return best
    said = ", ".join(f"{share:.0%} look like {kind}" for kind, share in kinds.items() if share > 0)
    raise DataError(
        f"{label} must be of one frequency: days, months or quarters",
        came=f"the middle gap is {middle:g} days; of the gaps {said or 'none looks like either'}",
        do="Give one frequency, or set collect.frequency to months or quarters (last values are taken)",
    )


def in_periods(
    table: pl.DataFrame, section: PanelSection, *, label: str
) -> tuple[pl.DataFrame, Frequency, tuple[str, ...]]:
    """A sorted table in the periods a study asks for, its frequency, and what was done.

    Months and quarters have a row for every period, dated by its last day, with the last value known in it;
    one that days do not fill yet is left out. Days stay those of the source, without days on which nothing
    was quoted.
    """
    wanted = section.frequency
    if wanted in ("months", "quarters"):
        found: Frequency = wanted
        own: Frequency
        try:
            own = frequency_of(table, label=label)
        except DataError:
            own = "days"
        if COARSE[own] > COARSE[wanted]:
            raise SettingError(
                f"collect.frequency must not be finer than {label}",
                came=f"{wanted} are asked of {own}",
                do=f"Set collect.frequency to {own}, or to auto",
            )
    else:
        found = own = frequency_of(table, label=label)
        if wanted == "days" and found != "days":
            raise SettingError(
                f"collect.frequency must not be finer than {label}",
                came=f"days are asked of {found}",
                do=f"Set collect.frequency to {found}, or to auto",
            )
    if found == "days":
        return _quoted(table, label)
    unit = noted(f"notes.unit.{found}")
    rows, notes = last_of(table, MONTHS[found]), [noted("notes.reading.last_value", why=unit)]
    short = (rows["time"].item(-1) - table["time"].item(-1)).days
    if own == "days" and short > UNFINISHED:
        rows = rows.head(rows.height - 1)
        notes.append(noted("notes.reading.last_short", why=unit, days=short))
    return rows, found, tuple(notes)


def _quoted(table: pl.DataFrame, label: str) -> tuple[pl.DataFrame, Frequency, tuple[str, ...]]:
    """Days with at least one value; raises `DataError` for a hole of more than a month."""
    values = [name for name in table.columns if name != "time"]
    kept = table.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in values))
    days = kept["time"].to_numpy().astype("datetime64[D]")
    gaps = np.diff(days).astype(np.int64)
    if gaps.size and gaps.max() > LONGEST_GAP:
        place = int(gaps.argmax())
        raise DataError(
            f"{label} must not leave out more than {LONGEST_GAP} days",
            came=f"after {days[place]} the next row is {days[place + 1]}",
            do="Fill the gap, or set collect.since to the day after it",
        )
    left_out = table.height - kept.height
    return kept, "days", (noted("notes.reading.holidays", n=left_out),) if left_out else ()


def last_of(table: pl.DataFrame, months: int) -> pl.DataFrame:
    """One row a period with the last value of each column, periods without any row empty."""
    number = (
        table["time"].dt.year().cast(pl.Int64) * 12 + table["time"].dt.month().cast(pl.Int64) - 1
    ) // months
    grouped = (
        table.with_columns(number.alias("period"))
        .group_by("period", maintain_order=True)
        .agg(pl.exclude("time", "period").drop_nulls().last())
    )
    first, last = int(number.item(0)), int(number.item(-1))
    every = pl.DataFrame({"period": pl.Series(range(first, last + 1), dtype=pl.Int64)})
    joined = every.join(grouped, on="period", how="left", maintain_order="left")
    ends = [_end(period, months) for period in joined["period"].to_list()]
    return joined.drop("period").insert_column(0, pl.Series("time", ends, dtype=pl.Date))


def _end(period: int, months: int) -> datetime.date:
    """Last day of a period counted in so many months from year 0."""
    after = (period + 1) * months
    return datetime.date(after // 12, after % 12 + 1, 1) - datetime.timedelta(days=1)
