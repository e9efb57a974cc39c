"""Limits, alerts and the messages about them."""

from __future__ import annotations

import json
import math
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import ConflictError, SettingError
from barograph.govern.alerts import (
    AlertRecord,
    Cause,
    Sought,
    alerts_sought,
    assign_alert,
    close_alert,
    comment_alert,
    notes_of,
    raise_alerts,
)
from barograph.govern.limits import Reading, breaches, check_readings, end_limit, limits_of, set_limit
from barograph.govern.messages import (
    SIGNATURE,
    Courier,
    MailServer,
    Senders,
    add_receiver,
    deliver_due,
    end_receiver,
    outbox_rows,
    receivers_of,
    signature_holds,
    signed,
)
from barograph.govern.outcomes import outcomes_of
from barograph.govern.storage import Database
from barograph.govern.tables import alerts, limits
from patience import until
from receivers_here import mail, web

STUDY = "market/volatility"


def limit(database: Database, **other: Any) -> str:
    plain = {"soft": 1.0, "hard": 2.0, "owner": "risk", "why": "appetite", "by": "chief"}
    return set_limit(database, STUDY, "var", **(plain | other))


def read(database: Database, value: float, entity: str = "book") -> list[AlertRecord]:
    return check_readings(database, limits_of(database), [Reading(STUDY, "var", value, entity)])


@pytest.mark.parametrize(
    ("value", "below", "severity"),
    [
        (0.5, False, None),
        (1.0, False, None),
        (1.5, False, "soft"),
        (2.0, False, "soft"),
        (2.5, False, "hard"),
        (math.inf, False, "hard"),
        (math.nan, False, "hard"),
        (-0.5, True, None),
        (-1.5, True, "soft"),
        (-2.5, True, "hard"),
    ],
)
def test_what_lies_beyond_a_bound_breaks_it(
    database: Database, value: float, below: bool, severity: str | None
) -> None:
    limit(database, below=below, **({"soft": -1.0, "hard": -2.0} if below else {}))
    opened = read(database, value)
    assert [one.severity for one in opened] == ([] if severity is None else [severity])


def test_a_limit_looks_at_its_own_figure_study_and_entity(database: Database) -> None:
    limit(database, entity="book")
    standing = limits_of(database)
    for other in (Reading("x", "var", 9.0), Reading(STUDY, "es", 9.0), Reading(STUDY, "var", 9.0, "else")):
        assert breaches(standing, [other]) == []
    assert len(breaches(standing, [Reading(STUDY, "var", 9.0, "book")])) == 1


def test_a_breach_opens_one_alert_however_often_it_is_read(database: Database, clock: SetClock) -> None:
    limit(database)
    opened = clock.at
    first = read(database, 1.5)[0]
    clock.go(minutes=1)
    read(database, 1.8)
    last = read(database, 1.2)[0]
    assert [one.id for one in alerts_sought(database, Sought(), most=100)] == [first.id]
    assert (last.readings, last.value, last.opened_at, last.last_at) == (3, 1.8, opened, clock.at)
    worse = read(database, 3.0)[0]
    assert (worse.id, worse.severity, worse.threshold) == (first.id, "hard", 2.0)
    assert [note.kind for note in notes_of(database, first.id)] == ["opened", "escalated"]


def test_every_entity_has_an_alert_of_its_own_and_a_closed_one_opens_anew(database: Database) -> None:
    limit(database)
    first, other = read(database, 1.5)[0], read(database, 1.5, "other")[0]
    assert first.id != other.id
    close_alert(database, first.id, disposition="fixed", by="risk")
    again = read(database, 1.6)[0]
    assert again.id != first.id
    assert [one.id for one in alerts_sought(database, Sought(closed=True), most=100)] == [first.id]


def test_readings_that_race_open_one_alert(database: Database) -> None:
    limit(database)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: read(database, 1.5 + n / 100), range(8)))
    (one,) = alerts_sought(database, Sought(), most=100)
    assert (one.readings, one.value) == (8, 1.57)


def test_the_database_itself_holds_one_open_alert_a_cause(database: Database) -> None:
    limit(database)
    read(database, 1.5)

    def again(connection: sa.Connection) -> None:
        row = dict(connection.execute(sa.select(alerts)).mappings().one())
        connection.execute(alerts.insert(), row | {"id": "forged"})

    with pytest.raises(sa.exc.IntegrityError):
        database.write(again)


def test_a_limit_is_replaced_not_edited(database: Database, clock: SetClock) -> None:
    first = limit(database)
    clock.go(days=1)
    second = limit(database, soft=1.5)
    assert [one.id for one in limits_of(database)] == [second]
    told = {one.id: one.ended_by for one in limits_of(database, ended=True)}
    assert told == {first: "chief", second: None}
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda connection: connection.execute(sa.update(limits).values(soft=9.0)))
    end_limit(database, second, by="chief")
    assert limits_of(database) == []
    with pytest.raises(ConflictError, match="must stand"):
        end_limit(database, second, by="chief")


