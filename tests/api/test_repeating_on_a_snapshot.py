"""A study repeated on a kept table: the same figures, whatever became of its sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import barograph
from barograph.api.own_table import own_table
from barograph.api.snapshots import keep, snapshots
from barograph.api.study import Run
from barograph.cli import main
from barograph.core.errors import SettingError, StorageError
from small_scoring import TINY, book, small_scoring

SMALL: dict[str, Any] = {
    **{key: value for key, value in TINY.items() if key.startswith(("train.", "model."))},
    **{key: TINY[key] for key in ("prepare.bins", "evaluate.bootstrap", "deploy.reference_records")},
    "model.networks": ("mlp",),
    "model.baselines": ("scorecard", "logistic"),
    "train.tuned": (),
    "evaluate.leak_removal": 0.5,
}
OF_A_RUN = ("seconds", "stages", "peak_rss_mib", "bundle", "report", "resumed", "tuning", "fits")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BAROGRAPH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "snapshots"


def sources(folder: Path, *, scale: float = 1.0) -> Path:
    """Loans with one bad row, a contract, and a table that joins them."""
    table = book(150).with_columns(
        amount=pl.when(pl.int_range(pl.len()) == 3).then(-5.0).otherwise(scale * pl.col("amount"))
    )
    table.write_csv(folder / "loans.csv")
    (folder / "contract.yaml").write_text("columns: {amount: {type: number, minimum: 0}}\n")
    days = pl.date_range(table["made"].min(), table["made"].max(), "1mo", eager=True)
    rates = pl.DataFrame({"month": days, "rate": [scale * (i % 7) for i in range(len(days))]})
    rates.write_csv(folder / "rates.csv")
    return folder / "loans.csv"


def plain(run: Run) -> dict[str, Any]:
    return {key: value for key, value in run.to_json().items() if key not in OF_A_RUN}


def test_a_repeated_study_gives_the_same_verdict_whatever_became_of_its_sources(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    join = [{"source": str(tmp_path / "rates.csv"), "time": "month", "delay": "1mo"}]
    settings = SMALL | {"collect.join": join, "collect.ignore": ("loan",), "evaluate.origins": (2014, 2015)}
    columns: dict[str, Any] = {"target": "bad", "time": "made", "entity": "customer", "protected": ("sex",)}
    first = barograph.run(
        "credit/default",
        data=sources(tmp_path),
        **columns,
        settings=settings,
        contract=tmp_path / "contract.yaml",
        quarantine=tmp_path / "bad.csv",
        keep_snapshot=True,
        budget="quick",
        out=tmp_path / "first",
    )
    (card,) = snapshots()
    assert first.to_json()["data"]["snapshot"] == card.hash
    sources(tmp_path, scale=3.0)  # the same names, other content
    (tmp_path / "contract.yaml").write_text("columns: {amount: {maximum: 0, type: number}}\n")
    (tmp_path / "rates.csv").unlink()
    rest = {key: value for key, value in settings.items() if not key.startswith("collect.")}
    again = barograph.run(
        "credit/default",
        snapshot=first.to_json()["data"]["hash"][:10],
        settings=rest,
        budget="quick",
        out=tmp_path / "again",
    )
    assert plain(again) == plain(first)
    assert plain(again)["data"]["set_aside"] == 1
    assert (again.folder / "study.yaml").read_text() == (first.folder / "study.yaml").read_text()
    with pytest.raises(SystemExit):
        main(["snapshots"])
    told = capsys.readouterr().out
    assert card.hash[:12] in told
    assert "credit/default" in told


def kept(folder: Path) -> str:
    """The hash of a table kept without running a study on it."""
    plan = small_scoring()
    return keep(own_table(plan, sources(folder), keep=True), plan, "0" * 64).snapshot


@pytest.mark.parametrize("beside", ["data", "contract", "join"])
def test_what_was_applied_before_does_not_come_beside_a_snapshot(tmp_path: Path, beside: str) -> None:
    given: dict[str, Any] = {
        "data": {"data": str(tmp_path / "loans.csv")},
        "contract": {"contract": tmp_path / "contract.yaml"},
        "join": {"settings": {"collect.join": []}},
    }[beside]
    with pytest.raises(SettingError, match="--snapshot must come without"):
        barograph.run("credit/default", snapshot=kept(tmp_path), **given)


def test_a_table_held_in_part_is_not_kept_and_not_read_for_that(tmp_path: Path) -> None:
    part = {"collect.in_memory": 10}
    with pytest.raises(SettingError, match=r"--keep-snapshot must .* holds all; collect\.in_memory is 10\."):
        barograph.run("credit/default", data=tmp_path / "no.parquet", settings=part, keep_snapshot=True)


def test_a_packaged_source_is_not_kept_and_a_tampered_table_is_refused(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(SettingError, match="--keep-snapshot must go with own data"):
        barograph.run("credit/default", keep_snapshot=True, budget="quick")
    key = kept(tmp_path)
    frame = pl.read_parquet(cache / key / "table.parquet")
    frame.with_columns(bad=1 - pl.col("bad").cast(pl.Int64)).write_parquet(cache / key / "table.parquet")
    with pytest.raises(StorageError, match="not that which its name stands for"):
        barograph.run("credit/default", snapshot=key[:8])


def test_an_empty_store_says_so(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["snapshots"], ["snapshots", "--json"]):
        with pytest.raises(SystemExit):
            main(words)
    text, _, told = capsys.readouterr().out.partition("\n")
    assert text == f"No table is kept in {cache}; --keep-snapshot keeps the one of a run."
    assert json.loads(told) == {"place": str(cache), "snapshots": []}
