"""From typed columns to records in order of time, their share drawn, with provenance."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from barograph.collect.records.snapshot import records_hash
from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.errors import DataError, SettingError
from barograph.core.notes import noted
from barograph.core.record_table import Records, RecordSchema, RecordSnapshot, TextArray
from barograph.core.records import Provenance
from barograph.core.scoring_study import RecordsSection

LEAST_RECORDS = 100
NO_DAY = np.datetime64("NaT", "D")
EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """What came of the records: see `core.record_table.Records` for each array."""

    time: DateArray
    vintage: IntArray
    label: FloatArray
    label_time: DateArray
    outcome: FloatArray
    event_time: DateArray


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """What else the records carry; what is absent gets its neutral value."""

    record_id: TextArray
    group: IntArray | None = None
    amount: FloatArray | None = None
    sequence: FloatArray | None = None
    channels: tuple[str, ...] = ()
    protected: Mapping[str, TextArray] = field(default_factory=dict)
    terms: Mapping[str, FloatArray] = field(default_factory=dict)
    weight: FloatArray | None = None


def records_of(features: Mapping[str, pl.Series], came: Labelled, attached: Attached) -> Records:
    """Records from typed features (Float64 or String) and arrays, all of the same length, order kept."""
    n = len(came.label)
    numeric = tuple(name for name, values in features.items() if values.dtype == pl.Float64)
    categorical = tuple(name for name in features if name not in numeric)
    table = pl.DataFrame([features[name].alias(name) for name in (*numeric, *categorical)])
    return Records(
        table=table,
        numeric=numeric,
        categorical=categorical,
        record_id=attached.record_id,
        time=came.time,
        vintage=came.vintage,
        label=came.label,
        label_time=came.label_time,
        outcome=came.outcome,
        event_time=came.event_time,
        group=np.arange(n) if attached.group is None else attached.group,
        amount=np.full(n, np.nan) if attached.amount is None else attached.amount,
        sequence=np.full((n, 0, 0), np.nan) if attached.sequence is None else attached.sequence,
        channels=attached.channels,
        protected=dict(attached.protected),
        terms=dict(attached.terms),
        weight=attached.weight,
    )


def snapshot_of(
    records: Records,
    schema: RecordSchema,
    section: RecordsSection,
    *,
    seed: int,
    licence: str,
    notes: tuple[str, ...],
    label: str | None = None,
) -> RecordSnapshot:
    """The share of the records that the section wants, in order of time, with their provenance."""
    name = label or section.source
    ordered = records.take(np.argsort(records.time, kind="stable")) if records.has_time else records
    drawn = ordered.take(share_of(ordered, section.share, seed)) if section.share < 1 else ordered
    if section.share < 1:
        notes = (*notes, noted("notes.reading.drawn", n=drawn.n, of=ordered.n, seed=seed))
    if drawn.n < LEAST_RECORDS:
        raise DataError(
            f"{name} must hold at least {LEAST_RECORDS} records",
            came=f"{drawn.n:,} are left" if drawn.n < ordered.n else f"it holds {drawn.n:,}",
            do="Give more records, or widen collect.since, collect.until and collect.share",
        )
    ends = drawn.time[[0, -1]].astype("datetime64[D]") if drawn.has_time else ("", "")
    since, until = (str(end) for end in ends)
    provenance = Provenance(
        source=name,
        licence=licence,
        content_hash=records_hash(drawn),
        rows=drawn.n,
        since=since,
        until=until,
        notes=notes,
    )
    return RecordSnapshot(drawn, provenance, schema, notes)


def share_of(records: Records, share: float, seed: int) -> IntArray:
    """Rows of a share of every vintage and outcome, drawn at random, at least one of each, ascending."""
    generator = np.random.default_rng(seed)
    rated = np.where(np.isfinite(records.outcome), records.outcome > 0.5, -1).astype(np.int64)
    strata = np.stack([records.vintage, rated], axis=1)
    _, stratum = np.unique(strata, axis=0, return_inverse=True)
    chosen = []
    for code in range(int(stratum.max()) + 1 if stratum.size else 0):
        rows = np.flatnonzero(stratum == code)
        chosen.append(generator.choice(rows, size=max(1, round(share * rows.size)), replace=False))
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)


def window_of(section: RecordsSection) -> tuple[datetime.date | None, datetime.date | None]:
    """The section's first and last day; raises `SettingError` where they are no days or out of order."""
    since, until = _day("collect.since", section.since), _day("collect.until", section.until)
    if since is not None and until is not None and since > until:
        came = f"got {since} and {until}"
        raise SettingError("collect.since must not be after collect.until", came=came, do="Swap them")
    return since, until


def _day(key: str, value: str | None) -> datetime.date | None:
    try:
        return None if value is None else datetime.date.fromisoformat(value)
    except ValueError as error:
        came = f"got '{value}'"
        raise SettingError(f"{key} must be a day", came=came, do="Write it as YYYY-MM-DD") from error


def days_before(days: pl.Series, time: DateArray) -> pl.Series:
    """A date as a number: days before the record's time, before 1970-01-01 where there is none."""
    values = days.to_numpy().astype("datetime64[D]")
    since = np.where(np.isnat(time), EPOCH, time) - values
    counted = np.where(np.isnat(values), np.nan, since.astype(np.int64).astype(np.float64))
    return pl.Series(days.name, counted, dtype=pl.Float64).fill_nan(None)


def text_array(values: pl.Series) -> TextArray:
    """Text as an array of str, "" where missing."""
    return values.cast(pl.String).fill_null("").to_numpy()


def month_later(time: DateArray, months: int) -> DateArray:
    """Days so many months later; the last day of a shorter month where it has no such day."""
    days = pl.Series(time.astype("datetime64[ms]")).cast(pl.Date).dt.offset_by(f"{months}mo")
    return days.to_numpy().astype("datetime64[D]")
