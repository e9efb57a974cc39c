"""The same answers whatever keeps the state; shared, one worker at a time owns it, whoever is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

import barograph as bg
from barograph.api.live import EventScorer
from barograph.core.errors import SettingError
from barograph.service import owning
from barograph.service.shared.lease import Lease
from barograph.service.shared.moves import read
from barograph.service.shared.sharing import Shared
from patience import until
from small_service import CREDIT, FRAUD, MARKET, Client, asked, bundles, events, record, service
from small_shared import a_shared_place, owner_of, owners, quiet, sharing, silenced

STUDY = "operational/fraud"
DAY = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}
MODES = ("in memory", "in a folder", "shared")


@pytest.fixture
def place() -> Iterator[str]:
    with a_shared_place() as address:
        yield address


@pytest.fixture(params=MODES)
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A service of all bundles in each mode."""
    with ExitStack() as stack:
        made = service()
        if request.param == "in a folder":
            made.state = tmp_path
            for served in made.studies:
                made.recall(served)
        elif request.param == "shared":
            sharing(stack.enter_context(a_shared_place()), made=made)
        yield stack.enter_context(asked(made))


@contextmanager
def two_workers(place: str, *names: str) -> Iterator[tuple[Any, Any]]:
    """Two workers, each with its client; the first one owns all studies."""
    with ExitStack() as stack:
        one = sharing(place, *names)
        first = stack.enter_context(asked(one))
        until(lambda: all(len(owners(served.study, one)) == 1 for served in one.studies if served.has_state))
        other = sharing(place, *names)
        second = stack.enter_context(asked(other))
        yield (one, first), (other, second)


def expected(n: int) -> list[dict[str, Any]]:
    """What a model that is asked alone says to the first events, and to an outcome after ten."""
    model = bg.load(bundles()["fraud"])
    assert isinstance(model, EventScorer)
    found = []
    for number, one in enumerate(events(n)):
        if number == 10:
            model.learn(events(1)[0]["event_id"], 1, events(10)[-1]["time"])
        found.append(model.update(one))
    return found


def assert_alike(said: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    for one, other in zip(said, wanted, strict=True):
        assert (one["event_id"], one["status"]) == (other["event_id"], other["status"])
        assert one["score"] == pytest.approx(other["score"], abs=1e-6)


def test_events_and_outcomes_are_answered_alike_in_each_mode(client: Client) -> None:
    some = events(40)
    said = [client.post(f"{FRAUD}/events", json=one).json() for one in some[:10]]
    told = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[9]["time"]}
    answer = client.post(f"{FRAUD}/outcomes", json={"outcomes": [told]})
    assert answer.json()["answers"] == [{"event_id": some[0]["event_id"], "status": "learned"}]
    said += client.post(f"{FRAUD}/events", json={"events": some[10:30]}).json()["answers"]
    said += [client.post(f"{FRAUD}/events", json=one).json() for one in some[30:]]
    assert_alike(said, expected(40))
    assert set(said[0]) == {"study", "version", "event_id", "status", "score", "alert"}
    again = client.post(f"{FRAUD}/events", json={"events": some}).json()["answers"]
    assert {one["status"] for one in again} == {"duplicate"}
    assert [one["score"] for one in again] == pytest.approx([one["score"] for one in said], abs=1e-6)
    assert client.get(FRAUD).json()["events"]["duplicate"] >= 40


def test_a_day_that_comes_again_is_answered_as_it_was_in_each_mode(client: Client) -> None:
    first = client.post(f"{MARKET}/update", json=DAY)
    assert first.status_code == 200, first.text
    assert client.post(f"{MARKET}/update", json=DAY).json() == first.json()
    forecast = client.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"]
    assert forecast == first.json()["answers"]
    assert client.post(f"{MARKET}/update", json={**DAY, "close": 401.0}).status_code == 422
    assert client.post(f"{MARKET}/update", json={**DAY, "time": "2021-06-02"}).status_code == 200


