"""A currency book asked of a bundle of exchange rates: figures agree with plain loops in every base."""

from __future__ import annotations

import io
import json
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
from barograph.core.book import Book, Position
from barograph.core.errors import BundleError, DataError
from barograph.core.scenario import Scenario

TINY: dict[str, Any] = {
    "collect.entities": ("usd", "gbp", "dkk"),
    "collect.since": "2009-01-01",
    "collect.until": "2018-12-31",
    "evaluate.test_since": "2014-06-01",
    "evaluate.development": ("gbp",),
    "evaluate.bootstrap": 100,
    "train.seeds": 1,
    "train.max_steps": 20,
    "train.refit_every": 2500,
    "train.baseline_refit_every": 2500,
    "train.workers": 1,
}
AMOUNTS = {"USD": 1200.0, "GBP": -500.0, "DKK": 3000.0}


def book(base: str = "EUR", **rates: float) -> pl.DataFrame:
    rows = [{"currency": code, "amount": amount, "base": base} for code, amount in AMOUNTS.items()]
    if base != "EUR":
        rows.append({"currency": "EUR", "amount": 700.0, "base": base})
    table = pl.DataFrame(rows)
    if not rates:
        return table
    rows.append({"currency": base, "amount": 0.0, "base": base})
    return pl.DataFrame([row | {"rate": rates.get(str(row["currency"]))} for row in rows])


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    pytest.importorskip("currency_converter")
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("currencies") / "run"
    run = barograph.run("fx/volatility", network=["mlp"], settings=TINY, budget="quick", out=out)
    return barograph.load(run.bundle)


@pytest.fixture(scope="module")
def euro(predictor: Predictor) -> dict[str, Any]:
    return barograph.assess(predictor, book())


@pytest.fixture(scope="module")
def dollar(predictor: Predictor) -> dict[str, Any]:
    return barograph.assess(predictor, book("USD"))


