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
from barograph.collect.records.serving import read_request
from barograph.core.errors import DataError, SettingError
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


def test_it_keeps_the_contract_of_the_study_s_table(tmp_path: Path) -> None:
    contract = tmp_path / "loans.yaml"
    contract.write_text(
        "least_rows: 60\ncolumns:\n  income: {type: number, minimum: 0}\n  bad: {required: true}\n",
        encoding="utf-8",
    )
    plan = small_scoring(collect__contract=str(contract))
    made = records_of(plan, own_table(plan, book(60)).data)
    test = book(60).drop("bad").head(20)
    assert read_test(plan, made, test).frame.height == 20  # fewer rows, and no outcomes: its own matter
    wrong = test.with_columns(income=pl.when(pl.int_range(pl.len()) == 3).then(-5.0).otherwise("income"))
    with pytest.raises(DataError, match="income"):
        read_test(plan, made, wrong)


def test_its_bad_rows_are_set_aside_in_a_file_of_their_own(tmp_path: Path) -> None:
    contract = tmp_path / "loans.yaml"
    contract.write_text("columns:\n  income: {type: number, minimum: 0}\n", encoding="utf-8")
    plan = small_scoring(collect__contract=str(contract), collect__quarantine=str(tmp_path / "bad.csv"))

    def spoilt(place: int) -> pl.DataFrame:
        return book(60).with_columns(
            income=pl.when(pl.int_range(pl.len()) == place).then(-5.0).otherwise("income")
        )

    made = records_of(plan, own_table(plan, spoilt(3)).data)
    trained = (tmp_path / "bad.csv").read_bytes()
    raw = read_test(plan, made, spoilt(7))
    assert raw.frame.height == book(60).height - 1
    assert (tmp_path / "bad.csv").read_bytes() == trained
    assert (tmp_path / "bad-test.csv").is_file()
    assert any("bad-test.csv" in note for note in raw.notes)


def test_a_request_without_a_joined_column_is_told_which_and_what_to_do(tmp_path: Path) -> None:
    days = pl.date_range(datetime.date(2009, 1, 1), datetime.date(2017, 1, 1), "1mo", eager=True)
    pl.DataFrame({"day": days, "rate": [float(i % 7) for i in range(len(days))]}).write_csv(
        tmp_path / "rates.csv"
    )
    plan = small_scoring(collect__join=[{"source": str(tmp_path / "rates.csv"), "time": "day"}])
    made = records_of(plan, own_table(plan, book(60)).data)
    with pytest.raises(DataError, match=r"it lacks rate.*joined from other tables as they were known"):
        read_request(book(3), made.schema)


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