def test_an_expired_limit_guards_on_flagged(database: Database, clock: SetClock) -> None:
    limit(database, days=10)
    clock.go(days=11)
    assert limits_of(database)[0].expired
    assert len(read(database, 5.0)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"soft": None, "hard": None},
        {"soft": 3.0},
        {"hard": math.nan},
        {"soft": 1.0, "hard": 2.0, "below": True},
        {"why": " "},
        {"days": 0},
        {"owner": "Risk Desk"},
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        limit(database, **wrong)


def fraud(database: Database, event: str, severity: str = "hard") -> AlertRecord:
    cause = Cause(
        key=f"event {event}", study="operational/fraud", kind="score", figure="probability", value=0.9,
        threshold=0.5, severity="hard" if severity == "hard" else "soft", subject=event,
    )  # fmt: skip
    return raise_alerts(database, [cause])[0]


def test_what_may_have_been_seen_before_opens_an_alert_only_if_it_never_did(database: Database) -> None:
    cause = Cause("event e1", "operational/fraud", "score", "score", 0.9, 0.5, "hard", "", "e1", again=True)
    (alert,) = raise_alerts(database, [cause])
    assert raise_alerts(database, [cause]) == [alert]
    closed = close_alert(database, alert.id, disposition="fraud", by="ops")
    assert raise_alerts(database, [cause]) == [closed]
    assert alerts_sought(database, Sought(), most=100) == []
    (new,) = raise_alerts(database, [replace(cause, again=False)])
    assert new.id != alert.id


@pytest.mark.parametrize("again", [False, True])
def test_an_alert_that_several_open_at_once_is_opened_once(database: Database, again: bool) -> None:
    cause = Cause("event e1", "operational/fraud", "score", "score", 0.9, 0.5, "hard", "", "e1", again=again)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: raise_alerts(database, [cause])[0].id, range(24)))
    assert len(set(found)) == 1
    assert [one.readings for one in alerts_sought(database, Sought(), most=100)] == [1 if again else 24]


@pytest.mark.parametrize(
    ("disposition", "labels"), [("fraud", {"e1": 1.0}), ("false_alarm", {"e1": 0.0}), ("accepted", {})]
)
def test_what_an_alert_turned_out_to_be_becomes_the_event_s_label(
    database: Database, disposition: str, labels: dict[str, float]
) -> None:
    alert = fraud(database, "e1")
    closed = close_alert(database, alert.id, disposition=disposition, by="ops", words="called the customer")
    assert (closed.disposition, closed.closed_by) == (disposition, "ops")
    found = outcomes_of(database, "operational/fraud")
    assert {key: one.label for key, one in found.items()} == labels


def test_an_alert_is_worked_on_until_it_is_closed(database: Database, clock: SetClock) -> None:
    alert = fraud(database, "e1")
    assign_alert(database, alert.id, to="ops", by="lead")
    comment_alert(database, alert.id, words="calling", by="ops")
    assert [one.id for one in alerts_sought(database, Sought(assignee="ops"), most=100)] == [alert.id]
    close_alert(database, alert.id, disposition="fraud", by="ops")
    told = [(note.kind, note.actor, note.words) for note in notes_of(database, alert.id)]
    assert told == [
        ("opened", "barograph", "0.9"),
        ("assigned", "lead", "ops"),
        ("comment", "ops", "calling"),
        ("closed", "ops", "fraud"),
    ]
    for call in (
        lambda: close_alert(database, alert.id, disposition="false_alarm", by="ops"),
        lambda: comment_alert(database, alert.id, words="more", by="ops"),
        lambda: assign_alert(database, alert.id, to="ops", by="lead"),
    ):
        with pytest.raises(ConflictError, match="closed by 'ops'"):
            call()
    with pytest.raises(ConflictError, match="there is no"):
        comment_alert(database, "none", words="x", by="ops")
    with pytest.raises(SettingError, match="Did you mean 'fraud'"):
        close_alert(database, alert.id, disposition="frauds", by="ops")
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda c: c.execute(sa.update(alerts).values(disposition="fixed")))


