"""What was held to limits, kept by the hour: how near a figure has come, and when."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.govern.limits.records import KeptReading, LimitRecord, Reading
from barograph.govern.storage import Database
from barograph.govern.tables import limit_readings

OF = limit_readings.c
KEY = ("study", "figure", "entity", "hour")


def held(limits: Sequence[LimitRecord], readings: Iterable[Reading]) -> list[Reading]:
    """The readings that some limit looks at."""
    return [one for one in readings if any(looks_at(limit, one) for limit in limits)]


def looks_at(limit: LimitRecord, reading: Reading) -> bool:
    """Whether a limit looks at a reading."""
    same = (limit.study, limit.figure) == (reading.study, reading.figure)
    return same and limit.entity in ("", reading.entity)


def keep_readings(database: Database, readings: Iterable[Reading]) -> None:
    """Add readings to what is kept of their hour; several processes add to the same rows."""
    at = database.clock()
    hour = at.replace(minute=0, second=0, microsecond=0)
    found: dict[tuple[str, str, str], list[float]] = {}
    for one in readings:
        found.setdefault((one.study, one.figure, one.entity), []).append(one.value)
    rows = [
        dict(zip(KEY, (*key, hour), strict=True)) | _summed(values) | {"at": at}
        for key, values in sorted(found.items())
    ]
    if rows:
        database.write(lambda connection: _add(connection, rows), isolation="READ COMMITTED")


def readings_of(
    database: Database, study: str, figure: str, *, since: dt.datetime, entity: str | None = None
) -> list[KeptReading]:
    """What was kept of a figure since an instant, by entity and hour."""
    wanted = (OF.study == study) & (OF.figure == figure) & (OF.hour >= since)
    if entity is not None:
        wanted &= OF.entity == entity
    statement = sa.select(limit_readings).where(wanted).order_by(OF.entity, OF.hour)
    rows = database.read(lambda connection: connection.execute(statement).mappings().all())
    return [KeptReading(**row) for row in rows]


def newest_readings(database: Database, *, study: str | None = None) -> list[KeptReading]:
    """The newest hour of each figure and entity that was held to a limit, by study, figure, entity."""
    names = (OF.study, OF.figure, OF.entity)
    newest = sa.select(*names, sa.func.max(OF.hour).label("hour")).group_by(*names).subquery()
    same = sa.and_(*(OF[name] == newest.c[name] for name in KEY))
    statement = sa.select(limit_readings).join(newest, same).order_by(*names)
    if study is not None:
        statement = statement.where(OF.study == study)
    rows = database.read(lambda connection: connection.execute(statement).mappings().all())
    return [KeptReading(**row) for row in rows]


def _summed(values: Sequence[float]) -> dict[str, Any]:
    known = [value for value in values if math.isfinite(value)]
    last = values[-1] if math.isfinite(values[-1]) else None
    return {
        "low": min(known, default=None),
        "high": max(known, default=None),
        "last": last,
        "readings": len(values),
    }


def _add(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = kind.insert(limit_readings)
    new = insert.excluded
    more = {
        "low": sa.case((new.low < OF.low, new.low), else_=sa.func.coalesce(OF.low, new.low)),
        "high": sa.case((new.high > OF.high, new.high), else_=sa.func.coalesce(OF.high, new.high)),
        "last": new.last,
        "readings": OF.readings + new.readings,
        "at": new.at,
    }
    connection.execute(insert.on_conflict_do_update(index_elements=list(KEY), set_=more), rows)
