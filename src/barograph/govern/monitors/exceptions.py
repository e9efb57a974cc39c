"""Exceptions of a VaR, day by day, with the supervisor's traffic light as it stands."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.core.errors import DataError
from barograph.govern.storage import Database
from barograph.govern.tables import var_days
from barograph.measures.backtests.traffic_light import TrafficLight, traffic_light

DAY = var_days.c
WINDOW: Final = 250
"""Days that the traffic light looks back."""


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The days of one entity's VaR."""

    entity: str
    alpha: float
    days: int  # of the window whose loss is known
    waiting: int  # whose loss is not
    last: dt.date | None  # last exception of the window
    light: TrafficLight


def note_var(
    database: Database,
    study: str,
    model: str,
    day: dt.date,
    values: Mapping[str, float],
    *,
    alpha: float,
) -> None:
    """Keep the VaR stated for a day, by entity (losses, positive); what was stated first stays.

    Of a statement that comes after the loss of its day was told, to whatever model, that loss is the one.

    Raises
    ------
    DataError
        One is not finite.
    """
    _check(values)
    common = {"study": study, "model": model, "alpha": alpha, "day": day}
    known = sa.select(DAY.entity, DAY.loss).where(
        (DAY.study == study) & (DAY.day == day) & DAY.entity.in_(list(values)) & DAY.loss.is_not(None)
    )

    def write(connection: sa.Connection) -> None:
        told = {row.entity: row.loss for row in connection.execute(known)}
        rows = [
            {**common, "entity": entity, "var": value, "loss": told.get(entity)}
            for entity, value in values.items()
        ]
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(kind.insert(var_days).on_conflict_do_nothing(), rows)

    if values:
        database.write(write)


def note_loss(database: Database, study: str, day: dt.date, losses: Mapping[str, float]) -> int:
    """Keep the loss that came on a day, by entity (gains are negative); how many statements waited for it.

    Raises
    ------
    DataError
        One is not finite.
    """
    _check(losses)

    def write(connection: sa.Connection) -> int:
        return sum(_met(connection, study, day, entity, loss) for entity, loss in losses.items())

    return database.write(write)


def exceptions_of(database: Database, study: str, model: str, *, window: int = WINDOW) -> list[Exceptions]:
    """Exceptions and traffic light of every entity and level over its last days with a known loss."""
    wanted = (DAY.study == study) & (DAY.model == model)
    statement = sa.select(var_days).where(wanted).order_by(DAY.entity, DAY.alpha, DAY.day.desc())
    rows = database.read(lambda connection: connection.execute(statement).all())
    groups: dict[tuple[str, float], list[Any]] = {}
    for row in rows:
        groups.setdefault((row.entity, row.alpha), []).append(row)
    return [_counted(entity, alpha, days, window) for (entity, alpha), days in groups.items()]


def _counted(entity: str, alpha: float, days: list[Any], window: int) -> Exceptions:
    known = [row for row in days if row.loss is not None][:window]
    beyond = [row.day for row in known if row.loss > row.var]
    light = traffic_light(len(beyond), len(known), alpha=alpha)
    return Exceptions(
        entity, alpha, len(known), sum(row.loss is None for row in days), max(beyond, default=None), light
    )


def _met(connection: sa.Connection, study: str, day: dt.date, entity: str, loss: float) -> int:
    """The first loss told of a day stays: a second telling changes no exception after the fact."""
    waits = (DAY.study == study) & (DAY.entity == entity) & (DAY.day == day) & DAY.loss.is_(None)
    return int(connection.execute(sa.update(var_days).where(waits).values(loss=loss)).rowcount)


def _check(values: Mapping[str, float]) -> None:
    wrong = [entity for entity, value in values.items() if not math.isfinite(value)]
    if wrong:
        raise DataError(
            "a VaR and a loss must be finite numbers",
            came=f"that of '{wrong[0]}' is {values[wrong[0]]}",
            do="Leave the entity out on that day",
        )
