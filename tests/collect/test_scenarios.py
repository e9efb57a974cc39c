"""Scenarios: those that are shipped say where their figures come from, and a wrong one is refused."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from barograph.collect.catalogue import open_source
from barograph.collect.macro_samples import treasury_par_curve, us_macro
from barograph.collect.market_samples import ENTITIES
from barograph.collect.scenarios import open_scenario, packaged, parse_scenario
from barograph.collect.scenarios.rates import tenor_years
from barograph.core.book import ASSET_CLASSES
from barograph.core.errors import InputError
from barograph.core.scenario import SHOCK_WORDS, RateShock, Scenario
from barograph.core.study import CollectSection


def parsed(content: str, entities: tuple[str, ...] = ("ko", "xom", "ON")) -> Scenario:
    return parse_scenario(content, name="mine", label="mine.yaml", entities=entities)


@pytest.mark.parametrize("name", packaged())
def test_every_shipped_scenario_is_sound_and_names_its_source(name: str) -> None:
    scenario = open_scenario(name, entities=ENTITIES)
    assert scenario.name == name
    assert len(scenario.source) > 40
    assert scenario.title
    assert scenario.shocks_something
    assert all(-1.0 <= move <= 1.0 for move in scenario.shocks.values())


def test_the_shipped_ones_are_those_a_supervisor_asks_for_first() -> None:
    expected = {
        "black_monday_1987",
        "crisis_2008",
        "equity_down_20",
        "franc_floor_2015",
        "oil_down_30",
        "rates_up_200",
        "volatility_doubles",
    }
    assert set(packaged()) == expected


def test_the_moves_of_2008_are_those_of_the_packaged_prices() -> None:
    pytest.importorskip("arch")
    days = [datetime.date(2008, 9, 12), datetime.date(2008, 11, 20)]
    section = CollectSection(entities=("nasdaq", "sp500", "wti"), since="2007-01-01", until="2009-12-31")
    table = open_source(section).read().panel.table
    closes = table.filter(pl.col("time").is_in(days)).sort("entity", "time")["close"].to_list()
    moves = {name: closes[2 * i + 1] / closes[2 * i] - 1 for i, name in enumerate(("nasdaq", "sp500", "wti"))}
    scenario = open_scenario("crisis_2008", entities=ENTITIES)
    assert scenario.shocks["nasdaq"] == pytest.approx(moves["nasdaq"], abs=5e-5)
    assert scenario.shocks["equity"] == pytest.approx(moves["sp500"], abs=5e-5)
    assert scenario.shocks["wti"] == pytest.approx(moves["wti"], abs=5e-5)


def test_the_rates_and_series_of_2008_are_those_of_the_packaged_samples() -> None:
    scenario = open_scenario("crisis_2008", entities=None)
    days = [datetime.date(2008, 9, 12), datetime.date(2008, 11, 20)]
    before, after = treasury_par_curve().filter(pl.col("date").is_in(days)).iter_rows(named=True)
    points = dict(scenario.rates["USD"].points)
    for tenor in ("m3", "m6", "y1", "y2", "y3", "y5", "y7", "y10", "y20", "y30"):
        assert points[tenor_years(tenor)] == pytest.approx((after[tenor] - before[tenor]) / 100, abs=1e-9)
    third, fourth = us_macro().filter(pl.col("date").dt.year() == 2008).rows(named=True)[2:]
    for series, change in scenario.macro.items():
        assert change == pytest.approx(fourth[series] - third[series])


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("crisis_2008", "2008-09-12", "2008-11-20"), ("franc_floor_2015", "2015-01-14", "2015-01-15")],
)
def test_the_moves_of_currencies_are_those_of_the_reference_rates(name: str, before: str, after: str) -> None:
    package = pytest.importorskip("currency_converter")
    archive = zipfile.ZipFile(Path(package.__file__).parent / "eurofxref-hist.zip")
    table = pl.read_csv(io.BytesIO(archive.read(archive.namelist()[0])), infer_schema_length=0)
    rates = [table.row(by_predicate=pl.col("Date") == day, named=True) for day in (before, after)]
    for currency, move in open_scenario(name, entities=None).currencies.items():
        assert move == pytest.approx(float(rates[0][currency]) / float(rates[1][currency]) - 1, abs=5e-5)


def test_the_narrowest_word_counts() -> None:
    scenario = parsed("shocks: {all: -0.01, equity: -0.2, stock: -0.3, ko: -0.1}\nvolatility: 1.5")
    assert scenario.move("ko", "stock") == -0.1
    assert scenario.move("xom", "stock") == -0.3
    assert scenario.move("sp500", "index") == -0.2
    assert scenario.move("wti", "commodity") == -0.01
    assert scenario.move("nobody") == -0.01
    assert scenario.volatility == 1.5
    assert parsed("shocks: {stock: -0.3}").move("nobody") == 0.0


def test_a_scenario_moves_curves_by_shape_or_by_tenor_and_the_rest_by_all() -> None:
    scenario = parsed(
        "rates:\n  USD: {parallel: 50, short: -100}\n  EUR: {2y: 10, y10: 100, 3M: 5}\n  all: -25\n"
        "currencies: {USD: 0.1}\nmacro: {cpi: 2}\n"
    )
    assert scenario.curve("USD") == RateShock(parallel=0.005, short=-0.01)
    assert scenario.curve("EUR").points == ((0.25, 0.0005), (2.0, 0.001), (10.0, 0.01))
    assert scenario.curve("JPY") == RateShock(parallel=-0.0025)
    assert parsed("currencies: {USD: 0.1}").curve("USD") == RateShock()
    assert scenario.macro == {"cpi": 2.0}


def test_moves_of_currencies_leave_no_gap_round_three() -> None:
    scenario = parsed("currencies: {USD: 0.1, GBP: -0.05}")
    there = (1 + scenario.exchange("USD", "EUR")) * (1 + scenario.exchange("GBP", "USD"))
    assert there * (1 + scenario.exchange("EUR", "GBP")) == pytest.approx(1.0)
    assert scenario.exchange("EUR", "EUR") == 0.0


def test_without_a_list_of_entities_any_name_is_taken() -> None:
    content = "shocks: {mine: -0.1}"
    assert parse_scenario(content, name="a", label="a.yaml", entities=None).shocks == {"mine": -0.1}


def test_the_words_are_those_the_classes_reach() -> None:
    assert set(SHOCK_WORDS) == {word for words in ASSET_CLASSES.values() for word in words}


def test_a_ticker_that_yaml_takes_for_a_switch_is_a_ticker() -> None:
    assert parsed("shocks: {ON: -1e-1}").shocks == {"ON": -0.1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["mapping", "empty"]),
        ("- a\n- b\n", ["mapping", "line 1"]),
        ("shock: {ko: -0.1}", ["got 'shock'", "Did you mean 'shocks'?"]),
        ("shocks: {kos: -0.1}", ["got 'kos'", "Did you mean 'ko'?"]),
        ("shocks: {equities: -0.1}", ["got 'equities'", "equity"]),
        ("shocks: {ko: -20}", ["at least -1", "'ko' has '-20'", "-0.2 is a fall by a fifth"]),
        ("shocks: {ko: a lot}", ["'ko' has 'a lot'"]),
        ("shocks: {ko: .nan}", ["'ko' has '.nan'"]),
        ("shocks: {ko: inf}", ["'ko' has 'inf'"]),
        ("shocks: {ko: {deep: 1}}", ["'ko' holds keys"]),
        ("shocks: [ko]", ["one value", "line 1"]),
        ("shocks: -0.2", ["map entities", "got '-0.2'"]),
        ("shocks:\n  ko: -0.1\n  ko: -0.2\n", ["each key once", "line 3 gives 'ko' again"]),
        ("volatility: 0", ["above zero", "got '0'"]),
        ("volatility: twice", ["above zero", "got 'twice'"]),
        ("volatility: 1\nsource: nothing", ["shock something"]),
        ("rates: 100", ["rates", "must be a mapping", "got '100'"]),
        ("rates: {usd: 100}", ["ISO 4217", "got 'usd'"]),
        ("rates: {USD: {parallell: 100}}", ["got 'parallell'", "Did you mean 'parallel'"]),
        ("rates: {USD: {y0: 100}}", ["got 'y0'"]),
        ("rates: {USD: 0.01}", ["basis points", "got '0.01'", "100 for one percent"]),
        ("rates: {USD: 5000}", ["at most 2000"]),
        ("currencies: {USD: -1}", ["above -1", "'USD' has '-1'"]),
        ("currencies: {dollar: 0.1}", ["'dollar'"]),
        ("macro: {cpi: up}", ["'cpi' has 'up'"]),
        ("source: {a: b}\nvolatility: 2", ["source", "must be text"]),
        ("shocks: {ko: -0.1", ["valid YAML", "line 1"]),
        ("shocks: !!python/object:os.system {a: 1}", ["'a'"]),
    ],
)
def test_a_wrong_scenario_is_refused_with_the_nearest_right_word(content: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        parsed(content)
    message = str(caught.value)
    assert [word for word in words if word not in message] == [], message


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "squeeze.yaml"
    path.write_text("title: A squeeze\nsource: made up\nshocks:\n  ko: 0.5\n", encoding="utf-8")
    scenario = open_scenario(path, entities=["ko"])
    assert (scenario.name, scenario.title, scenario.move("ko")) == ("squeeze", "A squeeze", 0.5)
    path.write_bytes(b"title: \xff\n")
    with pytest.raises(InputError, match="UTF-8"):
        open_scenario(path, entities=["ko"])


def test_a_misspelt_name_meets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="Did you mean 'crisis_2008'"):
        open_scenario("crisis_208", entities=[])
