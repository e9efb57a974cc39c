"""A bundle that is not what was written is refused, with the reason; so are days it cannot use."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tampering import (
    alter_figures,
    alter_graph,
    check_every_file_is_watched,
    files_of,
    refused,
    replace_part,
    restate,
)

import barograph
from barograph.api import answer as api
from barograph.core.errors import BundleError, DataError
from barograph.engines.forecasting.answer import load
from small_study import appended, finished


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished().bundle, tmp_path / "bundle"))


def refusal(folder: Path) -> str:
    return refused(load, folder)


def test_the_small_run_s_champion_holds_graphs(folder: Path) -> None:
    assert {"parts/mlp.onnx", "parts/rnn.onnx", "parts/pool.json"} <= set(files_of(folder))


def test_any_changed_file_is_noticed(folder: Path) -> None:
    check_every_file_is_watched(load, folder)
    assert load(folder).forecast().height == 9


def test_a_file_that_nobody_named_is_noticed(folder: Path) -> None:
    (folder / "parts" / "more.onnx").write_bytes(b"x")
    assert "parts/more.onnx is not named (1 such files)" in refusal(folder)


def test_a_file_outside_the_bundle_is_not_followed(folder: Path) -> None:
    outside = folder.parent / "outside.json"
    outside.write_text("{}", encoding="utf-8")
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    restate(folder, "", lambda plain: plain["hashes"].update({"../outside.json": digest}))
    assert "../outside.json does not" in refusal(folder)


def test_a_missing_manifest_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "manifest.json").unlink()
    assert "a folder with a manifest.json" in refusal(folder)
    assert "has none" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b"\xff\xfe", b'{"format": "x"}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    assert "readable manifest" in refusal(folder)


def test_a_later_format_names_the_version_that_wrote_it(folder: Path) -> None:
    restate(folder, "", lambda plain: plain.update({"format": 99, "barograph": "7.1"}))
    assert "format 99, written by Barograph 7.1" in refusal(folder)


def test_a_bundle_of_another_engine_is_refused(folder: Path) -> None:
    restate(folder, "", lambda plain: plain.update({"engine": "telepathy"}))
    assert "engine 'telepathy'" in refusal(folder)


def test_a_bundle_that_claims_another_engine_of_ours_is_refused_by_both(folder: Path) -> None:
    restate(folder, "", lambda plain: plain.update({"engine": "scoring"}))
    with pytest.raises(BundleError, match="engine 'scoring'"):
        load(folder)
    assert [check["passed"] for check in api.verify(folder)] == [False]
    with pytest.raises(BundleError, match="readable manifest"):
        api.load(folder)


@pytest.mark.parametrize("network", ["mlp", "rnn"])
def test_a_graph_altered_together_with_its_hash_fails_the_gate(folder: Path, network: str) -> None:
    alter_graph(folder, f"parts/{network}.onnx", lambda weights: weights * 1.02)
    assert f"graph of {network} differs by" in refusal(folder)


def test_a_graph_that_is_none_is_refused_even_with_its_hash(folder: Path) -> None:
    replace_part(folder, "parts/mlp.onnx", b"no graph at all")
    assert "mlp.onnx" in refusal(folder)


@pytest.mark.parametrize("part", ["parts/tails.json", "parts/control.json", "state/live.json"])
def test_figures_altered_together_with_their_hash_fail_the_gate(folder: Path, part: str) -> None:
    alter_figures(folder, part)
    assert "served" in refusal(folder)


def test_a_part_that_lacks_what_it_must_hold_is_refused(folder: Path) -> None:
    for part in ("parts/tails.json", "parts/networks.json", "prepare.json", "state/live.json"):
        kept = (folder / part).read_bytes()
        replace_part(folder, part, b"{}")
        assert "must" in refusal(folder)
        replace_part(folder, part, kept)


def days_refused(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


def next_day(**changes: Any) -> dict[str, Any]:
    return {"entity": "alpha", "time": "2021-06-01", "close": 100.0} | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entity": "gamma"}, "got 'gamma' (1 unknown)"),
        ({"close": 0.0}, "close of alpha on 2021-06-01 is 0.0"),
        ({"close": -3}, "close of alpha on 2021-06-01 is -3"),
        ({"close": float("nan")}, "is nan"),
        ({"close": float("inf")}, "is inf"),
        ({"close": "12"}, "is '12'"),
        ({"close": True}, "is True"),
        ({"high": 0.0}, "high of alpha"),
        ({"close": None}, "close is missing"),
        ({"time": "someday"}, "got 'someday'"),
        ({"time": "NaT"}, "got 'NaT'"),
        ({"entity": None}, "entity is missing"),
        ({"time": "2021-06"}, "got '2021-06'"),
        ({"volume": "many"}, "volume of alpha on 2021-06-01 is 'many'"),
        ({"volume": -1.0}, "volume must be"),
        ({"high": 99.0}, "has low None and high 99.0"),
        ({"low": 100.1}, "has low 100.1"),
        ({"high": 101.0, "low": 102.0}, "between low and high"),
    ],
)
def test_an_update_that_is_no_day_is_refused(changes: dict[str, Any], said: str) -> None:
    predictor = barograph.load(finished().bundle)
    before = predictor.forecast()
    assert said in days_refused(lambda: predictor.update(next_day(**changes)))
    assert predictor.forecast().equals(before), "a refused day left something behind"


def test_numbers_of_numpy_are_numbers() -> None:
    plain, numpy = (barograph.load(finished().bundle) for _ in range(2))
    whole = {"close": np.float64(100.0), "volume": np.int64(0), "time": np.datetime64("2021-06-01")}
    assert plain.update(next_day()).equals(numpy.update(next_day(**whole)))


def test_a_day_can_be_sent_once_and_not_before_the_newest() -> None:
    predictor = barograph.load(finished().bundle)
    predictor.update(next_day())
    assert "already known" in days_refused(lambda: predictor.update(next_day()))
    late = days_refused(lambda: predictor.update(next_day(time="2021-05-31", close=99.0)))
    assert "already known" in late or "later than the entity's newest" in late


def test_a_price_that_differs_from_the_one_known_is_refused() -> None:
    predictor = load(finished().bundle)
    known = predictor.state.prices.table
    row = known.filter(pl.col("entity") == "beta").tail(1)
    said = days_refused(
        lambda: predictor.update(row.with_columns(close=pl.col("close") * 1.001).to_dicts()[0])
    )
    assert "1 differ, first beta on" in said
    assert "Run the study again" in said


def test_new_days_may_come_without_the_old_ones_in_a_file_or_a_frame(tmp_path: Path) -> None:
    predictor = barograph.load(finished().bundle)
    panel = load(finished().bundle).state.prices
    new = appended(panel, 3, seed=9)
    whole = pl.concat([finished().outcome.snapshot.panel.table, new], how="diagonal").sort("entity", "time")
    by_frame = predictor.predict(new)
    assert by_frame.equals(predictor.predict(whole.select(new.columns)))
    new.write_csv(tmp_path / "new.csv")
    by_file = barograph.predict(finished().bundle, tmp_path / "new.csv", out=tmp_path / "out.parquet")
    np.testing.assert_allclose(by_file["var_99"].to_numpy(), by_frame["var_99"].to_numpy(), rtol=1e-12)
    assert pl.read_parquet(tmp_path / "out.parquet").equals(by_file)
    assert type(predictor.predict(new.to_pandas())).__module__.startswith("pandas")
    assert type(predictor.predict(new.to_arrow())).__module__.startswith("pyarrow")
