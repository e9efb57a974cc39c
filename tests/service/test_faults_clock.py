"""The clock jumps back by days while the service runs: order, access, limits and the audit log stay sane."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from barograph.govern.access import ROLES, Authenticator, add_user, mint_token
from barograph.govern.alerts import Cause, raise_alerts
from barograph.govern.audit import verify_journals
from barograph.govern.storage import open_database
from barograph.govern.tables import outcomes
from barograph.service.recording import opened
from barograph.service.service import Service
from small_service import CREDIT, FRAUD, MARKET, Client, asked, events, record, service

NOW = dt.datetime(2026, 11, 29, 12, 0, tzinfo=dt.UTC)
JUMPS = [dt.timedelta(days=3), dt.timedelta(days=-6), dt.timedelta(hours=-1), dt.timedelta(days=400)]


@dataclass
class Jumping:
    at: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.at


@dataclass
class Place:
    client: Client
    service: Service
    clock: Jumping
    tokens: dict[str, str]
    alert: str
    said: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: object = None, role: str = "admin") -> dict[str, object]:
        headers = {"authorization": f"Bearer {self.tokens[role]}"}
        answer = self.client.request(
            method, path, headers=headers, **({} if body is None else {"json": body})
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    clock = Jumping()
    database = open_database(f"sqlite:///{tmp_path}/barograph.db", clock=clock)
    tokens = {}
    for role in ROLES:
        add_user(database, role, role, by="first-start")
        tokens[role] = mint_token(database, role, by="first-start", days=700)
    cause = Cause("k", "credit/default", "limit", "loss", 2.0, 1.0, "hard", "", "")
    (alert,) = raise_alerts(database, [cause])
    made = service(access=Authenticator(database))
    made.database, made.recorder = database, opened(database, tmp_path / "audit")
    with asked(made) as client:
        yield Place(client, made, clock, tokens, alert.id)


def test_a_clock_that_jumps_leaves_everything_in_order(place: Place, tmp_path: Path) -> None:
    ended = place.ask("POST", "/v1/tokens", {"owner": "viewer"})["token"]
    place.ask("DELETE", f"/v1/tokens/{str(ended).split('_')[1]}")
    some = iter(events(20))
    for number, jump in enumerate([dt.timedelta(0), *JUMPS]):
        place.clock.at += jump
        place.ask("POST", f"{CREDIT}/predict", {"records": [record()]})
        assert place.ask("POST", f"{FRAUD}/events", next(some))["status"] == "new"
        day = {"entity": "alpha", "time": f"2021-06-0{number + 1}", "close": 400.0 + number}
        place.ask("POST", f"{MARKET}/update", day)
        words = {"words": f"comment {number}"}
        place.ask("POST", f"/v1/alerts/{place.alert}/comment", words)
        label = {"event_id": "one", "label": number % 2, "known_at": "2026-01-01T00:00:00Z"}
        told = place.ask("POST", f"{CREDIT}/outcomes", {"outcomes": [label]})["answers"]
        assert told == [{"event_id": "one", "status": "corrected" if number else "new"}]
        headers = {"authorization": f"Bearer {ended}"}
        assert place.client.get("/v1/studies", headers=headers).status_code == 401
        place.ask("GET", f"{CREDIT}/monitors")
    notes = place.ask("GET", f"/v1/alerts/{place.alert}/notes")["notes"]
    assert isinstance(notes, list)
    assert [one["words"] for one in notes[1:]] == [f"comment {number}" for number in range(len(JUMPS) + 1)]
    database, recorder = place.service.database, place.service.recorder
    assert database is not None
    assert recorder is not None
    newest = sa.select(outcomes.c.revision, outcomes.c.label).order_by(outcomes.c.revision)
    rows = database.read(lambda connection: connection.execute(newest).all())
    assert [tuple(row) for row in rows] == [(number + 1, number % 2) for number in range(len(JUMPS) + 1)]
    recorder._keeper.keep()
    assert verify_journals(tmp_path / "audit", database).passed


def test_what_ran_out_is_out_while_the_clock_says_so_and_a_limit_guards_on(place: Place) -> None:
    token = place.ask("POST", "/v1/tokens", {"owner": "viewer", "days": 1})["token"]
    limit = {
        "study": "credit/default",
        "figure": "loss",
        "hard": 1.0,
        "owner": "admin",
        "why": "w",
        "days": 1,
    }
    place.ask("POST", "/v1/limits", limit)
    headers = {"authorization": f"Bearer {token}"}
    found = []
    for days in (0, 2, -4, 5):
        place.clock.at += dt.timedelta(days=days)
        assert isinstance(place.service.access, Authenticator)
        place.service.access.forget()
        found.append(place.client.get("/v1/studies", headers=headers).status_code)
        (row,) = place.ask("GET", "/v1/limits")["limits"]  # type: ignore[misc]
        assert row["hard"] == 1.0
    assert found == [200, 401, 200, 401]


def test_an_event_is_held_against_the_clock_of_its_time_when_it_is_taken_in_again(tmp_path: Path) -> None:
    """What was accepted when it came is accepted again at a start whose clock says it lies far ahead."""
    some, first = events(6), service("fraud")
    first.state = tmp_path
    (served,) = first.studies
    first.recall(served)
    moment = dt.datetime.fromisoformat(some[0]["time"])
    with asked(first) as client:
        said = [client.post(f"{FRAUD}/events", json=one).json() for one in some]
        assert {one["status"] for one in said} == {"new"}
        for memory in first.memories.values():
            memory.close()
        first.memories = {}
    second = service("fraud")
    second.state = tmp_path
    (again,) = second.studies
    again.model.clock = lambda: (moment - dt.timedelta(days=300)).timestamp()  # type: ignore[union-attr]
    second.recall(again)
    with asked(second) as client:
        told = [client.post(f"{FRAUD}/events", json=one).json() for one in some]
        late = client.post(f"{FRAUD}/events", json=events(7)[6]).json()
    assert [one["status"] for one in told] == ["duplicate"] * 6
    assert [one["score"] for one in told] == pytest.approx([one["score"] for one in said], abs=1e-6)
    assert late["status"] == "bad_time"
