"""Series in levels: the packaged default rate against plain loops, own tables, snapshots."""

from __future__ import annotations

import datetime
import importlib.resources
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.levels import level_from_frame, load_level, open_level, save_level
from barograph.core.errors import DataError, SettingError, StorageError
from barograph.core.level_study import SeriesSection
from barograph.core.level_table import LevelSnapshot

SECTION = SeriesSection(until="2009-09-30")
QUARTERS = {"q": [f"{year}-{month:02d}-15" for year in (2001, 2002) for month in (1, 4, 7, 10)]}
OWN = SeriesSection(target="y", time="q", delay=1, exogenous={"x": 1}, estimates={"e": 0})


@pytest.fixture(scope="module")
def packaged() -> LevelSnapshot:
    return open_level(SECTION)


def loans_of(quarter_end: datetime.date) -> list[tuple[datetime.date, datetime.date | None]]:
    """Approval and charge-off of the loans of a quarter, read and looped over afresh."""
    file = importlib.resources.files("barograph.collect") / "samples" / "sba_loans.parquet"
    table = pl.read_parquet(file.read_bytes())
    first = datetime.date(quarter_end.year, quarter_end.month - 2, 1)
    rows = table.filter(pl.col("approval_date").cast(pl.Date).is_between(first, quarter_end))
    columns = (
        rows["approval_date"].cast(pl.Date),
        rows["status"].cast(pl.String),
        rows["chgoff_date"].cast(pl.Date),
    )
    return [
        (made, None if status != "charged_off" else off)
        for made, status, off in zip(*columns, strict=True)
        if status != "charged_off" or off is not None
    ]


@pytest.mark.parametrize("day", [datetime.date(1990, 3, 31), datetime.date(2006, 9, 30)])
def test_a_quarters_rate_is_counted_loan_by_loan(packaged: LevelSnapshot, day: datetime.date) -> None:
    loans = loans_of(day)
    bad = 0
    for made, off in loans:
        latest = pl.Series([made]).dt.offset_by("24mo")[0]
        bad += off is not None and off <= latest
    row = packaged.series.table.filter(pl.col("time") == day)
    assert row["target"].item() == pytest.approx(bad / len(loans))
    assert row["size"].item() == len(loans)


def test_partial_development_stands_where_it_was_known(packaged: LevelSnapshot) -> None:
    loans = loans_of(datetime.date(2006, 9, 30))
    cases = sum(
        1 for made, off in loans if off is not None and off <= pl.Series([made]).dt.offset_by("12mo")[0]
    )
    row = packaged.series.table.filter(pl.col("time") == datetime.date(2007, 9, 30))
    assert row["within_12_months"].item() == pytest.approx((cases + 0.5) / (len(loans) + 1))


def test_inputs_of_a_quarter_do_not_change_when_later_loans_are_added(packaged: LevelSnapshot) -> None:
    early = open_level(SECTION.model_copy(update={"until": "2003-12-31"})).series.table
    late = packaged.series.table.head(early.height)
    assert early.drop("target").equals(late.drop("target"))


def test_current_experience_lies_between_no_loss_and_all(packaged: LevelSnapshot) -> None:
    experience = packaged.series.table["experience"].drop_nulls()
    assert 60 < len(experience) < packaged.series.table.height
    assert ((experience > 0.0) & (experience < 0.2)).all()


def test_rates_whose_window_is_open_are_not_known() -> None:
    table = open_level(SeriesSection(until="2013-06-30")).series.table
    known = table.filter(pl.col("target").is_not_null())["time"]
    assert known[-1] == datetime.date(2012, 6, 30)


def test_an_own_table_is_ordered_dated_and_lagged() -> None:
    frame = pl.DataFrame(QUARTERS | {"y": range(8), "x": range(10, 18), "e": range(20, 28)})
    series = level_from_frame(frame.sample(fraction=1.0, shuffle=True, seed=1), OWN).series
    assert series.months == 3
    assert series.columns == ("time", "target", "size", "e", "x")
    assert series.table["time"][0] == datetime.date(2001, 3, 31)
    assert series.table["target"].to_list() == list(range(8))
    assert series.table["x"].to_list() == [None, *range(10, 17)]
    assert series.table["e"].to_list() == list(range(20, 28))


def test_a_missing_quarter_a_stranger_and_a_double_role_are_refused() -> None:
    frame = pl.DataFrame(QUARTERS | {"y": range(8), "x": range(8), "e": range(8)})
    with pytest.raises(DataError, match="none left out"):
        level_from_frame(frame.filter(pl.col("y") != 3), OWN)
    with pytest.raises(SettingError, match="must have column 'z'"):
        level_from_frame(frame, OWN.model_copy(update={"exogenous": {"z": 0}}))
    with pytest.raises(SettingError, match="one role"):
        level_from_frame(frame, OWN.model_copy(update={"exogenous": {"y": 0}}))
    with pytest.raises(SettingError, match="which column is the target"):
        level_from_frame(frame, SeriesSection())
    with pytest.raises(SettingError, match="sba-default-rate"):
        open_level(SeriesSection(source="sba-default-rat"))


def test_a_snapshot_comes_back_and_a_changed_one_does_not(packaged: LevelSnapshot, tmp_path: Path) -> None:
    save_level(packaged, tmp_path)
    again = load_level(tmp_path)
    assert again.provenance == packaged.provenance
    assert again.series.table.equals(packaged.series.table)
    changed = again.series.table.with_columns(pl.col("size") + 1.0)
    changed.write_parquet(tmp_path / "level.parquet")
    with pytest.raises(StorageError, match="not those"):
        load_level(tmp_path)


def test_the_hash_tells_series_apart(packaged: LevelSnapshot) -> None:
    other = open_level(SECTION.model_copy(update={"delay": 4}))
    assert other.provenance.content_hash != packaged.provenance.content_hash
    assert np.isfinite(other.series.table["target"].to_numpy()).all()
