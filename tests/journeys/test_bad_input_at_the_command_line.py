"""Bad input from end to end: exit code 2, one message, no traceback, and no folder left behind."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import refusal

from small_study import market

Lines = list[str]


@pytest.fixture(scope="module")
def clean() -> Lines:
    """One series, as lines of a CSV file: time, open, high, low, close."""
    table = market(700, entities=("index",)).drop("entity")
    return table.write_csv().splitlines()


def cell(row: int, column: int, value: str) -> Callable[[Lines], Lines]:
    def changed(lines: Lines) -> Lines:
        cells = lines[row].split(",")
        cells[column] = value
        return [*lines[:row], ",".join(cells), *lines[row + 1 :]]

    return changed


def column(number: int, value: str) -> Callable[[Lines], Lines]:
    def changed(lines: Lines) -> Lines:
        rows = [line.split(",") for line in lines[1:]]
        return [lines[0], *(",".join([*row[:number], value, *row[number + 1 :]]) for row in rows)]

    return changed


def without_close(lines: Lines) -> Lines:
    return [line.rpartition(",")[0] for line in lines]


TOMORROW = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()
TIME, OPEN, CLOSE = 0, 1, 4

BAD: dict[str, tuple[Callable[[Lines], Lines], tuple[str, ...]]] = {
    "missing column": (without_close, ("close", "missing column")),
    "misnamed column": (lambda f: [f[0].replace("close", "clsoe"), *f[1:]], ("close", "clsoe")),
    "duplicate dates": (lambda f: [*f[:50], f[49], *f[50:]], ("time", "row")),
    "unsorted": (lambda f: [*f[:50], f[51], f[50], *f[52:]], ("time", "not ascending", "52")),
    "a gap": (lambda f: [*f[:300], *f[340:]], ("time", "gap")),
    "all missing": (column(CLOSE, ""), ("close",)),
    "constant": (column(CLOSE, "100"), ("close", "constant")),
    "zero price": (cell(400, CLOSE, "0"), ("close", "zero or negative price", "401")),
    "negative price": (cell(400, OPEN, "-4"), ("open", "zero or negative price", "401")),
    "text among numbers": (cell(400, CLOSE, "n.m."), ("close", "n.m.", "401")),
    "infinity": (cell(400, CLOSE, "inf"), ("close", "inf", "401")),
    "five rows": (lambda f: f[:6], ("5",)),
    "future": (cell(700, TIME, TOMORROW), ("time", TOMORROW)),
}
CONTENTS = {
    "empty": b"",
    "not text": b"\xff\xfe\x00time\x9d,close\n\x80,1\n" * 5,
    "no table": b"Dear all,\n\nplease find attached.\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
}


def run_refused(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    run = ["run", "market/volatility", "--budget", "quick", "--out", str(folder / "run"), "--json"]
    return refusal(capsys, folder, *run, *arguments)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_named_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, clean: Lines, name: str
) -> None:
    change, words = BAD[name]
    file = tmp_path / "prices.csv"
    file.write_text("\n".join(change(clean)) + "\n", encoding="utf-8")
    said = run_refused(capsys, tmp_path, "--data", str(file))
    for word in words:
        assert word in said, said


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_table_is_named_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(CONTENTS[name])
    assert "prices.csv" in run_refused(capsys, tmp_path, "--data", str(file))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--data", "nowhere.csv"], "nowhere.csv"),
        (["--network", "mpl"], "mlp"),
        (["--set", "train.sedes=3"], "train.seeds"),
        (["--set", "evaluate.test_since=2031-01-01"], "test_since"),
        (["--set", "deploy.champion=nobody"], "nobody"),
        (["--set", "deploy.candidate=nobody"], "nobody"),
        (["--set", "deploy.champion=rnn"], "rnn"),
        (["--set", "model.baselines=[har]", "--set", "deploy.champion=ewma"], "ewma"),
        (["--set", "train.max_steps=0"], "max_steps"),
        (["--lang", "xx"], "xx"),
        (["--budget", "qick"], "quick"),
    ],
)
def test_a_bad_setting_is_named_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], word: str
) -> None:
    assert word in run_refused(capsys, tmp_path, *arguments)
