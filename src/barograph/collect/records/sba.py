"""The packaged small-business loans: default within a fixed window, and loss given default.

Only what was known at application is a feature. The sample also carries columns that give the answer away
(`term` is rewritten when a loan ends early); none of them leaves this module as a feature.
"""

from __future__ import annotations

import importlib.resources

import numpy as np
import polars as pl

from barograph.collect.records.assembly import (
    NO_DAY,
    Attached,
    Labelled,
    month_later,
    records_of,
    snapshot_of,
    text_array,
    window_of,
)
from barograph.collect.records.packaged import split_features
from barograph.core.arrays import BoolArray, DateArray, IntArray
from barograph.core.notes import noted
from barograph.core.record_table import RecordSchema, RecordSnapshot
from barograph.core.scoring_study import RecordsSection

SBA_FILE = "sba_loans.parquet"
LICENCE = noted("notes.source.sba_licence")
LAST_KNOWN = np.datetime64("2014-06-30")
"""Last day up to which charge-offs count as completely recorded; the last one is dated 2014-08-29."""
JOBS_SINCE = 1999
CATEGORICAL = (
    *("state", "bank_state", "naics_sector", "urban_rural", "new_exist", "franchise"),
    *("rev_line_cr", "low_doc"),
)
NUMERIC = ("no_emp", "create_job", "retained_job", "gr_appv", "sba_appv")
SHARE = "guaranteed_share"
JOBS_NOTE = noted("notes.source.sba_jobs", year=JOBS_SINCE)
SHARE_NOTE = noted("notes.source.sba_share", column=SHARE)


def read_loans(section: RecordsSection, seed: int) -> RecordSnapshot:
    """Loans with `label` = charged off within `outcome_months` of approval, known that long after approval.

    The label is NaN where that window was open on `LAST_KNOWN`, and for the few loans charged off without a
    date. `outcome` is the final status as far as the data reach (charge-offs to 2014-08-29).
    """
    table, row = _loans(section)
    time, off, event = _days(table, "approval_date"), _charged_off(table), _events(table)
    closes = month_later(time, section.outcome_months)
    undated = off & np.isnat(event)
    known = (closes <= LAST_KNOWN) & ~undated
    label = np.where(known, (off & (event <= closes)).astype(np.float64), np.nan)
    came = Labelled(time, _fiscal(table), label, closes, off.astype(np.float64), event)
    notes = (
        noted("notes.source.sba_bad", months=section.outcome_months),
        noted("notes.source.sba_complete_loans", until=LAST_KNOWN, n=int((closes > LAST_KNOWN).sum())),
        noted("notes.source.sba_outcome_only", n=int(undated.sum())),
        noted("notes.source.sba_final"),
        JOBS_NOTE,
        SHARE_NOTE,
    )
    return _snapshot(table, row, came, section, seed, notes)


def read_losses(section: RecordsSection, seed: int) -> RecordSnapshot:
    """Charged-off loans with `label` = amount charged off / amount disbursed, by the day of charge-off.

    A record is made when its loan is charged off, for that is when a loss is to be forecast; its vintage is
    the fiscal year of that day, and what is lost counts as known from then on.
    """
    table, row = _loans(section)
    event = _events(table)
    off = _charged_off(table)
    dated = off & ~np.isnat(event)
    order = np.flatnonzero(dated)[np.argsort(event[dated], kind="stable")]
    table, row, event = table[order], row[order], event[order]
    share = (table["chgoff_amount"] / table["disbursement_gross"]).to_numpy()
    label = np.clip(share, 0.0, 1.0)
    no_day = np.full(table.height, NO_DAY)
    came = Labelled(event, _fiscal_of(event), label, event, label, no_day)
    notes = (
        noted("notes.source.sba_lgd"),
        noted("notes.source.sba_capped", n=int((share > 1).sum()), rows=share.size),
        noted("notes.source.sba_dateless", n=int(off.sum() - dated.sum())),
        noted("notes.source.sba_exposure"),
        JOBS_NOTE,
        SHARE_NOTE,
    )
    return _snapshot(table, row, came, section, seed, notes, extra=("disbursement_gross",), time="")


def _fiscal_of(day: DateArray) -> IntArray:
    """The fiscal year of a day: it begins in October of the calendar year before."""
    month = day.astype("datetime64[M]").astype(np.int64)
    year: IntArray = 1970 + (month + 3) // 12
    return year


def _loans(section: RecordsSection) -> tuple[pl.DataFrame, pl.Series]:
    """The sample's rows inside the section's window, and their numbers in the file."""
    since, until = window_of(section)
    file = importlib.resources.files("barograph.collect") / "samples" / SBA_FILE
    table = pl.read_parquet(file.read_bytes()).with_row_index("row", offset=1)
    day = pl.col("approval_date").cast(pl.Date)
    if since is not None:
        table = table.filter(day >= since)
    if until is not None:
        table = table.filter(day <= until)
    return table.drop("row"), table["row"]


def _snapshot(
    table: pl.DataFrame,
    row: pl.Series,
    came: Labelled,
    section: RecordsSection,
    seed: int,
    notes: tuple[str, ...],
    extra: tuple[str, ...] = (),
    time: str = "approval_date",
) -> RecordSnapshot:
    values, protected = split_features(_features(table, extra), section)
    attached = Attached(
        record_id=np.array([f"sba-{number}" for number in row], dtype=object),
        amount=table["gr_appv"].cast(pl.Float64).to_numpy().copy(),
        protected={name: text_array(column) for name, column in protected.items()},
    )
    records = records_of(values, came, attached)
    schema = RecordSchema(records.numeric, records.categorical, time=time, amount="gr_appv")
    return snapshot_of(records, schema, section, seed=seed, licence=LICENCE, notes=notes)


def _features(table: pl.DataFrame, extra: tuple[str, ...]) -> dict[str, pl.Series]:
    """What was known at application, and the extra amounts of a loss study."""
    features = {name: table[name].cast(pl.Float64) for name in (*NUMERIC, *extra)}
    told = table["approval_fy"] >= JOBS_SINCE
    features |= {name: features[name].set(~told, None) for name in ("create_job", "retained_job")}
    features[SHARE] = (table["sba_appv"] / table["gr_appv"]).alias(SHARE)
    return features | {name: table[name].cast(pl.String) for name in CATEGORICAL}


def _days(table: pl.DataFrame, name: str) -> DateArray:
    return table[name].cast(pl.Date).to_numpy().astype("datetime64[D]")


def _charged_off(table: pl.DataFrame) -> BoolArray:
    return (table["status"].cast(pl.String) == "charged_off").to_numpy()


def _events(table: pl.DataFrame) -> DateArray:
    """Day of charge-off of charged-off loans; a date beside status "paid" is not an event."""
    events: DateArray = np.where(_charged_off(table), _days(table, "chgoff_date"), NO_DAY)
    return events


def _fiscal(table: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return table["approval_fy"].cast(pl.Int64).to_numpy()
