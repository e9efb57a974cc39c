"""Requests to score: held against the schema of training; nothing missing, mistaken or guessed."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import read_request, stream_request
from barograph.core.errors import DataError, InputError, StorageError
from barograph.core.record_table import RecordSchema

SCHEMA = RecordSchema(
    numeric=("income", "born"),
    categorical=("region",),
    dates=("born",),
    time="made",
    record_id="key",
    amount="income",
)
ONE = {"income": 1200, "born": "1990-01-31", "region": "north", "made": "2020-01-31", "key": "a"}
PLAIN = RecordSchema(numeric=("x",), categorical=("c",))


def refused(data: object, schema: RecordSchema = PLAIN) -> str:
    with pytest.raises(DataError) as caught:
        read_request(data, schema)
    return str(caught.value)


def test_one_record_is_read() -> None:
    records, notes = read_request(ONE, SCHEMA)
    born = (datetime.date(2020, 1, 31) - datetime.date(1990, 1, 31)).days
    assert records.table.row(0) == (1200.0, float(born), "north")
    assert (records.record_id[0], records.amount[0], records.vintage[0]) == ("a", 1200.0, 2020)
    assert np.isnan(records.label).all()
    assert notes.extra == ()


def test_every_kind_of_table_gives_the_same_records(tmp_path: Path) -> None:
    frame = pl.DataFrame([ONE, ONE | {"income": None, "region": "south", "key": "b"}])
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    kinds = [frame, frame.to_pandas(), frame.to_arrow(), frame.rows(named=True), tmp_path / "a.csv"]
    read = [read_request(kind, SCHEMA)[0] for kind in [*kinds, str(tmp_path / "a.parquet")]]
    assert all(records.table.equals(read[0].table) for records in read)
    assert all(records.record_id.tolist() == ["a", "b"] for records in read)


def test_a_missing_column_is_named_with_all_that_are_required() -> None:
    said = refused({name: value for name, value in ONE.items() if name != "born"}, SCHEMA)
    assert "must have the columns income, born, region, made; it lacks born" in said
    assert "did you mean 'Region' for 'region'" in refused(
        {"x": 1, "c": 2, "Region": 3}, RecordSchema((), ("region",))
    )
    assert "1 of 2 do not, the first is record 2" in refused([{"x": 1, "c": "a"}, {"c": "a"}])


def test_columns_that_training_did_not_know_are_ignored_and_reported() -> None:
    records, notes = read_request({"x": 1, "c": "a", "status": "charged_off", "term": 7}, PLAIN)
    assert records.columns == ("x", "c")
    assert notes.extra == ("status", "term")


def test_without_names_records_are_numbered() -> None:
    records, _ = read_request([{"x": 1, "c": "a"}, {"x": None, "c": None}], PLAIN)
    assert records.record_id.tolist() == ["1", "2"]
    assert records.table.row(1) == (None, None)
    assert not records.has_time


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([{"x": 1, "c": "a"}, {"x": "much", "c": "a"}], "1 of 2 rows do not, the first in row 2 with 'much'"),
        ([{"x": float("inf"), "c": "a"}], "hold finite numbers"),
        ([{"x": "1,200", "c": "a"}], "hold numbers"),
        ([{"x": True, "c": "a"}], "type Boolean"),
        ([{"x": datetime.date(2020, 1, 1), "c": "a"}], "type Date"),
        ([{"x": [1, 2], "c": "a"}], "record 1 has a value of type list"),
        ([], "at least one record"),
        (["a"], "record 1 is of type str"),
        (3, "got int"),
        (pl.DataFrame({"x": [1.0], "c": [[1]]}), "hold categories"),
    ],
)
def test_a_request_of_another_type_is_refused(data: object, says: str) -> None:
    assert says in refused(data)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"made": None}, "say when every record is made"),
        ({"made": "03/04/2020"}, "show which number is the day"),
        ({"born": "long ago"}, "hold dates"),
        ({"born": 1.5}, "with '1.5'"),
    ],
)
def test_dates_of_a_request_are_never_guessed(record: dict, says: str) -> None:
    assert says in refused(ONE | record, SCHEMA)


def test_text_is_read_as_it_was_in_training() -> None:
    schema = RecordSchema(
        ("eur", "rate", "day"), (), ("day",), written={"eur": "comma", "rate": "percent", "day": "day first"}
    )
    records, _ = read_request({"eur": "1.200", "rate": "5%", "day": "03/04/1970"}, schema)
    assert records.table.row(0) == (1200.0, 5.0, -92.0)
    assert "written as in training (comma)" in refused({"eur": "1,200.50", "rate": 5, "day": None}, schema)
    assert "written as in training (percent)" in refused({"eur": 1, "rate": "0.05", "day": None}, schema)


@pytest.mark.parametrize(
    ("given", "seen"), [(44, "44"), (44.0, "44"), (True, "true"), ("TRUE", "true"), (" a ", "a"), ("", None)]
)
def test_categories_are_written_as_in_training(given: object, seen: str | None) -> None:
    assert read_request({"x": 1, "c": given}, PLAIN)[0].table["c"][0] == seen


def test_histories_are_required_and_stacked() -> None:
    schema = RecordSchema(("p1",), (), sequence={"pay": ("p2", "p1"), "bill": ("b2", "b1")})
    records, _ = read_request({"p1": 1, "p2": 2, "b1": 3, "b2": None}, schema)
    assert records.sequence[0].tolist()[1] == [1.0, 3.0]
    assert np.isnan(records.sequence[0, 0, 1])
    assert "it lacks p2" in refused({"p1": 1, "b1": 3, "b2": 4}, schema)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_stream_gives_what_one_reading_gives(tmp_path: Path, ending: str) -> None:
    n = 1_000
    frame = pl.DataFrame({"x": np.arange(n) / 7, "c": [f"c{i % 9}" for i in range(n)], "more": ["z"] * n})
    path = tmp_path / f"a.{ending}"
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path, row_group_size=128)
    whole, notes = read_request(path, PLAIN)
    stream = stream_request(path, PLAIN, rows=130)
    for _ in range(2):
        parts = list(stream)
        assert [part.n for part in parts] == [130] * 7 + [90]
        assert pl.concat([part.table for part in parts]).equals(whole.table)
        assert [name for part in parts for name in part.record_id] == whole.record_id.tolist()
    assert stream.notes == notes
    assert notes.extra == ("more",)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_stream_names_the_row_of_the_file(tmp_path: Path, ending: str) -> None:
    frame = pl.DataFrame({"x": ["1"] * 300 + ["much"], "c": ["a"] * 301})
    path = tmp_path / f"a.{ending}"
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    with pytest.raises(DataError, match="first in line 302" if ending == "csv" else "first in row 301"):
        list(stream_request(path, PLAIN, rows=100))


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", DataError, "it is empty"),
        (b"x,c\n", DataError, "at least one record"),
        (b"x,d\n1,a\n", DataError, "it lacks c"),
        (b"PK\x03\x04abc", DataError, "zip or Excel"),
        (b"PAR1 damaged", DataError, "Parquet content is damaged"),
        (b"x,c\n1,\xff\n", DataError, "UTF-8"),
        (None, StorageError, "must be a readable file"),
    ],
)
def test_a_file_that_is_no_request_is_refused(
    tmp_path: Path, content: bytes | None, error: type[InputError], says: str
) -> None:
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error) as caught:
        list(stream_request(path, PLAIN))
    assert says in str(caught.value)


def test_a_stream_takes_less_memory_than_the_file_holds(tmp_path: Path) -> None:
    """The peak of reading part by part grows by far less than the decoded table takes."""
    n, columns = 1_500_000, 8
    rng = np.random.default_rng(0)
    path = tmp_path / "a.parquet"
    pl.DataFrame({f"x{i}": rng.normal(size=n) for i in range(columns)}).write_parquet(
        path, row_group_size=50_000
    )
    script = f"""
import resource
from barograph.collect.records import stream_request
from barograph.core.record_table import RecordSchema
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
schema = RecordSchema(tuple(f'x{{i}}' for i in range({columns})), ())
stream = iter(stream_request({str(path)!r}, schema, rows=25_000))
read = sum(next(stream).n for _ in range(4))
before = peak()
read += sum(part.n for part in stream)
print(read, peak() - before)
"""
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    rows, grown = map(int, out.split())
    unit = 1 if sys.platform == "darwin" else 1024
    assert rows == n
    assert grown * unit < n * columns * 8 / 2
