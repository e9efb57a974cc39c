"""What stands before the dashboard's pages: tries to log in, cookies, and what keeps a session in use."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from barograph.govern.access import Authenticator, log_in
from barograph.govern.storage import open_database
from barograph.govern.tables import sessions
from barograph.service.access import OneToken
from barograph.service.dashboard.guard import Throttle
from barograph.service.dashboard.sessions import sessions_for
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.studies import Studies
from patience import PATIENCE
from small_dashboard import PASSWORD, listening, people
from small_service import TOKEN


def tries(throttle: Throttle, address: str, name: str, count: int) -> int:
    """How many of so many tries were let through."""
    through = 0
    for _ in range(count):
        try:
            throttle.take(address, name)
        except Problem:
            continue
        through += 1
    return through


def test_one_address_does_not_shut_a_user_out_everywhere() -> None:
    throttle = Throttle(lambda: 0.0)
    assert tries(throttle, "10.0.0.1", "alice", 500) == 6
    assert tries(throttle, "10.0.0.2", "alice", 1) == 1


def test_many_addresses_together_are_slowed_down_until_the_right_password_came() -> None:
    throttle = Throttle(lambda: 0.0)
    assert sum(tries(throttle, f"10.0.0.{n}", "alice", 6) for n in range(20)) == 50
    throttle.held("10.0.0.1", "alice")
    assert tries(throttle, "10.0.0.1", "alice", 1) == 1


def test_one_address_tries_so_many_names() -> None:
    throttle = Throttle(lambda: 0.0)
    assert sum(tries(throttle, "10.0.0.1", f"name{n}", 1) for n in range(60)) == 30


def test_logins_by_token_share_nothing_between_addresses() -> None:
    throttle = Throttle(lambda: 0.0)
    assert sum(tries(throttle, f"10.0.{n}.1", "", 1) for n in range(200)) == 200


def test_a_name_of_any_length_takes_no_more_memory_than_another() -> None:
    throttle = Throttle(lambda: 0.0)
    throttle.take("10.0.0.1", "x" * 200_000)
    throttle.take("10.0.0.1", "\udcff")
    for buckets in (throttle.both, throttle.address, throttle.name):
        assert max(len(key) for key in buckets._levels) <= 64


class Clock:
    """The present instant, as a test has it."""

    def __init__(self) -> None:
        self.at = dt.datetime(2027, 3, 3, 14, 5, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.at


def test_the_live_feed_that_comes_again_by_itself_keeps_no_session_in_use(tmp_path: Path) -> None:
    clock = Clock()
    database = open_database(f"sqlite:///{tmp_path}/barograph.db", clock=clock)
    people(database)
    cookie = {"cookie": f"barograph_session={log_in(database, 'eve', PASSWORD).cookie}"}
    with listening(Service(Studies(), Authenticator(database), database=database)) as address:
        for minutes, status in ((0, 200), (40, 200), (40, 303)):
            clock.at += dt.timedelta(minutes=minutes)
            with httpx.stream(
                "GET", f"{address}/dashboard/stream", headers=cookie, timeout=PATIENCE
            ) as answer:
                assert answer.status_code == status


@pytest.mark.parametrize("cookie", ["", "nothing", "a" * 42, "a" * 44, "ä" * 43, "a" * 43 + "\n"])
def test_a_cookie_of_another_form_is_looked_up_nowhere(cookie: str, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    people(database)
    kept = sessions_for(Service(Studies(), Authenticator(database), database=database))
    signed = sessions_for(Service(Studies(), OneToken.of(TOKEN)))
    assert not kept.ours(cookie)
    assert not signed.ours(cookie)
    assert kept.ours(log_in(database, "eve", PASSWORD).cookie)
    assert signed.ours(signed.begin("", "", TOKEN).cookie)


def test_sessions_that_ended_are_deleted_at_a_later_login(tmp_path: Path) -> None:
    clock = Clock()
    database = open_database(f"sqlite:///{tmp_path}/barograph.db", clock=clock)
    people(database)
    count = sa.select(sa.func.count()).select_from(sessions)
    for hours, kept in ((0, 1), (2, 2), (20, 3), (4, 3), (25, 2)):
        clock.at += dt.timedelta(hours=hours)
        log_in(database, "eve", PASSWORD)
        assert database.read(lambda connection: connection.execute(count).scalar_one()) == kept
