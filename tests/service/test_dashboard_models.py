"""The dashboard's pages on models and users: what forms do, what is refused, nothing unescaped."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from barograph.core.texts import LANGUAGES
from barograph.deploy.bundle import add_parts, manifest_hash
from barograph.deploy.papers import papers_of
from barograph.govern import alerts, limits, registry
from barograph.govern.access import Authenticator, add_user, first_token, user_rows
from barograph.govern.audit import verify_journals
from barograph.govern.registry import Proposal
from barograph.govern.storage import Database, open_database
from barograph.service.dashboard.catalogue import PAGES
from barograph.service.recording import opened
from barograph.service.service import Service
from barograph.service.studies import Studies
from small_dashboard import PASSWORD, Visitor, people
from small_service import Client, asked

STUDY = "credit/default"
HOSTILE = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"


def proposal(number: int, **more: str) -> Proposal:
    """A model whose bundle is nowhere: what counts here is what the registry says."""
    digest = f"{number:x}" * 64
    plain = {"study": STUDY, "engine": "scoring", "champion": "combination", "bundle": "/nowhere/bundle"}
    return Proposal(**{**plain, "manifest_hash": digest, "data_hash": "d" * 64, "verdict": "better", **more})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = open_database(f"sqlite:///{tmp_path}/barograph.db")
    people(made)
    return made


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[Client]:
    recorder = opened(database, tmp_path / "audit")
    made = Service(Studies(), Authenticator(database), database=database, recorder=recorder)
    with asked(made) as one:
        yield one


def visitor(client: Client, name: str) -> Visitor:
    made = Visitor(client)
    assert made.log_in(name).status_code == 303
    return made


def state(database: Database, model: str) -> str:
    return registry.model_of(database, model).state


def test_a_model_is_approved_by_a_second_person_once(
    client: Client, database: Database, tmp_path: Path
) -> None:
    model = registry.propose(database, proposal(1), by="ada", why="a better run")
    ada, bob, eve = (visitor(client, name) for name in ("ada", "bob", "eve"))
    page = f"/dashboard/models/{model}"
    assert "You proposed this model" in ada.get(page).text
    answer = ada.post(f"{page}/approve", why="mine", months="12")
    assert (answer.status_code, "four eyes" in answer.text) == (403, True)
    assert eve.post(f"{page}/approve", why="please", months="12").status_code == 403
    assert "/approve" not in eve.get(page).text
    assert model in bob.get("/dashboard/models").text
    assert bob.post(f"{page}/approve", why=" ", months="12").status_code == 422
    assert state(database, model) == "proposed"
    answer = bob.post(f"{page}/approve", why="validated", months="6", **{"as": "champion"})
    assert answer.headers["location"].startswith(f"{page}?said=")
    told = bob.get(answer.headers["location"]).text
    assert "The model is approved." in told
    assert "It should answer and does not." in told  # its bundle is nowhere
    assert state(database, model) == "champion"
    answer = bob.post(f"{page}/approve", why="validated", months="6")
    assert answer.status_code == 409
    assert "validated" in answer.text  # what was written is kept
    assert len(registry.history_of(database, STUDY)) == 2
    assert verify_journals(tmp_path / "audit", database).passed
    (file,) = (one for one in (tmp_path / "audit").glob("worker-1*") if one.suffix != ".lock")
    kinds = [json.loads(line.partition(b" ")[2])[3:5] for line in file.read_bytes().splitlines()[1:]]
    assert kinds.count(["approval", "bob"]) == 1
    assert ["access", "bob"] in kinds  # the login


def test_models_are_promoted_extended_rolled_back_and_retired(client: Client, database: Database) -> None:
    bob = visitor(client, "bob")
    one, two = (registry.propose(database, proposal(n), by="dev", why="run") for n in (1, 2))
    bob.post(f"/dashboard/models/{one}/approve", why="first", months="12")
    bob.post(f"/dashboard/models/{two}/approve", why="beside it", months="12", **{"as": "challenger"})
    assert (state(database, one), state(database, two)) == ("champion", "challenger")
    assert bob.post(f"/dashboard/models/{two}/promote", why="better").status_code == 303
    assert (state(database, one), state(database, two)) == ("former", "champion")
    assert (
        bob.post(f"/dashboard/history/{STUDY}/roll-back", why="worse")
        .headers["location"]
        .startswith(f"/dashboard/history/{STUDY}?")
    )
    assert state(database, one) == "champion"
    assert bob.post(f"/dashboard/models/{one}/extend", why="reviewed", months="24").status_code == 303
    assert bob.post(f"/dashboard/models/{two}/retire", why="superseded").status_code == 303
    assert state(database, two) == "retired"
    steps = bob.get(f"/dashboard/history/{STUDY}").text
    for word in ("promoted", "rolled back", "review put off", "superseded"):
        assert word in steps
    assert bob.get("/dashboard/history/no/such").status_code == 404


def now() -> str:
    """The present moment as a browser's field may have it, with seconds."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}"


