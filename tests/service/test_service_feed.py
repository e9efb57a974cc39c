"""The live feed: what happens is told to those who listen, and costs nothing where nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from barograph.govern.access import add_user
from barograph.govern.alerts import Cause, comment_alert, raise_alerts
from barograph.govern.limits import end_limit, newest_readings, set_limit
from barograph.govern.storage import Database, open_database
from barograph.service.app import application
from barograph.service.feed import Feed, hub, response
from barograph.service.feed.looking import BEHIND
from barograph.service.service import Service
from databases import KINDS, fresh_url
from patience import PATIENCE
from small_feed import Reader, reader
from small_service import CREDIT, FRAUD, HEADERS, MARKET, TOKEN, Client, asked, bundles, events, record
from small_service import service as a_service
from small_service import started as process

CAUSE = Cause("a key", "operational/fraud", "score", "score", 0.9, 0.5, "hard", subject="p-1")


class Place:
    """A service somebody can listen to."""

    def __init__(self, client: Client, served: Service) -> None:
        self.client, self.served = client, served
        self.app = application(served, log=False)

    @property
    def database(self) -> Database:
        assert self.served.database is not None
        return self.served.database

    def reader(self, last: str = "", **headers: str) -> Reader:
        return reader(self.client, self.app, headers or HEADERS, last)

    def told(self, one: Reader, kind: str, **said: Any) -> dict[str, Any]:
        return self.client.run(one.told(kind, **said))

    def leave(self, *readers: Reader) -> None:
        for one in readers:
            self.client.run(one.leave())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    served = a_service("fraud")
    served.database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    add_user(served.database, "ada", "approver", by="first-start")
    with asked(served) as client:
        yield Place(client, served)


@pytest.fixture
def bare() -> Iterator[Place]:
    """Without a database."""
    served = a_service("credit", "market")
    with asked(served) as client:
        yield Place(client, served)


@pytest.mark.parametrize("kind", KINDS)
def test_what_another_process_wrote_is_told(kind: str, tmp_path: Path) -> None:
    with fresh_url(kind, tmp_path) as url:
        served = a_service("fraud")
        served.database, other = open_database(url), open_database(url)
        add_user(other, "ada", "approver", by="first-start")
        with asked(served) as client:
            here = Place(client, served)
            one = here.reader()
            assert here.told(one, "hello") == {}
            (alert,) = raise_alerts(other, [CAUSE])
            assert here.told(one, "alert", what="opened")["id"] == alert.id
            comment_alert(other, alert.id, words="seen", by="ada")
            assert here.told(one, "alert", what="comment", id=alert.id)["actor"] == "ada"
            limit = set_limit(
                other, "market/volatility", "var_99", hard=0.1, owner="ada", why="appetite", by="ada"
            )
            here.told(one, "limit", what="set", id=limit, figure="var_99")
            end_limit(other, limit, by="ada")
            here.told(one, "limit", what="ended", id=limit)
            assert [kind for kind, _ in one.messages] == ["hello", "alert", "alert", "limit", "limit"]
            here.leave(one)
        other.close()


def test_what_was_there_before_is_not_told_again(place: Place) -> None:
    raise_alerts(place.database, [CAUSE])
    one = place.reader()
    place.told(one, "hello")
    (second,) = raise_alerts(place.database, [Cause("another", "s", "score", "score", 0.9, 0.5, "hard")])
    place.told(one, "alert", id=second.id)
    assert [kind for kind, _ in one.messages] == ["hello", "alert"]
    place.leave(one)


def test_who_comes_again_is_told_what_they_missed_or_to_load_anew(place: Place) -> None:
    first, second = place.reader(), place.reader()
    place.told(first, "hello")
    place.leave(first)
    (alert,) = raise_alerts(place.database, [CAUSE])
    place.told(second, "alert", id=alert.id)
    again = place.reader(last=first.last)
    place.told(again, "alert", id=alert.id)
    assert [kind for kind, _ in again.messages] == ["alert"]
    for strange in (
        "0badf00d-1",
        "no-id-of-ours",
        first.last.partition("-")[0] + "-999999",
        "-",
        "x" * 5_000,
    ):
        lost = place.reader(last=strange)
        place.told(lost, "reload")
        assert len(lost.messages) == 1
        place.leave(lost)
    place.leave(again, second)


def test_what_happened_while_nobody_listened_is_a_gap_and_said_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "LINGER", 0.0)
    one = place.reader()
    place.told(one, "hello")
    place.leave(one)
    task = place.served.feed._task
    assert task is not None

    async def asleep() -> None:
        await task

    place.client.run(asleep())
    assert not place.served.feed.listened
    raise_alerts(place.database, [CAUSE])
    again = place.reader(last=one.last)
    place.told(again, "reload")
    place.leave(again)


def test_scores_are_told_as_sums_and_days_as_they_come(bare: Place) -> None:
    one = bare.reader()
    bare.told(one, "hello")
    for _ in range(3):
        answer = bare.client.post(f"{CREDIT}/predict", json={"records": [record()]})
        assert answer.status_code == 200, answer.text
    told = bare.told(one, "scores", study="credit/default")
    assert told["count"] >= 1
    assert 0.0 < told["highest"] < 1.0
    assert told["alerts"] == 0
    day = {"entity": "alpha", "time": "2021-06-01", "close": 400.0, "open": 399, "high": 401, "low": 398}
    assert bare.client.post(f"{MARKET}/update", json={**day, "volume": 1}).status_code == 200
    bare.told(one, "study", study="market/volatility", what="updated")
    bare.leave(one)


def test_events_and_their_alerts_are_told(place: Place) -> None:
    one = place.reader()
    place.told(one, "hello")
    answer = place.client.post(f"{FRAUD}/events", json={"events": events(1_000)}).json()["answers"]
    loud = {found["event_id"] for found in answer if found["alert"]}
    assert place.told(one, "scores", study="operational/fraud")["alerts"] == len(loud)
    for event in loud:
        place.told(one, "alert", what="opened", subject=event)
    place.leave(one)


def test_readings_under_a_limit_are_kept_and_told(tmp_path: Path) -> None:
    served = a_service("market")
    served.database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    add_user(served.database, "ada", "approver", by="first-start")
    set_limit(
        served.database,
        "market/volatility",
        "var_99",
        hard=9.0,
        entity="alpha",
        owner="ada",
        why="w",
        by="ada",
    )
    with asked(served) as client:
        here = Place(client, served)
        one = here.reader()
        here.told(one, "hello")
        assert client.post(f"{MARKET}/predict", json={}).status_code == 200
        told = here.told(one, "reading", figure="var_99", entity="alpha")
        (kept,) = newest_readings(served.database)
        assert (kept.entity, kept.last, kept.readings) == ("alpha", told["value"], 1)
        here.leave(one)


def test_an_idle_feed_is_asked_nothing_but_whether_anybody_listens(
    bare: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unlistened(Feed):
        def scored(self, *_: Any) -> None:
            raise AssertionError("nobody listens")

    bare.served.feed = Unlistened()
    assert bare.client.post(f"{CREDIT}/predict", json={"records": [record()]}).status_code == 200
    assert bare.served.feed._task is None
    bare.served.feed.listened = True  # the same request is now told, so the check above can fail
    assert bare.client.post(f"{CREDIT}/predict", json={"records": [record()]}).status_code == 500


def test_a_reader_who_takes_nothing_is_cut_off_and_holds_up_nobody(
    bare: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response, "SLOW", 0.2)
    slow, quick = bare.reader(), bare.reader()
    bare.told(quick, "hello")
    slow.stuck = True

    async def much() -> None:
        for number in range(hub.ROOM + 2):
            bare.served.feed.tell("study", {"study": f"{number}", "what": "updated"})
            if number % 50 == 0:
                await quick.told("study", study=f"{number}")

    bare.client.run(much())
    bare.client.run(slow.over())
    assert not slow.ended
    bare.told(quick, "study", study=f"{hub.ROOM + 1}")
    assert len(bare.served.feed._listeners) == 1
    bare.leave(quick)


def test_no_more_than_so_many_listen(place: Place) -> None:
    place.served.feed._most_each = 2
    first, second = place.reader(), place.reader()
    third = place.reader()
    assert (third.status, '"title":"Service Unavailable"' in third.text) == (503, True)
    place.leave(first)
    fourth = place.reader()
    assert fourth.status == 200
    place.leave(second, fourth)
    assert not place.served.feed._listeners


@pytest.mark.parametrize("told_first", [True, False], ids=["told first", "leaves first"])
def test_who_leaves_while_something_is_told_is_let_go(bare: Place, told_first: bool) -> None:
    async def left(turns: int) -> None:
        one = await Reader(bare.app, HEADERS).listen()
        await one.told("hello")
        acts = [lambda: bare.served.feed.tell("study", {"study": "s", "what": "updated"}), one._left.set]
        for act in acts if told_first else acts[::-1]:
            act()
            for _ in range(turns):
                await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await one.over()

    for turns in range(10):
        bare.client.run(left(turns))
    assert not bare.served.feed._listeners


@pytest.mark.parametrize("turns", range(6))
def test_a_service_that_ends_while_the_feed_is_woken_does_not_wait_for_it(turns: int) -> None:
    async def seconds() -> float:
        loop, feed = asyncio.get_running_loop(), Feed()
        feed.admit("a key")
        await asyncio.sleep(1.5 * hub.LEAST)  # it waits until it is woken, or for the rest of a second
        feed.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        began = loop.time()
        async with asyncio.timeout(20):
            await feed.stop()
        return loop.time() - began

    assert asyncio.run(seconds()) < 10


def test_a_stream_ends_after_a_while_so_that_access_is_looked_at_again(
    bare: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response, "LONGEST", 0.0)
    one = bare.reader()
    bare.client.run(one.over())
    assert one.ended


def test_signs_of_life_are_sent(bare: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "BEAT", 0.01)
    one = bare.reader()
    bare.client.run(one._until(lambda: one.text.count(": here\n\n") > 2))
    bare.leave(one)


def test_nobody_listens_without_a_token(bare: Place) -> None:
    assert bare.reader(nothing="").status == 401


def test_a_database_that_was_away_too_long_to_tell_is_said(place: Place) -> None:
    one = place.reader()
    place.told(one, "hello")
    clock = place.database.clock
    late = Database(place.database.engine, lambda: clock() + 2 * BEHIND)
    place.served.feed._looking.database = late
    place.told(one, "reload")
    place.leave(one)


def test_streams_end_in_good_order_when_the_service_is_told_to_stop() -> None:
    with process(str(bundles()["credit"]), token=TOKEN) as (running, address):
        with httpx.stream("GET", f"{address}/v1/stream", headers=HEADERS, timeout=PATIENCE) as answer:
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            lines = answer.iter_lines()
            while "event: hello" not in next(lines):
                pass
            running.terminate()
            list(lines)  # an error where the connection is dropped in the middle
        assert running.wait(PATIENCE) in (0, -15)
