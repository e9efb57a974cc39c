"""Card payments without cards: the packaged cut and an own stream, from the command line to next scores."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command_line import check_result, flags_of, refusal, said

from barograph.api.answer import Scorer, load, predict
from barograph.cli import main
from small_stream import TINY, stream

PACKAGED = {
    "prepare.bins": 4,
    "model.networks": ["tabm"],
    "model.settings": {"tabm": {"k": 2, "hidden": [8]}},
    "train.trials": 1,
    "train.max_steps": 20,
    "train.check_every": 10,
    "train.workers": 1,
    "evaluate.origins": [18, 24],
    "evaluate.bootstrap": 100,
    "evaluate.leak_removal": 1.0,
    "collect.share": 0.6,
    "deploy.reference_records": 8,
    "deploy.champion": "combination",
}
OWN = {key: value for key, value in TINY.items() if key not in ("collect.source", "collect.deny")} | {
    "train.max_steps": 120,
    "deploy.champion": "cnn",
}


def run(*words: str) -> dict[str, Any]:
    heard = io.StringIO()
    with redirect_stdout(heard), pytest.raises(SystemExit) as caught:
        main(["run", "operational/fraud-cards", "--budget", "quick", "--json", *words])
    assert caught.value.code == 0
    result: dict[str, Any] = json.loads(heard.getvalue())
    return result


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(*flags_of(PACKAGED), "--out", str(tmp_path_factory.mktemp("cards") / "run"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An own stream: what is past, with labels, and the payments that come next, without."""
    made = tmp_path_factory.mktemp("stream")
    table = stream(50, before=2.0)
    table.head(table.height - 120).write_csv(made / "past.csv")
    table.tail(120).drop("fraud").write_csv(made / "next.csv")
    return made


@pytest.fixture(scope="module")
def own(folder: Path) -> dict[str, Any]:
    named = ("--data", str(folder / "past.csv"), "--target", "fraud", "--time", "seconds")
    return run(*flags_of(OWN), *named, "--out", str(folder / "run"))


def test_the_packaged_payments_run_and_every_model_has_its_average_precision(
    packaged: dict[str, Any],
) -> None:
    check_result(packaged)
    precision = {s["model"]: s["value"] for s in packaged["scores"] if s["metric"] == "average_precision"}
    assert {"tabm", "logistic", "lightgbm", "linear", "combination"} <= set(precision)
    assert all(claim["metric"] == "average_precision" for claim in packaged["claims"])
    assert {claim["test"] for claim in packaged["claims"]} == {"paired_hour_bootstrap"}


def test_the_report_speaks_of_hours_and_of_the_sample(packaged: dict[str, Any]) -> None:
    page = Path(packaged["report"]).read_text(encoding="utf-8")
    for words in ("whole hours drawn again", "short wait gives them away", "as often as it stands for"):
        assert words in page
    assert "Alerts with reasons" in page
    assert re.search(r"v\d+ = -?\d", page), "a reason names the column and its value"
    assert "whole days drawn again" not in page
    assert "IRB" not in page


def test_the_bundle_scores_the_packaged_payments_again(
    packaged: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert json.loads(said(capsys, "verify", packaged["bundle"], "--json"))["passed"] is True
    records = pl.read_parquet(Path(packaged["bundle"]).parent / "data" / "records.parquet").tail(50)
    asked = records.select(pl.col("^feature:.*$").name.map(lambda name: name.removeprefix("feature:")))
    asked.write_parquet(tmp_path / "next.parquet")
    told = json.loads(
        said(capsys, "predict", packaged["bundle"], "--data", str(tmp_path / "next.parquet"), "--json")
    )
    figures = [row["probability"] for row in told["forecasts"]]
    assert len(figures) == 50
    assert all(0 < figure < 1 for figure in figures)
    assert {row["alert"] for row in told["forecasts"]} <= {True, False}


def test_an_own_stream_of_seconds_runs_without_an_entity_and_scores_what_comes_next(
    own: dict[str, Any], folder: Path, tmp_path: Path
) -> None:
    check_result(own)
    model = load(own["bundle"])
    assert isinstance(model, Scorer)
    asked = pl.read_csv(folder / "next.csv")
    table = model.predict(asked)
    assert table.height == 120
    assert table["probability"].is_between(0, 1).all()
    predict(own["bundle"], folder / "next.csv", out=tmp_path / "scores.parquet")
    by_parts = pl.read_parquet(tmp_path / "scores.parquet")
    np.testing.assert_allclose(by_parts["probability"], table["probability"], atol=1e-6)
    alone = model.predict(asked.tail(1))["probability"][0]
    assert alone != table["probability"][-1], "the payments before are read"


def test_an_own_stream_without_what_it_needs_is_told_what_is_lacking(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["run", "operational/fraud-cards", "--budget", "quick", "--out", str(tmp_path / "run")]
    data = ["--data", str(folder / "past.csv"), "--time", "seconds"]
    assert "--target COLUMN" in refusal(capsys, tmp_path, *base, *data)
    heard = refusal(capsys, tmp_path, *base, *data, "--target", "fraud", "--network", "cnn")
    assert "collect.stream" in heard
