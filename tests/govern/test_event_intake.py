"""Events of many requests, accepted together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from barograph.core.errors import StorageError
from barograph.govern.events import Accepted, Event, accept_events, known_events
from barograph.govern.intake import EventIntake
from barograph.govern.storage import Database

STUDY = "operational/fraud"


def event(number: int, reply: str = "{}") -> Event:
    return Event(f"e{number}", "c", reply)


def test_those_who_wait_together_share_a_commit(database: Database) -> None:
    commits: list[object] = []
    sa.event.listen(database.engine, "commit", commits.append)
    with EventIntake(database) as intake, ThreadPoolExecutor(16) as pool:
        done = list(pool.map(lambda n: intake.submit(STUDY, event(n)).result(timeout=30), range(400)))
    assert [one.id for one in done] == [f"e{number}" for number in range(400)]
    assert {one.standing for one in done} == {"new"}
    assert len(commits) < 300
    assert len(known_events(database, STUDY, {f"e{number}": "c" for number in range(400)})) == 400


def test_who_is_second_gets_the_first_reply(database: Database) -> None:
    accept_events(database, STUDY, [event(1, "first")])
    with EventIntake(database) as intake:
        futures = [intake.submit(STUDY, event(1, "again")), intake.submit("other", event(1, "own"))]
        told = [future.result(timeout=30) for future in futures]
    assert told == [Accepted("e1", "repeated", "first"), Accepted("e1", "new", "own")]


def test_an_error_goes_to_those_who_wait_and_the_next_are_accepted(database: Database) -> None:
    with EventIntake(database) as intake:
        database.write(lambda c: c.execute(sa.text("ALTER TABLE events RENAME TO away")))
        with pytest.raises(StorageError):
            intake.submit(STUDY, event(1)).result(timeout=30)
        database.write(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO events")))
        assert intake.submit(STUDY, event(1)).result(timeout=30).standing == "new"


def test_what_was_handed_over_before_the_end_is_accepted_and_nothing_after(database: Database) -> None:
    with EventIntake(database) as intake:
        futures = [intake.submit(STUDY, event(number)) for number in range(50)]
    assert [future.result(timeout=0).standing for future in futures] == ["new"] * 50
    with pytest.raises(StorageError, match="it is stopping"):
        intake.submit(STUDY, event(99))