def test_who_answered_when_is_one_page(client: Client, database: Database) -> None:
    model = registry.propose(database, proposal(3), by="dev", why="run")
    registry.approve(database, model, by="bob", why="read it all")
    eve = visitor(client, "eve")
    told = eve.get(f"/dashboard/answered?study={STUDY}&at={now()}").text
    for word in (model, "bob", "dev", "d" * 64, "read it all"):
        assert word in told
    assert "No model answered" in eve.get(f"/dashboard/answered?study={STUDY}&at=1999-03-03T14:05").text
    future = eve.get(f"/dashboard/answered?study={STUDY}&at=2999-03-03T14:05").text
    assert "moments that have passed" in future
    assert "ISO 8601" in eve.get(f"/dashboard/answered?study={STUDY}&at=yesterday").text


def test_findings_are_written_and_closed(client: Client, database: Database) -> None:
    model = registry.propose(database, proposal(4), by="dev", why="run")
    dev, bob = visitor(client, "dev"), visitor(client, "bob")
    page = f"/dashboard/models/{model}"
    fields = {"what": "no downturn", "owner": "dev", "severity": "high"}
    assert dev.post(f"{page}/findings", due="soon", **fields).status_code == 422
    assert dev.post(f"{page}/findings", due="2027-03-31", **fields).status_code == 303
    (found,) = registry.findings_of(database, model=model)
    assert "no downturn" in bob.get(page).text
    assert dev.post(f"{page}/findings/{found.id}/close", why="done").status_code == 403
    assert bob.post(f"{page}/findings/{found.id}/close", why="trained on 2008").status_code == 303
    assert "trained on 2008" in bob.get(page).text


