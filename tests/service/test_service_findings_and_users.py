"""Proposing, findings and users over HTTP: what each role may, and what is refused in words."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barograph.core.errors import AccessError
from barograph.govern.access import log_in, session_of
from small_governed import WHY, Governed
from small_governed import governed as governing_service
from small_service import bundles

PASSWORD = "five words are long enough"
FINDING = {"severity": "high", "what": "no back-test", "owner": "ada", "due": "2027-03-31"}


@pytest.fixture
def governed(tmp_path: Path) -> Iterator[Governed]:
    (tmp_path / "runs").mkdir()
    with governing_service(tmp_path, bundles_in=(tmp_path / "runs",)) as one:
        yield one


def own(governed: Governed, name: str) -> Path:
    folder = governed.folder / "runs" / name
    shutil.copytree(bundles()["credit"], folder)
    return folder


def test_a_bundle_is_proposed_from_a_folder_that_the_service_may_read(governed: Governed) -> None:
    folder = own(governed, "one")
    told = governed.post("developer", "/v1/models", {"bundle": "one", **WHY})
    assert (told["state"], told["proposer"], told["bundle"]) == ("proposed", "developer", folder.as_posix())
    again = governed.post("developer", "/v1/models", {"bundle": folder.as_posix(), **WHY}, 409)
    assert "must be proposed once" in again["detail"]
    for role in ("viewer", "scorer", "approver"):
        governed.post(role, "/v1/models", {"bundle": "one", **WHY}, 403)
    assert governed.post("approver", f"/v1/models/{told['id']}/approve", WHY)["in_service"]
    replayed = governed.post("approver", f"/v1/models/{told['id']}/approve", WHY, 409)
    assert "was approved already" in replayed["detail"]


def test_a_bundle_that_was_tampered_with_is_not_proposed(governed: Governed) -> None:
    folder = own(governed, "one")
    (folder / "profile.json").write_text("{}")
    told = governed.post("developer", "/v1/models", {"bundle": "one", **WHY}, 422)
    assert "must pass its checks" in told["detail"]
    assert governed.get("viewer", "/v1/models")["models"] == []


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "one/../../outside",
        "/etc",
        "/outside",
        "link",
        ".",
        "",
        "nul\0",
        "x" * 900,
        "one/manifest.json",
    ],
    ids=["up", "down and up", "etc", "root", "link", "itself", "empty", "zero byte", "long", "file"],
)
def test_nothing_outside_those_folders_is_read(governed: Governed, name: str) -> None:
    outside = governed.folder / "outside"
    shutil.copytree(bundles()["credit"], outside)
    own(governed, "one")
    os.symlink(outside, governed.folder / "runs" / "link")
    told = governed.post("developer", "/v1/models", {"bundle": name, **WHY}, 422)
    assert outside.as_posix() not in json.dumps(told)
    assert governed.get("viewer", "/v1/models")["models"] == []


def test_without_such_a_folder_nothing_is_proposed_over_http(tmp_path: Path) -> None:
    with governing_service(tmp_path) as governed:
        told = governed.post("developer", "/v1/models", {"bundle": "one", **WHY}, 409)
    assert "--bundles-in" in told["detail"]


def test_a_finding_is_opened_counted_and_closed_once(governed: Governed) -> None:
    own(governed, "one")
    model = governed.post("developer", "/v1/models", {"bundle": "one", **WHY})["id"]
    path = f"/v1/models/{model}/findings"
    governed.post("viewer", path, FINDING, 403)
    governed.post("developer", path, {**FINDING, "severity": "awful"}, 422)
    governed.post("developer", path, {**FINDING, "due": "2027-02-30"}, 422)
    governed.post("developer", path, {**FINDING, "due": "2027-W05-1"}, 422)
    made = governed.post("developer", path, FINDING)["id"]
    (told,) = governed.get("viewer", "/v1/findings")["findings"]
    assert (told["id"], told["due"], told["opened_by"]) == (made, "2027-03-31", "developer")
    assert governed.get("viewer", f"/v1/models/{model}")["open_findings"] == 1
    close = f"/v1/findings/{made}/close"
    governed.post("developer", close, WHY, 403)
    assert governed.post("approver", close, WHY)["id"] == made
    assert "must be open" in governed.post("approver", close, WHY, 409)["detail"]
    assert governed.get("viewer", f"/v1/models/{model}")["open_findings"] == 0


def test_a_user_who_is_shut_out_is_out_with_the_next_request(governed: Governed) -> None:
    governed.post("admin", "/v1/users", {"name": "ada", "role": "scorer", "password": PASSWORD})
    governed.tokens["ada"] = governed.post("admin", "/v1/tokens", {"owner": "ada"})["token"]
    session = log_in(governed.database, "ada", PASSWORD)
    governed.get("ada", "/v1/studies")
    assert governed.post("admin", "/v1/users/ada/disable", None) == {"name": "ada", "state": "disabled"}
    governed.get("ada", "/v1/studies", 401)
    with pytest.raises(AccessError):
        session_of(governed.database, session.cookie)
    assert governed.post("admin", "/v1/users/ada/enable", None)["state"] == "enabled"
    governed.get("ada", "/v1/studies", 401)
    assert log_in(governed.database, "ada", PASSWORD).principal.name == "ada"


def test_a_role_holds_from_the_next_request_on(governed: Governed) -> None:
    governed.get("developer", "/v1/users", 403)
    governed.post("admin", "/v1/users/developer/role", {"role": "viewer"})
    governed.post("developer", "/v1/models", {"bundle": "one", **WHY}, 403)
    governed.post("admin", "/v1/users/developer/role", {"role": "king"}, 422)
    governed.post("admin", "/v1/users/admin/role", {"role": "viewer"}, 409)
    governed.post("admin", "/v1/users/admin/disable", None, 409)


@pytest.mark.parametrize(
    ("what", "body"),
    [("disable", None), ("enable", None), ("role", {"role": "viewer"}), ("password", {"password": PASSWORD})],
)
def test_a_user_who_is_not_there_is_not_found(governed: Governed, what: str, body: Any) -> None:
    told = governed.post("admin", f"/v1/users/nobody/{what}", body, 404)
    assert "there is no 'nobody'" in told["detail"]


def test_a_new_password_ends_sessions_and_stands_in_no_log(governed: Governed) -> None:
    governed.post("admin", "/v1/users", {"name": "ada", "role": "viewer", "password": PASSWORD})
    session = log_in(governed.database, "ada", PASSWORD)
    governed.post("admin", "/v1/users/ada/password", {"password": "another one that is long"})
    with pytest.raises(AccessError):
        session_of(governed.database, session.cookie)
    log_in(governed.database, "ada", "another one that is long")
    governed.post("admin", "/v1/users/ada/password", {"password": "short"}, 422)
    assert "another one" not in governed.audited()


def test_only_an_admin_manages_users(governed: Governed) -> None:
    for role in ("viewer", "scorer", "developer", "approver"):
        for word, body in (("disable", None), ("enable", None), ("role", {"role": "admin"})):
            governed.post(role, f"/v1/users/{role}/{word}", body, 403)
