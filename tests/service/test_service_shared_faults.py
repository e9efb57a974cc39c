"""What goes wrong between workers: a server that loses what it acknowledged, and what is told only once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from barograph.api.live import EventScorer
from barograph.core.errors import UnavailableError
from barograph.govern.access import add_user
from barograph.govern.monitors import exceptions_of
from barograph.govern.storage import Database, open_database
from barograph.service import owning
from barograph.service.service import Service
from barograph.service.shadow import Shadow
from barograph.service.shared import mailbox
from barograph.service.shared import memory as memories
from barograph.service.shared.lease import Lease
from barograph.service.shared.server import connected, shortcomings
from barograph.service.shared.sharing import Shared
from barograph.service.studies import Served
from barograph.service.watch.start import server_and_stream, store_at
from databases import KINDS, fresh_url
from patience import until
from small_service import FRAUD, MARKET, Client, Roles, asked, bundles, events, service
from small_shared import (
    DURABLE,
    FORGETFUL,
    a_shared_place,
    own_server,
    owner_of,
    owners,
    sharing,
    silenced,
)

STUDY = "operational/fraud"
HEADERS = {"authorization": "Bearer admin"}


@pytest.fixture
def place() -> Iterator[str]:
    with a_shared_place() as address:
        yield address


def sent(client: Client, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events until they are acknowledged; refusals say when to come again."""
    while True:
        answer = client.post(f"{FRAUD}/events", json={"events": given})
        if answer.status_code == 200:
            return list(answer.json()["answers"])
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        time.sleep(0.1)


def test_what_a_forgetful_server_lost_is_known_as_long_as_an_owner_lives(tmp_path: Path) -> None:
    some = events(40)
    with own_server(tmp_path / "redis", FORGETFUL) as server, ExitStack() as stack:
        one = sharing(f"{server.url}/x", "fraud")
        first = stack.enter_context(asked(one))
        other = sharing(f"{server.url}/x", "fraud")
        said = sent(first, some[:20])
        second = stack.enter_context(asked(other))
        assert owner_of(STUDY, one, other) is one
        server.kill()
        assert first.post(f"{FRAUD}/events", json={"events": some[20:]}).status_code == 503
        server.start()
        assert owner_of(STUDY, one, other) is one
        again = sent(second, some[:20])
        assert [one["status"] for one in again] == ["duplicate"] * 20
        assert [one["score"] for one in again] == pytest.approx([one["score"] for one in said], abs=1e-6)
        assert {one["status"] for one in sent(second, some[20:])} <= {"new", "duplicate"}
    with own_server(tmp_path / "other", FORGETFUL) as server, asked(sharing(server.url, "fraud")) as client:
        assert [one["status"] for one in sent(client, some)] == ["new"] * 40  # nobody can know any more


def state_of(one: Service) -> dict[str, Any]:
    model = one.studies.of(STUDY).model
    assert isinstance(model, EventScorer)
    return {name: values for name, values in model.snapshot().items() if not name.endswith("counts")}


@pytest.mark.parametrize("early", [False, True], ids=["nothing", "events"])
def test_who_stands_by_has_the_owner_s_state_after_the_server_forgot_its_last_moments(
    tmp_path: Path, early: bool
) -> None:
    some = events(60)
    with own_server(tmp_path / "redis") as server, ExitStack() as stack:
        one = sharing(f"{server.url}/x", "fraud")
        first = stack.enter_context(asked(one))
        sent(first, some[:20])
        other = sharing(f"{server.url}/x", "fraud")
        second = stack.enter_context(asked(other))
        known = second.get(FRAUD).json()["events"]["new"]
        shutil.copytree(server.folder, tmp_path / "then")
        sent(first, some[20:40])
        server.rewind(tmp_path / "then")
        server.start()
        if early:  # what comes before the owner has looked follows what the server remembers
            sent(second, some[40:50])
        until(lambda: owners(STUDY, one, other) == [one])
        sent(first, some[50:])
        assert owners(STUDY, one, other) == [one]
        assert second.get(FRAUD).json()["events"]["new"] == known + (40 if early else 30)
        mine, its = state_of(one), state_of(other)
        assert mine.keys() == its.keys()
        for name, values in mine.items():
            assert its[name] == pytest.approx(values, abs=1e-6, nan_ok=True), name


def test_a_day_that_the_server_forgot_is_known_to_who_stands_by(tmp_path: Path) -> None:
    day = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}
    with own_server(tmp_path / "redis") as server, ExitStack() as stack:
        one = sharing(f"{server.url}/x", "market")
        first = stack.enter_context(asked(one))
        assert first.post(f"{MARKET}/update", json=day).status_code == 200
        other = sharing(f"{server.url}/x", "market")
        second = stack.enter_context(asked(other))
        assert second.post(f"{MARKET}/predict", json={}).status_code == 200
        shutil.copytree(server.folder, tmp_path / "then")
        for later in ({**day, "time": "2021-06-02"}, {**day, "time": "2021-06-03", "close": 380.0}):
            assert first.post(f"{MARKET}/update", json=later).status_code == 200
        server.rewind(tmp_path / "then")
        server.start()
        until(lambda: owners("market/volatility", one, other) == [one])
        newest = first.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"]
        assert newest[0]["time"] == "2021-06-03"
        until(
            lambda: second.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"] == newest
        )
        assert first.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"] == newest