def simulated(predictor: Predictor, base: str) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Units of the base for one of each currency, and drawn profits of each holding, by plain loops."""
    forecast = predictor.forecast().filter(pl.col("horizon") == 1)
    quoted = {row["entity"].upper(): row["price"] for row in forecast.iter_rows(named=True)} | {"EUR": 1.0}
    sigma = {row["entity"].upper(): row["volatility"] for row in forecast.iter_rows(named=True)}
    stored = dict(np.load(predictor.forecaster.bundle.folder / "history.npz"))
    entities = [name.upper() for name in predictor.manifest["entities"]]
    days: dict[tuple[int, int], dict[str, float]] = {}
    for row in range(stored["entity"].size):
        if np.isfinite(stored["next_return"][row]):
            day = int(stored["time"][row]), int(stored["known_at"][row])
            residual = stored["next_return"][row] / np.sqrt(stored["variance"][row])
            days.setdefault(day, {})[entities[stored["entity"][row]]] = float(residual)
    price = {code: quoted[base] / rate for code, rate in quoted.items()}
    held = dict(AMOUNTS) | ({"EUR": 700.0} if base != "EUR" else {})
    del_base = {code: amount for code, amount in held.items() if code != base}
    profits: dict[str, list[float]] = {code: [] for code in del_base}
    for moves in days.values():
        if len(moves) == len(entities):
            rise = {code: moves[code] * sigma[code] for code in entities} | {"EUR": 0.0}
            for code, amount in del_base.items():
                profits[code].append(amount * price[code] * float(np.expm1(rise[base] - rise[code])))
    return price, profits


@pytest.mark.parametrize("base", ["EUR", "USD"])
def test_the_figures_are_those_of_a_plain_simulation(
    base: str, predictor: Predictor, euro: dict[str, Any], dollar: dict[str, Any]
) -> None:
    found = {"EUR": euro, "USD": dollar}[base]
    price, profits = simulated(predictor, base)
    total = np.sum(list(profits.values()), axis=0)
    assert found["common_days"] == total.size
    assert [row["entity"] for row in found["holdings"]] == list(profits)
    for row in found["holdings"]:
        assert row["price"] == pytest.approx(price[row["entity"]])
        assert row["value"] == pytest.approx(row["quantity"] * price[row["entity"]])
    for line, alpha in zip(found["figures"], (0.025, 0.01), strict=True):
        assert line["value_at_risk"] == pytest.approx(-np.quantile(total, alpha, method="hazen"))
        parts = [row for row in found["contributions"] if row["level"] == line["level"]]
        assert sum(row["component_value_at_risk"] for row in parts) == pytest.approx(line["value_at_risk"])
        for row in parts:
            alone = -np.quantile(profits[row["entity"]], alpha, method="hazen")
            assert row["stand_alone_value_at_risk"] == pytest.approx(alone)


def test_volatility_is_the_forecasts_and_for_a_cross_that_of_both_legs(
    predictor: Predictor, euro: dict[str, Any], dollar: dict[str, Any]
) -> None:
    forecast = predictor.forecast().filter(pl.col("horizon") == 1)
    sigma = {row["entity"].upper(): row["volatility"] for row in forecast.iter_rows(named=True)}
    for row in euro["holdings"]:
        assert row["volatility"] == pytest.approx(sigma[row["entity"]])
    by_name = {row["entity"]: row["volatility"] for row in dollar["holdings"]}
    assert by_name["EUR"] == pytest.approx(sigma["USD"])
    apart = by_name["GBP"] ** 2 - sigma["USD"] ** 2 - sigma["GBP"] ** 2
    correlation = -apart / (2 * sigma["USD"] * sigma["GBP"])
    assert 0.1 < correlation < 0.9


def test_the_open_position_is_charged_by_the_larger_side(euro: dict[str, Any]) -> None:
    value = {row["entity"]: row["value"] for row in euro["holdings"]}
    found = euro["exposure"]
    assert found["longs"] == pytest.approx(value["USD"] + value["DKK"])
    assert found["shorts"] == pytest.approx(-value["GBP"])
    assert found["shorthand_charge"] == pytest.approx(0.08 * max(found["longs"], found["shorts"]))


def test_a_hedge_closes_one_currency_and_leaves_the_others(
    predictor: Predictor, euro: dict[str, Any]
) -> None:
    _, profits = simulated(predictor, "EUR")
    for row in euro["hedges"]:
        left = np.sum([p for code, p in profits.items() if code != row["entity"]], axis=0)
        assert row["value_at_risk_hedged"] == pytest.approx(-np.quantile(left, 0.01, method="hazen"))
        assert row["hedge_effect"] == pytest.approx(1 - row["value_at_risk_hedged"] / row["value_at_risk"])
        assert row["forward_units"] == -AMOUNTS[row["entity"]]
        assert row["forward_rate"] is None
        returns = {code: np.array(p) / (AMOUNTS[code]) for code, p in profits.items()}
        others = np.sum([p for code, p in profits.items() if code != row["entity"]], axis=0)
        price = next(h["price"] for h in euro["holdings"] if h["entity"] == row["entity"])
        spread = np.cov(returns[row["entity"]] / price, others)
        best = row["value"] if row["pegged"] else -spread[0, 1] / spread[0, 0]
        assert row["least_variance_value"] == pytest.approx(best)


def test_forward_rates_keep_covered_parity(predictor: Predictor) -> None:
    found = barograph.assess(predictor, book("EUR", EUR=0.02, USD=0.05))
    row, other = found["hedges"][0], found["hedges"][1]
    price = found["holdings"][0]["price"]
    assert row["forward_rate"] == pytest.approx(price * np.exp((0.02 - 0.05) / 4))
    assert row["forward_units"] == pytest.approx(-1200.0 * np.exp(0.05 / 4))
    assert other["forward_rate"] is None


def test_a_pegged_rate_is_flagged_and_divides_nothing(euro: dict[str, Any]) -> None:
    flags = {row["entity"]: row["pegged"] for row in euro["holdings"]}
    assert flags == {"USD": False, "GBP": False, "DKK": True}
    assert any("pegged to EUR" in note and "DKK" in note for note in euro["notes"])


def test_a_scenario_moves_every_pair_without_a_gap(predictor: Predictor) -> None:
    scenario = Scenario("s", "made up", currencies={"USD": 0.1, "GBP": -0.05}, volatility=2.0)
    for base, expected in (("EUR", {"USD": 0.1, "GBP": -0.05, "DKK": 0.0}), ("USD", {"EUR": 1 / 1.1 - 1})):
        found = barograph.assess(predictor, book(base), scenario=scenario)
        moves = {row["entity"]: row for row in found["scenario_positions"]}
        value = {row["entity"]: row["value"] for row in found["holdings"]}
        for code, move in expected.items():
            assert moves[code]["move"] == pytest.approx(move)
            assert moves[code]["profit"] == pytest.approx(value[code] * move)
        assert found["scenarios"][0]["profit"] == pytest.approx(sum(row["profit"] for row in moves.values()))
    named = {row["scenario"] for row in barograph.assess(predictor, book())["scenarios"]}
    assert named == {
        "black_monday_1987", "crisis_2008", "rates_up_200", "volatility_doubles"
    }  # fmt: skip


def test_the_back_test_and_the_worst_year_are_of_this_book(euro: dict[str, Any]) -> None:
    assert euro["back_test"][0]["days"] == euro["common_days"] - 500
    assert euro["stressed"][0]["value_at_risk"] > 0
    json.dumps(euro, allow_nan=False)


def test_what_a_book_has_wrong_is_said(predictor: Predictor) -> None:
    strange = pl.DataFrame({"currency": ["USD", "UST"], "amount": [1.0, 1.0], "base": ["EUR", "EUR"]})
    with pytest.raises(DataError, match=r"one of the bundle's.*got 'UST'.*Did you mean 'USD'"):
        barograph.assess(predictor, strange)
    with pytest.raises(DataError, match="got 'CHF' as the base"):
        barograph.assess(predictor, strange.with_columns(base=pl.lit("CHF"), currency=pl.lit("USD")))
    banking = pl.DataFrame({"instrument": ["a"], "notional": [1.0], "coupon": [0.01], "maturity": [1.0]})
    with pytest.raises(BundleError, match=r"bundle of curves.*fx/volatility"):
        barograph.assess(predictor, banking)


def test_rates_may_be_held_as_positions_too(predictor: Predictor) -> None:
    found = barograph.assess(predictor, Book((Position("usd", value=100.0),)), scenario="volatility_doubles")
    assert found["figures"][0]["value_at_risk"] > 0


@pytest.mark.parametrize(("lang", "heading"), [("en", "shorthand charge"), ("zh", "简化法资本要求")])
def test_the_tables_speak_both_languages(
    lang: str, heading: str, euro: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAROGRAPH_LANG", lang)
    out = io.StringIO()
    show(Console(file=out, highlight=False, markup=False, width=250), "book.csv", euro)
    printed = out.getvalue()
    assert heading in printed
    assert "forward_" not in printed
    assert "least_variance" not in printed


def test_a_file_is_told_by_its_columns(predictor: Predictor, tmp_path: Path, euro: dict[str, Any]) -> None:
    book().write_csv(tmp_path / "currencies.csv")
    assert barograph.assess(predictor, tmp_path / "currencies.csv") == euro
