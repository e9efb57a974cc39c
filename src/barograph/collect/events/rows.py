"""Simulated payments on their way to a table of events."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import Field, dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from barograph.collect.events.drawing import money
from barograph.collect.events.rhythm import DAY
from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.event_table import Events, TimeArray
from barograph.core.record_table import TextArray

MICRO = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Payments in any order; pattern 0 is a legitimate one."""

    time: IntArray  # [n] seconds since the first day's midnight; may lie outside the simulated days
    actor: IntArray  # [n]
    counterparty: IntArray  # [n]
    amount: FloatArray  # [n] unrounded
    pattern: IntArray  # [n] code of the planted pattern, 0 = none

    @property
    def n(self) -> int:
        """Number of payments."""
        return int(self.time.shape[0])

    def take(self, rows: IntArray | BoolArray) -> Rows:
        """Some of the payments."""
        return Rows(
            self.time[rows], self.actor[rows], self.counterparty[rows], self.amount[rows], self.pattern[rows]
        )

    def marked(self, rows: BoolArray, pattern: int, amount: FloatArray | None = None) -> Rows:
        """The same payments, some of them carrying a pattern now, and other amounts if given."""
        marked = np.where(rows, pattern, self.pattern)
        return replace(self, pattern=marked, amount=self.amount if amount is None else amount)


class World(Protocol):
    """What every simulator's settings say."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def start(self) -> datetime.date:
        """The first day, UTC."""
        ...

    @property
    def seed(self) -> int:
        """Of every draw."""
        ...

    @property
    def label_delay_days(self) -> float:
        """Days until a label is known."""
        ...

    @property
    def reporting_days(self) -> float:
        """Mean of a further exponential delay, drawn alike for fraud and the rest; days."""
        ...


def joined(parts: Iterable[Rows]) -> Rows:
    """Several sets of payments, one after the other."""
    every = list(parts)
    return Rows(
        np.concatenate([part.time for part in every]),
        np.concatenate([part.actor for part in every]),
        np.concatenate([part.counterparty for part in every]),
        np.concatenate([part.amount for part in every]),
        np.concatenate([part.pattern for part in every]),
    )


def in_order(rows: Rows, days: int) -> Rows:
    """The payments inside the simulated days, by time; equal instants keep the order they came in."""
    inside = rows.take((rows.time >= 0) & (rows.time < days * DAY))
    return inside.take(np.argsort(inside.time, kind="stable"))


def events_of(
    rows: Rows,
    world: World,
    rng: np.random.Generator,
    *,
    patterns: tuple[str, ...],
    actors: TextArray,
    counterparties: TextArray,
    letter: str,
) -> Events:
    """The table of payments that are in order.

    Parameters
    ----------
    rows : Rows
        From `in_order`.
    world : World
        First day and label delays.
    rng : numpy.random.Generator
        For the reporting delay; unused where its mean is 0.
    patterns : tuple of str
        Name of each code of a pattern; the first is "" for none.
    actors, counterparties : ndarray of str
        Names of the codes.
    letter : str
        What an event's identity begins with; a number by place in the table follows.
    """
    time = np.datetime64(world.start, "us") + (rows.time * MICRO).astype("timedelta64[us]")
    return Events(
        event_id=numbered(letter, rows.n),
        time=time,
        actor=rows.actor.astype(np.int64),
        counterparty=rows.counterparty.astype(np.int64),
        amount=money(rows.amount),
        label=(rows.pattern > 0).astype(np.float64),
        label_time=_known(time, world, rng),
        actors=actors,
        counterparties=counterparties,
        pattern=np.array(patterns, dtype=object)[rows.pattern],
    )


def _known(time: TimeArray, world: World, rng: np.random.Generator) -> TimeArray:
    """When each label becomes known: whole seconds, never before the fixed delay."""
    seconds = np.full(time.shape, np.ceil(world.label_delay_days * DAY))
    if world.reporting_days:
        seconds += np.floor(rng.exponential(world.reporting_days * DAY, time.shape))
    known: AnyArray = time + (seconds.astype(np.int64) * MICRO).astype("timedelta64[us]")
    return known


def numbered(letter: str, n: int) -> TextArray:
    """Names "c0001", "c0002", … of equal length."""
    digits = np.arange(1, n + 1).astype(f"U{len(str(n))}")
    return np.strings.add(letter, np.strings.zfill(digits, len(str(n))))
