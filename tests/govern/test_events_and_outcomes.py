"""Events are accepted once; outcomes come late and may be corrected."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import DataError
from barograph.govern.events import Event, accept_events, known_events
from barograph.govern.outcomes import Outcome, outcomes_of, record_outcomes, write_outcome
from barograph.govern.storage import Database, forget
from barograph.govern.tables import events, outcomes

STUDY = "operational/fraud"


def event(identity: str, content: str = "c", reply: str = "{}") -> Event:
    return Event(identity, content, reply, "model")


def standings(database: Database, *given: Event) -> list[tuple[str, str]]:
    return [(one.standing, one.reply) for one in accept_events(database, STUDY, given)]


def test_an_event_that_comes_again_gets_the_reply_it_got(database: Database) -> None:
    assert standings(database, event("a", reply="first")) == [("new", "first")]
    assert standings(database, event("a", reply="second")) == [("repeated", "first")]
    known = known_events(database, STUDY, {"a": "c", "b": "c"})
    assert {key: (one.standing, one.reply) for key, one in known.items()} == {"a": ("repeated", "first")}


def test_an_id_that_says_something_else_is_refused_and_the_others_are_not(database: Database) -> None:
    standings(database, event("a", reply="first"))
    given = [event("b", reply="b"), event("a", "other", "x"), event("c", reply="c")]
    assert standings(database, *given) == [("new", "b"), ("other_content", "first"), ("new", "c")]
    assert known_events(database, STUDY, {"a": "other"})["a"].standing == "other_content"


def test_an_id_twice_in_one_call_is_new_once(database: Database) -> None:
    given = [event("a", reply="1"), event("a", reply="2"), event("a", "other", "3")]
    assert standings(database, *given) == [("new", "1"), ("repeated", "1"), ("other_content", "1")]


def test_ids_are_of_a_study(database: Database) -> None:
    standings(database, event("a"))
    assert [one.standing for one in accept_events(database, "other", [event("a", "other")])] == ["new"]


def test_large_batches_are_kept_whole(database: Database) -> None:
    given = [event(str(number), reply=str(number)) for number in range(1_234)]
    assert Counter(one for one, _ in standings(database, *given)) == {"new": 1_234}
    assert [reply for _, reply in standings(database, *given)] == [one.reply for one in given]
    assert len(known_events(database, STUDY, {one.id: "c" for one in given})) == 1_234
    assert accept_events(database, STUDY, []) == []


def test_processes_that_race_agree_on_one_reply(database: Database) -> None:
    def one(number: int) -> list[tuple[str, str]]:
        return standings(database, *(event(str(identity), reply=f"{number}") for identity in range(20)))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    for identity in range(20):
        told = [answer[identity] for answer in answers]
        assert [standing for standing, _ in told].count("new") == 1
        assert len({reply for _, reply in told}) == 1
    assert database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(events))) == 20


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


def test_old_events_may_be_forgotten(database: Database, clock: SetClock) -> None:
    standings(database, event("a"))
    clock.go(days=40)
    standings(database, event("b"))
    assert forget(database, "events", days=30) == 1
    assert list(known_events(database, STUDY, {"a": "c", "b": "c"})) == ["b"]
