"""What a newcomer does: run on an own file, read the JSON, edit the YAML, ask the bundle."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from command_line import check_report, check_result, flags_of, said

from barograph.api.study import run
from barograph.models.catalogue import NETWORKS
from small_study import SMALL, appended, finished, market

TINY = {**SMALL, "train.max_steps": 20, "train.refit_every": 700, "train.baseline_refit_every": 700}


def settings(**changes: Any) -> list[str]:
    """The small study as flags."""
    kept = {key: value for key, value in TINY.items() if key not in ("collect.source", "model.networks")}
    return flags_of(kept | changes)


def test_an_own_file_becomes_a_verdict_a_report_and_a_bundle_that_answers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    market().rename({"entity": "Ticker", "time": "Day", "close": "Last"}).write_csv(own)
    flags = ["--data", str(own), "--target", "Last", "--time", "Day", "--entity", "Ticker", "--json"]
    out = said(
        capsys, "run", "market", *flags, "--network", "mlp", "--out", str(tmp_path / "run"), *settings()
    )
    result = json.loads(out)
    check_result(result, "mlp", "linear", "gjr_garch_t", "combination")
    assert result["data"]["rows"] == market().height
    assert result["data"]["source"].endswith("own.csv")
    assert {row["entity"] for row in result["next_day"]} == {"alpha", "beta", "index"}
    assert os.listdir(tmp_path / "run" / "bundle")
    verified = json.loads(said(capsys, "verify", result["bundle"], "--json"))
    assert verified["passed"] is True
    assert len(verified["checks"]) >= 4
    check_report(Path(result["report"]))


def test_a_packaged_sample_s_window_does_not_cut_own_data(tmp_path: Path) -> None:
    """The quick budget ends its sample in 2018; an own table is read to its end."""
    made = run(
        "market/volatility",
        data=market(),
        network=["mlp"],
        settings={key: value for key, value in TINY.items() if not key.startswith(("collect", "model"))},
        budget="quick",
        out=tmp_path / "run",
    )
    assert made.outcome.snapshot.panel.table.height == market().height
    assert {row["time"][:4] for row in made.next_day} == {"2021"}


def test_the_shared_run_s_report_is_self_contained_and_names_every_candidate() -> None:
    sentence = finished().verdict.sentence.split("(")[0].strip()[:40]
    check_report(finished().report, "GJR-GARCH-t", sentence)


def test_the_bundle_answers_new_days_at_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    appended(finished().outcome.snapshot.panel, 4, seed=2).write_csv(tmp_path / "new.csv")
    said(
        capsys,
        "predict",
        str(finished().bundle),
        "--data",
        str(tmp_path / "new.csv"),
        "--out",
        str(tmp_path / "answer.csv"),
    )
    answer = pl.read_csv(tmp_path / "answer.csv")
    assert answer.height == 4 * 3 * 3
    assert (answer["es_99"] > answer["var_99"]).all()


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_every_network_runs_and_can_be_shipped(tmp_path: Path, network: str) -> None:
    changes = {**TINY, "model.settings": {}, "deploy.champion": network}
    made = run(
        "market/volatility",
        data=market(),
        network=[network],
        settings=changes,
        budget="quick",
        out=tmp_path / "run",
    )
    assert made.verdict.champion == network
    assert {row["entity"] for row in made.next_day} == {"alpha", "beta", "index"}
    assert any(score.model == network and score.value is not None for score in made.scores)


def test_an_initial_yaml_runs_after_editing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plain = yaml.safe_load(said(capsys, "init", "market/volatility"))
    assert plain["name"] == "market/volatility"
    market().write_csv(tmp_path / "own.csv")
    for key, value in {**TINY, "collect.source": str(tmp_path / "own.csv")}.items():
        section, _, name = key.partition(".")
        plain[section][name] = list(value) if isinstance(value, tuple) else value
    plain["model"]["networks"], plain["model"]["settings"] = ["mlp"], {"mlp": {"hidden": [8]}}
    file = tmp_path / "my.yaml"
    file.write_text(yaml.safe_dump(plain), encoding="utf-8")
    out = said(capsys, "run", str(file), "--out", str(tmp_path / "run"))
    assert "VaR" in out
    assert str(tmp_path / "run") in out.replace("\n", "")
    kept = yaml.safe_load((tmp_path / "run" / "study.yaml").read_text(encoding="utf-8"))
    assert kept["model"]["networks"] == ["mlp"]
