"""`barograph audit verify`: what it prints, and with what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from barograph.cli import main
from barograph.govern.audit import Keeper, open_journal
from barograph.govern.storage import open_database


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worker's journal in `audit`, anchored in the database that is the default."""
    monkeypatch.chdir(tmp_path)
    database = open_database()
    journal = open_journal(database, tmp_path / "audit", "worker")
    for number in range(5):
        journal.write("prediction", output=number)
    Keeper(journal, database).keep()  # once, and not in the background: there is one anchor
    journal.close()
    database.close()
    return tmp_path / "audit" / "worker.000001.journal"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["audit", "verify", *arguments])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_a_log_that_is_whole_passes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "audit") == (0, "As it was written: 6 lines of 1 journals, 1 anchors hold.\n", "")


def test_a_log_cut_off_is_found_with_its_anchors_only(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here.write_bytes(b"".join(here.read_bytes().splitlines(keepends=True)[:4]))
    code, out, _ = call(capsys, "audit")
    assert code == 2
    assert "cut off" in out
    assert "anchored up to record 6" in out
    code, out, _ = call(capsys, "audit", "--database", "none")
    assert code == 0
    assert "No database was given" in out


def test_a_changed_line_is_told_with_its_place(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here.write_bytes(here.read_bytes().replace(b",3,", b",9,"))
    code, out, err = call(capsys, "audit", "--json")
    told = json.loads(out)
    assert (code, err, told["passed"]) == (2, "", False)
    assert [(one["file"], one["line"], one["kind"]) for one in told["faults"]] == [(here.name, 5, "changed")]
    monkeypatch.setenv("BAROGRAPH_LANG", "zh")
    assert "被改动" in call(capsys, "audit")[1]


def test_a_folder_that_is_not_there_is_an_error(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "nowhere")
    assert code == 2
    assert "must be readable" in err
    code, _, err = call(capsys, "audit", "--database", "sqlite:///none.db")
    assert code == 2
    assert "none.db must be there" in err
