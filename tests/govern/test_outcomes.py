"""Outcomes come late and may be corrected."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import DataError
from barograph.govern.outcomes import Outcome, outcomes_of, record_outcomes, write_outcome
from barograph.govern.storage import Database, forget
from barograph.govern.tables import outcomes

STUDY = "operational/fraud"


def label(subject: str, value: float, clock: SetClock) -> Outcome:
    return Outcome(subject, value, clock.at)


def test_a_label_is_kept_once_and_corrected_in_the_open(database: Database, clock: SetClock) -> None:
    def send(value: float) -> list[str]:
        return list(record_outcomes(database, STUDY, [label("a", value, clock)], by="ops"))

    assert [send(1.0), send(1.0), send(0.0), send(1.0)] == [
        ["new"],
        ["repeated"],
        ["corrected"],
        ["corrected"],
    ]
    assert outcomes_of(database, STUDY) == {"a": label("a", 1.0, clock)}
    kept = database.read(lambda c: c.execute(sa.select(outcomes.c.revision, outcomes.c.label)).all())
    assert sorted(tuple(row) for row in kept) == [(1, 1.0), (2, 0.0), (3, 1.0)]


def test_labels_are_found_by_subject_and_study(database: Database, clock: SetClock) -> None:
    record_outcomes(database, STUDY, [label("a", 1.0, clock), label("b", 0.0, clock)], by="ops")
    record_outcomes(database, "other", [label("a", 0.0, clock)], by="ops")
    assert {key: one.label for key, one in outcomes_of(database, STUDY, ["a", "c"]).items()} == {"a": 1.0}
    assert record_outcomes(database, STUDY, [], by="ops") == []


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.5, 2.0, -1.0])
def test_a_label_that_is_neither_0_nor_1_is_refused(
    database: Database, clock: SetClock, value: float
) -> None:
    with pytest.raises(DataError, match="0 or 1"):
        record_outcomes(database, STUDY, [label("b", 1.0, clock), label("a", value, clock)], by="ops")
    assert outcomes_of(database, STUDY) == {}


def test_a_label_from_the_future_or_without_a_zone_is_refused(database: Database, clock: SetClock) -> None:
    for at in (clock.at + dt.timedelta(days=2), dt.datetime(2026, 3, 3)):
        with pytest.raises(DataError, match="a zone and lie in the past"):
            record_outcomes(database, STUDY, [label("b", 1.0, clock), Outcome("a", 1.0, at)], by="ops")
    assert outcomes_of(database, STUDY) == {}


def test_racing_labels_of_one_subject_are_numbered_one_after_the_other(
    database: Database, clock: SetClock
) -> None:
    def kept_alone(number: int) -> str:
        """Six values that differ, so that whatever comes first each is a revision of its own."""
        one = label("a", float(number), clock)
        return database.write(lambda c: write_outcome(c, database, STUDY, one, by="ops", source="api"))

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(kept_alone, range(6)))
    assert sorted(done) == ["corrected"] * 5 + ["new"]
    kept = database.read(lambda c: c.scalars(sa.select(outcomes.c.revision)).all())
    assert sorted(kept) == [1, 2, 3, 4, 5, 6]


def test_old_labels_may_be_forgotten(database: Database, clock: SetClock) -> None:
    record_outcomes(database, STUDY, [label("a", 1.0, clock)], by="ops")
    clock.go(days=40)
    record_outcomes(database, STUDY, [label("b", 1.0, clock)], by="ops")
    assert forget(database, "outcomes", days=30) == 1
    assert list(outcomes_of(database, STUDY)) == ["b"]