def test_the_queue_has_hard_ones_first_then_the_oldest(database: Database, clock: SetClock) -> None:
    ids = []
    for number, severity in enumerate(("soft", "hard", "soft", "hard")):
        ids.append(fraud(database, f"e{number}", severity).id)
        clock.go(minutes=1)
    assert [one.id for one in alerts_sought(database, Sought(), most=100)] == [ids[1], ids[3], ids[0], ids[2]]
    assert [one.id for one in alerts_sought(database, Sought(), most=1)] == [ids[1]]
    assert alerts_sought(database, Sought(study="other"), most=100) == []


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_pages_have_every_alert_once_in_order_also_those_of_one_instant(
    database: Database, clock: SetClock, closed: bool
) -> None:
    for number in range(17):
        one = fraud(database, f"e{number}", "hard" if number % 3 else "soft")
        if closed:
            close_alert(database, one.id, disposition="fixed", by="ops")
        clock.go(minutes=number % 2)
    sought, after = Sought(closed=closed), ""
    whole = [one.id for one in alerts_sought(database, sought, most=100)]
    pages: list[list[str]] = []
    while after or not pages:
        page = [one.id for one in alerts_sought(database, sought, most=4, after=after)]
        assert page not in pages
        pages.append(page)
        after = pages[-1][-1] if len(pages[-1]) == 4 else ""
    assert [one for page in pages for one in page] == whole
    assert len(set(whole)) == 17


def test_a_page_goes_on_behind_what_was_closed_meanwhile_and_behind_nothing_else(
    database: Database, clock: SetClock
) -> None:
    ids = []
    for number in range(4):
        ids.append(fraud(database, f"e{number}").id)
        clock.go(minutes=1)
    close_alert(database, ids[1], disposition="fixed", by="ops")
    assert [one.id for one in alerts_sought(database, Sought(), most=9, after=ids[1])] == ids[2:]
    for sought, after in ((Sought(), "none"), (Sought(closed=True), ids[0])):
        with pytest.raises(SettingError, match="go on behind a row of its list"):
            alerts_sought(database, sought, most=9, after=after)


def test_a_signature_holds_for_its_body_its_secret_and_some_minutes() -> None:
    header = signed("secret", b"body", at=1_000.0)
    assert signature_holds("secret", b"body", header, now=1_200.0)
    assert not signature_holds("secret", b"other", header, now=1_200.0)
    assert not signature_holds("other", b"body", header, now=1_200.0)
    assert not signature_holds("secret", b"body", header, now=1_301.0)
    assert not signature_holds("secret", b"body", header.replace("1000", "1100"), now=1_200.0)
    assert not signature_holds("secret", b"body", "", now=1_200.0)


def test_an_alert_is_told_to_a_webhook_signed(database: Database) -> None:
    with web() as received:
        _, secret = add_receiver(database, received.address, by="admin")
        alert = fraud(database, "e1")
        assert deliver_due(database, Senders()).sent == 1
        assert deliver_due(database, Senders()).sent == 0
    ((headers, body),) = received.requests
    assert signature_holds(secret, body, headers[SIGNATURE], now=time.time())
    told = json.loads(body)
    assert (told["what"], told["alert"], told["subject"]) == ("alert.opened", alert.id, "e1")
    assert outbox_rows(database) == []


def test_what_was_not_taken_is_sent_again_later_and_later(database: Database, clock: SetClock) -> None:
    with web() as received:
        received.answers = [500, 302, 429]
        add_receiver(database, received.address, by="admin")
        fraud(database, "e1")
        for pause in (5, 10, 20):
            assert deliver_due(database, Senders()).failed == 1
            clock.go(seconds=pause - 1)
            assert deliver_due(database, Senders()).failed == 0
            clock.go(seconds=1)
        assert outbox_rows(database)[0]["error"] == "HTTP 429"
        assert deliver_due(database, Senders()).sent == 1
    assert len({headers["Barograph-Message"] for headers, _ in received.requests}) == 1
    assert len(received.requests) == 4


