"""A service with a database: nobody answers who was not approved, and no request is dropped at a change."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from barograph.api.models import proposal_of
from barograph.core.errors import SettingError, UnavailableError
from barograph.govern import registry
from barograph.govern.access import (
    PERMISSIONS,
    ROLES,
    Authenticator,
    Principal,
    first_token,
)
from barograph.govern.audit import verify_journals
from barograph.govern.storage import open_database
from barograph.service import governing
from barograph.service.operations import OPERATIONS
from barograph.service.recording import opened
from barograph.service.rolling import refreshed, watched
from barograph.service.server import serve
from barograph.service.service import Service
from barograph.service.settings import Settings
from barograph.service.shadow import Asked, Shadow
from barograph.service.studies import Served, Studies
from patience import PATIENCE, until
from small_governed import WHY, Governed
from small_governed import governed as governing_service
from small_service import CREDIT, FRAUD, HEADERS, Roles, asked, bundles, events, record, service


@pytest.fixture
def governed(tmp_path: Path) -> Iterator[Governed]:
    with governing_service(tmp_path) as one:
        yield one


def test_a_model_answers_once_somebody_else_than_its_proposer_has_approved_it(governed: Governed) -> None:
    governed.post("scorer", f"{CREDIT}/predict", {"records": [record()]}, 404)
    model = governed.proposed("one")
    governed.post("developer", f"/v1/models/{model}/approve", WHY, 403)
    governed.post("scorer", f"{CREDIT}/predict", {"records": [record()]}, 404)
    assert governed.post("approver", f"/v1/models/{model}/approve", WHY)["state"] == "champion"
    assert governed.answers() == model
    governed.post("approver", f"/v1/models/{model}/approve", WHY, 409)
    now = dt.datetime.now(dt.UTC).isoformat()
    told = governed.get("viewer", f"{CREDIT}/answered/{now}")["answered"]
    assert (told["model"], told["proposer"], told["approver"]) == (model, "developer", "approver")
    assert [one["action"] for one in governed.get("viewer", f"{CREDIT}/history")["steps"]] == [
        "proposed",
        "approved",
    ]
    assert [one["id"] for one in governed.get("viewer", "/v1/models")["models"]] == [model]
    assert governed.get("viewer", f"/v1/models/{model[:5]}")["findings"] == []
    governed.get("viewer", f"{CREDIT}/answered/yesterday", 422)
    refused = governed.get("viewer", f"{CREDIT}/answered/2999-01-01T00:00:00+00:00", 422)
    assert "moments that have passed" in refused["detail"]
    assert governed.get("viewer", f"{CREDIT}/answered/1999-01-01T00:00:00+00:00")["answered"] is None


def test_an_admin_who_proposed_does_not_approve_either(governed: Governed) -> None:
    folder = governed.folder / "own"
    shutil.copytree(bundles()["credit"], folder)
    model = registry.propose(governed.database, proposal_of(folder), by="admin", why="mine")
    told = governed.post("admin", f"/v1/models/{model}/approve", WHY, 403)
    assert "four eyes" in told["detail"]


def test_no_request_is_dropped_while_models_change(governed: Governed) -> None:
    one, other = governed.proposed("one"), governed.proposed("other")
    governed.post("approver", f"/v1/models/{one}/approve", WHY)
    found: list[tuple[int, str]] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            body = {"records": [record()], "figures": ["probability"]}
            answer = governed.client.post(f"{CREDIT}/predict", json=body, headers=governed.headers("scorer"))
            found.append((answer.status_code, answer.json().get("version", "")))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: found, "requests are answered")
        governed.post("approver", f"/v1/models/{other}/approve", WHY)
        assert governed.answers() == other
        until(lambda: found[-1][1] == other, "the new model answers")
        governed.post("approver", f"{CREDIT}/roll-back", WHY)
        assert governed.answers() == one
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in found} == {200}
    assert {version for _, version in found} == {one, other}


def test_a_challenger_is_asked_the_same_in_the_shadow_and_can_be_promoted(governed: Governed) -> None:
    one, other = governed.proposed("one"), governed.proposed("other")
    governed.post("approver", f"/v1/models/{one}/approve", WHY)
    governed.post("approver", f"/v1/models/{other}/approve", {**WHY, "challenger": True})
    assert governed.answers() == one
    body = {"records": [record(place) for place in range(5)], "figures": ["probability"]}
    governed.post("scorer", f"{CREDIT}/predict", body)
    (shadow,) = governed.service.shadows
    governed.client.run(shadow.heard())
    (told,) = governed.get("viewer", CREDIT)["challengers"]
    assert (told["version"], told["answered"], told["compared"], told["missed"]) == (other, 2, 6, 0)
    assert told["largest_difference"] <= 1e-9  # the same parts under another hash
    governed.post("approver", f"/v1/models/{other}/promote", WHY)
    assert governed.answers() == other
    assert governed.service.shadows == []


def test_a_challenger_that_says_something_else_is_seen_to() -> None:
    shadow = Shadow(Served.open(bundles()["credit"]))
    with asked(service("credit")) as client:

        async def told() -> None:
            shadow.start(Inline())
            shadow.tell(Asked("predicted", [record()], [0.9]))
            shadow.tell(Asked("predicted", [{"income": "much"}], [0.9]))
            await shadow.heard()
            await shadow.stop()

        own = client.post(f"{CREDIT}/predict", json={"records": [record()]}).json()["answers"][0][
            "probability"
        ]
        client.run(told())
    assert (shadow.answered, shadow.compared, shadow.missed) == (1, 1, 1)
    assert shadow.largest == pytest.approx(0.9 - own)


class Inline:
    """Threads of the tests: none."""

    async def apart(self, work: Any, *arguments: Any) -> Any:
        return work(*arguments)


def test_a_retired_champion_answers_no_more(governed: Governed) -> None:
    model = governed.proposed("one")
    governed.post("approver", f"/v1/models/{model}/approve", WHY)
    governed.post("approver", f"/v1/models/{model}/retire", WHY)
    governed.post("scorer", f"{CREDIT}/predict", {"records": [record()]}, 404)


def test_a_bundle_that_was_changed_after_its_approval_is_not_taken_up(governed: Governed) -> None:
    one, other = governed.proposed("one"), governed.proposed("other")
    governed.post("approver", f"/v1/models/{one}/approve", WHY)
    (governed.folder / "other" / "profile.json").write_text("{}")
    governed.post("approver", f"/v1/models/{other}/approve", WHY)
    assert governed.answers() == one
    assert "profile.json must have the hash" in governed.service.refused[other]
    shutil.rmtree(governed.folder / "other")
    shutil.copytree(governed.folder / "one", governed.folder / "other")  # sound, but not what was approved
    governed.client.run(refreshed(governed.service))
    assert governed.answers() == one
    assert "another hash" in governed.service.refused[other]


def test_what_others_write_into_the_registry_is_taken_up(governed: Governed) -> None:
    model = governed.proposed("one")
    registry.approve(governed.database, model, by="approver", why="validated")
    fresh = Service(Studies(), Authenticator(governed.database), database=governed.database)
    with asked(fresh) as client:
        client.run(refreshed(fresh))
        told = client.get("/v1/studies", headers=governed.headers("viewer")).json()["studies"]
    assert [one["version"] for one in told] == [model]


def test_tokens_are_made_shown_once_and_ended(governed: Governed) -> None:
    governed.post("admin", "/v1/users", {"name": "ada", "role": "scorer"})
    governed.post("admin", "/v1/users", {"name": "ada", "role": "scorer"}, 409)
    governed.post("admin", "/v1/users", {"name": "Ada Lovelace", "role": "scorer"}, 422)
    governed.post("admin", "/v1/users", {"name": "bob", "role": "king"}, 422)
    made = governed.post("admin", "/v1/tokens", {"owner": "ada"})["token"]
    headers = {"authorization": f"Bearer {made}"}
    assert governed.client.get("/v1/studies", headers=headers).status_code == 200
    rows = [one for one in governed.get("admin", "/v1/tokens")["tokens"] if one["owner"] == "ada"]
    assert made.rpartition("_")[2] not in json.dumps(governed.get("admin", "/v1/tokens"))
    answer = governed.client.request(
        "DELETE", f"/v1/tokens/{rows[0]['id']}", headers=governed.headers("admin")
    )
    assert answer.status_code == 200
    assert governed.client.get("/v1/studies", headers=headers).status_code == 401
    assert [one["name"] for one in governed.get("admin", "/v1/users")["users"]].count("ada") == 1


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_its_permissions_say_and_nothing_else(role: str) -> None:
    with asked(service("credit", access=Roles())) as client:
        for operation in OPERATIONS:
            if operation.listens:  # does not end; `test_service_feed` sees who may
                continue
            path = operation.path.replace("{study:path}", "credit/default").format(
                model="m",
                at="x",
                token="t",
                alert="a",
                limit="l",
                receiver="r",
                finding="f",
                user="u",
                entity="e",
            )
            answer = client.request(operation.method, path, headers={"authorization": f"Bearer {role}"})
            allowed = operation.permission in PERMISSIONS[role]  # type: ignore[index]
            assert (answer.status_code != 403) == allowed, (operation, answer.text)
            assert answer.status_code < 500


def lines(governed: Governed) -> list[dict[str, Any]]:
    """What the audit log says so far, without its start."""
    (file,) = (one for one in (governed.folder / "audit").glob("worker-1*") if one.suffix != ".lock")
    names = (
        "sequence",
        "previous",
        "at",
        "kind",
        "actor",
        "study",
        "model",
        "input_hash",
        "output",
        "request",
    )
    found = [json.loads(line.partition(b" ")[2]) for line in file.read_bytes().splitlines()]
    return [dict(zip(names, items, strict=True)) for items in found[1:]]


def test_every_answer_is_a_line_of_the_audit_log_before_it_is_a_reply(governed: Governed) -> None:
    model = governed.proposed("one")
    governed.post("approver", f"/v1/models/{model}/approve", WHY)
    body = json.dumps({"records": [record()], "figures": ["probability", "grade"]}).encode()
    headers = {**governed.headers("scorer"), "content-type": "application/json", "x-request-id": "mine"}
    answer = governed.client.post(f"{CREDIT}/predict", content=body, headers=headers).json()
    approval, prediction = lines(governed)
    assert (approval["kind"], approval["actor"], approval["model"]) == ("approval", "approver", model)
    assert prediction["kind"] == "prediction"
    assert (prediction["actor"], prediction["study"], prediction["model"]) == (
        "scorer",
        "credit/default",
        model,
    )
    assert prediction["input_hash"] == hashlib.sha256(body).hexdigest()
    assert prediction["output"] == answer["answers"]
    assert prediction["request"] == "mine"
    governed.get("viewer", "/v1/studies")
    governed.post("scorer", f"{CREDIT}/predict", {"records": [{}]}, 422)
    assert len(lines(governed)) == 2
    assert verify_journals(governed.folder / "audit", governed.database).passed


def test_no_token_stands_in_the_audit_log(governed: Governed) -> None:
    made = governed.post("admin", "/v1/tokens", {"owner": "scorer"})["token"]
    governed.post("admin", "/v1/users", {"name": "ada", "role": "scorer", "password": "a long secret"})
    told = json.dumps(lines(governed))
    assert "scorer" in told
    assert made.rpartition("_")[2] not in told
    assert "a long secret" not in told


def test_what_cannot_be_written_down_is_not_answered(governed: Governed) -> None:
    model = governed.proposed("one")
    governed.post("approver", f"/v1/models/{model}/approve", WHY)
    assert governed.service.recorder is not None
    governed.service.recorder.journal.close()
    told = governed.post("scorer", f"{CREDIT}/predict", {"records": [record()]}, 503)
    assert "journal" in told["detail"]
    assert "answers" not in told


def test_events_that_come_together_share_a_sync_and_are_on_disk_before_their_reply(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    recorder = opened(database, tmp_path / "audit")
    syncs = []
    plain = recorder.journal.sync

    def counted(sequence: int | None = None) -> None:
        syncs.append(sequence)
        plain(sequence)

    recorder.journal.sync = counted  # type: ignore[method-assign]
    served = service("fraud")
    served.recorder = recorder
    some = events(40)
    with asked(served) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: client.post(f"{FRAUD}/events", json=one), some))
        assert [one.status_code for one in answers] == [200] * 40
        assert recorder.journal.head_on_disk[0] == recorder.journal.head[0] == 41
    assert 0 < len(syncs) <= 45
    database.close()


def test_what_needs_a_database_says_so_without_one() -> None:
    with asked(service("credit")) as client:
        answer = client.get("/v1/models")
        assert answer.status_code == 409
        assert "--database" in answer.json()["detail"]


class Away:
    """Access through a database that does not answer."""

    def known(self, token: str) -> Principal | None:
        return None

    def principal(self, token: str) -> Principal:
        raise UnavailableError("the database must answer", came="it does not", do="Wait", retry_after=3.2)


def test_a_database_that_is_away_is_503_with_a_hint_when_to_come_again() -> None:
    with asked(service("credit", access=Away())) as client:
        answer = client.get("/v1/studies")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "4"
        assert answer.headers["content-type"] == "application/problem+json"


def test_bundles_and_a_database_are_not_taken_together(tmp_path: Path) -> None:
    settings = Settings(bundles=(bundles()["credit"],), database=f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(SettingError, match="registry"):
        serve(settings, on_token=lambda _: None, on_ready=lambda _: None)


def test_a_live_state_is_not_parted_among_workers() -> None:
    settings = Settings(bundles=(bundles()["fraud"],), workers=2)
    with pytest.raises(SettingError, match="one worker"):
        serve(settings, on_token=lambda _: None, on_ready=lambda _: None)


def test_the_token_of_the_first_start_lets_one_in(governed: Governed, tmp_path: Path) -> None:
    fresh = open_database(f"sqlite:///{tmp_path}/fresh.db")
    token = first_token(fresh)
    assert token is not None
    assert first_token(fresh) is None
    with asked(Service(Studies(), Authenticator(fresh), database=fresh)) as client:
        headers = {**HEADERS, "authorization": f"Bearer {token}"}
        assert (
            client.post("/v1/users", json={"name": "ada", "role": "admin"}, headers=headers).status_code
            == 200
        )
        assert client.get("/readyz").json() == {"ready": True, "studies": 0}


def test_a_step_whose_bundle_cannot_serve_says_so_and_is_a_line_of_the_audit_log(governed: Governed) -> None:
    one, other = governed.proposed("one"), governed.proposed("other")
    told = governed.post("approver", f"/v1/models/{one}/approve", WHY)
    assert (told["in_service"], told["why"]) == (True, "")
    (governed.folder / "other" / "profile.json").write_text("{}")
    told = governed.post("approver", f"/v1/models/{other}/approve", WHY)
    assert not told["in_service"]
    assert "profile.json must have the hash" in told["why"]
    told = governed.post("approver", f"{CREDIT}/roll-back", WHY)
    assert (told["id"], told["in_service"], told["why"]) == (one, True, "")
    assert [line["model"] for line in lines(governed)] == [one, other, one]


def test_a_step_is_answered_although_the_service_is_too_busy_to_take_it_up(governed: Governed) -> None:
    model, served = governed.proposed("one"), governed.service
    found = registry.approve(governed.database, model, by="approver", why="validated")
    served.waiting = served.limits.waiting  # as if others had come in between
    told = governed.client.run(governing._in_service(served, found))
    served.waiting = 0
    assert (told["state"], told["in_service"]) == ("champion", False)
    assert "busy" in told["why"]


def test_the_watch_over_the_registry_goes_on_after_a_busy_moment_and_everything_is_stopped(
    governed: Governed,
) -> None:
    model = governed.proposed("one")
    registry.approve(governed.database, model, by="approver", why="validated")
    fresh = Service(Studies(), Authenticator(governed.database), database=governed.database)

    async def busy_then_free() -> None:
        async with watched(fresh):
            fresh.waiting = fresh.limits.waiting
            await come(lambda: "busy" in fresh.away)
            fresh.waiting = 0
            await come(lambda: fresh.studies.version("credit/default") != "")

    async def come(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.05)

    governed.client.run(busy_then_free())
    assert fresh.studies.version("credit/default") == model
    assert fresh.watch is None


def test_what_fails_behind_the_requests_is_in_the_metrics_and_in_readyz(governed: Governed) -> None:
    recorder = governed.service.recorder
    assert recorder is not None
    assert "audit" not in governed.client.get("/readyz").json()
    recorder.journal.close()
    recorder._keeper.keep()
    assert governed.client.get("/readyz").json()["audit"] == "it is closed"
    told = governed.client.get("/metrics", headers=governed.headers("viewer")).text
    assert "barograph_audit_fails 1" in told.splitlines()


def test_monitors_and_challengers_get_the_probability_whatever_figures_were_asked_for(
    governed: Governed,
) -> None:
    one, other = governed.proposed("one"), governed.proposed("other")
    governed.post("approver", f"/v1/models/{one}/approve", WHY)
    governed.post("approver", f"/v1/models/{other}/approve", {**WHY, "challenger": True})
    for n in (1, 3):  # the quick way, and a table
        body = {"records": [record(place) for place in range(n)], "figures": ["grade"]}
        told = governed.post("scorer", f"{CREDIT}/predict", body)["answers"]
        assert [set(row) for row in told] == [{"grade"}] * n
    (shadow,) = governed.service.shadows
    governed.client.run(shadow.heard())
    assert shadow.compared == 4
    watched_now = governed.get("viewer", f"{CREDIT}/monitors")
    assert watched_now["performance"]["waiting"] == 3


def test_machines_that_share_a_database_have_journals_of_their_own(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    for _ in range(2):  # each goes on with its own journal when it is started again
        made = [opened(database, tmp_path / name) for name in ("here", "there", "here")]
        assert len({one.journal.chain for one in made}) == 3
        for one in made:
            one.close()
    for name, journals in (("here", 2), ("there", 1)):
        assert len(list((tmp_path / name).glob("worker-*.journal"))) == journals
    database.close()
