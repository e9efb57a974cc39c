"""The registry: who may make a model answer, who answered when; rules that SQL by hand cannot get around."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import ConflictError, ForbiddenError, InputError, SettingError
from barograph.govern.registry import (
    Proposal,
    answered_at,
    approve,
    champion_of,
    close_finding,
    extend,
    findings_of,
    history_of,
    model_of,
    models_of,
    open_finding,
    promote,
    propose,
    retire,
    roll_back,
)
from barograph.govern.storage import Database

STUDY = "credit/default"


def proposal(number: int, study: str = STUDY) -> Proposal:
    digest = hashlib.sha256(f"{study} {number}".encode()).hexdigest()
    return Proposal(study, "scoring", "combination", f"runs/{number}", digest, f"data{number}", "better")


def proposed(database: Database, number: int, *, by: str = "dev", study: str = STUDY) -> str:
    return propose(database, proposal(number, study), by=by, why="a run")


def champion(database: Database, number: int) -> str:
    model = proposed(database, number)
    approve(database, model, by="chief", why=f"number {number} is good")
    return model


def states(database: Database) -> dict[str, str]:
    return {one.id: one.state for one in models_of(database)}


def test_a_proposed_model_does_not_answer(database: Database) -> None:
    model = proposed(database, 1)
    assert champion_of(database, STUDY) is None
    record = model_of(database, model[:5])
    assert (record.state, record.proposer, record.approver, record.expires_at) == (
        "proposed",
        "dev",
        None,
        None,
    )


def test_an_approved_model_answers_and_the_one_before_it_stays_ready(database: Database) -> None:
    first, second = champion(database, 1), champion(database, 2)
    assert states(database) == {first: "former", second: "champion"}
    answering = champion_of(database, STUDY)
    assert answering is not None
    assert (answering.model, answering.approver, answering.data_hash) == (second, "chief", "data2")


def test_nobody_approves_what_they_proposed(database: Database) -> None:
    model = proposed(database, 1, by="dev")
    for step in (approve, promote, extend):
        with pytest.raises(InputError):
            step(database, model, by="dev", why="I like it")
    with pytest.raises(ForbiddenError, match="four eyes"):
        approve(database, model, by="dev", why="I like it")
    assert states(database) == {model: "proposed"}


def test_a_challenger_is_not_promoted_or_extended_by_its_proposer(database: Database) -> None:
    model = proposed(database, 1)
    approve(database, model, by="chief", why="to watch", challenger=True)
    assert champion_of(database, STUDY) is None
    for step in (promote, extend):
        with pytest.raises(ForbiddenError):
            step(database, model, by="dev", why="mine")
    assert promote(database, model, by="chief", why="it won").state == "champion"


def test_an_approval_that_is_sent_again_is_refused(database: Database) -> None:
    first, second = champion(database, 1), champion(database, 2)
    with pytest.raises(ConflictError, match="was approved already: it is former"):
        approve(database, first, by="chief", why="number 1 is good")
    assert states(database) == {first: "former", second: "champion"}


def test_a_bundle_is_proposed_once(database: Database) -> None:
    model = proposed(database, 1)
    with pytest.raises(ConflictError, match=f"'dev' proposed it as {model}"):
        proposed(database, 1, by="other")


def test_a_retired_champion_leaves_the_study_without_one_and_stays_retired(database: Database) -> None:
    model = champion(database, 1)
    assert retire(database, model, by="dev", why="wrong data").state == "retired"
    assert champion_of(database, STUDY) is None
    for step in (approve, promote, extend, retire):
        with pytest.raises(ConflictError):
            step(database, model, by="chief", why="again")


def test_a_retired_former_champion_changes_nothing_for_the_present_one(database: Database) -> None:
    first, second = champion(database, 1), champion(database, 2)
    retire(database, first, by="chief", why="old")
    assert states(database) == {first: "retired", second: "champion"}


def test_a_roll_back_goes_to_the_champion_before_step_by_step(database: Database) -> None:
    first, second, third = (champion(database, number) for number in (1, 2, 3))
    assert roll_back(database, STUDY, by="chief", why="3 misbehaves").id == second
    retire(database, third, by="chief", why="it misbehaved")
    retire(database, second, by="chief", why="so did 2")
    assert champion_of(database, STUDY) is None
    assert roll_back(database, STUDY, by="chief", why="back to 1").id == first
    with pytest.raises(ConflictError, match="has none"):
        roll_back(database, STUDY, by="chief", why="further")


def test_a_second_roll_back_goes_further_back_and_never_to_what_was_rolled_away_from(
    database: Database,
) -> None:
    first, second, _ = (champion(database, number) for number in (1, 2, 3))
    assert roll_back(database, STUDY, by="chief", why="3 misbehaves").id == second
    assert roll_back(database, STUDY, by="chief", why="so does 2").id == first
    with pytest.raises(ConflictError, match="has none"):
        roll_back(database, STUDY, by="chief", why="so does 1")
    fourth = champion(database, 4)
    assert states(database)[fourth] == "champion"
    assert roll_back(database, STUDY, by="chief", why="4 is no better").id == first
    with pytest.raises(ConflictError, match="has none"):
        roll_back(database, STUDY, by="chief", why="further")


def test_a_model_promoted_again_stands_above_the_one_that_answered_before_it(database: Database) -> None:
    first, second = champion(database, 1), champion(database, 2)
    promote(database, first, by="chief", why="2 was no better after all")
    assert roll_back(database, STUDY, by="chief", why="it was").id == second
    assert roll_back(database, STUDY, by="chief", why="as at the start").id == first
    with pytest.raises(ConflictError, match="has none"):
        roll_back(database, STUDY, by="chief", why="further")


def test_an_expired_model_answers_flagged_and_is_no_way_back(database: Database, clock: SetClock) -> None:
    first = champion(database, 1)
    clock.go(days=300)
    second = champion(database, 2)
    clock.go(days=100)
    assert model_of(database, first).expired
    assert not model_of(database, second).expired
    with pytest.raises(ConflictError, match="must not be expired"):
        promote(database, first, by="chief", why="back")
    with pytest.raises(ConflictError, match="has none"):
        roll_back(database, STUDY, by="chief", why="back")
    assert not extend(database, first, by="chief", why="reviewed", months=6).expired
    assert roll_back(database, STUDY, by="chief", why="back").id == first
    clock.go(days=300)
    answering = champion_of(database, STUDY)
    assert answering is not None
    assert answering.model == first
    assert model_of(database, first).expired


def test_who_answered_at_an_instant_is_one_query(database: Database, clock: SetClock) -> None:
    start = clock.at
    first = champion(database, 1)
    clock.go(minutes=5)
    second = champion(database, 2)
    clock.go(minutes=5)
    roll_back(database, STUDY, by="ops", why="alarms")
    asked = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def count(*arguments: Any) -> None:
        asked.append(arguments[2])

    found = answered_at(database, STUDY, start + dt.timedelta(minutes=7))
    assert len([one for one in asked if one.startswith("SELECT")]) == 1
    assert found is not None
    assert (found.model, found.approver, found.data_hash) == (second, "chief", "data2")
    assert (found.by, found.why, found.since) == (
        "chief",
        "number 2 is good",
        start + dt.timedelta(minutes=5),
    )
    assert answered_at(database, STUDY, start - dt.timedelta(seconds=1)) is None
    clock.go(days=9)
    at_the_end = answered_at(database, STUDY, clock.at)
    assert at_the_end is not None
    assert (at_the_end.model, at_the_end.by, at_the_end.why) == (first, "ops", "alarms")
    assert (at_the_end.approver, at_the_end.approved_at) == ("chief", start)


def test_other_steps_do_not_change_since_when_a_model_answers(database: Database, clock: SetClock) -> None:
    champion(database, 1)
    since = clock.at
    clock.go(days=1)
    other = proposed(database, 2)
    approve(database, other, by="chief", why="to watch", challenger=True)
    found = answered_at(database, STUDY, clock.at)
    assert found is not None
    assert found.since == since


def test_nobody_knows_who_will_answer(database: Database, clock: SetClock) -> None:
    first = champion(database, 1)
    soon = answered_at(database, STUDY, clock.at + dt.timedelta(seconds=30))  # by another clock it is now
    assert soon is not None
    assert soon.model == first
    with pytest.raises(SettingError, match="moments that have passed"):
        answered_at(database, STUDY, clock.at + dt.timedelta(hours=1))


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(SettingError, match="must say its zone"):
        answered_at(database, STUDY, dt.datetime(2026, 3, 3, 14, 5))


def test_studies_do_not_touch_each_other(database: Database) -> None:
    here = champion(database, 1)
    there = proposed(database, 1, study="market/volatility")
    approve(database, there, by="chief", why="good")
    roll_backs = [step.model for step in history_of(database, "market/volatility")]
    assert states(database) == {here: "champion", there: "champion"}
    assert roll_backs == [there, there]


def test_the_history_says_who_when_and_why_and_numbers_its_steps(database: Database, clock: SetClock) -> None:
    model = proposed(database, 1)
    clock.go(days=1)
    approve(database, model, by="chief", why="good", months=6)
    told = [
        (step.step, step.action, step.actor, step.why, step.champion) for step in history_of(database, STUDY)
    ]
    assert told == [(1, "proposed", "dev", "a run", None), (2, "approved", "chief", "good", model)]
    assert history_of(database, STUDY)[1].expires_at == clock.at + dt.timedelta(days=183)


def test_a_clock_that_jumps_back_does_not_turn_history_around(database: Database, clock: SetClock) -> None:
    champion(database, 1)
    noon = clock.at
    clock.go(hours=-5)
    second = champion(database, 2)
    assert [step.at for step in history_of(database, STUDY)] == [noon] * 4
    found = answered_at(database, STUDY, noon)
    assert found is not None
    assert found.model == second


@pytest.mark.parametrize("wrong", [{"by": ""}, {"by": "Chief"}, {"by": " dev"}, {"why": " "}, {"months": 0}])
def test_a_step_without_a_name_a_reason_or_a_date_is_refused(
    database: Database, wrong: dict[str, Any]
) -> None:
    model = proposed(database, 1)
    with pytest.raises(SettingError):
        approve(database, model, **{"by": "chief", "why": "good"} | wrong)


def test_a_model_is_named_by_the_beginning_of_its_id(database: Database) -> None:
    with pytest.raises(SettingError, match="Propose one"):
        model_of(database, "abc")
    model = proposed(database, 1)
    assert model_of(database, model[:3]).id == model
    for wrong in ("", "zzz", model + "0"):
        with pytest.raises(SettingError):
            model_of(database, wrong)


def test_concurrent_approvals_of_one_model_let_one_through(database: Database) -> None:
    model = proposed(database, 1)

    def one(number: int) -> bool:
        with suppress(ConflictError):
            approve(database, model, by=f"chief{number}", why="good")
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 1
    assert [step.action for step in history_of(database, STUDY)] == ["proposed", "approved"]


def test_concurrent_approvals_of_several_models_leave_one_champion(database: Database) -> None:
    ids = [proposed(database, number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda model: approve(database, model, by="chief", why="good"), ids))
    assert sorted(states(database).values()) == ["champion"] + ["former"] * 7
    steps = history_of(database, STUDY)
    assert [step.step for step in steps] == list(range(1, 17))
    answering = champion_of(database, STUDY)
    assert answering is not None
    assert answering.model == steps[-1].model == steps[-1].champion


def test_findings_are_opened_closed_once_and_overdue(database: Database, clock: SetClock) -> None:
    model = champion(database, 1)
    due = clock.at.date() + dt.timedelta(days=10)
    finding = open_finding(
        database, model, severity="high", what="No outcome analysis", owner="dev", due=due, by="validator"
    )
    assert model_of(database, model).open_findings == 1
    assert not findings_of(database, model=model)[0].overdue
    clock.go(days=11)
    assert findings_of(database, open_only=True)[0].overdue
    close_finding(database, finding, by="validator", why="done")
    assert findings_of(database, open_only=True) == []
    assert (model_of(database, model).open_findings, findings_of(database)[0].overdue) == (0, False)
    with pytest.raises(ConflictError, match="must be open"):
        close_finding(database, finding, by="validator", why="again")
    with pytest.raises(SettingError, match="Did you mean 'high'"):
        open_finding(database, model, severity="hihg", what="x", owner="dev", due=due, by="validator")


# What follows writes SQL by hand, past everything in Python, through a plain driver without our settings.


@pytest.fixture
def by_hand(url: str, database: Database) -> Callable[[str], None]:
    def sqlite(statement: str) -> None:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()

    def postgresql(statement: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(statement)

    return sqlite if url.startswith("sqlite") else postgresql


def refused(by_hand: Callable[[str], None], statement: str) -> str:
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError)) as error:
        by_hand(statement)
    return str(error.value)


def step_of(
    model: str, action: str, step: int, champion: str | None, actor: str = "chief", **other: str
) -> str:
    values = {"study": STUDY, "why": "by hand", "at": "2030-01-01 00:00:00.000000", **other}
    values |= {"model": model, "action": action, "actor": actor}
    texts = ", ".join(f"'{value}'" for value in values.values())
    who = "NULL" if champion is None else f"'{champion}'"
    return f"INSERT INTO model_history (step, champion, {', '.join(values)}) VALUES ({step}, {who}, {texts})"


def test_by_hand_a_good_step_is_taken(database: Database, by_hand: Callable[[str], None]) -> None:
    """What the refusals below are compared with."""
    model = proposed(database, 1)
    by_hand(step_of(model, "approved", 2, model))
    assert states(database) == {model: "champion"}


@pytest.mark.parametrize("actor", ["dev", "DEV", " dev "])
def test_by_hand_four_eyes_hold(database: Database, by_hand: Callable[[str], None], actor: str) -> None:
    model = proposed(database, 1)
    assert "four eyes" in refused(by_hand, step_of(model, "approved", 2, model, actor=actor))
    approve(database, model, by="chief", why="to watch", challenger=True)
    assert "four eyes" in refused(by_hand, step_of(model, "promoted", 3, model, actor=actor))


def test_by_hand_no_step_makes_a_model_champion_that_was_not_approved(
    database: Database, by_hand: Callable[[str], None]
) -> None:
    first, second = champion(database, 1), proposed(database, 2)
    for action, named in (("promoted", second), ("rolled_back", second), ("extended", second)):
        assert "approved first" in refused(by_hand, step_of(named, action, 4, second))
    for action in ("extended", "promoted", "rolled_back", "retired"):
        assert "the champion changes only" in refused(by_hand, step_of(first, action, 4, second))
    for action in ("extended", "approved"):
        model = first if action == "extended" else second
        assert "the champion changes only" in refused(by_hand, step_of(model, action, 4, None))
    assert states(database) == {first: "champion", second: "proposed"}


def test_by_hand_a_step_is_the_next_one_later_and_of_its_study(
    database: Database, by_hand: Callable[[str], None]
) -> None:
    model = proposed(database, 1)
    for step in (0, 1, 3):
        assert "goes on by one step" in refused(by_hand, step_of(model, "approved", step, model))
    early = step_of(model, "approved", 2, model, at="2020-01-01 00:00:00.000000")
    assert "back in time" in refused(by_hand, early)
    other = step_of(model, "approved", 1, model, study="market/volatility")
    assert "its own study" in refused(by_hand, other)


def test_by_hand_a_model_without_a_history_answers_nothing_and_breaks_nothing(
    database: Database, by_hand: Callable[[str], None]
) -> None:
    names = "id, study, engine, champion, bundle, manifest_hash, data_hash, verdict, proposer, proposed_at"
    by_hand(f"INSERT INTO models ({names}) VALUES ('x','{STUDY}','','','','h','','','dev','2026-01-01')")
    assert states(database) == {"x": "proposed"}
    with pytest.raises(ConflictError, match="proposed before anything else"):
        approve(database, "x", by="chief", why="good")
    assert champion_of(database, STUDY) is None


def test_by_hand_nothing_is_approved_twice_or_after_it_retired(
    database: Database, by_hand: Callable[[str], None]
) -> None:
    first, second = champion(database, 1), champion(database, 2)
    assert "approved once" in refused(by_hand, step_of(first, "approved", 5, first))
    retire(database, first, by="chief", why="old")
    for action in ("approved", "promoted", "rolled_back", "retired", "extended"):
        assert "stays retired" in refused(by_hand, step_of(first, action, 6, second))
    assert "retirement" in refused(by_hand, step_of(second, "retired", 6, second))


def test_by_hand_what_was_written_stays(database: Database, by_hand: Callable[[str], None]) -> None:
    model = champion(database, 1)
    finding = open_finding(
        database, model, severity="low", what="x", owner="dev", due=dt.date(2027, 1, 1), by="validator"
    )
    close_finding(database, finding, by="validator", why="done")
    for statement in (
        "UPDATE models SET proposer = 'chief'",
        "UPDATE models SET manifest_hash = 'other'",
        "UPDATE model_history SET actor = 'other' WHERE step = 2",
        "UPDATE model_history SET champion = NULL",
        "UPDATE findings SET severity = 'high'",
        "UPDATE findings SET closed_at = NULL, closed_by = NULL",
    ):
        assert "never changed" in refused(by_hand, statement)
    for table in ("models", "model_history", "findings"):
        assert "never deleted" in refused(by_hand, f"DELETE FROM {table}")


def test_by_hand_nothing_is_replaced(database: Database, by_hand: Callable[[str], None], url: str) -> None:
    if not url.startswith("sqlite"):
        for table in ("models CASCADE", "model_history", "findings"):
            assert "never deleted" in refused(by_hand, f"TRUNCATE {table}")
        return
    model = champion(database, 1)
    columns = "id, study, engine, champion, bundle, manifest_hash, data_hash, verdict, proposer, proposed_at"
    swapped = columns.replace("proposer", "'chief'").replace("manifest_hash", "'other'")
    assert "registered once" in refused(
        by_hand, f"INSERT OR REPLACE INTO models ({columns}) SELECT {swapped} FROM models"
    )
    replaced = step_of(model, "approved", 2, model, actor="dev").replace("INSERT", "INSERT OR REPLACE")
    assert "goes on by one step" in refused(by_hand, replaced)


def test_by_hand_an_unknown_action_or_an_empty_reason_is_refused(
    database: Database, by_hand: Callable[[str], None]
) -> None:
    model = proposed(database, 1)
    assert "ck_model_history_action" in refused(by_hand, step_of(model, "blessed", 2, None))
    assert "ck_model_history_why" in refused(by_hand, step_of(model, "approved", 2, model, why=" "))
