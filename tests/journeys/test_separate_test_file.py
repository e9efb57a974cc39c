"""A separate test file: answered by the finished bundle as training was prepared, never learnt from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command_line import check_report, flags_of, refusal, said

import barograph as bg
from barograph.deploy.papers import REPORT
from barograph.measures.credit.discrimination import auc
from small_scoring import TINY, book
from untidy_files import rate_files, written

RATES = {
    "model.settings": {"cnn": {"channels": 4, "hidden": [4]}}, "train.max_steps": 20, "train.seeds": 1,
    "train.check_every": 10, "train.workers": 1, "train.refit_months": 36, "train.calibration_months": 12,
    "evaluate.bootstrap": 50, "prepare.window": 8,
}  # fmt: skip
LOANS = {
    key: TINY[key]
    for key in TINY
    if key.startswith(("prepare.bins", "train.", "evaluate.bootstrap", "deploy."))
}
LOANS |= {"evaluate.folds": 2, "evaluate.repeats": 1, "model.settings": {"mlp": {"hidden": [8]}}}
FEATURES = ("income", "debt", "tenure", "region", "purpose", "bad")


def bundle_hash(folder: Path) -> dict[str, str]:
    """Hash of every file of a bundle; of the manifest, of what does not tell when and where it was made.

    The report is left out: it tells how long the run took, and what the model said to the separate file.
    """
    found = {}
    for path in sorted(p for p in (folder / "bundle").rglob("*") if p.is_file()):
        if path == folder / "bundle" / REPORT:
            continue
        content = path.read_bytes()
        if path.name == "manifest.json":
            told = json.loads(content)
            for key in ("created", "hashes"):
                told.pop(key)
            content = json.dumps(told, sort_keys=True).encode()
        found[path.name] = hashlib.sha256(content).hexdigest()
    return found


def test_later_rates_are_forecast_as_they_come_and_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The test file is corrupted: the bundle stays bit-identical, only the test's own figures move."""
    german = next(one for one in rate_files() if one.name == "german.csv")
    rows = written(tmp_path, german).read_bytes().decode("cp1252").splitlines()
    (tmp_path / "train.csv").write_text("\n".join(rows[:143]), encoding="cp1252")
    (tmp_path / "test.csv").write_text("\n".join([rows[2], *rows[130:]]))
    spoilt = [row.replace(",", ",9") for row in rows[130:]]
    (tmp_path / "spoilt.csv").write_text("\n".join([rows[2], *spoilt]))
    words = ["run", "rates", "--data", str(tmp_path / "train.csv"), "--network", "cnn", "--budget", "quick"]
    told: dict[str, Any] = {}
    for name in ("test", "spoilt"):
        flags = ["--test", str(tmp_path / f"{name}.csv"), "--out", str(tmp_path / name), "--json"]
        told[name] = json.loads(said(capsys, *words, *flags, *flags_of(RATES)))
    assert bundle_hash(tmp_path / "test") == bundle_hash(tmp_path / "spoilt")
    assert told["test"]["scores"] == told["spoilt"]["scores"]
    assert told["test"]["test"]["figures"] != told["spoilt"]["test"]["figures"]
    found = pl.read_csv(tmp_path / "test" / "test_predictions.csv", try_parse_dates=True)
    assert found["origin"].min().isoformat() == "2011-08-31"  # the newest month of training
    one = found.filter((pl.col("horizon") == 1) & (pl.col("series") == "Zehn"))
    meant = [row[1] for row in german.rates.values()][140:]
    assert [None if v is None else round(100 * v, 6) for v in one["outcome"]] == [*meant, None]
    figures = {(f["metric"], f["horizon"]): f["value"] for f in told["test"]["test"]["figures"]}
    wide = found.filter(pl.col("horizon") == 1).drop_nulls("outcome")
    errors = (wide["outcome"] - wide["forecast"]).to_numpy()
    assert figures["rmse", 1] == pytest.approx(float(np.sqrt(np.mean(errors**2))))
    check_report(tmp_path / "test" / "report.html", "Separate test file", "Ratio of errors to the last value")
    too_early = refusal(
        capsys, tmp_path, *words, "--test", str(tmp_path / "train.csv"), "--out", str(tmp_path / "x")
    )
    assert "after the newest one of training (2011-08-31)" in too_early


def test_records_are_scored_with_training_s_preparation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = book(400).select(FEATURES).with_columns(pl.col("bad").replace_strict({0: "no", 1: "yes"}))
    train, test = table.gather_every(2), table.gather_every(2, 1).head(300)
    train.write_csv(tmp_path / "train.csv")
    test.with_columns(bad=pl.when(pl.int_range(pl.len()) % 10 > 0).then("bad")).write_csv(
        tmp_path / "test.csv"
    )
    spoilt = test.with_columns(
        pl.col("income") * 1000.0, pl.lit("elsewhere").alias("region"), bad=pl.lit("yes")
    )
    spoilt.write_csv(tmp_path / "spoilt.csv")
    words = ["run", "credit", "--data", str(tmp_path / "train.csv"), "--target", "bad", "--network", "mlp"]
    words += ["--budget", "quick", *flags_of(LOANS)]
    told: dict[str, Any] = {}
    for name in ("test", "spoilt"):
        flags = ["--test", str(tmp_path / f"{name}.csv"), "--out", str(tmp_path / name), "--json"]
        told[name] = json.loads(said(capsys, *words, *flags))
    assert bundle_hash(tmp_path / "test") == bundle_hash(tmp_path / "spoilt")
    found = pl.read_csv(tmp_path / "test" / "test_predictions.csv", infer_schema_length=None)
    answers = bg.load(tmp_path / "test" / "bundle").predict(test.drop("bad"))  # type: ignore[union-attr]
    assert found["probability"].to_list() == pytest.approx(answers["probability"].to_list(), abs=1e-12)
    result = told["test"]["test"]
    assert (result["rows"], result["scored"], result["labelled"]) == (300, 300, 270)
    known = found.drop_nulls("outcome")
    figure = next(one for one in result["figures"] if one["metric"] == "auc")
    assert figure["value"] == pytest.approx(auc(known["outcome"].to_numpy(), known["probability"].to_numpy()))
    assert figure["lower"] < figure["value"] < figure["upper"]
    check_report(tmp_path / "test" / "report.html", "Separate test file", "270 of them with a known outcome")
    test.drop("income").write_csv(tmp_path / "bad.csv")
    says = refusal(
        capsys, tmp_path, *words, "--test", str(tmp_path / "bad.csv"), "--out", str(tmp_path / "x")
    )
    assert "it lacks income" in says


def test_a_study_without_use_for_one_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("day,close\n2020-01-01,1\n")
    words = [
        "run",
        "market",
        "--budget",
        "quick",
        "--test",
        str(tmp_path / "t.csv"),
        "--out",
        str(tmp_path / "x"),
    ]
    assert "--test belongs to a study of records or of levels" in refusal(capsys, tmp_path, *words)
