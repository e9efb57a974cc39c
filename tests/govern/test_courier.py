"""The courier among processes and slow receivers: each message told once, and nobody waits for another."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time

import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import SettingError
from barograph.govern.alerts import Cause, raise_alerts
from barograph.govern.daily import Daily
from barograph.govern.leases import give_back_lease, take_lease
from barograph.govern.messages import (
    Courier,
    MailServer,
    Senders,
    add_receiver,
    deliver_due,
    mail_server,
    outbox_rows,
    receivers_of,
    remind,
    try_receiver,
)
from barograph.govern.messages.courier import LEASE
from barograph.govern.messages.letter import letter
from barograph.govern.messages.senders import NotTakenError
from barograph.govern.registry import Proposal, approve, open_finding, propose, retire
from barograph.govern.storage import Database, forget
from barograph.govern.tables import outbox
from patience import PATIENCE, until
from receivers_here import web


def fraud(database: Database, event: str) -> None:
    cause = Cause(
        key=f"event {event}", study="operational/fraud", kind="score", figure="score", value=0.9,
        threshold=0.5, severity="hard", subject=event,
    )  # fmt: skip
    raise_alerts(database, [cause])


class Slow(Senders):
    """Keeps whom it sends to waiting, by address, until it is let go; notes what was sent."""

    def __init__(self, *slow: str) -> None:
        super().__init__()
        object.__setattr__(self, "slow", slow)
        object.__setattr__(self, "sent", [])
        object.__setattr__(self, "go_on", threading.Event())

    __slots__ = ("go_on", "sent", "slow")
    slow: tuple[str, ...]
    sent: list[str]
    go_on: threading.Event

    def send(self, address: str, secret: str, identity: str, body: str) -> None:
        self.sent.append(address)
        if address in self.slow:
            assert self.go_on.wait(PATIENCE)


def test_a_lease_is_one_s_until_it_runs_out_or_is_given_back(database: Database, clock: SetClock) -> None:
    assert take_lease(database, "work", "a", seconds=30.0)
    assert not take_lease(database, "work", "b", seconds=30.0)
    assert take_lease(database, "other", "b", seconds=30.0)
    clock.go(seconds=20)
    assert take_lease(database, "work", "a", seconds=30.0)
    clock.go(seconds=29)
    assert not take_lease(database, "work", "b", seconds=30.0)
    clock.go(seconds=1)
    assert take_lease(database, "work", "b", seconds=30.0)
    give_back_lease(database, "work", "a")
    assert not take_lease(database, "work", "a", seconds=30.0)
    give_back_lease(database, "work", "b")
    assert take_lease(database, "work", "a", seconds=30.0)


def test_a_lease_taken_by_a_clock_that_was_ahead_does_not_stand_for_ever(
    database: Database, clock: SetClock
) -> None:
    assert take_lease(database, "work", "a", seconds=30.0)
    clock.go(hours=-5)
    assert take_lease(database, "work", "b", seconds=30.0)


def test_a_slow_receiver_keeps_nobody_else_waiting(database: Database) -> None:
    senders = Slow("http://slow/")
    with Courier(database, senders, every=0.01):
        for address in ("http://slow/", "http://quick/"):
            add_receiver(database, address, by="admin")
        for number in range(3):
            fraud(database, f"e{number}")
        until(lambda: senders.sent.count("http://quick/") == 3 and "http://slow/" in senders.sent)
        assert senders.sent.count("http://slow/") == 1
        senders.go_on.set()
        until(lambda: not outbox_rows(database))
    assert sorted(senders.sent) == ["http://quick/"] * 3 + ["http://slow/"] * 3


def test_a_message_that_is_being_sent_is_nobody_else_s_however_long_it_takes(
    database: Database, clock: SetClock
) -> None:
    """The clock goes on by more than a message is taken for, in steps, while its receiver says nothing."""
    senders, other = Slow("http://slow/"), Slow()
    add_receiver(database, "http://slow/", by="admin")
    fraud(database, "e1")
    with Courier(database, senders, every=0.01):
        until(lambda: senders.sent)
        for _ in range(10):
            clock.go(seconds=40)
            until(lambda: outbox_rows(database)[0]["due_at"] > clock.at + dt.timedelta(seconds=50))
            assert deliver_due(database, other).sent == 0
        senders.go_on.set()
        until(lambda: not outbox_rows(database))
    assert (senders.sent, other.sent) == (["http://slow/"], [])


def test_what_was_not_taken_after_all_does_not_undo_what_another_did(
    database: Database, clock: SetClock
) -> None:
    class Late(Senders):
        """Fails after somebody else has sent the message, who thought that this process had died."""

        def send(self, address: str, secret: str, identity: str, body: str) -> None:
            clock.go(minutes=5)
            assert deliver_due(database, Slow()).sent == 1
            raise NotTakenError("late")

    add_receiver(database, "http://here/", by="admin")
    fraud(database, "e1")
    assert deliver_due(database, Late()).failed == 1
    (row,) = outbox_rows(database, waiting=False)
    assert row["sent_at"] == clock.at
    assert row["error"] is None


def test_one_courier_at_a_time_delivers_and_the_next_takes_over(database: Database) -> None:
    senders = Slow()
    add_receiver(database, "http://here/", by="admin")
    assert take_lease(database, LEASE, "another process", seconds=30.0)
    with Courier(database, senders, every=0.01) as courier:
        fraud(database, "e1")
        time.sleep(0.2)  # time to do it wrongly
        assert senders.sent == []
        give_back_lease(database, LEASE, "another process")
        until(lambda: not outbox_rows(database))
        assert courier.error is None
    assert senders.sent == ["http://here/"]
    assert take_lease(database, LEASE, "the next", seconds=30.0)


def test_many_couriers_send_each_message_once(database: Database) -> None:
    with web() as received:
        add_receiver(database, received.address, by="admin")
        for number in range(30):
            fraud(database, f"e{number}")
        couriers = [Courier(database, Senders(), every=0.01) for _ in range(4)]
        for one in couriers:
            one.__enter__()
        until(lambda: not outbox_rows(database))
        for one in couriers:
            one.__exit__(None, None, None)
    ids = [headers["Barograph-Message"] for headers, _ in received.requests]
    assert len(ids) == len(set(ids)) == 30


def test_a_webhook_that_drips_its_answer_is_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph.govern.messages.senders.WHOLE_SECONDS", 0.5)
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not done.wait(0.05):
                    try:
                        connection.sendall(b"X: y\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        add_receiver(database, f"http://127.0.0.1:{server.getsockname()[1]}/", by="admin")
        fraud(database, "e1")
        try:
            assert deliver_due(database, Senders()).failed == 1
        finally:
            done.set()
            thread.join()
    assert outbox_rows(database)[0]["error"] == "no whole answer within 0.5 seconds"


def test_a_receiver_is_tried_and_how_it_fares_is_told(database: Database) -> None:
    with web() as received:
        received.answers = [500]
        made, _ = add_receiver(database, received.address, by="admin")
        try_receiver(database, made, by="admin")
        assert deliver_due(database, Senders()).failed == 1
        (one,) = receivers_of(database)
        assert (one["waiting"], one["sent_at"], one["error"]) == (1, None, "HTTP 500")
        database.clock.go(minutes=1)  # type: ignore[attr-defined]
        assert deliver_due(database, Senders()).sent == 1
    (one,) = receivers_of(database)
    assert (one["waiting"], one["sent_at"], one["error"]) == (0, database.clock(), None)


def test_of_a_receiver_the_error_of_its_last_try_is_told(database: Database, clock: SetClock) -> None:
    with web() as received:
        made, _ = add_receiver(database, received.address, by="admin")
        received.answers = [500, 503, 404]
        try_receiver(database, made, by="admin")
        for said, seconds in (("HTTP 500", 1), ("HTTP 503", 30), ("HTTP 404", 1)):
            assert deliver_due(database, Senders()).failed == 1
            assert receivers_of(database)[0]["error"] == said
            clock.go(seconds=seconds)
            if said == "HTTP 500":
                try_receiver(database, made, by="admin")
    assert receivers_of(database)[0]["waiting"] == 2


def test_a_courier_counts_what_it_gives_up(database: Database, clock: SetClock) -> None:
    class Refusing(Senders):
        def send(self, address: str, secret: str, identity: str, body: str) -> None:
            raise NotTakenError("no")

    add_receiver(database, "http://here/", by="admin")
    fraud(database, "e1")
    database.write(lambda connection: connection.execute(sa.update(outbox).values(tries=9)))
    clock.go(days=4)
    with Courier(database, Refusing(), every=0.01) as courier:
        until(lambda: courier.given_up == 1)
    assert outbox_rows(database) == []


def model(database: Database, number: int, *, months: int = 12) -> str:
    proposal = Proposal(
        "market/volatility", "forecasting", "mlp", "/b", f"{number:064d}"[::-1], "d", "better"
    )
    made = propose(database, proposal, by="dev", why="run")
    approve(database, made, by="chief", why="read", challenger=number > 1, months=months)
    return made


def test_what_is_due_is_told_once(database: Database, clock: SetClock) -> None:
    with web() as received:
        add_receiver(database, received.address, by="admin")
        first, retired = model(database, 1, months=6), model(database, 2, months=1)
        retire(database, retired, by="chief", why="gone")
        open_finding(
            database, first, severity="high", what="no back-test", owner="dev",
            due=clock.at.date() + dt.timedelta(days=3), by="chief",
        )  # fmt: skip
        assert remind(database) == 0
        clock.go(days=3)
        assert (remind(database), remind(database)) == (1, 0)
        clock.go(days=170)
        assert (remind(database), remind(database)) == (1, 0)
        assert [row["body"].split('"')[3] for row in outbox_rows(database)] == ["finding.due", "review.due"]


def test_the_day_s_work_is_done_once_a_day_by_one_of_many(database: Database, clock: SetClock) -> None:
    made, _ = add_receiver(database, "http://nobody/", by="admin")
    for _ in range(3):
        try_receiver(database, made, by="admin")
    deliver_due(database, Slow())
    clock.go(days=20)
    try_receiver(database, made, by="admin")
    with Daily(database, {"outbox": 10}, every=0.01), Daily(database, {"outbox": 10}, every=0.01):
        until(lambda: len(outbox_rows(database, waiting=False)) == 1)
        clock.go(days=11)
        deliver_due(database, Slow())
        clock.go(days=11)
        until(lambda: outbox_rows(database, waiting=False) == [])


def test_whatever_keeps_the_day_s_work_from_being_done_is_told_and_it_is_tried_again(
    database: Database, clock: SetClock
) -> None:
    """Ten days before the calendar's second day is an OverflowError, none of our own errors."""
    clock.at = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
    with Daily(database, {"outbox": 10}, every=0.01) as daily:
        until(lambda: isinstance(daily.error, OverflowError))
    assert take_lease(database, "daily", "another", seconds=86_000.0)
    give_back_lease(database, "daily", "another")
    with Daily(database, {"outbox": 10}, every=0.01) as daily:
        until(lambda: daily.error is not None)
        clock.at = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
        until(lambda: daily.error is None)