def test_while_the_server_is_away_states_are_503_and_records_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "PATIENCE", 5.0)
    with own_server(tmp_path / "redis") as server, asked(sharing(server.url)) as client:
        sent(client, events(5))
        server.kill()
        until(lambda: client.get("/readyz").status_code == 503)
        for path, body in ((f"{FRAUD}/events", {"events": events(6)}), (f"{MARKET}/update", {"time": "x"})):
            answer = client.post(path, json=body)
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/v1/scenarios").status_code == 200
        monkeypatch.undo()
        server.start()
        assert {one["status"] for one in sent(client, events(6))} == {"duplicate", "new"}
        until(lambda: client.get("/readyz").status_code == 200)


@pytest.mark.parametrize(
    ("settings", "word"),
    [(DURABLE, ""), (FORGETFUL, "keeps nothing on disk"), (("--appendonly", "no"), "now and then")],
    ids=["always", "nothing", "copies"],
)
def test_the_service_says_what_the_server_does_not_keep(
    tmp_path: Path, settings: tuple[str, ...], word: str
) -> None:
    with own_server(tmp_path / "redis", settings) as server:
        client = connected(server.url)
        found = shortcomings(client)
        assert len(found) == bool(word)
        assert word in "".join(found)
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert "noeviction" in shortcomings(client)[-1]
        if not word:
            client.config_set("appendfsync", "everysec")
            assert "appendfsync always" in shortcomings(client)[0]
        client.close()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with fresh_url(request.param, tmp_path) as url:
        made = open_database(url)
        add_user(made, "ada", "approver", by="first-start")
        yield made
        made.close()


def governed(place: str, database: Database, *names: str) -> Service:
    made = service(*names, access=Roles())
    made.database = database
    return sharing(place, made=made)


def test_an_alert_is_opened_once_whoever_was_asked_and_however_often(place: str, database: Database) -> None:
    some = events(60)
    with (
        asked(governed(place, database, "fraud")) as first,
        asked(governed(place, database, "fraud")) as second,
    ):
        said: list[dict[str, Any]] = []
        for number, one in enumerate(some):
            for client in (first, second) if number % 2 else (second, first):
                answer = client.post(f"{FRAUD}/events", json=one, headers=HEADERS)
                assert answer.status_code == 200, answer.text
                said.append(answer.json())
        wanted = {one["event_id"] for one in said if one["alert"]}
        assert wanted
        until(lambda: len(first.get("/v1/alerts", headers=HEADERS).json()["alerts"]) >= len(wanted))
        told = first.get("/v1/alerts", headers=HEADERS).json()["alerts"]
        assert sorted(one["subject"] for one in told) == sorted(wanted)


def test_an_owner_that_tells_nobody_of_its_answers_costs_no_alert(place: str, database: Database) -> None:
    silent = sharing(place, made=service("fraud", access=Roles()))  # as if killed whenever its answer stands
    with asked(silent) as owning:
        assert owning.post(f"{FRAUD}/events", json=events(1)[0], headers=HEADERS).status_code == 200
        assert owner_of(STUDY, silent) is silent
        with asked(governed(place, database, "fraud")) as client:
            answer = client.post(f"{FRAUD}/events", json={"events": events(1_000)}, headers=HEADERS)
            wanted = {one["event_id"] for one in answer.json()["answers"] if one["alert"]}
            assert wanted
            told = client.get("/v1/alerts", headers=HEADERS).json()["alerts"]
            assert sorted(one["subject"] for one in told) == sorted(wanted)
            assert owner_of(STUDY, silent) is silent


def test_the_monitors_count_an_event_once_whoever_was_asked(place: str, database: Database) -> None:
    some = events(40)
    made = [governed(place, database, "fraud") for _ in range(2)]
    with asked(made[0]) as first, asked(made[1]) as second:
        for client in (first, second):
            answer = client.post(f"{FRAUD}/events", json={"events": some}, headers=HEADERS)
            assert answer.status_code == 200, answer.text

        def waiting() -> int:
            told = first.get(f"{FRAUD}/monitors", headers=HEADERS).json()
            return int(told["performance"]["waiting"])

        until(lambda: waiting() >= len(some))
        until(lambda: first.get(FRAUD, headers=HEADERS).json()["events"]["duplicate"] >= len(some))
        assert waiting() == len(some)


