"""Hostile words wherever a word may stand: they are words, and nothing more, in either database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import barograph as bg
from barograph.api.models import proposal_of
from barograph.core.errors import BundleError
from barograph.govern import registry
from barograph.govern.access import ROLES, Authenticator, add_user, mint_token
from barograph.govern.alerts import Cause, raise_alerts
from barograph.govern.audit import verify_journals
from barograph.govern.storage import Database, open_database
from barograph.govern.tables import limits, users
from barograph.service.dashboard.assets import PATH as STATIC
from barograph.service.recording import opened
from barograph.service.service import Service
from databases import KINDS, fresh_url
from small_service import CREDIT, FRAUD, Client, asked, bundles, events, record, service

WORDS = [
    "'; DROP TABLE users; --",
    '" OR ""="',
    "1' UNION SELECT secret_hash FROM tokens --",
    "%' ESCAPE '!' OR '%",
    "\\'; DELETE FROM limits; --",
    "%s %(name)s {0} {name} ${PATH} :name $1 ?",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "file:///etc/passwd",
    "a\r\nset-cookie: a=b",
    "\u202eright to left",
    "零\U0001f600",
    "\ufeff",
    "x" * 200,
]
NULL = "a\x00b"


class Place:
    """A service with a database of some kind, and tokens."""

    def __init__(self, client: Client, made: Service, tokens: dict[str, str], alert: str) -> None:
        self.client, self.service, self.tokens, self.alert = client, made, tokens, alert

    def ask(self, method: str, path: str, body: Any = None, role: str = "admin") -> Any:
        headers = {"authorization": f"Bearer {self.tokens[role]}"}
        more = {} if body is None else {"json": body}
        return self.client.request(method, path, headers=headers, **more)

    @property
    def database(self) -> Database:
        assert self.service.database is not None
        return self.service.database

    def count(self, table: sa.Table) -> int:
        wanted = sa.select(sa.func.count()).select_from(table)
        return int(self.database.read(lambda connection: connection.execute(wanted).scalar_one()))


@pytest.fixture(scope="module", params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp(request.param)
    with fresh_url(request.param, folder) as url:
        database = open_database(url)
        tokens = {}
        for role in ROLES:
            add_user(database, role, role, by="first-start")
            tokens[role] = mint_token(database, role, by="first-start")
        (alert,) = raise_alerts(
            database, [Cause("k", "credit/default", "limit", "loss", 2.0, 1.0, "hard", "", "")]
        )
        made = service("credit", "fraud", access=Authenticator(database))
        made.database, made.recorder = database, opened(database, folder / "audit")
        with asked(made) as client:
            yield Place(client, made, tokens, alert.id)


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_hostile_word_is_a_word_and_nothing_more(place: Place, word: str) -> None:
    before = place.count(users)
    limit = {"study": word, "figure": word, "entity": word, "owner": "admin", "why": word, "hard": 1.0}
    made = place.ask("POST", "/v1/limits", limit)
    assert made.status_code == 200, made.text
    assert place.ask("POST", "/v1/limits", {**limit, "owner": word}).status_code == 422
    (row,) = (
        one for one in place.ask("GET", "/v1/limits").json()["limits"] if one["id"] == made.json()["id"]
    )
    assert {row[name] for name in ("study", "figure", "entity", "why")} == {word}
    assert place.ask("POST", f"/v1/alerts/{place.alert}/comment", {"words": word}).status_code == 200
    assert place.ask("POST", f"/v1/alerts/{place.alert}/assign", {"to": word}).status_code == 422
    notes = place.ask("GET", f"/v1/alerts/{place.alert}/notes").json()["notes"]
    assert notes[-1]["words"] == word.strip()
    label = {"event_id": word, "label": 1, "known_at": "2026-01-01T00:00:00Z"}
    assert place.ask("POST", f"{CREDIT}/outcomes", {"outcomes": [label]}).json()["answers"][0] == {
        "event_id": word,
        "status": "new",
    }
    assert place.ask("POST", "/v1/users", {"name": word, "role": "viewer"}).status_code == 422
    assert place.ask("POST", "/v1/users", {"name": "x", "role": word}).status_code == 422
    assert place.ask("POST", "/v1/tokens", {"owner": word}).status_code == 409
    assert place.ask("POST", "/v1/tokens", {"owner": "viewer", "role": word[:40]}).status_code == 422
    assert place.ask("POST", "/v1/tokens", {"owner": "viewer", "label": word}).status_code == 200
    assert word in {one["label"] for one in place.ask("GET", "/v1/tokens").json()["tokens"]}
    assert place.count(users) == before


@pytest.mark.parametrize("word", [*WORDS, NULL], ids=range(len(WORDS) + 1))
def test_a_hostile_word_in_a_path_finds_nothing(place: Place, word: str) -> None:
    from_path = "".join(f"%{byte:02X}" for byte in word.encode())
    before = place.count(limits)
    for method, path in (
        ("GET", f"/v1/models/{from_path}"),
        ("POST", f"/v1/models/{from_path}/approve"),
        ("GET", f"/v1/studies/{from_path}"),
        ("GET", f"/v1/studies/{from_path}/history"),
        ("GET", f"{CREDIT}/answered/{from_path}"),
        ("GET", f"/v1/alerts/{from_path}/notes"),
        ("POST", f"/v1/alerts/{from_path}/close"),
        ("DELETE", f"/v1/tokens/{from_path}"),
        ("DELETE", f"/v1/limits/{from_path}"),
        ("GET", f"{STATIC}/{from_path}"),
        ("GET", f"/dashboard/{from_path}"),
    ):
        body = {"why": "x", "disposition": "fixed"} if method == "POST" else None
        if body is not None:
            body.pop("disposition" if "approve" in path else "why")
        answer = place.ask(method, path, body)
        harmless = path.endswith(("/history", "/notes"))  # of nothing there is nothing
        allowed = (200,) if harmless and answer.status_code == 200 else (303, 404, 405, 409, 422)
        assert answer.status_code in allowed, (path, answer.text)
        assert "root:" not in answer.text
    assert place.count(limits) == before


def test_the_null_character_is_refused_where_it_could_not_be_kept(place: Place) -> None:
    one = {**events(1)[0], "event_id": NULL}
    for path, body in (
        (f"{FRAUD}/events", one),
        (f"{CREDIT}/predict", {"records": [{**record(), "region": NULL}]}),
        (f"/v1/alerts/{place.alert}/comment", {"words": NULL}),
        (
            f"{CREDIT}/outcomes",
            {"outcomes": [{"event_id": NULL, "label": 1, "known_at": "2026-01-01T00:00Z"}]},
        ),
    ):
        answer = place.ask("POST", path, body)
        assert answer.status_code == 422, answer.text
        assert "U+0000" in answer.json()["detail"]
    plain = place.ask("POST", f"/v1/alerts/{place.alert}/comment", {"words": "a backslash: \\u0000"})
    assert plain.status_code == 200


def test_hostile_events_and_records_are_audited_and_the_log_verifies(place: Place) -> None:
    for word in WORDS:
        one = {**events(1)[0], "event_id": word, "actor": word, "counterparty": "x", "device": word}
        assert place.ask("POST", f"{FRAUD}/events", one).status_code == 200
        body = {"records": [{**record(), "region": word, "loan": word}]}
        assert place.ask("POST", f"{CREDIT}/predict", body).status_code == 200
    recorder = place.service.recorder
    assert recorder is not None
    recorder._keeper.keep()
    assert verify_journals(recorder.journal.folder, place.database).passed


def test_words_in_json_are_said_as_json_which_no_browser_shows_as_a_page(place: Place) -> None:
    answer = place.ask("GET", f"/v1/alerts/{place.alert}/notes")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    bad = place.ask("POST", "/v1/tokens", {"owner": WORDS[6]})
    assert bad.headers["content-type"] == "application/problem+json"


def test_an_approval_that_is_sent_again_is_refused_and_changes_nothing(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(bundles()["credit"], folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "created": "again"}))
    model = registry.propose(place.database, proposal_of(folder), by="developer", why="new")
    first = place.ask("POST", f"/v1/models/{model}/approve", {"why": "read"}, "approver")
    assert first.status_code == 200, first.text
    for role in ("approver", "admin"):
        again = place.ask("POST", f"/v1/models/{model}/approve", {"why": "read"}, role)
        assert again.status_code == 409
    steps = place.ask("GET", f"{CREDIT}/history").json()["steps"]
    assert [one["action"] for one in steps if one["model"] == model] == ["proposed", "approved"]


def test_a_token_that_ended_lets_nobody_in_again(place: Place) -> None:
    made = place.ask("POST", "/v1/tokens", {"owner": "viewer"}).json()["token"]
    headers = {"authorization": f"Bearer {made}"}
    assert place.client.get("/v1/studies", headers=headers).status_code == 200
    assert place.ask("DELETE", f"/v1/tokens/{made.split('_')[1]}").status_code == 200
    for _ in range(2):
        assert place.client.get("/v1/studies", headers=headers).status_code == 401


@pytest.mark.parametrize("kind", ["credit", "fraud", "market"])
def test_a_bundle_of_an_older_version_loads(tmp_path: Path, kind: str) -> None:
    """As version 0.1 would have written it: what has a default by now was not there."""
    folder = tmp_path / "old"
    shutil.copytree(bundles()[kind], folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["verdict_note"]
    (folder / "manifest.json").write_text(json.dumps({**manifest, "barograph": "0.1.0"}))
    assert bg.load(folder).manifest["barograph"] == "0.1.0"


@pytest.mark.parametrize("kind", ["credit", "fraud", "market"])
def test_a_bundle_of_another_version_that_does_not_load_says_which_can(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "old"
    shutil.copytree(bundles()[kind], folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["combine"]
    (folder / "manifest.json").write_text(json.dumps({**manifest, "barograph": "0.1.0", "blend": "mean"}))
    with pytest.raises(BundleError, match=r"written by Barograph 0\.1\.0.*Serve it with that version"):
        bg.load(folder)


def test_a_study_s_name_is_no_path(tmp_path: Path) -> None:
    """The study's name of a bundle is a key and never a path: its state lies in the folder of states."""
    made = service("fraud")
    made.state = tmp_path / "state"
    (one,) = made.studies
    one.study = "../../outside"
    made.recall(one)
    made.note("../../outside", "events", [events(1)[0]])
    for memory in made.memories.values():
        memory.close()
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path / "state"}