def test_a_message_that_waits_is_not_forgotten(database: Database, clock: SetClock) -> None:
    made, _ = add_receiver(database, "http://nobody/", by="admin")
    try_receiver(database, made, by="admin")
    clock.go(days=2)
    assert forget(database, "outbox", days=1) == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("what", ["alert.opened", "alert.escalated", "review.due", "finding.due", "test"])
def test_every_kind_of_message_can_be_read(what: str, lang: str) -> None:
    told = {"what": what, "study": "market/volatility", "figure": "var", "severity": "hard", "entity": ""}
    subject, body = letter(told, lang)
    assert subject.startswith("Barograph")
    assert "\n" not in subject
    assert "market/volatility" in body


def test_the_address_of_a_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "p@ss")
    server = mail_server("smtp+starttls://risk:${MAIL_PASSWORD}@mail.bank", "b@bank.example")
    assert server == MailServer("mail.bank", "b@bank.example", 587, True, False, "risk", "p@ss")
    assert "p@ss" not in repr(server)
    assert mail_server("smtps://mail.bank:4650", "b@bank.example").tls
    assert mail_server("smtp://mail.bank", "b@bank.example").port == 25


@pytest.mark.parametrize("password", ["a/b", "a#b", "a?b", "a@b:c", "50%25", "[", "x y", "${MAIL_HOST}"])
def test_a_mail_server_s_password_may_hold_any_character(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", password)
    monkeypatch.setenv("MAIL_HOST", "mail.bank")
    server = mail_server("smtps://risk%40bank:${MAIL_PASSWORD}@${MAIL_HOST}:4650", "b@bank.example")
    assert (server.host, server.port, server.user) == ("mail.bank", 4650, "risk@bank")
    assert server.password == password


@pytest.mark.parametrize("where", ["host:99999", "host:x", "host:0", "[::1", "a b", "${MAIL_HOST}"])
def test_a_mail_server_that_is_none_is_refused_without_its_password(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hush/hush")
    monkeypatch.setenv("MAIL_HOST", "host/hush")
    with pytest.raises(SettingError, match="a mail server must be") as told:
        mail_server(f"smtps://risk:${{MAIL_PASSWORD}}@{where}", "b@bank.example")
    assert "hush" not in str(told.value)
    assert told.value.__context__ is None


@pytest.mark.parametrize(
    ("address", "sender", "said"),
    [
        ("mail.bank", "b@bank.example", "a mail server must be"),
        ("http://mail.bank", "b@bank.example", "a mail server must be"),
        ("smtp://mail.bank", "", "from an address"),
        ("smtp://risk:${MAIL_PASSWORD}@mail.bank", "b@bank.example", "in the clear"),
        ("smtps://risk:open@mail.bank", "b@bank.example", "must not hold a password"),
    ],
)
def test_a_mail_server_that_is_none_is_refused(
    address: str, sender: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    with pytest.raises(SettingError, match=said):
        mail_server(address, sender)
