"""Files as newcomers bring them: read right, said what was assumed, and read alike when that is set."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import barograph as bg
from barograph.api.own_data import Columns, planned, settled
from barograph.collect.panels import open_panel
from barograph.collect.records.catalogue import open_records
from barograph.collect.text_rows import rows_below
from barograph.core.errors import DataError, InputError, SettingError
from barograph.core.panel_study import PanelSection
from barograph.core.panel_table import PanelSnapshot
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection
from barograph.pipeline.settings import load
from barograph.pipeline.study_text import dump
from untidy_files import Book, Untidy, loan_files, rate_files, written

RATES, LOANS = rate_files(), loan_files()


def month_of(day: datetime.date, months: int) -> tuple[int, int]:
    return day.year, (day.month - 1) // months


@pytest.mark.parametrize("one", RATES, ids=[one.name for one in RATES])
def test_a_file_of_rates_is_read_as_it_was_meant(tmp_path: Path, one: Untidy) -> None:
    found = open_panel(PanelSection(source=str(written(tmp_path, one)))).panel
    assert found.names == one.names
    months = {"days": 0, "months": 1, "quarters": 3}[found.frequency]
    meant = {(month_of(day, months) if months else day): row for day, row in one.rates.items()}
    meant = {day: row for day, row in meant.items() if any(value is not None for value in row)}
    held = {(month_of(day, months) if months else day): row for day, *row in found.table.iter_rows()}
    held = {day: row for day, row in held.items() if any(value is not None for value in row)}
    assert held.keys() == meant.keys()
    for day, row in meant.items():
        assert [None if value is None else round(100 * value, 6) for value in held[day]] == row


@pytest.mark.parametrize("one", RATES, ids=[one.name for one in RATES])
def test_what_was_assumed_of_rates_repeats_the_reading(tmp_path: Path, one: Untidy) -> None:
    path = str(written(tmp_path, one))
    plan = planned("rates", path, (), {}, None, Columns(None, None, None, ()))
    first = open_panel(plan.collect)  # type: ignore[arg-type]
    file = tmp_path / "study.yaml"
    file.write_text(dump(settled(plan, first.provenance.assumed)), encoding="utf-8")
    again = load(file)
    second = open_panel(again.collect)  # type: ignore[arg-type]
    assert second.provenance.content_hash == first.provenance.content_hash
    assert not [one for one in second.provenance.assumed if one.setting]


def read_loans(folder: Path, one: Book, **settings: object) -> RecordSnapshot:
    section = RecordsSection(source=str(written(folder, one)), target=one.target, **settings)  # type: ignore[arg-type]
    return open_records(section, today=datetime.date(2026, 1, 1)).read()


@pytest.mark.parametrize("one", LOANS, ids=[one.name for one in LOANS])
def test_a_file_of_loans_is_read_as_it_was_meant(tmp_path: Path, one: Book) -> None:
    records = read_loans(tmp_path, one).records
    assert records.outcome.tolist() == list(one.labels)
    assert {*records.numeric, *records.categorical} == one.features
    assert records.table["income"].to_list() == list(one.income)


@pytest.mark.parametrize("one", LOANS, ids=[one.name for one in LOANS])
def test_what_was_assumed_of_loans_repeats_the_reading(tmp_path: Path, one: Book) -> None:
    path = str(written(tmp_path, one))
    plan = planned("credit", path, (), {}, None, Columns(one.target, None, None, ()))
    first = open_records(plan.collect).read()  # type: ignore[arg-type]
    file = tmp_path / "study.yaml"
    file.write_text(dump(settled(plan, first.provenance.assumed)), encoding="utf-8")
    second = open_records(load(file).collect).read()  # type: ignore[arg-type]
    assert second.provenance.content_hash == first.provenance.content_hash
    assert not [one for one in second.provenance.assumed if one.setting]


def delimited(rows: list[str]) -> int:
    """Rows that are no data at the end of a table of shops."""
    return rows_below([row.split(";") for row in rows], 3)


SHOPS = ["media;12;3.5", "food;7;2.5", "toys;20;1.5", "books;5;4.0"]
SUMS = [
    "Total;44;11.5",
    "Total;44;",
    "Summe;44,0;11,5",
    "Average;11;2.88",
    "Median;9.5;3",
    "Total;;",
    "Count;4;4",
]


@pytest.mark.parametrize("last", SUMS)
def test_a_row_whose_figures_add_up_those_above_is_a_total(last: str) -> None:
    assert delimited([*SHOPS, last]) == 1


@pytest.mark.parametrize("last", ["media;9;3.1", "Total;9;3.1", "Media;12;3.5", "sum;0;0", "mean;11;7.7"])
def test_a_row_called_by_such_a_word_is_data_where_its_figures_say_something_else(last: str) -> None:
    assert delimited([*SHOPS[1:], last]) == 0


def test_totals_below_subtotals_are_left_out_both() -> None:
    assert delimited([*SHOPS, "Subtotal;44;11.5", "Grand total;44;11.5", "Source: a till"]) == 3


def test_a_workbook_is_read_below_its_titles_and_above_its_totals(tmp_path: Path) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    days = [datetime.datetime(2000 + i // 12, i % 12 + 1, 1) for i in range(60)]
    rows = [[day, 2.0 + i % 7 / 10, None if i % 9 == 0 else 3.0 + i % 5 / 10] for i, day in enumerate(days)]
    path = tmp_path / "rates.xlsx"
    head = [["Interest rates"], [], ["Date", "short", "long"]]
    for row in [*head, *rows, ["Average", 2.3, 3.2], ["Source: us"]]:
        book.active.append(row)
    book.save(path)
    found = open_panel(PanelSection(source=str(path)))
    assert found.panel.table.height == 60
    assert found.panel.table["short"].to_list() == pytest.approx(
        [(2.0 + i % 7 / 10) / 100 for i in range(60)]
    )
    said = {one.what: one.value for one in found.provenance.assumed}
    assert (said["header"], said["footer"]) == ("3", "2")
    fixed = PanelSection(source=str(path), header=3, footer=2)
    assert open_panel(fixed).provenance.content_hash == found.provenance.content_hash


def refusal(path: Path, target: str | None) -> str:
    plan = planned("credit" if target else "rates", str(path), (), {}, None, Columns(target, None, None, ()))
    read = open_records(plan.collect).read if target else lambda: open_panel(plan.collect)  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        read()
    return str(caught.value)


LINES = 200
DOUBTS = {
    "which target": (
        "a,loan_status",
        lambda i: f"{i % 9},{'Charged Off' if i % 3 else 'Paid'}",
        "--target loan_status",
    ),
    "which is bad": (
        "a,default",
        lambda i: f"{i % 9},{1 + i % 2}",
        '--set "collect.positive=1" or --set "collect.positive=2"',
    ),
    "three values": ("a,default", lambda i: f"{i % 9},{'ABC'[i % 3]}", '--set "collect.positive=C"'),
    "which is the day": (
        "a,on,default",
        lambda i: f"{i % 9},{1 + i % 12:02d}/{1 + i * 7 % 11:02d}/20{10 + i * 3 % 10},{i % 2}",
        '--set "collect.written.on=day first"',
    ),
    "thousands or decimals": (
        "a;default",
        lambda i: f"{1 + i % 9},{100 + i};{i % 2}",
        "--set collect.decimal=comma",
    ),
    "no target": (
        "a,default",
        lambda i: f"{i % 9},{'' if i % 2 else i % 4 // 2}",
        '--set "collect.unlabelled=leave out"',
    ),
}


def test_a_misspelt_target_is_shown_with_its_flag(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,Defaulted?\n" + "".join(f"{i % 9},{'YN'[i % 2]}\n" for i in range(LINES)))
    assert "Did you mean 'Defaulted?'? Add --target 'Defaulted?'" in refusal(path, "default")


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_ambiguous_is_refused_with_the_flag_that_settles_it(tmp_path: Path, doubt: str) -> None:
    head, row, flag = DOUBTS[doubt]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([head, *(row(i) for i in range(LINES))]) + "\n")
    assert flag in refusal(path, "default")


def test_the_flag_that_an_error_shows_settles_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    head, row, _ = DOUBTS["thousands or decimals"]
    path.write_text("\n".join([head, *(row(i) for i in range(LINES))]) + "\n")
    section = RecordsSection(source=str(path), target="default")
    for decimal, first in (("comma", 1.1), ("point", 1100.0)):
        told = open_records(section.model_copy(update={"decimal": decimal})).read()
        assert told.records.table["a"][0] == first
    head, row, _ = DOUBTS["which is the day"]
    path.write_text("\n".join([head, *(row(i) for i in range(LINES))]) + "\n")
    told = [
        open_records(section.model_copy(update={"written": {"on": f"{order} first"}}))
        .read()
        .records.table["on"][1]
        for order in ("day", "month")
    ]
    days = [datetime.date(2013, 8, 2), datetime.date(2013, 2, 8)]
    assert told == [(datetime.date(1970, 1, 1) - day).days for day in days]


def test_two_columns_of_days_or_of_names_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "a_date,b_date,x\n" + "".join(f"2020-01-{i:02d},2020-02-{i:02d},{i % 7}.5\n" for i in range(1, 29))
    )
    assert "--time a_date or --time b_date" in refusal(path, None)
    rows = [f"2020-01-{i:02d},{c},{c}{c},{i % 7}.5" for c in "AB" for i in range(1, 29)]
    path.write_text("\n".join(["day,one,other,x", *rows]) + "\n")
    assert "--entity one or --entity other" in refusal(path, None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n1,é\n".encode() + "2,é\n".encode("cp1252"), "must be in one encoding"),
        ("a;b\n1;łódź\n2;żółw\n".encode("cp1250"), "--encoding windows-1250"),
        ("a;b\n1;Москва\n2;Минск\n".encode("cp1251"), "--encoding windows-1250 (or windows-1251"),
        (b"a,b\n1,\x00\n", "binary zeros, the first in line 2"),
        (b"2020-01-01,1.5\n2020-01-02,1.6\n2020-01-03,1.7\n2020-01-04,1.7\n", "its first line is data"),
    ],
)
def test_bytes_that_could_be_several_texts_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        bg.inspect(path)
    assert says in str(caught.value)


def test_encoding_and_delimiter_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("nr:miasto\n1:łódź\n2:żółw\n".encode("cp1250"))
    found = bg.inspect(path, encoding="windows-1250", delimiter=":")
    assert [one.examples for one in found.columns] == [("1", "2"), ("łódź", "żółw")]
    with pytest.raises(SettingError, match="--encoding must name"):
        bg.inspect(path, encoding="klingon")
    with pytest.raises(SettingError, match="--delimiter must be one character"):
        bg.inspect(path, encoding="windows-1250", delimiter="::")


def test_inspect_reads_as_run_would(tmp_path: Path) -> None:
    for one in LOANS[:3]:
        path = written(tmp_path, one)
        reading = bg.inspect(path).readings[0]
        assert reading.command == f"barograph run credit --data {path} --target {one.target}"
        plan = planned("credit", str(path), (), {}, None, Columns(one.target, None, None, ()))
        assert reading.assumed == open_records(plan.collect).read().provenance.assumed  # type: ignore[arg-type]
    reading = bg.inspect(written(tmp_path, RATES[0])).readings[0]
    assert ("unit", "percent") in [(told.what, told.value) for told in reading.assumed]


def test_levels_stay_those_of_the_file_under_numpy(tmp_path: Path) -> None:
    """The same file by way of a frame in memory."""
    one = RATES[0]
    table = pl.read_csv(written(tmp_path, one), infer_schema=False)
    made: PanelSnapshot = open_panel(PanelSection(source=str(tmp_path / one.name)))
    short = [None if value == "ND" else float(value) / 100 for value in table["short"]]
    assert np.allclose(made.panel.table["short"].fill_null(9.0), [9.0 if v is None else v for v in short])
