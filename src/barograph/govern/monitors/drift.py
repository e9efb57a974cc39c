"""Drift: are the records of these days like those of training?"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.govern.monitors.profile import FIGURE, Cells, Profile
from barograph.govern.storage import Database
from barograph.govern.tables import input_counts
from barograph.measures.credit.stability import SHIFTED, WATCH, Band, psi

COUNT = input_counts.c
ENOUGH: Final = 200
"""Records below which an index is mostly the empty cells that any sample so small has."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one input has moved since training."""

    name: str  # "" is the model's own figure
    index: float  # PSI
    noise: float  # what sampling alone adds to the index, on average
    band: Band  # of the index less its noise; "unknown" below `ENOUGH` records
    records: int
    worst: str  # the cell that adds most
    share_then: float  # of that cell
    share_now: float


class InputCounts:
    """Counts of one model's inputs, kept in memory and added to the database now and then.

    Several workers add to the same rows. What was counted since the last `flush` is lost with the process: a
    monitor may miss a second of records, an audit log may not.
    """

    def __init__(self, model: str, profile: Profile) -> None:
        self.model, self._profile = model, profile
        self._counts: Counter[tuple[dt.date, str, str]] = Counter()
        self._lock, self._flushing = threading.Lock(), threading.Lock()

    def count(self, records: Iterable[Mapping[str, Any]], figures: Iterable[float], day: dt.date) -> None:
        """Count records (input name -> value) and their figures; what the profile lacks is not looked at."""
        inputs = [(name, cells) for name, cells in self._profile.inputs.items() if name != FIGURE]
        own = self._profile.inputs.get(FIGURE)
        fresh: Counter[tuple[dt.date, str, str]] = Counter()
        for record in records:
            fresh.update((day, name, cells.cell(record.get(name))) for name, cells in inputs)
        if own is not None:
            fresh.update((day, FIGURE, own.cell(float(figure))) for figure in figures)
        with self._lock:
            self._counts += fresh

    def flush(self, database: Database) -> None:
        """Add what was counted to the database; where that fails, it is kept for the next time."""
        with self._flushing:
            with self._lock:
                taken = self._counts.copy()
            if not taken:
                return
            rows = [
                {"model": self.model, "day": day, "name": name, "cell": cell, "records": n}
                for (day, name, cell), n in sorted(taken.items())
            ]
            database.write(lambda connection: _add(connection, rows), isolation="READ COMMITTED")
            with self._lock:
                self._counts -= taken


def drift_of(
    database: Database, model: str, profile: Profile, *, since: dt.date, until: dt.date
) -> list[Drift]:
    """PSI of every input and of the figure over some days, both inclusive; the worst first.

    The effect is judged, not its significance: with a million records every difference is significant. An
    input without a record has no line.
    """
    wanted = (COUNT.model == model) & COUNT.day.between(since, until)
    statement = sa.select(COUNT.name, COUNT.cell, sa.func.sum(COUNT.records)).where(wanted)
    rows = database.read(lambda c: c.execute(statement.group_by(COUNT.name, COUNT.cell)).all())
    counted: dict[str, dict[str, int]] = {}
    for name, cell, n in rows:
        counted.setdefault(name, {})[cell] = int(n)
    known = [(name, counts) for name, counts in counted.items() if name in profile.inputs]
    found = [_drift(name, profile.inputs[name], counts, profile.rows) for name, counts in known]
    return sorted(found, key=lambda one: (-one.index, one.name))


def _drift(name: str, cells: Cells, counts: Mapping[str, int], rows: int) -> Drift:
    names = sorted({*cells.shares, *counts})
    then = [cells.shares.get(cell, 0.0) for cell in names]
    now = [counts.get(cell, 0) for cell in names]
    total = sum(now)
    stability = psi([share * rows for share in then], now)
    used = sum(1 for share, n in zip(then, now, strict=True) if share > 0.0 or n > 0)
    noise = max(used - 1, 0) * (1.0 / max(rows, 1) + 1.0 / max(total, 1))
    worst = int(stability.terms.argmax())
    beyond = stability.index - noise
    band: Band = "stable" if beyond < WATCH else "watch" if beyond < SHIFTED else "shifted"
    if total < ENOUGH:
        band = "unknown"
    return Drift(
        name,
        stability.index,
        noise,
        band,
        total,
        names[worst],
        then[worst] / (sum(then) or 1.0),
        now[worst] / total,
    )


def _add(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = kind.insert(input_counts)
    key = ["model", "day", "name", "cell"]
    more = {"records": COUNT.records + insert.excluded.records}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=more), rows)
