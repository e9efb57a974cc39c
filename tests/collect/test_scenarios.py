"""Scenarios: those that are shipped say where their figures come from, and a wrong one is refused."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from barograph.collect.catalogue import open_source
from barograph.collect.market_samples import ENTITIES
from barograph.collect.scenarios import open_scenario, packaged, parse_scenario
from barograph.core.book import ASSET_CLASSES, SHOCK_WORDS, Scenario
from barograph.core.errors import InputError
from barograph.core.study import CollectSection


def parsed(content: str, entities: tuple[str, ...] = ("ko", "xom", "ON")) -> Scenario:
    return parse_scenario(content, name="mine", label="mine.yaml", entities=entities)


@pytest.mark.parametrize("name", packaged())
def test_every_shipped_scenario_is_sound_and_names_its_source(name: str) -> None:
    scenario = open_scenario(name, entities=ENTITIES)
    assert scenario.name == name
    assert len(scenario.source) > 40
    assert scenario.title
    assert scenario.shocks or scenario.volatility != 1.0
    assert all(-1.0 <= move <= 1.0 for move in scenario.shocks.values())


def test_the_shipped_ones_are_those_a_supervisor_asks_for_first() -> None:
    expected = {
        "black_monday_1987",
        "crisis_2008",
        "equity_down_20",
        "oil_down_30",
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


def test_the_narrowest_word_counts() -> None:
    scenario = parsed("shocks: {all: -0.01, equity: -0.2, stock: -0.3, ko: -0.1}\nvolatility: 1.5")
    assert scenario.move("ko", "stock") == -0.1
    assert scenario.move("xom", "stock") == -0.3
    assert scenario.move("sp500", "index") == -0.2
    assert scenario.move("wti", "commodity") == -0.01
    assert scenario.move("nobody") == -0.01
    assert scenario.volatility == 1.5
    assert parsed("shocks: {stock: -0.3}").move("nobody") == 0.0


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