def test_claims_and_report_are_those_that_the_bundle_carries_and_its_manifest_names(
    client: Client, database: Database, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    about = {
        "study": STUDY,
        "question": "How likely?",
        "format": 1,
        "engine": "scoring",
        "data": {"content_hash": "d" * 64, "rows": 9},
        "hashes": {},
    }
    (bundle / "manifest.json").write_text(json.dumps(about))
    claim = {"rung": "floor", "model": "combination", "opponent": "scorecard", "metric": "auc", "held": False}
    report = "<h1>The report</h1><script>alert(document.cookie)</script>"
    add_parts(bundle, papers_of({"claims": [{**claim, "verdict": "worse"}]}, report))
    made = proposal(5, bundle=str(bundle), manifest_hash=manifest_hash(bundle))
    model = registry.propose(database, made, by="dev", why="run")
    eve = visitor(client, "eve")
    page = f"/dashboard/models/{model}"
    told = eve.get(page).text
    assert "not held" in told
    assert f"{page}/report" in told
    answer = eve.get(f"{page}/report")
    assert "The report" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    for name, content in papers_of({"claims": [claim]}, "<h1>Another report</h1>").items():
        (bundle / name).write_bytes(content)
    assert eve.get(f"{page}/report").status_code == 404
    assert "not held" not in eve.get(page).text
    (bundle / "manifest.json").write_text(json.dumps({**about, "question": "Other?"}))
    assert "does not hold what was proposed" in eve.get(page).text


def test_users_are_added_changed_and_shut_out_by_an_admin(client: Client, database: Database) -> None:
    ada, bob = visitor(client, "ada"), visitor(client, "bob")
    assert bob.get("/dashboard/users").status_code == 403
    assert ada.post("/dashboard/users/add", name="Zoe", role="viewer").status_code == 422
    assert ada.post("/dashboard/users/add", name="zoe", role="viewer", password="short").status_code == 422
    assert ada.post("/dashboard/users/add", name="zoe", role="viewer", password="").status_code == 303
    assert ada.post("/dashboard/users/zoe/password", password=PASSWORD).status_code == 303
    zoe = visitor(client, "zoe")
    assert ada.post("/dashboard/users/zoe/role", role="scorer").status_code == 303
    assert zoe.get("/dashboard").status_code == 303  # her session has ended
    assert ada.post("/dashboard/users/zoe/disable").status_code == 303
    assert zoe.log_in("zoe").status_code == 401
    for path in ("ada/disable", "ada/role"):
        answer = ada.post(f"/dashboard/users/{path}", role="viewer")
        assert (answer.status_code, "Ask another admin" in answer.text) == (409, True)
    assert {one["name"]: one["role"] for one in user_rows(database)}["ada"] == "admin"


def test_a_token_is_shown_once_and_ended(client: Client) -> None:
    ada = visitor(client, "ada")
    made = ada.post("/dashboard/tokens/add", owner="bob", label="laptop", days="30", role="")
    token = re.search(r"bg_[0-9a-f]{16}_[\w-]{43}", made.text)
    assert token is not None
    assert token[0] not in ada.get("/dashboard/users").text
    headers = {"authorization": f"Bearer {token[0]}"}
    assert client.get("/v1/models", headers=headers).status_code == 200
    assert ada.post(f"/dashboard/tokens/{token[0].split('_')[1]}/end").status_code == 303
    assert client.get("/v1/models", headers=headers).status_code == 401


def test_the_first_admin_is_made_from_the_first_start(tmp_path: Path) -> None:
    fresh = open_database(f"sqlite:///{tmp_path}/fresh.db")
    token = first_token(fresh)
    with asked(Service(Studies(), Authenticator(fresh), database=fresh)) as client:
        one = Visitor(client)
        one.get("/dashboard/login")
        assert one.post("/dashboard/login", token=token).status_code == 303
        assert "first start" in one.get("/dashboard/users").text
        answer = one.post("/dashboard/users/add", name="ada", role="admin", password=PASSWORD)
        answer = one.get(answer.headers["location"])  # the token ended with it
        assert answer.headers["location"].startswith("/dashboard/login")
        assert "The user is added." in one.get(answer.headers["location"]).text
        assert one.log_in("ada").status_code == 303


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_is_shown_is_escaped(client: Client, database: Database, lang: str) -> None:
    hostile = proposal(6, study=STUDY, verdict=HOSTILE, champion=HOSTILE, bundle=HOSTILE)
    model = registry.propose(database, hostile, by="dev", why=HOSTILE)
    registry.approve(database, model, by="bob", why=HOSTILE)
    registry.open_finding(
        database, model, severity="low", what=HOSTILE, owner=HOSTILE, due=dt.date(2027, 1, 1), by="bob"
    )
    limits.set_limit(database, HOSTILE, HOSTILE, hard=1.0, entity=HOSTILE, owner="ada", why=HOSTILE, by="bob")
    cause = alerts.Cause("k", STUDY, "score", HOSTILE, 2.0, 1.0, "hard", entity=HOSTILE, subject=HOSTILE)
    alerts.raise_alerts(database, [cause])
    add_user(database, "xss", "viewer", by=HOSTILE)
    ada = visitor(client, "ada")
    ada.post("/dashboard/look", lang=lang)
    ada.post("/dashboard/tokens/add", owner="xss", label=HOSTILE, days="30")
    paths = [one.path for one in PAGES if "{" not in one.path]
    paths += [f"/models/{model}", f"/history/{STUDY}", f"/answered?study={STUDY}&at={now()}"]
    seen = 0
    for path in paths:
        told = ada.get(f"/dashboard{path}")
        assert told.status_code == 200, path
        assert "<img" not in told.text, path
        assert "<script>" not in told.text, path
        seen += told.text.count("&lt;img")
    assert seen > 5
    for path in (f"/models/{model}/approve", f"/models/{model}/findings", "/users/add", "/tokens/add"):
        told = ada.post(
            f"/dashboard{path}", why=HOSTILE, months=HOSTILE, name=HOSTILE, what=HOSTILE, days="x"
        )
        assert told.status_code in (409, 422), path
        assert "<img" not in told.text, path
    assert "<img" not in ada.get(f"/dashboard/answered?study={HOSTILE}&at={HOSTILE}").text
    assert "<img" not in ada.get(f"/dashboard/models/{HOSTILE}").text
