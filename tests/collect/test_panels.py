"""Curves of many spellings and layouts become one panel; what cannot be read gets a clear answer."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from barograph.collect.panels import load_panel, open_panel, panel_from_frame, panel_hash, save_panel
from barograph.collect.panels.tenors import tenor_name, tenor_of
from barograph.core.errors import DataError, SettingError, StorageError
from barograph.core.panel_study import PanelSection

DAYS = [
    day
    for day in (datetime.date(2020, 1, 1) + datetime.timedelta(d) for d in range(420))
    if day.weekday() < 5
]


def walk(n: int, *, seed: int, level: float = 3.0) -> np.ndarray[Any, Any]:
    return level + np.cumsum(0.02 * np.random.default_rng(seed).normal(size=n))


def daily(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"date": DAYS, **columns})


def read(frame: pl.DataFrame, **settings: Any) -> Any:
    return panel_from_frame(frame, PanelSection(source="frame", **settings))


def notes(snapshot: Any) -> str:
    return " | ".join(snapshot.provenance.notes)


@pytest.mark.parametrize(
    ("name", "months"),
    [
        ("m3", 3), ("3M", 3), ("3 Mo", 3), ("1 month", 1), ("y10", 120), ("10Y", 120), ("10-Yr", 120),
        ("BC_30YEAR", 360), ("DGS10", 120), ("DGS3MO", 3), ("TB3MS", 3), ("tenor_18m", 18), ("2 years", 24),
        ("1W", 12 * 7 / 365), ("rate", None), ("short rate", None), ("price", None), ("m", None),
    ],
)  # fmt: skip
def test_tenors_are_read_off_the_usual_spellings(name: str, months: float | None) -> None:
    assert tenor_of(name) == (None if months is None else pytest.approx(months))
    if months is not None and float(months).is_integer():
        assert tenor_of(tenor_name(months)) == months


def test_the_packaged_curve_is_in_decimals_by_day_or_by_month() -> None:
    days = open_panel(PanelSection())
    assert (days.panel.frequency, days.panel.table.height) == ("days", 6816)
    assert days.panel.table["y10"].to_list()[0] == pytest.approx(0.0794)
    assert [one.tenor for one in days.panel.series][:4] == [1, 3, 6, 12]
    months = open_panel(PanelSection(frequency="months"))
    assert (months.panel.frequency, months.panel.table.height) == ("months", 327)
    january = days.panel.table.filter(pl.col("time") <= datetime.date(1990, 1, 31))
    assert months.panel.table["y10"][0] == january["y10"][-1]
    assert months.panel.table["time"][1] == datetime.date(1990, 2, 28)


def test_one_curve_in_three_layouts_is_one_panel() -> None:
    wide = daily(**{"3M": walk(len(DAYS), seed=1), "10Y": walk(len(DAYS), seed=2, level=5.0)})
    long = wide.unpivot(index="date", variable_name="Tenor", value_name="yield").sample(
        fraction=1.0, shuffle=True, seed=0
    )
    several = wide.with_columns(country=pl.lit("US"))
    tables = [read(wide).panel.table, read(long).panel.table, read(several, entity="country").panel.table]
    values = [table.drop("time").to_numpy() for table in tables]
    assert values[0].tobytes() == values[1].tobytes() == values[2].tobytes()
    assert tables[0]["3M"][0] == pytest.approx(wide["3M"][0] / 100.0)
    assert tables[1].columns == ["time", "m3", "y10"]
    assert tables[2].columns == ["time", "US:3M", "US:10Y"]


def test_countries_become_groups_with_the_tenors_they_have() -> None:
    one = daily(y2=walk(len(DAYS), seed=1), y10=walk(len(DAYS), seed=2)).with_columns(c=pl.lit("US"))
    two = daily(y2=walk(len(DAYS), seed=3)).with_columns(y10=pl.lit(None, pl.Float64), c=pl.lit("DE"))
    panel = read(pl.concat([one, two.select(one.columns)]), entity="c").panel
    assert [(fact.name, fact.group, fact.tenor) for fact in panel.series] == [
        ("DE:y2", "DE", 24), ("US:y2", "US", 24), ("US:y10", "US", 120),
    ]  # fmt: skip


def test_percent_and_decimals_are_told_apart_and_a_doubt_names_both_readings() -> None:
    percent = read(daily(rate=walk(len(DAYS), seed=1)))
    assert "read as percent" in notes(percent)
    assert "warning" not in notes(percent)
    decimal = read(daily(rate=walk(len(DAYS), seed=1) / 100.0))
    assert decimal.panel.table["rate"][5] == pytest.approx(percent.panel.table["rate"][5])
    assert "warning: rates read as decimals" in notes(decimal)
    assert "% a year); if they are percent" in notes(decimal)
    low = read(daily(rate=0.5 + 0.01 * walk(len(DAYS), seed=1)))
    assert "warning: rates read as percent" in notes(low)
    told = read(daily(rate=walk(len(DAYS), seed=1) / 100.0), unit="percent")
    assert told.panel.table["rate"][5] == pytest.approx(percent.panel.table["rate"][5] / 100.0)
    with pytest.raises(DataError, match=r"collect\.unit"):
        read(daily(rate=100.0 + walk(len(DAYS), seed=1)), unit="decimal")


def test_negative_rates_missing_tenors_and_holidays_are_taken_as_they_are() -> None:
    rate, other = walk(len(DAYS), seed=1, level=-0.5), walk(len(DAYS), seed=2, level=1.5)
    holes = [None if d in (7, 20) else value for d, value in enumerate(rate)]
    gone = [None if d == 20 else value for d, value in enumerate(other)]
    snapshot = read(daily(m3=holes, y10=gone))
    assert snapshot.panel.table.height == len(DAYS) - 1
    assert "1 days without any value" in notes(snapshot)
    assert snapshot.panel.table["m3"][7] is None
    assert snapshot.panel.table["m3"][0] == pytest.approx(rate[0] / 100.0)


def test_days_given_twice_count_once_if_they_agree_and_are_refused_if_not() -> None:
    frame = daily(rate=walk(len(DAYS), seed=1))
    twice = pl.concat([frame, frame.head(3)])
    assert read(twice).panel.table.height == len(DAYS)
    assert "3 rows that repeat another" in notes(read(twice))
    other = frame.head(2).with_columns(pl.col("rate") + 1.0)
    with pytest.raises(DataError, match="2 come more than once with different rates, first 2020-01-01"):
        read(pl.concat([frame, other]))


def test_frequencies_are_found_asked_for_or_refused_when_mixed() -> None:
    every = pl.date_range(datetime.date(2005, 1, 15), datetime.date(2016, 1, 14), "1d", eager=True)
    days = pl.DataFrame({"date": every.filter(every.dt.weekday() < 6)})
    days = days.with_columns(rate=pl.Series(walk(days.height, seed=2)))
    assert read(days).panel.frequency == "days"
    months = read(days, frequency="months").panel
    assert (months.frequency, months.table.height) == ("months", 132)  # January 2016 is not over
    assert "it lacks 17 days" in notes(read(days, frequency="months"))
    assert months.table["time"][0] == datetime.date(2005, 1, 31)
    assert (
        months.table["rate"][0] == days.filter(pl.col("date") < datetime.date(2005, 2, 1))["rate"][-1] / 100
    )
    first = pl.DataFrame(
        {"date": pl.date_range(datetime.date(1990, 1, 15), datetime.date(2004, 12, 15), "1mo", eager=True)}
    )
    first = first.with_columns(rate=pl.Series(walk(first.height, seed=3)))
    assert read(first).panel.frequency == "months"
    assert read(first, frequency="quarters").panel.table["time"][0] == datetime.date(1990, 3, 31)
    with pytest.raises(SettingError, match="must not be finer"):
        read(first, frequency="days")
    mixed = pl.concat([first, days.head(200)])
    with pytest.raises(DataError, match="must be of one frequency"):
        read(mixed)
    assert read(mixed, frequency="months").panel.table.height == 189
    hole = pl.col("date").is_between(datetime.date(2010, 5, 1), datetime.date(2010, 7, 1))
    with pytest.raises(DataError, match="must not leave out more than 31 days"):
        read(days.filter(~hole))


@pytest.mark.parametrize(
    ("columns", "settings", "error", "said"),
    [
        ({"rate": [3.0] * len(DAYS)}, {}, DataError, "hardly ever moves"),
        ({"rate": [3.0, 3.1] + [None] * (len(DAYS) - 2)}, {}, DataError, "only 2 values"),
        ({"word": ["abc"] * len(DAYS)}, {}, DataError, "must hold a column of rates"),
        ({"rate": walk(len(DAYS), seed=1)}, {"series": ("y10",)}, SettingError, "collect.series"),
        ({"rate": walk(len(DAYS), seed=1)}, {"time": "day"}, SettingError, "must have column 'day'"),
        ({"rate": walk(len(DAYS), seed=1)}, {"delays": {"cpi": 1}}, SettingError, "collect.delays"),
        ({"rate": walk(len(DAYS), seed=1)}, {"since": "2030-01-01"}, DataError, "must hold days"),
    ],
)
def test_what_cannot_be_forecast_is_refused_with_the_reason(
    columns: dict[str, Any], settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read(daily(**columns), **settings)


def test_a_series_that_stands_still_leaves_with_a_note_and_the_others_stay() -> None:
    snapshot = read(daily(peg=[3.0] * len(DAYS), y10=walk(len(DAYS), seed=1)))
    assert snapshot.panel.names == ("y10",)
    assert "peg: it hardly ever moves" in notes(snapshot)


def test_a_file_with_any_names_and_text_dates_is_read(tmp_path: Path) -> None:
    frame = daily(**{"short rate": walk(len(DAYS), seed=1), "long_rate": walk(len(DAYS), seed=2)})
    frame = frame.with_columns(pl.col("date").dt.strftime("%d.%m.%Y").alias("date"))
    frame = frame.with_columns(
        pl.when(pl.int_range(len(DAYS)) == 9).then(None).otherwise(pl.col("long_rate")).alias("long_rate")
    )
    frame.write_csv(tmp_path / "interest_rate.csv")
    snapshot = open_panel(PanelSection(source=str(tmp_path / "interest_rate.csv")))
    assert snapshot.panel.names == ("short rate", "long_rate")
    assert [one.tenor for one in snapshot.panel.series] == [None, None]
    with pytest.raises(SettingError, match="us-treasury"):
        open_panel(PanelSection(source="us-tresury"))


def test_a_stored_panel_comes_back_whole_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    snapshot = read(daily(m3=walk(len(DAYS), seed=1), y10=walk(len(DAYS), seed=2)))
    save_panel(snapshot, tmp_path)
    again = load_panel(tmp_path)
    assert again.provenance == snapshot.provenance
    assert again.request == snapshot.request
    assert panel_hash(again.panel) == snapshot.provenance.content_hash
    table = pl.read_parquet(tmp_path / "panel.parquet")
    table.with_columns(pl.col("m3") + 1e-9).write_parquet(tmp_path / "panel.parquet")
    with pytest.raises(StorageError, match="not those it was written with"):
        load_panel(tmp_path)
