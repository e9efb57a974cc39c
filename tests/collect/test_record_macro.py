"""The packaged economy: what was known at the end of a month, never more."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from barograph.collect.macro_samples import MACRO_COLUMNS, macro_table, treasury_par_curve, us_macro


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return macro_table()


def test_the_table_has_a_row_per_month_end(table: pl.DataFrame) -> None:
    assert table.schema == pl.Schema({"time": pl.Date, **dict.fromkeys(MACRO_COLUMNS, pl.Float64)})
    assert table["time"].to_list() == table["time"].dt.month_end().unique().sort().to_list()
    assert (table["time"][0], table["time"][-1]) == (datetime.date(1990, 1, 31), datetime.date(2017, 3, 31))
    assert table.height == 27 * 12 + 3


def test_quarterly_series_are_those_of_statsmodels() -> None:
    macrodata = pytest.importorskip("statsmodels.datasets.macrodata").load_pandas().data
    ours = us_macro()
    assert ours["real_gdp"].to_list() == macrodata["realgdp"].tolist()
    assert ours["cpi"].to_list() == macrodata["cpi"].tolist()
    assert ours["unemployment"].to_list() == macrodata["unemp"].tolist()
    assert ours["m1"].to_list() == macrodata["m1"].tolist()
    assert ours["treasury_bill"].to_list() == macrodata["tbilrate"].tolist()
    ends = [(int(y), int(q) * 3) for y, q in zip(macrodata["year"], macrodata["quarter"], strict=True)]
    assert [(day.year, day.month) for day in ours["date"]] == ends
    assert (ours["date"].dt.month_end() == ours["date"]).all()


def test_a_quarter_is_known_one_quarter_later() -> None:
    ours = us_macro()
    assert ours["known_from"][:-1].to_list() == ours["date"][1:].to_list()


def test_each_row_holds_the_last_figures_known_by_then(table: pl.DataFrame) -> None:
    curve = treasury_par_curve().rows(named=True)
    quarters = us_macro().rows(named=True)
    for row in table.rows(named=True)[5::13]:
        shown = [day for day in curve if day["date"] < row["time"]]
        friday_is_not_out = row["time"].weekday() > 4 and shown[-1]["date"].weekday() == 4
        last = shown[-2 if friday_is_not_out else -1]
        assert row["treasury_3m"] == last["m3"]
        assert row["treasury_slope"] == pytest.approx(last["y10"] - last["m3"])
        known = [place for place, quarter in enumerate(quarters) if quarter["known_from"] <= row["time"]]
        place = known[-1]
        if row["time"] >= datetime.date(2010, 3, 31):
            assert row["unemployment"] is row["real_gdp_growth"] is row["inflation"] is None
            continue
        assert row["unemployment"] == quarters[place]["unemployment"]
        growth = quarters[place]["real_gdp"] / quarters[place - 4]["real_gdp"] - 1
        assert row["real_gdp_growth"] == pytest.approx(100 * growth)
        prices = quarters[place]["cpi"] / quarters[place - 4]["cpi"] - 1
        assert row["inflation"] == pytest.approx(100 * prices)


def test_the_curve_is_the_treasurys() -> None:
    curve = treasury_par_curve()
    assert (curve.height, curve["date"].is_sorted()) == (6_816, True)
    assert curve.columns == ["date", "m1", "m3", "m6", "y1", "y2", "y3", "y5", "y7", "y10", "y20", "y30"]
    assert curve.row(0, named=True)["y10"] == 7.94
    assert curve["y10"].null_count() == 0
