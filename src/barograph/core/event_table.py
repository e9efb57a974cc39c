"""Events: what happened, one row each in order of arrival, and what became known of it later."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.event_columns import USUAL_COLUMNS, EventColumns
from barograph.core.record_table import TextArray
from barograph.core.records import Provenance

TimeArray = npt.NDArray[np.datetime64]
"""Instants in UTC, datetime64[us], without a zone."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Payments or transfers, one row each, in order of arrival (of time, where no other order is known).

    The actor is whose behaviour is watched (card, account that pays); the counterparty is where the money
    goes (terminal, merchant, account that receives). Both are codes into `actors` and `counterparties`; in
    a network of accounts the two lists of names are one and the same.
    """

    event_id: TextArray  # [n] unique
    time: TimeArray  # [n] when it happened
    actor: IntArray  # [n] code into `actors`
    counterparty: IntArray  # [n] code into `counterparties`; -1 where there is none
    amount: FloatArray  # [n] money units, two decimals at most; may be 0 or negative (a refund)
    label: FloatArray  # [n] 1 = fraud, 0 = legitimate, NaN = not known in the data
    label_time: TimeArray  # [n] when the label became known; NaT where it never did
    actors: TextArray  # names
    counterparties: TextArray  # names
    pattern: TextArray | None = None  # [n] kind of fraud, planted or named ("" = none); never a feature
    columns: pl.DataFrame = field(default_factory=pl.DataFrame)  # [n] further inputs: Float64 or String

    @property
    def n(self) -> int:
        """Number of events."""
        return int(self.time.shape[0])

    def take(self, rows: IntArray) -> Events:
        """Some of the events, in the order given; codes and names stay."""
        arrays = ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time")
        changed: dict[str, Any] = {name: getattr(self, name)[rows] for name in arrays}
        changed["pattern"] = None if self.pattern is None else self.pattern[rows]
        changed["columns"] = self.columns[rows.tolist()] if self.columns.width else self.columns
        return replace(self, **changed)


@dataclass(frozen=True, slots=True)
class EventSnapshot:
    """Events with their provenance: what a run on transactions was made from."""

    events: Events
    provenance: Provenance
    notes: tuple[str, ...] = ()  # what was assumed while reading, one sentence each
    columns: EventColumns = USUAL_COLUMNS  # in the source