def test_nobody_there_is_waited_for_and_given_up_after_three_days(
    database: Database, clock: SetClock
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        add_receiver(database, f"http://127.0.0.1:{held.getsockname()[1]}/", by="admin")
        fraud(database, "e1")
        assert deliver_due(database, Senders()).failed == 1
        assert "ConnectError" in outbox_rows(database)[0]["error"]
        clock.go(days=3)  # on which no service ran
        for _ in range(8):
            assert deliver_due(database, Senders()).failed == 1
            clock.go(hours=1)
        assert deliver_due(database, Senders()).given_up == 1
    assert outbox_rows(database) == []
    assert outbox_rows(database, waiting=False)[0]["given_up_at"] == clock.at


@pytest.mark.parametrize("host", ["a" * 64, "xn--a", "a..b"])
def test_a_host_that_is_none_is_a_message_not_taken(database: Database, host: str) -> None:
    add_receiver(database, f"https://{host}.example/", by="admin")
    fraud(database, "e1")
    assert deliver_due(database, Senders()).failed == 1
    assert outbox_rows(database)[0]["error"]


def test_a_message_taken_by_a_process_that_died_is_sent_by_the_next(
    database: Database, clock: SetClock
) -> None:
    class Died(BaseException):
        """As if the process ended."""

    class Dying(Senders):
        def send(self, address: str, secret: str, identity: str, body: str) -> None:
            raise Died

    with web() as received:
        add_receiver(database, received.address, by="admin")
        fraud(database, "e1")
        with pytest.raises(Died):
            deliver_due(database, Dying())
        assert deliver_due(database, Senders()).sent == 0
        clock.go(minutes=5)
        assert deliver_due(database, Senders()).sent == 1
        assert len(received.requests) == 1


def test_receivers_hear_of_their_study_until_they_end(database: Database) -> None:
    with web() as received:
        ids = [
            add_receiver(database, f"{received.address}/{study}", by="admin", study=study)[0]
            for study in ("", "operational/fraud", STUDY)
        ]
        fraud(database, "e1")
        assert len(outbox_rows(database)) == 2
        end_receiver(database, ids[1])
        assert [one["receiver"] for one in outbox_rows(database)] == [ids[0]]
        (ended,) = [one for one in outbox_rows(database, waiting=False) if one["receiver"] == ids[1]]
        assert ended["given_up_at"] == database.clock()
        assert {one["id"] for one in receivers_of(database)} == {ids[0], ids[2]}
        assert all("secret" not in one for one in receivers_of(database))
        assert deliver_due(database, Senders()).sent == 1
    with pytest.raises(ConflictError):
        end_receiver(database, ids[1])


def test_an_alert_is_told_by_e_mail(database: Database) -> None:
    with mail() as received:
        add_receiver(database, "mailto:risk@bank.example", by="admin")
        limit(database)
        read(database, 5.0)
        assert deliver_due(database, Senders()).failed == 1
        assert outbox_rows(database)[0]["error"] == "no mail server is set"
        sending = Senders(mail=MailServer("127.0.0.1", "barograph@bank.example", port=received.port))
        database.clock.go(minutes=1)  # type: ignore[attr-defined]
        assert deliver_due(database, sending).sent == 1
    (message,) = received.mails
    assert "To: risk@bank.example" in message
    assert "Subject: Barograph: hard alert, market/volatility, var" in message
    assert "severity: hard" in message
    assert "queue of alerts" in message


@pytest.mark.parametrize("farewell", ["421 too busy", "250 fine", ""])
def test_an_e_mail_that_was_taken_is_not_sent_again_whatever_is_said_after_it(
    database: Database, farewell: str
) -> None:
    with mail() as received:
        received.farewell = farewell
        add_receiver(database, "mailto:risk@bank.example", by="admin")
        fraud(database, "e1")
        sending = Senders(mail=MailServer("127.0.0.1", "b@bank.example", port=received.port))
        assert deliver_due(database, sending).sent == 1
    assert len(received.mails) == 1


def test_an_e_mail_says_when_it_was_sent(database: Database) -> None:
    with mail() as received:
        add_receiver(database, "mailto:risk@bank.example", by="admin")
        fraud(database, "e1")
        server = MailServer("127.0.0.1", "b@bank.example", port=received.port)
        assert deliver_due(database, Senders(server, seconds=lambda: 1_772_546_400.0)).sent == 1
    assert "Date: Tue, 03 Mar 2026 14:00:00 +0000" in received.mails[0]


def test_a_mail_server_that_is_away_is_waited_for(database: Database) -> None:
    add_receiver(database, "mailto:risk@bank.example", by="admin")
    fraud(database, "e1")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        away = Senders(mail=MailServer("127.0.0.1", "b@bank.example", port=held.getsockname()[1]))
        assert deliver_due(database, away).failed == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://x/y",
        "https://",
        "https://user:pass@host/",
        "http://[::1/x",
        "http://host:99999/",
        "http://host:0/",
        "http://host:x/",
        "https://host/a b",
        "https://ho\tst/",
        "https://host/\x1b[2J",
        "mailto:a\x00@b",
        "mailto:",
        "mailto:a@b\nBcc: c@d",
        "mailto:a@b,c@d",
    ],
)
def test_an_address_that_is_none_is_refused(database: Database, address: str) -> None:
    with pytest.raises(SettingError, match="https://HOST/PATH"):
        add_receiver(database, address, by="admin")


def test_a_courier_delivers_in_the_background(database: Database) -> None:
    with web() as received, Courier(database, Senders(), every=0.01) as courier:
        add_receiver(database, received.address, by="admin")
        fraud(database, "e1")
        until(lambda: not outbox_rows(database), "the message is delivered")
        assert courier.error is None
    assert len(received.requests) == 1
