"""Currencies at the command line: own rates to verdict, report and a bundle that takes fixings in."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command_line import check_report, check_result, flags_of, refusal, said

import barograph
from small_study import SMALL, calendar_of, gjr_returns

NAMES = ("USD", "GBP", "SEK", "DKK")
TINY = {
    **{key: value for key, value in SMALL.items() if not key.startswith("collect")},
    "train.max_steps": 20,
    "train.refit_every": 700,
    "train.baseline_refit_every": 700,
    "evaluate.development": ["GBP"],
    "model.settings": {},
}


def rates(days: int = 1600) -> pl.DataFrame:
    """A wide table: three rates that float, one that its central bank holds, on one calendar."""
    calendar = calendar_of(1, days)
    table = {"date": calendar}
    for number, name in enumerate(NAMES):
        moves = gjr_returns(calendar, seed=40 + number)[0] * (0.005 if name == "DKK" else 0.6)
        table[name] = (7.46 if name == "DKK" else 1.1) * np.exp(np.cumsum(moves))
    return pl.DataFrame(table)


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
    assert {score.entity for score in finished.scores if score.entity} == {"USD", "GBP", "SEK"}
    assert {row["entity"] for row in finished.next_day} == set(NAMES)
    check_report(finished.report, "DKK", "Held / scored", "Median difference")


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


@pytest.mark.parametrize("network", ["rnn", "autoencoder"])
def test_sequence_networks_and_the_autoencoder_run_on_rates(tmp_path: Path, network: str) -> None:
    made = barograph.run(
        "fx/volatility",
        data=rates(),
        time="date",
        network=[network],
        settings=TINY | {"deploy.champion": network},
        out=tmp_path / "run",
        budget="quick",
    )
    assert made.verdict.champion == network
    assert barograph.load(made.bundle).forecast().height == len(NAMES) * 3
