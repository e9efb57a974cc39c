"""Files of the user's: layouts, names, delimiters, dates, Parquet, and everything that is not a table."""

from __future__ import annotations

import datetime
import gzip
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect import open_source
from barograph.core.errors import DataError, InputError, SettingError, StorageError
from barograph.core.records import PRICE_COLUMNS, Snapshot
from barograph.core.study import CollectSection

TODAY = datetime.date(2026, 11, 22)
N = 650
DAYS: list[datetime.date] = np.busday_offset("2020-01-01", np.arange(N), roll="forward").tolist()
CLOSES = [round(float(x), 2) for x in 50 + np.cumsum(np.random.default_rng(3).uniform(-0.4, 0.5, N))]


def read(path: Path, **section: object) -> Snapshot:
    chosen = CollectSection.model_validate({"source": str(path), **section})
    return open_source(chosen, today=TODAY).read()


def refused(path: Path, **section: object) -> str:
    with pytest.raises(DataError) as caught:
        read(path, **section)
    return str(caught.value)


def delimited(header: list[str], *columns: list[object], separator: str = ",") -> str:
    rows = [header, *([str(cell) for cell in row] for row in zip(*columns, strict=True))]
    return "\n".join(separator.join(row) for row in rows) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gold.csv"


def series(snapshot: Snapshot, entity: str) -> list[tuple[datetime.date, float]]:
    return snapshot.panel.of(entity).select("time", "close").rows()


EXPECTED = list(zip(DAYS, CLOSES, strict=True))


@pytest.mark.parametrize(
    ("time", "close"),
    [("date", "close"), ("Timestamp", "PRICE"), ("DateTime", "Adj Close"), ("time", "last")],
)
def test_usual_names_are_found_whatever_their_case(file: Path, time: str, close: str) -> None:
    file.write_text(delimited([time, close], DAYS, CLOSES))
    snapshot = read(file)
    assert series(snapshot, "gold") == EXPECTED
    assert snapshot.panel.table.columns == ["entity", "time", *PRICE_COLUMNS]
    assert "no entity column: the series is called 'gold'" in snapshot.provenance.notes


def test_names_given_in_the_study_come_before_usual_ones(file: Path) -> None:
    doubled = [2 * c for c in CLOSES]
    file.write_text(delimited(["date", "close", "fix"], DAYS, doubled, CLOSES))
    snapshot = read(file, columns={"close": "FIX"})
    assert series(snapshot, "gold") == EXPECTED
    assert "columns not used: close" in snapshot.provenance.notes


def test_raw_close_comes_before_adjusted_close_and_the_other_is_noted(file: Path) -> None:
    file.write_text(delimited(["Date", "Adj Close", "Close"], DAYS, [c / 2 for c in CLOSES], CLOSES))
    snapshot = read(file)
    assert series(snapshot, "gold") == EXPECTED
    assert "columns not used: Adj Close" in snapshot.provenance.notes


def test_a_name_given_in_the_study_must_be_in_the_file(file: Path) -> None:
    file.write_text(delimited(["date", "close"], DAYS, CLOSES))
    assert "Did you mean 'close'?" in refused(file, columns={"close": "clse"})
    with pytest.raises(SettingError, match="Did you mean 'close'"):
        read(file, columns={"clse": "close"})


def test_a_long_file_of_several_series(file: Path) -> None:
    tickers = ["NA"] * N + ["B"] * N  # NA is a ticker, not a blank
    file.write_text(delimited(["Ticker", "Date", "Close"], tickers, DAYS * 2, CLOSES + CLOSES[::-1]))
    snapshot = read(file)
    assert snapshot.panel.entities == ("B", "NA")
    assert series(snapshot, "NA") == EXPECTED
    assert series(read(file, entities=("B",)), "B") == list(zip(DAYS, CLOSES[::-1], strict=True))


def test_a_fault_in_a_series_that_is_not_wanted_does_not_matter(file: Path) -> None:
    tickers = ["a"] * N + ["b"] * N
    broken = [-1.0, *CLOSES[1:]]
    file.write_text(delimited(["ticker", "date", "close"], tickers, DAYS * 2, CLOSES + broken))
    assert read(file, entities=("a",)).panel.entities == ("a",)
    assert "zero or negative price" in refused(file, entities=("b",))


def test_a_wide_file_with_blanks_where_a_market_was_closed(file: Path) -> None:
    late: list[object] = ["", "", *CLOSES[2:100], "", *CLOSES[101:]]
    file.write_text(delimited(["date", "AAPL", "LOW", "MSFT"], DAYS, CLOSES, late, CLOSES))
    snapshot = read(file)
    assert series(snapshot, "AAPL") == EXPECTED
    assert series(snapshot, "LOW") == [pair for i, pair in enumerate(EXPECTED) if i not in (0, 1, 100)]
    assert "3 blank cells read as days without trading" in snapshot.provenance.notes


def test_a_fault_in_a_wide_file_names_series_and_line(file: Path) -> None:
    second: list[object] = [*CLOSES]
    second[10] = "oops"
    file.write_text(delimited(["date", "AAPL", "MSFT"], DAYS, CLOSES, second))
    message = refused(file)
    assert "MSFT" in message
    assert " 12: " in message
    assert "oops" in message


def test_an_empty_column_of_a_wide_file_is_refused(file: Path) -> None:
    file.write_text(delimited(["date", "AAPL", "MSFT"], DAYS, CLOSES, [""] * N))
    assert "missing value" in refused(file)


