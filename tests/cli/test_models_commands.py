"""`barograph models` from a bundle to an answer of who answered when."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from barograph.cli import main
from barograph.deploy.bundle import manifest_hash, plain_manifest
from small_study import finished


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished().bundle, tmp_path / "bundle")
    return tmp_path


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["models", *arguments])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = call(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    return dict(json.loads(out))


def test_a_model_goes_from_its_bundle_to_retirement(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = plain_manifest(here / "bundle")["study"]
    model = told(capsys, "propose", "bundle", "--as", "dev", "--why", "a run")["models"][0]
    assert (here / "barograph.db").is_file()
    assert (model["state"], model["study"], model["bundle"]) == (
        "proposed",
        study,
        (here / "bundle").as_posix(),
    )
    assert model["manifest_hash"] == manifest_hash(here / "bundle")

    code, out, err = call(capsys, "approve", model["id"][:6], "--as", "dev", "--why", "mine")
    assert (code, out) == (2, "")
    assert "four eyes" in err

    approved = told(capsys, "approve", model["id"][:6], "--as", "chief", "--why", "good")["models"][0]
    assert (approved["state"], approved["approver"]) == ("champion", "chief")
    code, _, err = call(capsys, "approve", model["id"], "--as", "chief", "--why", "good")
    assert code == 2
    assert "was approved already" in err

    extended = told(capsys, "extend", model["id"], "--as", "chief", "--why", "reviewed", "--months", "24")
    assert extended["models"][0]["expires_at"] > approved["expires_at"]
    code, _, err = call(capsys, "rollback", study, "--as", "chief", "--why", "alarm")
    assert code == 2
    assert "has none" in err

    answered = told(capsys, "history", study, "--at", now())["answered"]
    assert (answered["model"], answered["approver"]) == (model["id"], "chief")
    assert answered["data_hash"] == plain_manifest(here / "bundle")["data"]["content_hash"]
    assert told(capsys, "history", study, "--at", "2020-01-01T00:00+00:00")["answered"] is None
    code, _, err = call(capsys, "history", study, "--at", "2999-01-01T00:00+00:00")
    assert code == 2
    assert "moments that have passed" in err

    told(capsys, "retire", model["id"], "--as", "dev", "--why", "old")
    assert [one["state"] for one in told(capsys, "list")["models"]] == ["retired"]
    assert told(capsys, "list", "--study", "other")["models"] == []
    steps = [step["action"] for step in told(capsys, "history", study)["steps"]]
    assert steps == ["proposed", "approved", "extended", "retired"]


def test_a_challenger_is_promoted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = f"sqlite:///{here / 'other.db'}"
    model = told(capsys, "propose", "bundle", "--as", "dev", "--why", "a run", "--database", there)["models"][
        0
    ]
    words = ("--as", "chief", "--why", "to watch", "--database", there)
    assert told(capsys, "approve", model["id"], "--challenger", *words)["models"][0]["state"] == "challenger"
    assert told(capsys, "promote", model["id"], *words)["models"][0]["state"] == "champion"


def test_a_bundle_that_was_changed_is_not_proposed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "bundle" / "parity.npz").write_bytes(b"other")
    code, _, err = call(capsys, "propose", "bundle", "--as", "dev", "--why", "a run")
    assert code == 2
    assert "must pass its checks" in err
    assert not (here / "barograph.db").exists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_are_printed_in_both_languages(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("BAROGRAPH_LANG", language)
    study = plain_manifest(here / "bundle")["study"]
    call(capsys, "propose", "bundle", "--as", "dev", "--why", "a run")
    code, listed, _ = call(capsys, "list")
    assert code == 0
    model = listed.splitlines()[2].split()[0]
    call(capsys, "approve", model, "--as", "chief", "--why", "good")
    for arguments in (("list",), ("history", study), ("history", study, "--at", now())):
        code, out, err = call(capsys, *arguments)
        assert (code, err) == (0, "")
        assert model in out
        assert "chief" in out
        assert ("冠军" in out or "批准" in out) == (language == "zh")
    code, out, _ = call(capsys, "history", study, "--at", "2020-01-01T00:00+00:00")
    assert (code, "2020-01-01T00:00+00:00" in out) == (0, True)


def test_who_only_looks_makes_no_database(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("list",), ("history", "x"), ("approve", "x", "--as", "chief", "--why", "good")):
        code, out, err = call(capsys, *arguments)
        assert (code, out) == (2, "")
        assert "barograph.db must be there" in err
    assert not (here / "barograph.db").exists()


def test_an_instant_that_is_none_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "propose", "bundle", "--as", "dev", "--why", "a run")
    for wrong, said in (("noon", "an instant with its zone"), ("2026-03-03T14:05", "must say its zone")):
        code, _, err = call(capsys, "history", "credit/default", "--at", wrong)
        assert code == 2
        assert said in err


@pytest.mark.parametrize(
    "action", ["list", "propose", "approve", "promote", "extend", "retire", "rollback", "history"]
)
def test_every_action_explains_itself(capsys: pytest.CaptureFixture[str], action: str) -> None:
    code, out, _ = call(capsys, action, "--help")
    assert code == 0
    assert "--database" in out
