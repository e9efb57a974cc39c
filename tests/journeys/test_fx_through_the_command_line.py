"""Currencies at the command line: own rates to verdict, report and a bundle that takes fixings in."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command_line import check_report, check_result, flags_of, refusal, said

import barograph
from english import english_in
from small_rates import NAMES, SMALL_FALLS, rates
from small_study import SMALL

TINY = {
    **{key: value for key, value in SMALL.items() if not key.startswith("collect")},
    "train.max_steps": 20,
    "train.refit_every": 700,
    "train.baseline_refit_every": 700,
    "evaluate.development": ["GBP"],
    "model.settings": {},
}


def flags(out: Path, *more: str) -> list[str]:
    kept = {key: value for key, value in TINY.items() if key != "model.networks"}
    return ["--out", str(out), *more, *flags_of(kept)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("fx")
    return barograph.run(
        "fx", data=rates(), time="date", network=["mlp"], settings=TINY, out=folder / "run", budget="quick"
    )


def test_own_rates_become_a_verdict_a_report_and_a_bundle(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "rates.csv"
    rates().write_csv(own)
    words = ["run", "fx", "--data", str(own), "--time", "date", "--network", "cnn", "--json"]
    result = json.loads(said(capsys, *words, *flags(tmp_path / "run")))
    check_result(result, "cnn", "linear", "garch_t", "ewma", "combination")
    assert result["study"] == "fx/volatility"
    assert {row["entity"] for row in result["next_day"]} == set(NAMES)
    assert {claim["claim"] for claim in result["claims"]} >= {"target-garch-share", "moonshot-ewma-holm"}
    assert json.loads(said(capsys, "verify", result["bundle"], "--json"))["passed"] is True
    check_report(Path(result["report"]), "GARCH-t")


def test_a_held_rate_is_forecast_and_shown_but_not_judged(finished: Any) -> None:
    assert {score.entity for score in finished.scores if score.entity} == {"USD", "GBP", "SEK", "TRY"}
    assert {row["entity"] for row in finished.next_day} == set(NAMES)
    check_report(finished.report, "DKK", "Held / scored", "Median difference", "holds the base")


def test_a_new_fixing_gives_a_new_forecast_of_both_tails(finished: Any) -> None:
    model = barograph.load(finished.bundle)
    before = model.forecast().filter(pl.col("entity") == "USD")
    last = rates().row(-1, named=True)
    day = last["date"] + datetime.timedelta(days=3)
    after = model.update({"entity": "USD", "time": day, "close": last["USD"] * 1.05})
    assert after["time"].to_list() == [day] * 3
    assert after["volatility"][0] > before["volatility"][0]
    assert after["var_99"][0] > before["var_99"][0]
    assert after["q_0.99"][0] > before["q_0.99"][0] > 0 > before["q_0.01"][0] > after["q_0.01"][0]


def test_rates_all_of_which_are_held_are_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = rates().select("date", "DKK", BGN=pl.col("DKK").sqrt())
    table.write_csv(tmp_path / "pegs.csv")
    words = ["run", "fx", "--data", str(tmp_path / "pegs.csv"), "--time", "date"]
    said_back = refusal(capsys, tmp_path, *words, *flags(tmp_path / "run"))
    assert "held" in said_back
    assert "prepare.held_below" in said_back


def test_falls_go_from_a_file_to_a_verdict_a_report_and_a_bundle_that_takes_fixings_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rates().write_csv(tmp_path / "rates.csv")
    kept = {key: value for key, value in SMALL_FALLS.items() if not key.startswith(("collect", "model"))}
    words = ["run", "fx/depreciation", "--data", str(tmp_path / "rates.csv"), "--time", "date"]
    words += ["--network", "cnn", "--json", "--out", str(tmp_path / "run"), *flags_of(kept)]
    result = json.loads(said(capsys, *words))
    check_result(result, "cnn", "linear", "garch_implied", "climatology", "lightgbm", "combination")
    assert {row["entity"] for row in result["falls"]} == set(NAMES)
    again = [word for word in words if word != "--json"]
    printed = said(capsys, *again[: -1 - len(flags_of(kept))], str(tmp_path / "plain"), *flags_of(kept))
    assert all(name in printed for name in NAMES)
    assert "What is said of every currency now" in printed
    check_report(Path(result["report"]), "Skill over GARCH-implied", "driftless")
    assert json.loads(said(capsys, "verify", result["bundle"], "--json"))["passed"] is True
    later = rates(1854).tail(4)
    later.write_csv(tmp_path / "new.csv")
    flags_out = ["--data", str(tmp_path / "new.csv"), "--out", str(tmp_path / "answer.csv")]
    said(capsys, "predict", result["bundle"], *flags_out)
    answer = pl.read_csv(tmp_path / "answer.csv")
    assert answer.height == 4 * len(NAMES)
    assert answer["probability"].is_between(0, 1).all()


@pytest.mark.parametrize("network", ["autoencoder", pytest.param("rnn", marks=pytest.mark.soak)])
def test_networks_of_histories_and_the_autoencoder_run_on_falls(tmp_path: Path, network: str) -> None:
    made = barograph.run(
        "fx/depreciation",
        data=rates(),
        time="date",
        network=[network],
        settings={k: v for k, v in SMALL_FALLS.items() if not k.startswith(("collect", "model"))}
        | {"deploy.champion": network, "evaluate.origins": (2021,)},
        budget="quick",
        out=tmp_path / "run",
        lang="zh",
    )
    assert made.verdict.champion == network
    model = barograph.load(made.bundle)
    last = rates().row(-1, named=True)
    day = last["date"] + datetime.timedelta(days=3)
    before = model.forecast().filter(pl.col("entity") == "TRY")
    after = model.update({"entity": "TRY", "time": day, "close": last["TRY"] * 1.06})
    assert after["garch_implied"][0] > before["garch_implied"][0]
    assert after["time"].to_list() == [day]
    check_report(made.report, "历史频率")
    assert english_in(made.report) == []


@pytest.mark.parametrize("network", ["rnn", pytest.param("autoencoder", marks=pytest.mark.soak)])
def test_sequence_networks_and_the_autoencoder_run_on_rates(tmp_path: Path, network: str) -> None:
    made = barograph.run(
        "fx/volatility",
        data=rates(),
        time="date",
        network=[network],
        settings=TINY | {"deploy.champion": network},
        out=tmp_path / "run",
        budget="quick",
        lang="zh",
    )
    assert made.verdict.champion == network
    assert english_in(made.report) == []
    assert barograph.load(made.bundle).forecast().height == len(NAMES) * 3
