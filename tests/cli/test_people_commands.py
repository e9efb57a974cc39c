"""`barograph users`, `tokens`, `receivers`, `findings` and `tables`: what is done at the machine."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from barograph.api import models
from barograph.cli import main
from barograph.core.errors import AccessError
from barograph.govern.access import check_password, principal_of
from barograph.govern.registry import Proposal, propose
from barograph.govern.storage import DEFAULT_URL, open_database


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> object:
    def called(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert int(left.value.code or 0) == code, out + err
        return err if code else out

    return called


def test_who_is_locked_out_makes_a_token_at_the_machine(call) -> None:  # type: ignore[no-untyped-def]
    assert call("users", "add", "ada", "admin") == "ada: added as admin.\n"
    token = json.loads(call("tokens", "make", "ada", "--label", "laptop", "--json"))["token"]
    database = open_database(DEFAULT_URL)
    assert principal_of(database, token).role == "admin"
    told = call("tokens", "list")
    assert "laptop" in told
    assert token.rpartition("_")[2] not in told
    assert "is ended" in call("tokens", "end", token.split("_")[1])
    with pytest.raises(AccessError):
        principal_of(database, token)
    database.close()


def test_a_user_changes(call, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    call("users", "add", "ada", "admin")
    monkeypatch.setattr("sys.stdin", io.StringIO("five words are long enough\n"))
    call("users", "add", "bob", "viewer", "--password")
    monkeypatch.setattr("sys.stdin", io.StringIO("another one that is long\n"))
    assert "has a new password" in call("users", "password", "bob")
    assert call("users", "role", "bob", "approver") == "bob: is now approver; sessions ended.\n"
    database = open_database(DEFAULT_URL)
    assert check_password(database, "bob", "another one that is long") == "approver"
    call("users", "disable", "bob")
    with pytest.raises(AccessError):
        check_password(database, "bob", "another one that is long")
    call("users", "enable", "bob")
    assert check_password(database, "bob", "another one that is long") == "approver"
    assert "is the last one" in call("users", "disable", "ada", code=2)
    monkeypatch.setattr("sys.stdin", io.StringIO("five words are long enough\n"))
    for change in (("disable", "eve"), ("enable", "eve"), ("role", "eve", "viewer"), ("password", "eve")):
        assert "there is no 'eve'" in call("users", *change, code=2)
    rows = {one["name"]: one for one in json.loads(call("users", "list", "--json"))["users"]}
    assert (rows["bob"]["role"], rows["bob"]["disabled_at"]) == ("approver", None)
    assert "ada" in call("users", "list")
    database.close()


def test_receivers_are_added_listed_tried_and_ended(call) -> None:  # type: ignore[no-untyped-def]
    call("users", "add", "ada", "admin")
    made = json.loads(call("receivers", "add", "https://hooks.bank.example/x", "--as", "ada", "--json"))
    told = call("receivers", "add", "mailto:risk@bank.example", "--as", "ada")
    assert "signed with this secret" not in told
    told = call("receivers", "list")
    assert "https://hooks.bank.example/x" in told
    assert made["secret"] not in told
    call("receivers", "test", made["id"], "--as", "ada")
    rows = json.loads(call("receivers", "list", "--json"))["receivers"]
    assert {one["id"]: one["waiting"] for one in rows}[made["id"]] == 1
    call("receivers", "end", made["id"])
    assert "must stand" in call("receivers", "test", made["id"], "--as", "ada", code=2)
    assert "https://HOST/PATH" in call("receivers", "add", "file:///x", "--as", "ada", code=2)


def test_findings_are_opened_listed_and_closed(call) -> None:  # type: ignore[no-untyped-def]
    database = open_database(DEFAULT_URL)
    proposal = Proposal("credit/default", "scoring", "mlp", "/b", "a" * 64, "d", "better")
    model = propose(database, proposal, by="dev", why="run")
    database.close()
    about = ["--severity", "high", "--what", "no back-test", "--owner", "ada", "--as", "bob"]
    assert "must be a day" in call("findings", "open", model, *about, "--due", "2027-W05-1", code=2)
    made = json.loads(call("findings", "open", model[:6], *about, "--due", "2020-03-31", "--json"))["id"]
    assert "no back-test" in call("findings", "list")
    assert "2020-03-31 (expired)" in call("findings", "list", "--model", model[:6])
    assert models.models()[0].open_findings == 1
    call("findings", "close", made, "--as", "bob", "--why", "added")
    assert json.loads(call("findings", "list", "--open", "--json"))["findings"] == []
    assert "must be open" in call("findings", "close", made, "--as", "bob", "--why", "again", code=2)


def test_tables_are_exported_and_forget(call, here: Path) -> None:  # type: ignore[no-untyped-def]
    call("users", "add", "ada", "admin")
    assert "kept for ever" in call("tables", "list")
    assert call("tables", "export", "users", "--out", "out") == "out/users.parquet: 1 rows\n"
    frame = pl.read_parquet(here / "out" / "users.parquet")
    assert frame["name"].to_list() == ["ada"]
    assert "password" not in frame.columns
    call("tables", "export", "--out", "all")
    assert len(list((here / "all").glob("*.parquet"))) > 10
    assert call("tables", "forget", "scored", "--days", "30") == "scored: 0 rows deleted\n"
    assert "kept for ever" in call("tables", "forget", "models", "--days", "30", code=2)
    assert "a table must be one of" in call("tables", "export", "user", code=2)
