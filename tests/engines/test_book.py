"""A book asked of a bundle: figures add up, agree with plain loops, and need no training library."""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from rich.console import Console

import barograph
from barograph.api.answer import Predictor
from barograph.cli.assess import show
from barograph.collect.scenarios import packaged
from barograph.core.book import Book, Position
from barograph.core.errors import DataError, InputError
from barograph.core.scenario import Scenario
from barograph.engines.forecasting.books.positions import reader_notes
from barograph.engines.forecasting.books.valued import value_book

ENTITIES = ("aapl", "ko", "xom")
TINY: dict[str, Any] = {
    "collect.entities": ENTITIES,
    "collect.since": "2011-01-01",
    "collect.until": "2018-12-31",
    "evaluate.test_since": "2014-06-01",
    "evaluate.test_since_of": {},
    "evaluate.development": ("ko",),
    "evaluate.bootstrap": 100,
    "train.seeds": 1,
    "train.max_steps": 20,
    "train.refit_every": 2500,
    "train.baseline_refit_every": 2500,
    "train.workers": 1,
}
AMOUNTS = pl.DataFrame(
    {"entity": ["aapl", "ko", "xom"], "quantity": [100.0, -50.0, None], "value": [None, None, 1600.0]}
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("book") / "run"
    run = barograph.run("market/volatility", network=["mlp"], settings=TINY, budget="quick", out=out)
    return run.bundle


@pytest.fixture(scope="module")
def predictor(bundle: Path) -> Predictor:
    return barograph.load(bundle)


@pytest.fixture(scope="module")
def figures(predictor: Predictor) -> dict[str, Any]:
    return barograph.assess(predictor, AMOUNTS)


def test_positions_are_valued_at_the_newest_price(predictor: Predictor, figures: dict[str, Any]) -> None:
    newest = predictor.forecast().filter(pl.col("horizon") == 1)
    price = dict(zip(newest["entity"], newest["price"], strict=True))
    sigma = dict(zip(newest["entity"], newest["volatility"], strict=True))
    expected = [100 * price["aapl"], -50 * price["ko"], 1600.0]
    assert [row["value"] for row in figures["positions"]] == pytest.approx(expected)
    assert [row["volatility"] for row in figures["positions"]] == [sigma[name] for name in ENTITIES]
    assert figures["value"] == pytest.approx(sum(expected))
    assert figures["gross"] == pytest.approx(sum(map(abs, expected)))


def test_the_figures_are_those_of_a_plain_simulation(
    bundle: Path, predictor: Predictor, figures: dict[str, Any]
) -> None:
    """From the bundle's file alone: dictionaries by day, a loop over days, numpy's quantile."""
    stored = np.load(bundle / "history.npz")
    names = predictor.manifest["entities"]
    tables: dict[str, dict[tuple[int, int], float]] = {name: {} for name in ENTITIES}
    for row in range(stored["entity"].size):
        if np.isfinite(stored["next_return"][row]):
            day = int(stored["time"][row]), int(stored["known_at"][row])
            residual = stored["next_return"][row] / np.sqrt(stored["variance"][row])
            tables[names[stored["entity"][row]]][day] = float(residual)
    common = sorted(set.intersection(*(set(table) for table in tables.values())))
    rows = figures["positions"]
    profits = []
    for day in common:
        moves = [np.exp(tables[row["entity"]][day] * row["volatility"]) - 1 for row in rows]
        profits.append(sum(row["value"] * move for row, move in zip(rows, moves, strict=True)))
    assert figures["common_days"] == len(common)
    for line, alpha in zip(figures["figures"], (0.025, 0.01), strict=True):
        assert line["level"] == 100 * (1 - alpha)
        assert line["value_at_risk"] == pytest.approx(-np.quantile(profits, alpha, method="hazen"))
        assert line["expected_shortfall"] > line["value_at_risk"] > 4 * line["value_at_risk_error"] > 0


def test_contributions_add_up_to_the_book(figures: dict[str, Any]) -> None:
    for line in figures["figures"]:
        parts = [row for row in figures["contributions"] if row["level"] == line["level"]]
        assert [row["entity"] for row in parts] == list(ENTITIES)
        for kind in ("value_at_risk", "expected_shortfall"):
            total = sum(row[f"component_{kind}"] for row in parts)
            assert total == pytest.approx(line[kind], rel=1e-10)
        for row, position in zip(parts, figures["positions"], strict=True):
            component = row["marginal_value_at_risk"] * position["value"]
            assert row["component_value_at_risk"] == pytest.approx(component)
        alone = sum(row["stand_alone_value_at_risk"] for row in parts)
        assert line["diversification"] == pytest.approx(alone - line["value_at_risk"])


def test_the_back_test_counts_days_after_the_first_five_hundred(figures: dict[str, Any]) -> None:
    for row in figures["back_test"]:
        assert row["days"] == figures["common_days"] - 500
        assert row["expected"] == pytest.approx(row["days"] * (1 - row["level"] / 100))
        assert 0 <= row["light_exceptions"] <= row["exceptions"] < 4 * row["expected"]
        assert row["light"] in {"green", "yellow", "red"}
        assert figures["since"] < row["since"] < figures["until"]


def test_a_doubled_book_has_double_figures(predictor: Predictor, figures: dict[str, Any]) -> None:
    double = AMOUNTS.with_columns(pl.col("quantity", "value") * 2)
    twice = barograph.assess(predictor, double, scenario="equity_down_20")
    for one, two in zip(figures["figures"], twice["figures"], strict=True):
        assert two["value_at_risk"] == pytest.approx(2 * one["value_at_risk"])
        assert two["value_at_risk_error"] == pytest.approx(2 * one["value_at_risk_error"])
    assert [row["exceptions"] for row in twice["back_test"]] == [
        row["exceptions"] for row in figures["back_test"]
    ]
    assert twice["scenarios"][0]["profit"] == pytest.approx(-0.2 * twice["value"])


def test_scenarios_are_arithmetic_on_the_positions(predictor: Predictor, figures: dict[str, Any]) -> None:
    names = [row["scenario"] for row in figures["scenarios"]]
    assert names == sorted(names)
    assert set(packaged()) - set(names) == {"franc_floor_2015"}
    mine = Scenario("mine", "made up", {"ko": 0.5, "stock": -0.1}, volatility=2.0)
    found = barograph.assess(predictor, AMOUNTS, scenario=mine)
    values = [row["value"] for row in found["positions"]]
    expected = [-0.1 * values[0], 0.5 * values[1], -0.1 * values[2]]
    assert [row["profit"] for row in found["scenario_positions"]] == pytest.approx(expected)
    assert found["scenarios"][0]["profit"] == pytest.approx(sum(expected))
    doubled = next(row for row in figures["scenarios"] if row["scenario"] == "volatility_doubles")
    before = figures["figures"][1]["value_at_risk"]
    assert doubled["profit"] == 0.0
    assert 1.8 * before < doubled["value_at_risk_99"] < 2.2 * before


def test_the_same_answer_twice_and_ready_for_json(predictor: Predictor, figures: dict[str, Any]) -> None:
    assert json.dumps(barograph.assess(predictor, AMOUNTS), allow_nan=False) == json.dumps(figures)


def test_what_a_book_or_scenario_has_wrong_is_said(predictor: Predictor) -> None:
    with pytest.raises(DataError, match=r"entity of the bundle; got 'KO' .* Did you mean 'ko'"):
        barograph.assess(predictor, pl.DataFrame({"entity": ["KO"], "value": [1.0]}))
    with pytest.raises(InputError, match="neither"):
        barograph.assess(predictor, AMOUNTS, scenario="no_such_thing")


def test_what_a_reader_must_know_is_noted(predictor: Predictor, figures: dict[str, Any]) -> None:
    assert figures["notes"] == ["quantities valued at the bundle's newest prices, taken to be in USD"]
    valued = value_book(predictor.forecaster, Book((Position("ko", value=1.0),)))
    assert valued.classes == ("stock",)
    assert reader_notes(valued, tested=1) == []
    strange = dataclasses.replace(
        valued,
        book=Book((Position("own", value=1.0), Position("other", value=1.0, asset_class="index"))),
        newest=("2018-12-31", "2022-01-03"),
    )
    assert [note.partition(":")[0] for note in reader_notes(strange, tested=0)] == [
        "newest days differ",
        "the days all positions have in common end on 2018-12-31, the newest forecast is of 2022-01-03",
        "no back-test",
        "no class is known for own",
    ]


def test_the_command_prints_a_book_without_the_training_libraries(
    bundle: Path, tmp_path: Path, figures: dict[str, Any]
) -> None:
    AMOUNTS.write_csv(tmp_path / "book.csv")
    script = (
        "import sys\n"
        "for name in ('torch', 'sklearn', 'arch', 'statsmodels', 'onnx', 'safetensors', 'pandas'):\n"
        "    sys.modules[name] = None\n"
        "from barograph.cli import main\n"
        "main()\n"
    )
    arguments = ["assess", str(bundle), "--book", str(tmp_path / "book.csv"), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(figures))


@pytest.mark.parametrize(("lang", "heading"), [("en", "component VaR"), ("zh", "成分 VaR")])
def test_the_tables_speak_both_languages(
    lang: str, heading: str, figures: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAROGRAPH_LANG", lang)
    out = io.StringIO()
    show(Console(file=out, highlight=False, markup=False, width=200), "book.csv", figures)
    printed = out.getvalue()
    assert heading in printed
    assert "scenario_positions" not in printed
    assert "value_at_risk" not in printed