def test_the_var_of_an_owner_that_ended_is_held_against_the_loss_that_the_next_one_sees(
    place: str, database: Database
) -> None:
    day = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}
    made = [governed(place, database, "market") for _ in range(2)]
    with asked(made[0]) as first, asked(made[1]) as second:
        answer = first.post(f"{MARKET}/update", json=day, headers=HEADERS)
        assert answer.status_code == 200, answer.text
        owner = owner_of("market/volatility", *made)
        client, other = (first, second) if owner is made[0] else (second, first)
        version = owner.studies.version("market/volatility")

        def known() -> list[tuple[int, int, str]]:
            found = exceptions_of(database, "market/volatility", version)
            return [(one.days, one.waiting, str(one.last)) for one in found]

        until(lambda: known() == [(0, 1, "None")], "the VaR is kept")
        silenced(client, owner)
        fallen = {**day, "time": "2021-06-02", "close": 200.0}
        assert other.post(f"{MARKET}/update", json=fallen, headers=HEADERS).status_code == 200
        until(lambda: known() == [(1, 1, "2021-06-01")], "the loss is held against the VaR")


def test_a_challenger_of_a_worker_that_takes_over_begins_where_the_owner_ended(place: str) -> None:
    some = events(40)
    made = [sharing(place, "fraud") for _ in range(2)]
    with asked(made[0]) as first, asked(made[1]) as second:
        both = (first, second)
        sent(first, some[:10])
        owner = owner_of(STUDY, *made)
        client, other = both if owner is made[0] else both[::-1]
        rest = made[1] if owner is made[0] else made[0]
        shadow = Shadow(Served.open(bundles()["fraud"]))
        other.run(listening(rest, shadow))
        sent(client, some[10:20])  # the challenger does not hear of these
        silenced(client, owner)
        sent(other, some[20:])
        until(lambda: shadow.why or shadow.missed or shadow.compared >= 20, "the challenger has compared")
        assert (shadow.why, shadow.missed, shadow.compared) == ("", 0, 20)
        assert shadow.largest <= 1e-6
        assert isinstance(shadow.served.model, EventScorer)
        assert {one["status"] for one in shadow.served.model.update_many(some)} == {"duplicate"}


async def listening(one: Service, shadow: Shadow) -> None:
    one.shadows.append(shadow.start(one))


def test_an_owner_that_stops_lets_a_stand_by_go_on_at_once(place: str) -> None:
    with ExitStack() as stack:
        one = sharing(place, "fraud")
        assert one.shared is not None
        one.shared.memory(STUDY).lease.milliseconds = 3_600_000
        ended = stack.enter_context(ExitStack())
        first = ended.enter_context(asked(one))
        sent(first, events(10))
        other = sharing(place, "fraud")
        second = stack.enter_context(asked(other))
        names = one.shared.names.state(STUDY, one.studies.version(STUDY))
        ended.close()
        answer = second.post(f"{FRAUD}/events", json={"events": events(20)})
        assert answer.status_code == 200, answer.text
        assert [one["status"] for one in answer.json()["answers"]] == ["duplicate"] * 10 + ["new"] * 10
        assert other.shared is not None
        assert other.shared.client.exists(f"barograph:state:{names}")


def test_a_log_that_is_too_long_loses_what_the_kept_state_has_taken_in_and_nothing_else(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = events(600)
    monkeypatch.setattr(memories, "LOG_BYTES", 60_000)
    monkeypatch.setattr(owning, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(owning, "KEEP_SHARE", 0.0)
    with asked(sharing(place, "fraud")) as client:
        for one in some[:500]:
            assert client.post(f"{FRAUD}/events", json=one).status_code == 200
    again = sharing(place, "fraud")
    assert again.shared is not None
    log = again.shared.names.log(STUDY)
    assert again.shared.client.xlen(log) < 400
    with asked(again) as client:
        told = sent(client, some)
    assert {one["status"] for one in told[:500]} <= {"duplicate", "used_id"}
    assert {one["status"] for one in told[500:]} == {"new"}


@pytest.mark.parametrize("password", ["p@ss", "a/b:c", "x#y?z", "50%25"])
def test_the_password_of_a_server_may_hold_any_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("REDIS_PASSWORD", password)
    with own_server(tmp_path / "redis") as server:
        server.client.config_set("requirepass", password)
        place = server.url.replace("redis://", "redis://:${REDIS_PASSWORD}@")
        shared = Shared.at(f"{place}/x")
        assert shared.client.ping()
        assert (shared.host, shared.names.service) == ("127.0.0.1", "x")
        shared.close()
        url, stream = server_and_stream(f"{place}/payments")
        lease = Lease(connected(url), "of a test")
        assert lease.owned()
        store = store_at(place, url, lease)
        store.save("one", {"x": np.ones(2)})
        assert store.load("one") is not None
        assert stream == "payments"


def test_nothing_is_answered_by_a_server_that_is_none() -> None:
    with pytest.raises(UnavailableError, match="Redis server must answer"):
        connected("redis://127.0.0.1:1/0")
