"""A separate test file is read as the study says files are, and joined as its own table is."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from barograph.api.collected import records_of
from barograph.api.collected import test_of as read_test
from barograph.api.own_table import own_table
from barograph.core.errors import SettingError
from barograph.core.scoring_study import ScoringStudy
from small_scoring import book, small_scoring


def read(plan: ScoringStudy, test: object) -> Any:
    made = records_of(plan, own_table(plan, book(60)).data)
    return read_test(plan, made, test)


def test_it_is_read_with_the_file_s_settings(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    test = book(60).with_columns(region=pl.lit("Köln"))
    path.write_bytes(test.write_csv(separator="|").encode("cp437"))  # found out, it would be windows-1252
    plan = small_scoring(collect__encoding="cp437", collect__delimiter="pipe")
    assert read(plan, path).frame["region"].unique().to_list() == ["Köln"]


def test_it_is_joined_as_the_table_of_the_study_is(tmp_path: Path) -> None:
    days = pl.date_range(datetime.date(2009, 1, 1), datetime.date(2017, 1, 1), "1mo", eager=True)
    pl.DataFrame({"day": days, "rate": [float(i % 7) for i in range(len(days))]}).write_csv(
        tmp_path / "rates.csv"
    )
    plan = small_scoring(collect__join=[{"source": str(tmp_path / "rates.csv"), "time": "day"}])
    test = book(60)
    raw = read(plan, test)
    assert raw.frame["rate"].to_list()[:50] == own_table(plan, test).data.frame["rate"].to_list()[:50]
    with pytest.raises(SettingError, match="names of their own"):
        read(plan, test.with_columns(rate=1.0))
