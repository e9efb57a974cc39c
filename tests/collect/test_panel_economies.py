"""Macro series: the packaged quarters, FRED-MD's layout, publication lags, and what is assumed."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.panels import open_panel, panel_from_frame
from barograph.collect.panels.codes import CODES, coded, usual_code
from barograph.collect.panels.serving import new_rows
from barograph.collect.raw import by_rows
from barograph.core.errors import DataError, SettingError
from barograph.core.panel_study import PanelInputsSection, PanelSection
from barograph.prepare.panels import build_panel

MONTHS = [datetime.date(1990 + i // 12, i % 12 + 1, 1) for i in range(60)]


def economy(**changes: object) -> PanelSection:
    return PanelSection(source="us-macro", kind="macro").model_copy(update=changes)


def table() -> pl.DataFrame:
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "sasdate": [f"{day.month}/1/{day.year}" for day in MONTHS],
            "INDPRO": 50 * np.exp(np.cumsum(random.normal(0.02, 0.01, 60))),
            "UNRATE": 5 + np.cumsum(random.normal(0, 0.1, 60)),
        }
    )


def test_the_packaged_economy_has_five_series_with_their_scale_order_and_lag() -> None:
    panel = open_panel(economy()).panel
    assert panel.frequency == "quarters"
    assert panel.table.height == 203
    facts = {one.name: (one.scale, one.order, one.delay) for one in panel.series}
    assert facts == {
        "m1": ("log", 2, 1),
        "cpi": ("log", 2, 1),
        "unemployment": ("level", 1, 1),
        "treasury_bill": ("level", 1, 0),
        "real_gdp": ("log", 1, 1),
    }


def test_a_quarter_is_known_one_quarter_later_and_the_bill_rate_at_once() -> None:
    panel = open_panel(economy()).panel
    samples = build_panel(panel, PanelInputsSection(window=4))
    place = {one.name: number for number, one in enumerate(panel.series)}
    unemployment = panel.table["unemployment"].to_numpy()
    bill = panel.table["treasury_bill"].to_numpy()
    np.testing.assert_array_equal(samples.known[1:, place["unemployment"]], unemployment[:-1])
    np.testing.assert_array_equal(samples.known[:, place["treasury_bill"]], bill)


def test_figures_not_published_by_an_origin_change_nothing_seen_at_it() -> None:
    panel = open_panel(economy()).panel
    origin = 150
    spoiled = panel.table.with_columns(
        pl.when(pl.int_range(pl.len()) >= origin).then(999.0).otherwise(pl.col(name)).alias(name)
        for name in ("m1", "cpi", "unemployment", "real_gdp")
    )
    before = build_panel(panel, PanelInputsSection(window=4))
    after = build_panel(type(panel)(spoiled, panel.series, panel.frequency), PanelInputsSection(window=4))
    np.testing.assert_array_equal(before.known[: origin + 1], after.known[: origin + 1])
    seen = before.features.reshape(5, 203, -1)[:, : origin + 1]
    np.testing.assert_array_equal(seen, after.features.reshape(5, 203, -1)[:, : origin + 1])
    assert not np.array_equal(before.known[origin + 1], after.known[origin + 1])


def test_fred_mds_row_of_codes_is_read_and_is_no_month() -> None:
    codes = pl.DataFrame({"sasdate": ["Transform:"], "INDPRO": ["5.0"], "UNRATE": ["2"]})
    frame = pl.concat([codes, table().select(pl.all().cast(pl.String))])
    panel = panel_from_frame(frame, PanelSection(kind="macro")).panel
    assert panel.table.height == 60
    assert [(one.scale, one.order, one.delay) for one in panel.series] == [("log", 1, 1), ("level", 1, 1)]
    assert panel.table["time"].item(0) == datetime.date(1990, 1, 31)


@pytest.mark.parametrize("code", ["9", "x", "2.5"])
def test_a_code_that_is_none_is_refused_with_its_series(code: str) -> None:
    codes = pl.DataFrame({"sasdate": ["Transform:"], "INDPRO": [code], "UNRATE": ["2"]})
    frame = pl.concat([codes, table().select(pl.all().cast(pl.String))])
    with pytest.raises(DataError, match=f"'INDPRO' has '{code}'"):
        panel_from_frame(frame, PanelSection(kind="macro"))


def test_without_codes_growth_is_told_from_rates_and_the_assumption_is_said() -> None:
    snapshot = panel_from_frame(table(), PanelSection(kind="macro"))
    assert [(one.scale, one.order) for one in snapshot.panel.series] == [("log", 1), ("level", 1)]
    said = " ".join(snapshot.provenance.notes)
    assert "INDPRO: transformation code 5 assumed; set collect.codes" in said
    assert "2 series taken as published one period late (months)" in said


def test_settings_decide_codes_and_lags_and_must_name_series() -> None:
    section = PanelSection(kind="macro", codes={"UNRATE": 1}, delays={"UNRATE": 0})
    facts = panel_from_frame(table(), section).panel.series
    assert [(one.scale, one.order, one.delay) for one in facts] == [("log", 1, 1), ("level", 0, 0)]
    for key in ("codes", "delays"):
        with pytest.raises(SettingError, match=f"collect.{key} must name series"):
            panel_from_frame(table(), PanelSection(kind="macro", **{key: {"UNRAT": 1}}))
    with pytest.raises(SettingError, match="must be 1 to 7"):
        panel_from_frame(table(), PanelSection(kind="macro", codes={"UNRATE": 8}))


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_scale_and_an_order(code: int) -> None:
    fact = coded("x", code, delay=1)
    assert (fact.scale == "log") == (code >= 4)
    assert fact.order == {1: 0, 2: 1, 3: 2, 4: 0, 5: 1, 6: 2, 7: 2}[code]


def test_series_that_cross_zero_or_fall_are_never_taken_for_growing() -> None:
    assert usual_code(pl.Series([-1.0, 5.0, 9.0])) == 2
    assert usual_code(pl.Series([9.0, 5.0, 1.0])) == 2
    assert usual_code(pl.Series([1.0, 5.0, 9.0, None])) == 5


def test_a_request_is_read_in_the_units_of_training_even_if_it_looks_like_percent() -> None:
    snapshot = panel_from_frame(table(), PanelSection(kind="macro"))
    rows = new_rows(by_rows(table().tail(2), label="request"), snapshot.request, snapshot.panel)
    assert rows["UNRATE"].to_list() == table()["UNRATE"].tail(2).to_list()


def test_the_packaged_quarters_can_be_nothing_finer() -> None:
    with pytest.raises(SettingError, match="must be quarters"):
        open_panel(economy(frequency="months"))
    with pytest.raises(SettingError, match=r"collect\.codes"):
        open_panel(economy(codes={"m7": 1}))


def test_the_real_fred_md_is_read_with_its_codes() -> None:
    folder = Path(
        os.environ.get("BAROGRAPH_OPEN_DATA", Path(__file__).parents[3] / "shared" / "data" / "open")
    )
    path = folder / "fred_md.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} lies only beside the project; set BAROGRAPH_OPEN_DATA to its folder")
    names = {"m2sl": 6, "unrate": 2, "tb3ms": 2}
    section = PanelSection(
        source=str(path), kind="macro", time="date", series=tuple(names), codes=names, delays={"tb3ms": 0}
    )
    panel = open_panel(section).panel
    assert (panel.frequency, panel.table.height) == ("months", 787)
    assert [(one.scale, one.order, one.delay) for one in panel.series] == [
        ("log", 2, 1),
        ("level", 1, 1),
        ("level", 1, 0),
    ]