def test_one_misspelt_price_column_is_not_taken_for_a_wide_file(file: Path) -> None:
    file.write_text(delimited(["date", "clsoe"], DAYS, CLOSES))
    assert "did you mean 'clsoe'?" in refused(file)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_three_delimiters_are_told_apart(file: Path, separator: str) -> None:
    file.write_text(delimited(["date", "close"], DAYS, CLOSES, separator=separator))
    assert series(read(file), "gold") == EXPECTED


def test_decimal_commas_are_read_where_they_are_beyond_doubt(file: Path) -> None:
    file.write_text(
        delimited(["date", "close"], DAYS, [str(c).replace(".", ",") for c in CLOSES], separator=";")
    )
    snapshot = read(file)
    assert series(snapshot, "gold") == EXPECTED
    assert "close: decimal commas read" in snapshot.provenance.notes


def test_commas_that_may_separate_thousands_are_refused(file: Path) -> None:
    file.write_text(delimited(["date", "close"], DAYS, [f"1,{i:03d}" for i in range(N)], separator=";"))
    assert "text among numbers" in refused(file)


@pytest.mark.parametrize(
    "form",
    ["%Y/%m/%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%Y-%m-%dT16:00:00Z"],
)
def test_dates_in_other_formats_are_read_and_noted(file: Path, form: str) -> None:
    file.write_text(delimited(["date", "close"], [d.strftime(form) for d in DAYS], CLOSES))
    snapshot = read(file)
    assert series(snapshot, "gold") == EXPECTED
    assert any(note.startswith("time: ") for note in snapshot.provenance.notes)


def test_a_byte_order_mark_windows_line_ends_blank_lines_and_quotes_do_not_matter(file: Path) -> None:
    text = delimited(["date", "close"], DAYS, [f'"{c}"' for c in CLOSES]).replace("\n", "\r\n\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert series(read(file), "gold") == EXPECTED


def test_lines_are_counted_as_an_editor_counts_them(file: Path) -> None:
    notes: list[object] = ['"two\nlines"', *[""] * (N - 1)]
    closes: list[object] = [*CLOSES]
    closes[1] = "x"
    file.write_text("\n" + delimited(["date", "close", "note"], DAYS, closes, notes))
    lines = file.read_text().splitlines()
    assert lines[4].startswith(f"{DAYS[1]},x")
    assert " 5: " in refused(file)


def test_a_nameless_first_column_is_read_as_dates(file: Path) -> None:
    file.write_text(delimited(["", "close"], DAYS, CLOSES))
    assert series(read(file), "gold") == EXPECTED


def test_parquet_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "gold.data"
    pl.DataFrame({"Date": DAYS, "Close": CLOSES}).with_columns(
        pl.col("Date").cast(pl.Datetime)
    ).write_parquet(path)
    assert series(read(path), "gold") == EXPECTED


def test_rows_of_a_parquet_file_are_counted_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "gold.parquet"
    pl.DataFrame({"date": DAYS, "close": [*CLOSES[:9], -1.0, *CLOSES[10:]]}).write_parquet(path)
    message = refused(path)
    assert "first row" in message
    assert " 10: " in message


def test_a_panel_written_to_parquet_or_csv_reads_back_the_same(tmp_path: Path, file: Path) -> None:
    file.write_text(delimited(["date", "close"], DAYS, CLOSES))
    first = read(file)
    for name in ("again.parquet", "again.csv"):
        path = tmp_path / name
        table = first.panel.table
        table.write_parquet(path) if name.endswith("parquet") else table.write_csv(path)
        assert read(path).provenance.content_hash == first.provenance.content_hash


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b" \n\n", "it is empty"),
        (b"date,close\n", "no rows"),
        (b"date\n2020-01-01\n", "one column"),
        (b"just some words\n", "one column"),
        (b"date,close\n2020-01-01,1\n2020-01-02\n", "in line 3 with 1"),
        (b"date,close\n2020-01-01,1,2\n", "in line 2 with 3"),
        (b"date,close,close\n2020-01-01,1,2\n", "'close' comes twice"),
        (b'date,close\n"2020-01-01,1\n', "breaks the quoting"),
        (b"date,close\n2020-01-01,\x00\n", "binary zeros, the first in line 2"),
        ("date,close\n2020-01-01,1 €\n".encode("latin-1", "replace") + b"\xe9\n", "in line 3 with 1"),
        ("date,close\n".encode("utf-16"), "no rows"),
        (bytes(range(1, 256)) * 20, "must be"),
        (b"PAR1 and then nothing of the kind", "Parquet content is damaged"),
        (gzip.compress(b"date,close\n", mtime=0), "no rows"),
        (b"date,close\n" + b"x" * 200_000 + b",1\n", "must be a table"),
    ],
)
def test_what_is_not_a_table_is_refused_with_the_reason(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    assert said in refused(file)


def test_a_workbook_that_is_damaged_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    assert "its Excel content cannot be read" in refused(path)


def test_a_file_that_vanishes_before_it_is_read_is_a_storage_error(file: Path) -> None:
    file.write_text("date,close\n")
    source = open_source(CollectSection(source=str(file)), today=TODAY)
    file.unlink()
    with pytest.raises(StorageError, match="must be a readable file"):
        source.read()


def test_no_rows_in_the_window_is_told_as_such(file: Path) -> None:
    file.write_text(delimited(["date", "close"], DAYS, CLOSES))
    assert "no rows in the window" in refused(file, since="2026-01-01")
    with pytest.raises(InputError, match="must not be after"):
        open_source(CollectSection(source=str(file), since="2021-01-01")).read(until="2020-01-01")
