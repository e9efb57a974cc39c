"""The packaged loans as one series: the share of a quarter's approvals charged off within a fixed time.

A quarter's rate is known only when the last of its loans has been watched that long. What is known sooner
goes in as estimates: the share charged off after half and after three quarters of that time, of the newest
quarter watched so long, and the *current experience* – what the rate would be if the hazards of the last
four quarters, age by age, held for ever (a period life table).
"""

from __future__ import annotations

import importlib.resources

import numpy as np
import polars as pl

from barograph.collect.levels.snapshot import provenance_of
from barograph.collect.macro_samples import MACRO_COLUMNS, macro_table
from barograph.collect.records.assembly import month_later
from barograph.collect.records.sba import LAST_KNOWN, LICENCE, SBA_FILE
from barograph.core.arrays import BoolArray, DateArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.level_study import SeriesSection
from barograph.core.level_table import LevelSeries, LevelSnapshot
from barograph.core.notes import noted
from barograph.measures.levels import month_end

QUARTER = 3
WINDOW = 4
"""Quarters whose charge-offs make the current experience."""


def read_default_rate(section: SeriesSection) -> LevelSnapshot:
    """The quarterly default rate of the packaged loans, with what was known at each quarter's end."""
    approved, event = _loans(section)
    delay = section.delay
    closes = month_later(approved, QUARTER * delay)
    code = approved.astype("datetime64[M]").astype(np.int64) // QUARTER
    first, n = int(code.min()), int(code.max() - code.min()) + 1
    code = code - first
    count = np.bincount(code, minlength=n).astype(np.float64)
    if not (count > 0).all():
        raise DataError(
            "every quarter must have approvals",
            came=f"{int((count == 0).sum())} of {n} have none",
            do="Narrow collect.since and collect.until",
        )
    time = month_end(QUARTER * (first + 1 + np.arange(n)) - 1)
    off = event <= closes  # NaT compares as false
    known = month_later(time, QUARTER * delay) <= LAST_KNOWN
    rate = np.where(known, np.bincount(code[off], minlength=n) / count, np.nan)
    estimates = {"experience": _experience(code, event, off, first, count, ages=delay + 1)}
    for quarters in sorted({max(1, delay // 2), max(1, 3 * delay // 4)}):
        share = _within(code, event <= month_later(approved, QUARTER * quarters), count)
        estimates[f"within_{QUARTER * quarters}_months"] = _shifted(share, quarters)
    columns = {"target": rate, "size": count, **estimates}
    table = pl.DataFrame({"time": time, **columns}).with_columns(pl.col(*columns).fill_nan(None))
    macro = MACRO_COLUMNS if section.macro else ()
    if macro:
        table = table.join(macro_table(), on="time", how="left").select("time", *columns, *macro)
    series = LevelSeries(table, QUARTER, delay, tuple(estimates), macro)
    provenance = provenance_of(series, source=section.source, licence=LICENCE, notes=_notes(section, known))
    months = QUARTER * delay
    return LevelSnapshot(series, provenance, noted("notes.source.sba_rate", months=months))


def _loans(section: SeriesSection) -> tuple[DateArray, DateArray]:
    """Days of approval and charge-off (NaT for none); the few charge-offs without a date are left out."""
    file = importlib.resources.files("barograph.collect") / "samples" / SBA_FILE
    table = pl.read_parquet(file.read_bytes(), columns=["approval_date", "status", "chgoff_date"])
    day = pl.col("approval_date").cast(pl.Date)
    if section.since is not None:
        table = table.filter(day >= pl.lit(section.since).str.to_date())
    if section.until is not None:
        table = table.filter(day <= pl.lit(section.until).str.to_date())
    off = pl.col("status").cast(pl.String) == "charged_off"
    table = table.filter(~(off & pl.col("chgoff_date").is_null()))
    if table.is_empty():
        raise DataError(
            "collect.since and collect.until must leave loans",
            came=f"none lie between {section.since} and {section.until}",
            do="The sample runs from October 1988 to 2013",
        )
    event = table.select(pl.when(off).then(pl.col("chgoff_date").cast(pl.Date)).alias("event"))["event"]
    return (
        table["approval_date"].cast(pl.Date).to_numpy().astype("datetime64[D]"),
        event.to_numpy().astype("datetime64[D]"),
    )


def _within(code: IntArray, off: BoolArray, count: FloatArray) -> FloatArray:
    """Share charged off per quarter, half a case added on either side so that its log-odds exist."""
    cases = np.bincount(code[off], minlength=count.size)
    return np.asarray((cases + 0.5) / (count + 1.0))


def _shifted(values: FloatArray, periods: int) -> FloatArray:
    """Each value at the row of the day by which it was known."""
    out = np.full(values.size, np.nan)
    out[periods:] = values[: values.size - periods]
    return out


def _experience(
    code: IntArray, event: DateArray, off: BoolArray, first: int, count: FloatArray, *, ages: int
) -> FloatArray:
    """The current experience at the end of each quarter; NaN while a window of all ages is not complete."""
    n = count.size
    when = np.where(off, event.astype("datetime64[M]").astype(np.int64) // QUARTER - first, -1)
    cases = np.zeros((n, ages))  # charge-offs in quarter i of loans approved `age` quarters before
    for age in range(ages):
        hit = off & (when - code == age) & (when < n)
        cases[:, age] = np.bincount(when[hit], minlength=n)
    alive = np.zeros((n, ages))
    for age in range(ages):
        alive[age:, age] = count[: n - age]
        for earlier in range(age):
            alive[age:, age] -= cases[earlier : n - age + earlier, earlier]
    out = np.full(n, np.nan)
    for i in range(ages - 1 + WINDOW - 1, n):
        window = slice(i - WINDOW + 1, i + 1)
        at_risk = alive[window].sum(axis=0)
        hazard = cases[window].sum(axis=0) / at_risk
        loans = at_risk.mean()
        out[i] = ((1.0 - np.prod(1.0 - hazard)) * loans + 0.5) / (loans + 1.0)
    return out


def _notes(section: SeriesSection, known: BoolArray) -> tuple[str, ...]:
    months = QUARTER * section.delay
    notes = [
        noted("notes.source.sba_quarter", months=months, later=months),
        noted("notes.source.sba_complete_quarters", until=LAST_KNOWN, quarters=int((~known).sum())),
        noted("notes.source.sba_undated"),
    ]
    if section.macro:
        notes.append(noted("notes.source.revised_macro"))
    return tuple(notes)
