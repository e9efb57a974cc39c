"""Bad records from end to end: exit code 2, one message, no traceback, and no folder left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from command_line import refusal

from small_scoring import book, finished

Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def clean() -> pl.DataFrame:
    return book(60).drop("loan", "customer")


def run_refused(
    capsys: pytest.CaptureFixture[str], folder: Path, table: pl.DataFrame, *arguments: str
) -> str:
    table.write_csv(folder / "loans.csv")
    source = ["--data", str(folder / "loans.csv"), "--out", str(folder / "run")]
    return refusal(capsys, folder, "run", "credit", "--budget", "quick", "--json", *source, *arguments)


def with_text(name: str, row: int, value: str) -> Change:
    """One cell of a column replaced."""

    def changed(table: pl.DataFrame) -> pl.DataFrame:
        text = pl.col(name).cast(pl.String)
        return table.with_columns(
            pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value)).otherwise(text).alias(name)
        )

    return changed


BAD: dict[str, tuple[Change, tuple[str, ...]]] = {
    "one class only": (lambda t: t.with_columns(bad=0), ("all 420 records have '0'", "good and bad")),
    "three values": (lambda t: t.with_columns(bad=pl.int_range(pl.len()) % 3), ("it has 3", "0, 1, 2")),
    "a number for a class": (lambda t: t.with_columns(bad=pl.col("debt")), ("must have two values", "more")),
    "unclear words": (
        lambda t: t.with_columns(
            bad=pl.when(pl.col("bad") == 1).then(pl.lit("red")).otherwise(pl.lit("blue"))
        ),
        ("'blue' and 'red'", "collect.positive"),
    ),
    "labels missing": (
        lambda t: t.with_columns(bad=pl.when(pl.int_range(pl.len()) % 3 > 0).then("bad")),
        ("hold the target in every row", "collect.unlabelled=leave out"),
    ),
    "fifty rows": (lambda t: t.head(50), ("at least 100 records", "50")),
    "too few bad": (
        lambda t: t.with_columns(bad=(pl.int_range(pl.len()) % 40 == 0).cast(pl.Int8)),
        ("either class",),
    ),
    "infinity": (with_text("debt", 40, "inf"), ("debt", "finite", "42", "inf")),
    "a day in doubt": (
        lambda t: t.sample(fraction=1, shuffle=True, seed=1).with_columns(
            made=pl.col("made").dt.strftime("%m/%d/%Y").str.replace(r"/\d\d/", "/05/")
        ),
        ("made", "which number is the day"),
    ),
    "no day": (with_text("made", 7, "soon"), ("made", "soon", "9")),
    "nothing but the target": (lambda t: t.select("made", "bad"), ("at least one feature",)),
    "only useless columns": (
        lambda t: t.select("made", "bad", same=pl.lit("x"), gone=pl.lit(None, dtype=pl.String)),
        ("same: left out", "gone: left out"),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_named_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, clean: pl.DataFrame, name: str
) -> None:
    change, words = BAD[name]
    said = run_refused(capsys, tmp_path, change(clean), "--target", "bad", "--time", "made")
    for word in words:
        assert word in said, said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ("collect.target", "likely columns: bad")),
        (["--target", "bda"], ("bda", "bad")),
        (["--target", "bad", "--time", "mode"], ("mode", "made")),
        (["--target", "bad", "--entity", "who"], ("collect.entity", "who")),
        (["--target", "bad", "--protected", "gender"], ("collect.protected", "gender")),
        (
            ["--target", "bad", "--network", "cnn"],
            ("'cnn' needs a history of every record", "have none", "mlp"),
        ),
        (
            ["--target", "bad", "--network", "rnn"],
            ("'rnn' needs a history of every record", "collect.sequence"),
        ),
        (["--target", "bad", "--set", "model.hazard=rnn"], ("'rnn' needs a history of every record",)),
        (["--target", "bad", "--network", "mpl"], ("mpl", "mlp")),
        (["--target", "bad", "--set", "deploy.champion=nobody"], ("nobody",)),
        (["--target", "bad", "--set", "model.baselines=[garch_t]"], ("garch_t",)),
        (["--target", "bad", "--set", 'model.settings={"mlp": {"hiden": [8]}}'], ("hiden", "hidden")),
        (
            ["--target", "bad", "--set", 'collect.deny={"debt": "it is known only afterwards"}'],
            ("'debt': it is known only afterwards", "collect.ignore"),
        ),
        (["--target", "bad", "--set", 'collect.sequence={"late": ["late_1"], "x": []}'], ("same number",)),
    ],
)
def test_a_bad_request_is_named_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    clean: pl.DataFrame,
    arguments: list[str],
    words: tuple[str, ...],
) -> None:
    said = run_refused(capsys, tmp_path, clean, *arguments)
    for word in words:
        assert word in said, said


SERVED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a column missing": (lambda t: t.drop("tenure"), ("tenure", "lacks")),
    "a column misnamed": (lambda t: t.rename({"tenure": "tenur"}), ("did you mean 'tenur' for 'tenure'",)),
    "text for a number": (with_text("debt", 2, "a lot"), ("debt", "a lot", "4")),
    "infinity": (with_text("income", 2, "-inf"), ("income", "finite")),
    "no day": (with_text("made", 3, ""), ("made", "5")),
    "no day at all": (with_text("made", 3, "tomorrow"), ("made", "tomorrow")),
    "no record": (lambda t: t.head(0), ("at least one record",)),
}


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("out", [True, False])
def test_a_request_that_cannot_be_read_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, out: bool
) -> None:
    change, words = SERVED[name]
    change(book(1, seed=3).drop("bad")).write_csv(tmp_path / "new.csv")
    target = ["--out", str(tmp_path / "scored.csv")] if out else ["--json"]
    data = ["--data", str(tmp_path / "new.csv")]
    said = refusal(capsys, tmp_path, "predict", str(finished().bundle), *data, *target)
    for word in words:
        assert word in said, said


def test_more_records_than_can_be_explained_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    book(4).write_csv(tmp_path / "new.csv")
    data = ["--data", str(tmp_path / "new.csv"), "--reasons"]
    assert "20 records at most" in refusal(capsys, tmp_path, "predict", str(finished().bundle), *data)


def test_a_book_without_amounts_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = pl.lit(None, dtype=pl.Float64)
    book(2).with_columns(amount=empty).write_csv(tmp_path / "book.csv")
    said = refusal(capsys, tmp_path, "assess", str(finished().bundle), "--book", str(tmp_path / "book.csv"))
    assert "exposure" in said
    assert "amount" in said
