"""What sets currency fixings apart from prices: rates stop, pause, are pegged for good, or come late.

None of that is a fault of the table, so such a series leaves the panel with a note, unless the study names
it. What is a fault, such as a redenomination inside a series, stays for the contract to refuse.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import polars as pl

from barograph.collect.contract import Contract
from barograph.collect.values import dates, names, numbers
from barograph.core.notes import noted

Window = tuple[datetime.date | None, datetime.date | None]


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """The rows that stay, and a sentence for everything that left."""

    table: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Leaving:
    """Rows on their way out, by their place in the table, and why."""

    places: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def say(self, rows: pl.DataFrame, note: str) -> None:
        self.places += rows["place"].to_list()
        self.notes.append(note)


def settled(table: pl.DataFrame, contract: Contract, window: Window, *, named: tuple[str, ...]) -> Settled:
    """The series of a long table that can be forecast; the others leave, each with its reason.

    - A series whose last day lies more than the contract's longest gap before the table's last has stopped.
    - A series that pauses for longer than that begins again behind the pause.
    - A series with fewer rows than the contract asks for has come too late.
    - A series that never moves is a peg for good: its variance is zero, and nothing may be divided by it.

    Parameters
    ----------
    table : polars.DataFrame
        `entity`, `time` and `close`, as read; a table without them, or whose dates cannot be read, comes back
        as it is.
    contract : Contract
        Its longest gap and its smallest number of rows.
    window : pair of date or None
        Only days inside count.
    named : tuple of str
        Series the study asks for by name: they stay whatever is said above, for the contract to judge.
    """
    if not {"entity", "time", "close"} <= set(table.columns):
        return Settled(table)
    typed = pl.DataFrame(
        [
            pl.Series("place", range(table.height), dtype=pl.Int64),
            names(table["entity"]).alias("entity"),
            dates(table["time"])[0].alias("time"),
            numbers(table["close"])[0].alias("close"),
        ]
    ).drop_nulls(["entity", "time"])
    since, until = window
    inside = typed.filter(
        pl.lit(True) if since is None else pl.col("time") >= since,
        pl.lit(True) if until is None else pl.col("time") <= until,
    )
    last = inside["time"].max()
    leaving = _Leaving()
    for (entity,), rows in inside.group_by("entity", maintain_order=True):
        if entity not in named and isinstance(last, datetime.date):
            _judge(str(entity), rows, contract, last, leaving)
    if not leaving.notes:
        return Settled(table)
    stays = pl.Series([True] * table.height, dtype=pl.Boolean).scatter(leaving.places, False)
    return Settled(table.filter(stays), tuple(leaving.notes))


def _judge(
    entity: str, rows: pl.DataFrame, contract: Contract, last: datetime.date, leaving: _Leaving
) -> None:
    """Let a series, or its part before a pause, leave."""
    end = rows["time"].max()
    assert isinstance(end, datetime.date)
    if (last - end).days > contract.longest_gap:
        leaving.say(rows, noted("notes.reading.stopped", entity=entity, end=end))
        return
    pauses = rows.filter(pl.col("time").diff().dt.total_days() > contract.longest_gap)
    if pauses.height:
        begin = pauses["time"][-1]
        before = rows.filter(pl.col("time") < begin)
        leaving.say(before, noted("notes.reading.paused", entity=entity, begin=begin, rows=before.height))
        rows = rows.filter(pl.col("time") >= begin)
    if rows.height < contract.minimum_rows:
        leaving.say(
            rows, noted("notes.reading.short", entity=entity, rows=rows.height, least=contract.minimum_rows)
        )
    elif rows["close"].n_unique() == 1:
        leaving.say(rows, noted("notes.reading.never_moves", entity=entity))
