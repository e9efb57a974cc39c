"""A bank's table under a contract: refused, or run on its good rows with the bad ones set aside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from command_line import flags_of, refusal, said

from small_scoring import TINY, book

SMALL: dict[str, Any] = {
    **{key: value for key, value in TINY.items() if key.startswith("train.")},
    **{key: TINY[key] for key in ("prepare.bins", "evaluate.bootstrap", "deploy.reference_records")},
    "model.networks": ["mlp"],
    "model.settings.mlp.hidden": [8],
    "evaluate.folds": 2,
    "evaluate.repeats": 1,
    "evaluate.leak_removal": 0.5,
    "collect.ignore": ["made", "loan", "sex"],
}
CONTRACT = """
columns:
  loan: {type: text, unique: true, nullable: false}
  amount: {type: number, minimum: 0}
  region: {type: text, allowed: [north, south, east, west]}
  bad: {type: whole, allowed: [0, 1], nullable: false}
"""


def table(folder: Path) -> Path:
    """The book with three bad rows: an amount below zero, a loan that comes twice, a label of 7."""
    place = pl.int_range(pl.len())
    made = book(150).with_columns(
        amount=pl.when(place == 3).then(-5.0).otherwise("amount"),
        loan=pl.when(place == 8).then(pl.lit("L00007")).otherwise("loan"),
        bad=pl.when(place == 30).then(7).otherwise("bad"),
    )
    made.write_csv(folder / "loans.csv")
    (folder / "contract.yaml").write_text(CONTRACT)
    return folder / "loans.csv"


def test_a_broken_contract_stops_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, contract = str(table(tmp_path)), str(tmp_path / "contract.yaml")
    base = ["run", "credit", "--data", data, "--target", "bad", "--out", str(tmp_path / "run")]
    heard = refusal(capsys, tmp_path, *base, "--contract", contract)
    assert "loans.csv must keep the contract contract.yaml; 3 rules are broken." in heard
    for line in ("amount below 0 1 5: -5.0", "bad not allowed 1 32: 7", "loan repeated key 1 10: L00007"):
        assert line in " ".join(heard.split())
    assert heard.split("column", 1)[1] in refusal(capsys, tmp_path, "inspect", data, "--contract", contract)
    heard = refusal(capsys, tmp_path, *base, "--quarantine", str(tmp_path / "bad.csv"))
    assert "--quarantine must go with a contract" in heard
    heard = refusal(capsys, tmp_path, "run", "credit", "--contract", contract)
    assert "a contract must go with own data" in heard


def test_bad_rows_are_set_aside_and_the_run_says_how_many_and_where(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, aside, out = table(tmp_path), tmp_path / "bad.csv", tmp_path / "run"
    words = ["run", "credit", "--budget", "quick", "--data", str(data), "--target", "bad", "--json"]
    words += ["--contract", str(tmp_path / "contract.yaml"), "--quarantine", str(aside), "--out", str(out)]
    ran = json.loads(said(capsys, *words, *flags_of(SMALL)))
    rows = pl.read_csv(data).height
    assert ran["data"]["rows"] == rows - 3
    assert (ran["data"]["set_aside"], ran["data"]["set_aside_in"]) == (3, str(aside))
    bad = pl.read_csv(aside)
    assert bad["(line)"].to_list() == [5, 10, 32]
    assert bad["(reasons)"].to_list() == ["amount: below 0", "loan: repeated key", "bad: not allowed"]
    assert f"3 of {rows:,} rows break contract.yaml and were set aside in {aside}" in Path(
        ran["report"]
    ).read_text("utf-8")
    settings = yaml.safe_load((out / "study.yaml").read_text("utf-8"))
    assert settings["collect"]["quarantine"] == str(aside)
    assert "3 of 1,050 rows" in (out / "study.yaml").read_text("utf-8")


def test_a_proposed_contract_is_kept_by_its_own_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, contract = str(table(tmp_path)), str(tmp_path / "proposed.yaml")
    assert contract in said(capsys, "inspect", data, "--write-contract", contract)
    assert "loans.csv keeps loans.csv: 1,050 rows" in said(capsys, "inspect", data, "--contract", contract)
    told = json.loads(said(capsys, "inspect", data, "--contract", contract, "--json"))
    assert told == {"label": "loans.csv", "contract": "loans.csv", "rows": 1050, "violations": []}
    assert "must go into a new file" in refusal(
        capsys, tmp_path, "inspect", data, "--write-contract", contract
    )
