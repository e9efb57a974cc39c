"""What was held to limits is kept by the hour, whoever read it."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor

from clocks import SetClock

from barograph.govern.access import add_user
from barograph.govern.changes import changes_since
from barograph.govern.limits import (
    Reading,
    end_limit,
    held,
    keep_readings,
    limits_of,
    newest_readings,
    readings_of,
    set_limit,
)
from barograph.govern.storage import Database, forget


def reading(value: float, entity: str = "a", figure: str = "var_99") -> Reading:
    return Reading("market/volatility", figure, value, entity)


def test_an_hour_is_one_row_with_its_range_and_its_last(database: Database, clock: SetClock) -> None:
    since = clock()
    for values in ([0.02, 0.05], [0.01, 0.03]):
        keep_readings(database, [reading(value) for value in values])
    keep_readings(database, [reading(1.0, "b"), reading(9.0, figure="es_99")])
    clock.go(hours=1)
    keep_readings(database, [reading(0.04)])
    first, second = readings_of(
        database, "market/volatility", "var_99", since=since.replace(minute=0), entity="a"
    )
    assert (first.low, first.high, first.last, first.readings) == (0.01, 0.05, 0.03, 4)
    assert (second.low, second.high, second.last, second.readings) == (0.04, 0.04, 0.04, 1)
    assert second.hour - first.hour == dt.timedelta(hours=1)
    newest = {(one.figure, one.entity): one.last for one in newest_readings(database)}
    assert newest == {("es_99", "a"): 9.0, ("var_99", "a"): 0.04, ("var_99", "b"): 1.0}


def test_a_figure_that_could_not_be_computed_leaves_the_range_and_is_the_last(
    database: Database, clock: SetClock
) -> None:
    keep_readings(database, [reading(math.nan)])
    keep_readings(database, [reading(0.02)])
    keep_readings(database, [reading(math.inf)])
    (one,) = newest_readings(database, study="market/volatility")
    assert (one.low, one.high, one.last, one.readings) == (0.02, 0.02, None, 3)


def test_several_processes_add_to_the_same_hour(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(keep_readings, database, [reading(n / 100)]) for n in range(40)]:
            done.result()
    (one,) = newest_readings(database)
    assert (one.low, one.high, one.readings) == (0.0, 0.39, 40)


def test_only_what_a_limit_looks_at_is_held_to_it(database: Database) -> None:
    add_user(database, "ada", "approver", by="first-start")
    limit = {"hard": 0.1, "owner": "ada", "why": "appetite", "by": "ada"}
    set_limit(database, "market/volatility", "var_99", entity="a", **limit)
    found = held(limits_of(database), [reading(0.2), reading(0.2, "b"), reading(0.2, figure="es_99")])
    assert found == [reading(0.2)]


def test_old_readings_can_be_forgotten(database: Database, clock: SetClock) -> None:
    keep_readings(database, [reading(0.02)])
    clock.go(days=3)
    assert forget(database, "limit_readings", days=2) == 1
    assert newest_readings(database) == []


def test_changes_are_those_of_the_time_asked_for(database: Database, clock: SetClock) -> None:
    add_user(database, "ada", "approver", by="first-start")
    limit = set_limit(database, "s", "var_99", hard=0.1, owner="ada", why="appetite", by="ada")
    clock.go(hours=1)
    since = clock()
    assert changes_since(database, since) == []
    end_limit(database, limit, by="ada")
    keep_readings(database, [reading(0.02)])
    found = changes_since(database, since)
    assert [(one.kind, one.said.get("what"), one.said.get("value")) for one in found] == [
        ("limit", "ended", None),
        ("reading", None, 0.02),
    ]
