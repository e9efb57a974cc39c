"""Records: independent rows, each with what was known when it was made and what came of it later."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.core.arrays import AnyArray, BoolArray, DateArray, FloatArray, IntArray
from barograph.core.event_columns import USUAL_COLUMNS, EventColumns
from barograph.core.fitted import GarchParameters
from barograph.core.fitted_events import EventPlan
from barograph.core.fitted_graph import GraphPlan
from barograph.core.record_sections import FixingsSection
from barograph.core.records import Panel, Provenance

TextArray = npt.NDArray[Any]
"""Array of str, dtype object or U."""

TERMS = ("lgd", "maturity", "arrears", "pd_origination")
"""What columns may say of a loan beside its exposure: loss given default (share), years it still runs, days
past due, and the one-year probability of default when it was made."""


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """A table of records (loans, applicants, card clients), one row each, in order of time if there is one.

    `table` holds the features and nothing else: numeric columns as Float64 (null = missing; never NaN or
    infinite), categorical ones as String (null = missing). A date feature arrives as a numeric column
    (days before `time`). Labels: 1 = bad (default), 0 = good; for a loss study the loss given default.
    """

    table: pl.DataFrame  # [n] feature columns, `numeric` then `categorical`
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    record_id: TextArray  # [n] unique
    time: DateArray  # [n] datetime64, when the record was made: a day, in a stream a second; NaT without time
    vintage: IntArray  # [n] what reports group by: year (fiscal or calendar), or block of days or hours; 0
    # without time
    label: FloatArray  # [n] the study's target; NaN where the observation window had not closed in the data
    label_time: DateArray  # [n] when the observation window closes, whatever the label; NaT without time
    outcome: (
        FloatArray  # [n] the final outcome as far as the data reach (retrospective protocol); NaN unknown
    )
    event_time: DateArray  # [n] day of default; NaT where none is recorded
    group: IntArray  # [n] code of the customer; records of one customer never part. Unique codes where none
    amount: FloatArray  # [n] exposure in money units, for expected loss; NaN where unknown
    sequence: FloatArray  # [n, T, C] the record's own history, oldest step first, NaN missing; T = 0 if none
    channels: tuple[str, ...]  # [C]
    protected: dict[str, TextArray] = field(default_factory=dict)  # column -> [n]; never a feature
    terms: dict[str, FloatArray] = field(default_factory=dict)  # of `TERMS` -> [n], NaN unknown
    weight: FloatArray | None = None  # [n] how many records each stands for; None = one each. Never a feature

    @property
    def n(self) -> int:
        """Number of records."""
        return int(self.label.shape[0])

    @property
    def has_time(self) -> bool:
        """Whether the records carry a time."""
        return bool(self.n) and not bool(np.isnat(self.time).any())

    @property
    def columns(self) -> tuple[str, ...]:
        """Every feature column."""
        return (*self.numeric, *self.categorical)

    def take(self, rows: IntArray | BoolArray) -> Records:
        """Some of the records, in the order given."""
        places = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64, copy=False)
        return self._of(places, self.table[places] if places.size else self.table.clear())

    def rows(self, start: int, stop: int) -> Records:
        """Consecutive records from `start` up to, without, `stop`: views, nothing is copied."""
        within = slice(start, min(stop, self.n))
        return self._of(within, self.table[within])

    def _of(self, places: IntArray | slice, table: pl.DataFrame) -> Records:
        arrays = (
            "record_id", "time", "vintage", "label", "label_time", "outcome", "event_time", "group", "amount",
            "sequence",
        )  # fmt: skip
        changed: dict[str, Any] = {name: getattr(self, name)[places] for name in arrays}
        changed["protected"] = {name: values[places] for name, values in self.protected.items()}
        changed["terms"] = {name: values[places] for name, values in self.terms.items()}
        changed["weight"] = None if self.weight is None else self.weight[places]
        return replace(self, table=table, **changed)

    def known_at(self, cut: np.datetime64) -> BoolArray:
        """Records whose observation window had closed at a day: good and bad alike, never earlier for bad."""
        closed: BoolArray = (self.label_time <= cut) & np.isfinite(self.label)
        return closed


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """Which columns a serving request must carry, and how each is read."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    dates: tuple[str, ...] = ()  # of `numeric`: read as dates, kept as days before `time` (1970 without time)
    sequence: dict[str, tuple[str, ...]] = field(default_factory=dict)  # channel -> columns, oldest first
    stream_steps: int = 0  # above 0: each channel is one column, its steps the rows of the request up to each
    time: str = ""  # column of the record's day; "" without time
    record_id: str = ""  # "" numbers the records
    amount: str = ""
    terms: dict[str, str] = field(default_factory=dict)  # of `TERMS` -> column; a request may leave it out
    written: dict[str, str] = field(default_factory=dict)  # column -> how its text is written where that
    # cannot be seen in one value: "point" or "comma" (decimal), "percent", "day first", "month first"


@dataclass(frozen=True, slots=True, eq=False)
class EventLink:
    """What ties records to the events they were made from; only events have it."""

    plan: EventPlan
    graph: GraphPlan | None  # of a network of accounts
    state: dict[str, AnyArray]  # of the live features after the last event
    time: AnyArray  # [n] instant of each record, datetime64[us] UTC
    actor: TextArray  # [n] name
    counterparty: TextArray  # [n] name, "" where there is none
    pattern: TextArray | None  # [n] what a simulator planted, "" = nothing; never a feature
    columns: EventColumns = USUAL_COLUMNS  # in the source


@dataclass(frozen=True, slots=True, eq=False)
class FixingLink:
    """What ties records to the currency fixings they were made from; only fixings have it."""

    section: FixingsSection
    prices: Panel  # the end of the fixings, enough for the next record of every currency
    garch: dict[str, GarchParameters]  # currency -> fitted on every day
    variance: dict[str, float]  # currency -> of the day after its last, percent squared
    climatology: dict[str, float]  # currency -> log-odds of its frequency of falls so far
    steps: int  # days of history that a network reads; 0 where none does


@dataclass(frozen=True, slots=True)
class RowsBeyond:
    """The rows of a file that are not held in memory; networks alone train on them."""

    path: Path
    entity: str  # column of the customer, by which rows are drawn; "": row by row
    seed: int  # of the draw
    limit: int  # rows whose key (`collect.records.drawn`) is smaller are held
    rows: int  # that are not held, usable or not
    digest: str  # sha256 of the file, hex


@dataclass(frozen=True, slots=True)
class RecordSnapshot:
    """Records with their provenance: what a scoring run was made from."""

    records: Records
    provenance: Provenance
    schema: RecordSchema
    notes: tuple[str, ...] = ()  # what was assumed while reading, one sentence each
    events: EventLink | None = None  # of records that are events
    fixings: FixingLink | None = None  # of records made of currency fixings
    outcome_words: tuple[frozenset[str], frozenset[str]] | None = None  # of an own table: that mean bad, good
    beyond: RowsBeyond | None = None  # of an own file that is larger than memory
