"""A banking book on made curves: every figure agrees with plain loops, and adds up."""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from barograph.cli.assess import show
from barograph.collect.scenarios import open_scenario
from barograph.collect.shock_sizes import open_calibration
from barograph.core.banking_book import BankingBook, Instrument
from barograph.core.curve_forecast import CurveDraws, CurveForecast, CurveHistory
from barograph.core.errors import DataError
from barograph.core.scenario import RateShock, Scenario
from barograph.engines.forecasting.books.banking import assess_banking
from barograph.engines.forecasting.books.banking_tests import rehearsed
from barograph.engines.forecasting.books.cash_flows import on_curve
from barograph.measures import curves

DAY = datetime.date(2026, 11, 27)
TENORS = np.array([0.25, 1.0, 2.0, 5.0, 10.0, 30.0])
BASEL = open_calibration("bcbs_d368")
DAYS = 900


def curve(currency: str, level: float, *, seed: int = 0, quoted: str = "zero") -> CurveForecast:
    """An upward curve with normal draws, and a history whose forecasts are right."""
    generator = np.random.default_rng(seed)
    mixing = 0.0005 * (np.eye(6) + 0.8)
    time = np.datetime64("2023-01-02") + np.arange(DAYS)
    deviation = np.exp(generator.normal(0.0, 0.1, (DAYS, 6))) * 0.001
    mean = generator.normal(0.0, 1.5e-3, (DAYS, 1)) + generator.normal(0.0, 1e-4, (DAYS, 6))
    shocks = generator.normal(size=(DAYS, 1)) * 0.8 + 0.6 * generator.normal(size=(DAYS, 6))
    return CurveForecast(
        currency,
        DAY,
        TENORS,
        level + 0.002 * np.log1p(TENORS),
        "par" if quoted == "par" else "zero",
        (
            CurveDraws("1 day", 1 / 252, generator.normal(size=(400, 6)) @ mixing),
            CurveDraws("1 year", 1.0, generator.normal(size=(400, 6)) @ mixing * 8),
        ),
        CurveHistory(time, time + 1, mean, deviation, mean + deviation * shocks),
    )


BOOK = BankingBook(
    (
        Instrument("bond", 100.0, 0.04, 9.5, "USD", 2),
        Instrument("loan", 50.0, 0.05, datetime.date(2030, 11, 27), "USD", 4, reprices=0.25),
        Instrument("deposit", -120.0, 0.02, 0.5, "USD"),
    ),
    "USD",
    (("USD", 1.0),),
    ("said",),
)
BOTH = BankingBook(
    (
        *BOOK.instruments,
        Instrument("gilt", 80.0, 0.03, 20.0, "GBP"),
        Instrument("owed", -70.0, 0.03, 3.0, "GBP"),
    ),
    "USD",
    (("USD", 1.0), ("GBP", 1.25)),
)


def assessed(book: BankingBook = BOOK, **curves_of: CurveForecast) -> dict[str, Any]:
    found = curves_of or {"USD": curve("USD", 0.03), "GBP": curve("GBP", 0.02, seed=1)}
    return assess_banking(
        found, book, calibration=BASEL, scenarios=[open_scenario("rates_up_200", entities=None)]
    )


def flows_of(one: Instrument) -> list[tuple[float, float]]:
    """Payments of an instrument of the book, written out by hand from its terms."""
    if one.reprices is not None:
        return [(0.25, one.notional * (1 + one.coupon / one.frequency))]
    years = float(one.maturity)  # type: ignore[arg-type]
    paid, at = [], years
    while at > 1e-9:
        paid.append((at, one.notional * one.coupon / one.frequency))
        at -= 1 / one.frequency
    return [(years, one.notional), *paid]


def worth(one: Instrument, zero: Any, move: Any = lambda t: 0.0) -> float:
    return sum(paid * float(np.exp(-(zero(at) + move(at)) * at)) for at, paid in flows_of(one))


def line(values: np.ndarray) -> Any:
    return lambda at: float(np.interp(at, TENORS, values))


def test_value_and_sensitivities_are_those_of_a_plain_loop() -> None:
    found, zero = assessed(), line(curve("USD", 0.03).yields)
    for row, one in zip(found["instruments"], BOOK.instruments, strict=True):
        assert row["value"] == pytest.approx(worth(one, zero))
        up, down = worth(one, zero, lambda t: 1e-4), worth(one, zero, lambda t: -1e-4)
        assert row["basis_point_value"] == pytest.approx((down - up) / 2, rel=1e-5)
        assert row["duration"] == pytest.approx((down - up) / 2e-4 / row["value"], rel=1e-5)
        assert row["convexity"] == pytest.approx(
            (up + down - 2 * row["value"]) / 1e-8 / row["value"], rel=1e-3
        )
    assert found["value"] == pytest.approx(found["assets"] + found["liabilities"])
    total = sum(row["basis_point_value"] for row in found["instruments"])
    assert sum(row["basis_point_value"] for row in found["key_rates"]) == pytest.approx(total)
    assert found["basis_point_value"] == pytest.approx(total)