def test_a_day_after_tomorrow_is_refused_in_each_mode_and_does_no_harm(client: Client) -> None:
    today = dt.datetime.now(dt.UTC).date()
    for days in (2, 5 * 365):
        body = {**DAY, "time": (today + dt.timedelta(days=days)).isoformat()}
        answer = client.post(f"{MARKET}/update", json=body)
        assert answer.status_code == 422, answer.text
        assert "must not lie after tomorrow" in answer.json()["detail"]
    assert client.post(f"{MARKET}/update", json=DAY).status_code == 200
    body = {**DAY, "time": f"{today + dt.timedelta(days=1)}T00:00:00"}
    assert client.post(f"{MARKET}/update", json=body).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{FRAUD}/events", {"event_id": "a"}, 422),
        (f"{MARKET}/update", {**DAY, "time": "soon"}, 422),
        (f"{FRAUD}/events", {"events": [{"event_id": "a"}], "other": 1}, 422),
        (f"{FRAUD}/outcomes", {"outcomes": [{"event_id": "a", "label": 1, "known_at": "soon"}]}, 422),
        (f"{FRAUD}/update", DAY, 409),
        (f"{MARKET}/events", {"event_id": "a"}, 409),
        (f"{MARKET}/update", {"entity": "nobody", "time": "2021-06-01", "close": 1.0}, 422),
        (f"{CREDIT}/events", {"event_id": "a"}, 409),
        ("/v1/studies/no/such/events", {"event_id": "a"}, 404),
    ],
)
def test_what_cannot_be_taken_in_is_refused_alike_in_each_mode(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.post(f"{FRAUD}/events", json=events(1)[0]).json()["status"] == "new"


def test_it_does_not_matter_which_worker_is_asked(place: str) -> None:
    some = events(40)
    with two_workers(place, "fraud") as ((one, first), (other, second)):
        both = (first, second)
        said = [both[k % 2].post(f"{FRAUD}/events", json=event).json() for k, event in enumerate(some[:10])]
        told = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[9]["time"]}
        assert second.post(f"{FRAUD}/outcomes", json={"outcomes": [told]}).status_code == 200
        said += second.post(f"{FRAUD}/events", json={"events": some[10:]}).json()["answers"]
        assert_alike(said, expected(40))
        assert owner_of(STUDY, one, other) is one


def test_who_does_not_own_a_state_reads_it_as_it_is(place: str) -> None:
    """What leaves the state as it is, whoever is asked answers, from all that was acknowledged."""
    some = events(31)
    with two_workers(place, "fraud", "market") as ((_, first), (_, second)):
        first.post(f"{FRAUD}/events", json={"events": some[:30]})
        ask = {"records": [some[30]]}
        wanted = first.post(f"{FRAUD}/predict", json=ask).json()["answers"]
        assert second.post(f"{FRAUD}/predict", json=ask).json()["answers"] == wanted
        assert second.get(FRAUD).json()["events"] == first.get(FRAUD).json()["events"]
        days = second.post(f"{MARKET}/update", json=DAY).json()["answers"]
        for one in (first, second):
            assert one.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"] == days


def test_a_stand_by_takes_over_and_goes_on(place: str) -> None:
    some = events(40)
    with two_workers(place, "fraud") as ((one, first), (other, second)):
        said = [first.post(f"{FRAUD}/events", json=event).json() for event in some[:10]]
        told = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[9]["time"]}
        first.post(f"{FRAUD}/outcomes", json={"outcomes": [told]})
        silenced(first, one)
        said += [second.post(f"{FRAUD}/events", json=event).json() for event in some[10:]]
        assert_alike(said, expected(40))
        assert owner_of(STUDY, one, other) is other


def test_who_was_overtaken_answers_nothing(place: str) -> None:
    """The lease is asked for in the write itself: who only believes that it owns changes nothing."""
    with two_workers(place, "fraud") as ((one, first), _):
        assert one.shared is not None
        memory, (served,) = one.shared.memory(STUDY), list(one.studies)
        first.post(f"{FRAUD}/events", json=events(1)[0])
        first.run(quiet(one))
        assert memory.lease.renewed()
        memory.client.set(memory.lease.key, "another")
        before = memory.log.after(served.seen.position)[1].answered
        move = read(b"9999999999999-0", {b"kind": b"day", b"given": b"{}", b"worker": b"w", b"number": b"1"})
        assert memory.lease.certain
        assert not memory.answer([(move, b"x")], served.seen)
        assert not memory.keep(served)
        assert not memory.lease.certain
        assert memory.log.after(served.seen.position)[1].answered == before
        assert not memory.client.exists(memory.names.answers("w"))


