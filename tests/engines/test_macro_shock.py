"""A scenario put to macro series, and to several books at once."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import barograph
from barograph.api.answer import PanelForecaster
from barograph.api.assess import assess_together
from barograph.cli import main
from barograph.core.errors import BundleError, DataError
from barograph.core.panel_table import LevelPanel
from barograph.core.scenario import RateShock, Scenario
from barograph.pipeline.panels import run_panels
from barograph.prepare.panels import build_panel
from small_levels import Silent
from small_panels import curve, small_study, snapshot_of

ALONE = {"model__networks": (), "model__baselines": ("random_walk", "ar"), "evaluate__claims": ()}
LOANS = pl.DataFrame(
    {
        "instrument": ["bond", "deposit"],
        "notional": [100.0, -90.0],
        "coupon": [0.04, 0.01],
        "maturity": [8.0, 0.5],
    }
)


def made(folder: Path, kind: str, champion: str) -> Path:
    frame = curve(150, seed=3)
    if kind == "macro":
        frame = frame.select("month", unemployment="m3", bill="y1")
    study = small_study(
        **ALONE, collect__kind=kind, collect__unit="auto",
        deploy__champion=champion, deploy__candidate="linear",
        collect__codes={"unemployment": 1, "bill": 1} if kind == "macro" else {},
        collect__delays={"unemployment": 1, "bill": 0} if kind == "macro" else {},
    )  # fmt: skip
    outcome = run_panels(study, snapshot_of(frame, study), folder, resume=False, lang="en", progress=Silent())
    return outcome.folder / "bundle"


@pytest.fixture(scope="module")
def macro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("macro") / "run", "macro", "ar")


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("rates") / "run", "curve", "random_walk")


SHOCK = Scenario(
    "s", "made up", macro={"unemployment": 1.5, "cars": 2.0}, rates={"all": RateShock(parallel=0.01)}
)


def test_the_forecast_after_a_shock_is_that_of_a_world_in_which_the_newest_value_came_so(macro: Path) -> None:
    found = barograph.assess(macro, scenario=SHOCK)
    loaded = barograph.load(macro)
    assert isinstance(loaded, PanelForecaster)
    predictor = loaded.predictor
    table = predictor.panel.table
    values = table["unemployment"].to_list()
    values[-2] += 1.5  # the newest is published one month later
    other = LevelPanel(
        table.with_columns(unemployment=pl.Series(values)), predictor.panel.series, predictor.panel.frequency
    )
    world = dataclasses.replace(predictor, panel=other, samples=build_panel(other, predictor.parts.prepare))
    expected = {(row["series"], row["horizon"]): row for row in world.forecast().iter_rows(named=True)}
    before = {(row["series"], row["horizon"]): row for row in predictor.forecast().iter_rows(named=True)}
    assert len(found["after_shock"]) == len(before)
    for row in found["after_shock"]:
        key = row["series"], row["horizon"]
        assert row["forecast_shocked"] == pytest.approx(expected[key]["forecast"])
        assert row["forecast"] == pytest.approx(before[key]["forecast"])
        assert row["shock"] == (1.5 if row["series"] == "unemployment" else 0.0)
        moved = row["series"] == "unemployment"
        assert (abs(row["shock_effect"]) > 0.5) == moved
    assert found["notes"] == ["'s' moves cars too, which the bundle does not know"]
    json.dumps(found, allow_nan=False)


def test_without_a_scenario_the_packaged_ones_that_name_its_series_count(macro: Path) -> None:
    found = barograph.assess(macro)
    assert {row["scenario"] for row in found["after_shock"]} == {"crisis_2008"}
    with pytest.raises(DataError, match="must name a series of the bundle; got cars"):
        barograph.assess(macro, scenario=Scenario("s", "made up", macro={"cars": 2.0}))


def test_what_needs_a_book_says_so(macro: Path, rates: Path) -> None:
    with pytest.raises(BundleError, match="must be given a book"):
        barograph.assess(rates, scenario=SHOCK)
    with pytest.raises(BundleError, match="at least two tenors"):
        barograph.assess(macro, LOANS)


def test_one_scenario_reaches_every_book_and_the_profits_add_up(macro: Path, rates: Path) -> None:
    doubled = LOANS.with_columns(pl.col("notional") * 2)
    found = assess_together([(rates, LOANS), (macro, None), (rates, doubled)], scenario=SHOCK)
    one, shocked, two = found["books"]
    assert "after_shock" in shocked
    row = found["together"][0]
    profit = one["scenarios"][0]["profit"]
    assert profit < 0
    assert row == {
        "scenario": "s",
        "test/panels": pytest.approx(profit),
        "test/panels 3": pytest.approx(2 * profit),
        "profit": pytest.approx(3 * profit),
    }
    assert two["value"] == pytest.approx(2 * one["value"])


def test_profits_in_several_currencies_are_not_added(rates: Path) -> None:
    euro = LOANS.with_columns(base=pl.lit("EUR"), currency=pl.lit("USD"), exchange_rate=pl.lit(0.9))
    dollar = LOANS.with_columns(currency=pl.lit("USD"))
    row = assess_together([(rates, euro), (rates, dollar)], scenario=SHOCK)["together"][0]
    assert row["profit"] is None
    assert row["test/panels"] == pytest.approx(0.9 * row["test/panels 2"])


def test_a_calibration_reaches_the_banking_books(rates: Path) -> None:
    found = assess_together([(rates, LOANS)], scenario=SHOCK, calibration="eu_2024_856")
    assert found["books"][0]["calibration"] == "eu_2024_856"
    assert np.isfinite(found["books"][0]["worst_loss"])


def test_the_command_prints_every_book_and_all_of_them_together(
    rates: Path, macro: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    LOANS.write_csv(tmp_path / "loans.csv")
    asked = [str(rates), str(macro), "--book", str(tmp_path / "loans.csv"), "--scenario", "crisis_2008"]
    with pytest.raises(SystemExit) as ended:
        main(["assess", *asked])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert printed.index("ΔEVE") < printed.index("forecast after it") < printed.index("All books together")
    with pytest.raises(SystemExit):
        main(["assess", *asked, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["together"][0]["profit"] == told["books"][0]["scenarios"][0]["profit"]
    with pytest.raises(SystemExit) as ended:
        main(["assess", str(rates), "--book", "a.csv", "--book", "b.csv"])
    assert ended.value.code == 2
    assert "each book must have its bundle" in capsys.readouterr().err