def test_supervisory_shocks_reprice_the_book_and_renew_its_rates() -> None:
    found, zero, sizes = assessed(), line(curve("USD", 0.03).yields), BASEL.of("USD")
    for place, row in enumerate(found["supervisory"]):

        def move(at: float, place: int = place) -> float:
            return float(curves.supervisory_shocks(at, sizes)[place, 0])

        changed = sum(worth(one, zero, move) - worth(one, zero) for one in BOOK.instruments)
        assert row["change_of_value"] == pytest.approx(changed)
        income = 50.0 * 0.75 * move(0.25) - 120.0 * 0.5 * move(1.0)
        assert row["change_of_income"] == pytest.approx(income)
    worst = min(found["supervisory"], key=lambda row: row["change_of_value"])
    assert (found["worst_shock"], found["worst_loss"]) == (worst["shock"], -worst["change_of_value"])


def test_over_currencies_losses_count_and_gains_do_not_but_in_europe_by_half() -> None:
    found = assessed(BOTH)
    union = dataclasses.replace(open_calibration("eu_2024_856"), floor=None)
    curves_of = {"USD": curve("USD", 0.03), "GBP": curve("GBP", 0.02, seed=1)}
    half = assess_banking(curves_of, BOTH, calibration=union)
    alone = assessed()
    gains = 0
    for row, softer, dollar in zip(
        found["supervisory"], half["supervisory"], alone["supervisory"], strict=True
    ):
        parts = [row["change_of_value_USD"], row["change_of_value_GBP"]]
        assert parts[0] == pytest.approx(dollar["change_of_value"])
        assert row["change_of_value"] == pytest.approx(sum(min(one, 0.0) for one in parts))
        assert softer["change_of_value"] == pytest.approx(sum(one if one < 0 else one / 2 for one in parts))
        gains += sum(one > 0 for one in parts)
    assert gains


def test_a_floor_stops_rates_from_falling_further() -> None:
    low = {"USD": curve("USD", -0.012)}
    union = open_calibration("eu_2024_856")
    floored = assess_banking(low, BOOK, calibration=union)["supervisory"][1]["change_of_value"]
    free = assess_banking(low, BOOK, calibration=BASEL)["supervisory"][1]["change_of_value"]
    assert 0.0 < floored < free


def test_the_forecast_is_the_revaluation_of_every_draw() -> None:
    forecast, found = curve("USD", 0.03), assessed()
    for place, horizon in enumerate(forecast.horizons):
        profits = []
        for change in horizon.changes:
            zero, after = line(forecast.yields + change), 0.0
            for one in BOOK.instruments:
                for at, paid in flows_of(one):
                    left = at - horizon.years
                    after += paid * (float(np.exp(-zero(left) * left)) if left > 0 else 1.0)
            profits.append(after - found["value"])
        for row, alpha in zip(found["forecast"][2 * place : 2 * place + 2], (0.025, 0.01), strict=True):
            assert row["horizon"] == horizon.name
            assert row["value_at_risk"] == pytest.approx(-np.quantile(profits, alpha, method="hazen"))
            assert row["mean_profit"] == pytest.approx(np.mean(profits))
            assert row["expected_shortfall"] > row["value_at_risk"]
    day, year = found["forecast"][0], found["forecast"][2]
    assert 0 < day["carry"] < year["carry"]
    incomes = [50.0 * 0.75 * change[0] - 120.0 * 0.5 * change[1] for change in forecast.horizons[1].changes]
    assert year["income_at_risk"] == pytest.approx(-np.quantile(incomes, 0.025, method="hazen"))


def test_draws_of_several_currencies_belong_together() -> None:
    found, dollar = assessed(BOTH), assessed()
    pound = assessed(BankingBook(BOTH.of("GBP"), "USD", (("GBP", 1.25),)), GBP=curve("GBP", 0.02, seed=1))
    for row, one, other in zip(found["forecast"], dollar["forecast"], pound["forecast"], strict=True):
        assert row["mean_profit"] == pytest.approx(one["mean_profit"] + other["mean_profit"])
        assert row["value_at_risk"] <= one["value_at_risk"] + other["value_at_risk"] + 1e-9


def test_par_yields_are_bootstrapped_before_anything_is_discounted() -> None:
    par = curve("USD", 0.03, quoted="par")
    found = assessed(USD=par)
    zero = line(curves.bootstrap(par.yields, TENORS))
    assert found["value"] == pytest.approx(sum(worth(one, zero) for one in BOOK.instruments))
    issued = BankingBook(
        (Instrument("par", 100.0, float(par.yields[4]), 10.0, "USD", 2),), "USD", (("USD", 1.0),)
    )
    at_par = assessed(issued, USD=par)
    assert at_par["value"] == pytest.approx(100.0)
    quoted = [row["quoted_basis_point_value"] for row in at_par["key_rates"]]
    assert quoted[4] == pytest.approx(sum(quoted), rel=1e-6)  # a par bond moves with its own yield alone