def test_all_workers_end_and_others_go_on_from_what_was_kept(place: str) -> None:
    some = events(40)
    with asked(sharing(place, "fraud", "market")) as client:
        said = client.post(f"{FRAUD}/events", json={"events": some[:10]}).json()["answers"]
        told = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[9]["time"]}
        client.post(f"{FRAUD}/outcomes", json={"outcomes": [told]})
        day = client.post(f"{MARKET}/update", json=DAY).json()
    again = sharing(place, "fraud", "market")
    assert again.shared is not None
    kept = again.shared.memory(STUDY)
    with asked(again) as client:
        said += [client.post(f"{FRAUD}/events", json=event).json() for event in some[10:]]
        assert client.post(f"{MARKET}/update", json=DAY).json() == day
        (served,) = (one for one in again.studies if one.study == STUDY)
        assert kept._restored(served) is None  # it has gone further than what was kept
    assert_alike(said, expected(40))


def test_a_state_goes_on_from_its_log_where_nothing_was_kept(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = events(40)
    monkeypatch.setattr(owning, "KEEP_EVERY", 3_600.0)
    with two_workers(place, "fraud") as ((one, first), (_, second)):
        first.post(f"{FRAUD}/events", json={"events": some[:20]})
        assert one.shared is not None
        names = one.shared.names.state(STUDY, one.studies.version(STUDY))
        assert not one.shared.client.exists(f"barograph:state:{names}")
        silenced(first, one)
        again = second.post(f"{FRAUD}/events", json={"events": some}).json()["answers"]
    assert [one["status"] for one in again] == ["duplicate"] * 20 + ["new"] * 20


def test_what_was_asked_while_nobody_owned_the_state_is_answered_once_somebody_does(place: str) -> None:
    some = events(3)
    one = sharing(place, "fraud")
    assert one.shared is not None
    redis, names = one.shared.client, one.shared.names
    lease = Lease(redis, names.lease(STUDY), 3_600_000)
    assert lease.owned()
    with asked(one) as client, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.post, f"{FRAUD}/events", json={"events": some})
        until(lambda: redis.xlen(names.log(STUDY)), "it is asked")
        assert owners(STUDY, one) == []
        assert not asking.done()
        lease.release()
        said = asking.result()
    assert said.status_code == 200, said.text
    assert [one["status"] for one in said.json()["answers"]] == ["new"] * 3


def test_entries_that_nobody_here_wrote_move_nothing_and_stop_nothing(place: str) -> None:
    one = sharing(place, "fraud")
    assert one.shared is not None
    one.shared.client.xadd(one.shared.names.log(STUDY), {"what": "ever"})
    with asked(one) as client:
        assert client.post(f"{FRAUD}/events", json=events(1)[0]).json()["status"] == "new"


def test_records_are_answered_by_several_workers_whatever_keeps_states(place: str) -> None:
    with two_workers(place, "credit") as ((_, first), (_, second)):
        body = {"records": [record()]}
        said = [one.post(f"{CREDIT}/predict", json=body).json() for one in (first, second)]
        assert said[0] == said[1]


@pytest.mark.parametrize("address", ["postgresql://h/x", "kept"])
def test_a_place_for_states_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="--state must be redis://"):
        Shared.at(address)


def test_metrics_say_whose_they_are_and_who_owns(place: str) -> None:
    with two_workers(place, "fraud") as ((one, first), (_, second)):
        first.post(f"{FRAUD}/events", json=events(1)[0])
        told = [client.get("/metrics").text.splitlines() for client in (first, second)]
        name = one.metrics.worker
        assert name
        assert all(f'{{worker="{name}"' in line for line in told[0] if line and not line.startswith("#"))
        assert f'barograph_owns{{worker="{name}",study="{STUDY}"}} 1' in told[0]
        assert f'barograph_owns{{worker="{name}",study="{STUDY}"}} 0' in told[1]
        assert f'barograph_redis_away{{worker="{name}"}} 0' in told[0]
