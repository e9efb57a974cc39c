"""Tables on their way from a source to the networks: snapshot, panel, samples, fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, DateArray, FloatArray, IntArray

PRICE_COLUMNS = ("open", "high", "low", "close", "volume")


WARNING = "warning: "
"""How a note on the data begins that a user must see."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """Something that a user's table did not say and that was found out: shown, and kept in the settings."""

    what: str  # word of `core/texts`, cli.reading.what: encoding, time, dates …
    value: str  # as the setting takes it, or a word of cli.reading.value
    column: str = ""  # "" for the table as a whole
    setting: str = ""  # dotted key that repeats it (of a mapping: `column` is the key); "" where none need be


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a table came from and how to recognise it again."""

    source: str
    licence: str
    content_hash: str  # sha256 over the canonical rows, hex
    rows: int
    since: str  # ISO date of the first row
    until: str  # ISO date of the last row
    notes: tuple[str, ...] = ()
    assumed: tuple[Assumed, ...] = ()  # of a user's own table
    set_aside: int = 0  # rows of the table as read that broke its contract and were left out
    set_aside_in: str = ""  # file that holds them, each with its reasons
    snapshot: str = ""  # hash under which the table as read is kept; "" where it is not

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notes that a user must see."""
        return tuple(note for note in self.notes if note.startswith(WARNING))

    @classmethod
    def of_plain(cls, told: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`; `KeyError`, `TypeError` or `ValueError` where it is none."""
        if not (isinstance(told["rows"], int) and isinstance(told["notes"], list)):
            raise TypeError(told)
        assumed = tuple(Assumed(**one) for one in told.get("assumed", ()))
        return cls(**{**told, "notes": tuple(map(str, told["notes"])), "assumed": assumed})


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Long table of series: `entity` (str), `time` (date), then float columns; sorted by entity, time.

    For prices the float columns are ``PRICE_COLUMNS``, null where a series does not carry one.
    Prices are levels in the series' own currency or points.
    """

    table: pl.DataFrame

    @property
    def entities(self) -> tuple[str, ...]:
        """The series' names, sorted."""
        return tuple(sorted(self.table["entity"].unique().to_list()))

    def of(self, entity: str) -> pl.DataFrame:
        """The rows of one series, oldest first."""
        return self.table.filter(pl.col("entity") == entity)

    def each(self) -> dict[str, Self]:
        """Every series as a panel of its own, in one pass over the table."""
        parts = self.table.partition_by("entity", as_dict=True)
        return {str(name): type(self)(part) for (name,), part in parts.items()}

    def until(self, last: np.datetime64) -> Self:
        """The panel as it stood at the end of a day."""
        return type(self)(self.table.filter(pl.col("time") <= last.astype("datetime64[D]").item()))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A panel with its provenance: what a run was made from."""

    panel: Panel
    provenance: Provenance


@dataclass(frozen=True, slots=True, eq=False)
class ByDay:
    """A table ``[n, n_columns]`` whose rows of one day are alike: each day is kept once, read by row.

    As wide as there are series, it would otherwise grow with their square.
    """

    days: FloatArray  # [n_days, n_columns]
    day: IntArray  # [n] place of each row's day in `days`

    def __getitem__(self, rows: IntArray | slice | int) -> FloatArray:
        """The rows as they would stand in the table."""
        found: FloatArray = self.days[self.day[rows]]
        return found

    def take(self, rows: IntArray) -> ByDay:
        """A table of some rows."""
        kept, day = np.unique(self.day[rows], return_inverse=True)
        return ByDay(self.days[kept], day.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One row per (entity, origin): what was known at the origin, and what came of it later.

    Rows are grouped by entity in the order of `entities` and ascend in time, so that the window of row i
    is rows ``i - window + 1 … i`` of `channels`. Returns are log decimals, variances decimals squared.
    """

    entities: tuple[str, ...]
    entity: IntArray  # [n] index into entities
    time: DateArray  # [n] datetime64[D], the origin
    features: FloatArray  # [n, n_features] no NaN where admissible
    feature_names: tuple[str, ...]
    channels: FloatArray  # [n, n_channels] what the sequence networks read, one step per row
    channel_names: tuple[str, ...]
    window: int  # steps a sequence network sees
    cross_section: ByDay  # [n, 2 * n_entities] the whole panel at the origin: state of each entity, then 0/1
    returns: FloatArray  # [n] log return of the origin's own day
    proxy: FloatArray  # [n] variance proxy of the origin's own day: range variance where OHLC exists, else r²
    price: FloatArray  # [n] close at the origin
    horizons: tuple[int, ...]  # [n_horizons] trading days of the entity
    target: FloatArray  # [n, n_horizons] sum of squared log returns over the next h days; NaN if unknown
    target_return: FloatArray  # [n, n_horizons] log return over the next h days; NaN if unknown
    known_at: DateArray  # [n, n_horizons] the day on which the target became known; NaT if unknown
    admissible: BoolArray  # [n] enough history for every feature and the whole window
    held: BoolArray  # [n] the rate was known at the origin to be held (peg, floor, narrow band)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.time.shape[0])

    def rows_of(self, entity: int) -> slice:
        """The contiguous rows of one entity."""
        since, until = np.searchsorted(self.entity, [entity, entity + 1]).tolist()
        return slice(since, until) if until > since else slice(0, 0)


@dataclass(frozen=True, slots=True)
class Fold:
    """One training window and one test block of the walk-forward plan; all dates inclusive.

    Training may use a row's target only if it was known at `cut`; the test block holds the origins
    ``test_since … test_until``, all of them at or after `cut`.
    """

    number: int
    cut: np.datetime64  # the last day whose information the fold's models were fitted on
    test_since: np.datetime64
    test_until: np.datetime64

    def training_rows(self, samples: Samples) -> IntArray:
        """Rows whose every target was known at the cut."""
        known = (samples.known_at <= self.cut).all(axis=1)
        return np.flatnonzero(samples.admissible & known).astype(np.int64)

    def test_rows(self, samples: Samples) -> IntArray:
        """Rows whose origin lies in the test block."""
        inside = (samples.time >= self.test_since) & (samples.time <= self.test_until)
        return np.flatnonzero(samples.admissible & inside).astype(np.int64)