def test_the_back_test_counts_days_on_which_the_linear_book_lost_more_than_foreseen() -> None:
    forecast, found = curve("USD", 0.03), assessed()
    history = forecast.history
    assert history is not None
    values = np.array([row["quoted_basis_point_value"] for row in found["key_rates"]]) * 1e4
    shocks = (history.change - history.mean) / history.deviation
    past = rehearsed([on_curve("USD", forecast, BOOK.instruments, 1.0)])
    assert past is not None
    hits = 0
    for origin in range(500, DAYS):
        drawn = history.mean[origin] + history.deviation[origin] * shocks[:origin]
        foreseen = -np.quantile(-drawn @ values, 0.01, method="hazen")
        assert past.value_at_risk[origin - 500, 1] == pytest.approx(foreseen)
        hits += float(history.change[origin] @ values) > foreseen
    row = found["back_test"][1]
    assert (row["days"], row["exceptions"]) == (DAYS - 500, hits)
    assert row["kupiec_p_value"] > 0.001


def test_a_short_past_or_none_is_a_note_and_no_back_test() -> None:
    forecast = curve("USD", 0.03)
    history = forecast.history
    assert history is not None
    short = dataclasses.replace(
        history,
        **{f.name: getattr(history, f.name)[:400] for f in dataclasses.fields(history)},
    )
    for past in (None, short):
        found = assessed(USD=dataclasses.replace(forecast, history=past))
        assert found["back_test"] == []
        assert any("no back-test" in note for note in found["notes"])


def test_a_scenario_moves_curves_and_currencies_at_once() -> None:
    curves_of = {"USD": curve("USD", 0.03), "GBP": curve("GBP", 0.02, seed=1)}
    scenario = Scenario("s", "made up", rates={"GBP": RateShock(parallel=0.01)}, currencies={"USD": 0.1})
    found = assess_banking(curves_of, BOTH, calibration=BASEL, scenarios=[scenario])["scenarios"][0]
    zero = line(curves_of["GBP"].yields)
    before = sum(worth(one, zero) for one in BOTH.of("GBP"))
    after = sum(worth(one, zero, lambda t: 0.01) for one in BOTH.of("GBP"))
    assert found["by_rates"] == pytest.approx(1.25 * (after - before))
    assert found["by_currencies"] == pytest.approx(1.25 * after * (1 / 1.1 - 1))
    assert found["profit"] == pytest.approx(1.25 * (after / 1.1 - before))
    parallel = assessed()["scenarios"][0]
    shock = assessed()["supervisory"][0]
    assert parallel["by_rates"] == pytest.approx(shock["change_of_value"])
    assert parallel["change_of_income"] == pytest.approx(shock["change_of_income"])


def test_what_a_reader_must_know_is_noted_and_everything_is_json() -> None:
    two = CurveForecast("USD", DAY, np.array([1.0, 10.0]), np.array([-0.002, 0.01]), "zero")
    found = assessed(USD=two)
    assert found["forecast"] == []
    assert found["notes"][0] == "said"
    assert any("negative, down to -0.20%" in note for note in found["notes"])
    assert any("two tenors" in note for note in found["notes"])
    assert any("bcbs_d368" in note for note in found["notes"])
    json.dumps(assessed(BOTH), allow_nan=False)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(DataError, match="'GBP' has none; there are USD"):
        assessed(BOTH, USD=curve("USD", 0.03))
    with pytest.raises(DataError, match="must say how to add them up"):
        assessed(dataclasses.replace(BOTH, exchange=(), reporting=""))
    with pytest.raises(DataError, match="at least two tenors"):
        CurveForecast("USD", DAY, np.array([1.0]), np.array([0.01]), "zero")
    norway = BankingBook((Instrument("a", 1.0, 0.01, 1.0, "NOK"),), "NOK", (("NOK", 1.0),))
    with pytest.raises(DataError, match="'NOK' has none"):
        assessed(norway, NOK=curve("NOK", 0.03))


@pytest.mark.parametrize(("lang", "heading"), [("en", "basis-point value"), ("zh", "基点价值")])
def test_the_tables_speak_both_languages(lang: str, heading: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAROGRAPH_LANG", lang)
    out = io.StringIO()
    show(Console(file=out, highlight=False, markup=False, width=260), "book.csv", assessed(BOTH))
    printed = out.getvalue()
    assert heading in printed
    assert "ΔEVE GBP" in printed
    for raw in ("change_of", "basis_point", "in_currency", "key_rates", "zero_rate", "income_at", "worst_"):
        assert raw not in printed, raw
