"""Files of many kinds, folders and patterns: each is the same table as its plain text."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from barograph.collect.reading import is_table, read_table
from barograph.core.errors import DataError, SettingError, StorageError

FRAME = pl.DataFrame({"id": [1, 2, 3], "rate": [0.5, None, 1.5], "state": ["NY", "CA", None]})


def excel(path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(FRAME.columns)
    for row in FRAME.iter_rows():
        sheet.append(row)
    book.create_sheet("notes").append(["only words", "here"])
    book.save(path)


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("table.csv", FRAME.write_csv())


WRITERS: dict[str, Callable[[Path], object]] = {
    "t.csv": FRAME.write_csv,
    "t.parquet": FRAME.write_parquet,
    "t.arrow": FRAME.write_ipc,
    "t.arrows": FRAME.write_ipc_stream,
    "t.jsonl": FRAME.write_ndjson,
    "t.json": FRAME.write_json,
    "t.csv.gz": lambda path: path.write_bytes(gzip.compress(FRAME.write_csv().encode())),
    "t.csv.bz2": lambda path: path.write_bytes(bz2.compress(FRAME.write_csv().encode())),
    "t.csv.xz": lambda path: path.write_bytes(lzma.compress(FRAME.write_csv().encode())),
    "t.jsonl.gz": lambda path: path.write_bytes(gzip.compress(FRAME.write_ndjson().encode())),
    "t.zip": zipped,
    "t.xlsx": excel,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_table_whatever_its_name(name: str, tmp_path: Path) -> None:
    right, wrong = tmp_path / name, tmp_path / "data"
    WRITERS[name](right)
    wrong.write_bytes(right.read_bytes())
    for path in (right, wrong):
        frame = read_table(path).frame
        assert frame.columns == FRAME.columns
        read = frame.select(pl.all().cast(pl.String).replace("", None))
        assert [float(value) for value in read["id"]] == [1, 2, 3]
        assert [value and float(value) for value in read["rate"]] == [0.5, None, 1.5]
        assert read["state"].to_list() == ["NY", "CA", None]


def test_a_workbook_says_which_sheet_was_read_and_which_were_not(tmp_path: Path) -> None:
    excel(tmp_path / "t.xlsx")
    notes = read_table(tmp_path / "t.xlsx").notes
    assert any(note.startswith("sheet: Sheet") for note in notes)


def test_a_folder_and_a_pattern_are_all_their_files_in_order(tmp_path: Path) -> None:
    for number in (2, 1, 3):
        FRAME.with_columns(id=pl.lit(number)).write_csv(tmp_path / f"part-{number}.csv")
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden.csv").write_text("x")
    for source in (tmp_path, f"{tmp_path}/part-*.csv"):
        raw = read_table(source)
        assert raw.frame["id"].to_list() == ["1"] * 3 + ["2"] * 3 + ["3"] * 3
        assert "3 files" in raw.notes


def test_files_whose_columns_differ_are_not_one_table(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "a.csv")
    FRAME.rename({"rate": "other"}).write_csv(tmp_path / "b.csv")
    with pytest.raises(DataError, match=r"b\.csv and a\.csv differ in 'other'"):
        read_table(tmp_path)


def test_columns_that_are_numbers_here_and_text_there_are_read_as_text(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "a.parquet")
    FRAME.with_columns(id=pl.Series(["x", "y", "z"])).write_parquet(tmp_path / "b.parquet")
    assert read_table(tmp_path).frame["id"].to_list() == ["1", "2", "3", "x", "y", "z"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 60, "before 2007"),
        ("t.zst", b"\x28\xb5\x2f\xfd" + b"\x00" * 60, "Zstandard"),
        ("t.gz", gzip.compress(b"a,b\n1,2\n" * 999)[:40], "compressed content cannot be read"),
        ("t.xlsx", b"PK\x03\x04" + b"junk" * 20, "zip content cannot be read"),
        ("t.arrow", b"ARROW1" + b"junk" * 20, "Arrow content cannot be read"),
        ("t.jsonl", b'{"a": 1}\n{"a": ', "JSON content cannot be read"),
        ("t.gz", gzip.compress(gzip.compress(b"a,b\n1,2\n")), "must be compressed once"),
        ("t.csv", b"", "it is empty"),
    ],
    ids=["old-excel", "zstandard", "cut-gzip", "junk-zip", "junk-arrow", "cut-json", "gzip-twice", "empty"],
)
def test_damaged_and_foreign_files_are_refused_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_table(tmp_path / name)


def test_an_archive_of_several_files_is_not_one_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "x,y\n1,2\n")
        archive.writestr("b.csv", "x,y\n1,2\n")
    with pytest.raises(DataError, match="it holds 2"):
        read_table(tmp_path / "t.zip")


def test_an_archive_that_would_fill_the_disk_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("barograph.collect.reading.kinds.MOST_UNPACKED", 1 << 20)
    (tmp_path / "t.gz").write_bytes(gzip.compress(b"\x20" * (8 << 20)))
    with pytest.raises(DataError, match="must unpack to at most"):
        read_table(tmp_path / "t.gz")


def test_what_is_not_there_or_not_known_is_told(tmp_path: Path) -> None:
    assert is_table(tmp_path)
    assert is_table("s3://bucket/loans.parquet")
    assert not is_table(tmp_path / "none.csv")
    with pytest.raises(StorageError, match="must be a readable file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(DataError, match="there is none"):
        read_table(f"{tmp_path}/*.csv")
    with pytest.raises(SettingError, match=r"'gopher://' is none of them"):
        read_table("gopher://old/loans.csv")
    with pytest.raises(DataError, match="Leave file:// out"):
        read_table("file:///loans.csv")


def test_an_object_store_is_read_through_fsspec(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.filesystem("memory").open("/bucket/loans.csv", "wb") as out:
        out.write(FRAME.write_csv().encode())
    raw = read_table("memory://bucket/loans.csv")
    assert (raw.label, raw.frame.height) == ("loans.csv", 3)
    with pytest.raises(StorageError, match="must be a file that can be fetched"):
        read_table("memory://bucket/none.csv")
