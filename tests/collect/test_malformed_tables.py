"""Whatever the bytes, the answer is a snapshot or one of our errors; a snapshot keeps the contract."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph.collect import Contract, check, from_frame, open_source
from barograph.core.errors import InputError
from barograph.core.records import Snapshot
from barograph.core.study import CollectSection

TODAY = datetime.date(2026, 11, 22)
SHORT = Contract(minimum_rows=8)
DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(days=i) for i in range(12)]
LINES = [f"{day},{100 + i}.5,{102 + i},{99 + i},{101 + i}.25,{1000 + i}" for i, day in enumerate(DAYS)]
CLEAN = ("date,open,high,low,close,volume\n" + "\n".join(LINES) + "\n").encode()

PIECES = [
    "\x00",
    '"',
    '""',
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    "\ufeff",
    "nan",
    "inf",
    "-",
    "1e999",
    "abc",
    "é€",
    "  ",
    ".",
    "0",
]
JUNK = st.sampled_from(
    [*(piece.encode() for piece in PIECES), b"\xff", b"\xc3", b"PAR1", b"2024-01-05", b"9" * 20]
)
PLACES = st.floats(0, 1, exclude_max=True)
EDITS = st.lists(st.tuples(PLACES, JUNK, st.integers(0, 4)), min_size=0, max_size=5)


def edited(content: bytes, edits: list[tuple[float, bytes, int]], keep: float) -> bytes:
    for place, junk, removed in edits:
        at = int(place * len(content))
        content = content[:at] + junk + content[at + removed :]
    return content[: int(keep * len(content)) + 1]


def holds(read: object) -> bool:
    """Whether reading gave a snapshot that keeps its contract, or one of our errors with a message."""
    try:
        snapshot = read()  # type: ignore[operator]
    except InputError as error:
        return bool(error.must and error.came and error.do and str(error))
    assert isinstance(snapshot, Snapshot)
    carried = snapshot.panel.table
    carried = carried.drop([c for c in carried.columns if carried[c].null_count() == carried.height])
    return check(carried, SHORT, today=TODAY) == []


def reads_well(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    return holds(open_source(CollectSection(source=str(path)), contract=SHORT, today=TODAY).read)


def some(*, long: bool) -> settings:
    fixtures = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=4000 if long else 250, deadline=None, suppress_health_check=fixtures)


def test_the_clean_file_reads(tmp_path: Path) -> None:
    path = tmp_path / "clean.csv"
    path.write_bytes(CLEAN)
    snapshot = open_source(CollectSection(source=str(path)), contract=SHORT, today=TODAY).read()
    assert snapshot.provenance.rows == len(DAYS)
    assert reads_well(path, CLEAN)


@some(long=False)
@given(edits=EDITS, keep=st.one_of(st.just(1.0), PLACES))
def test_a_damaged_text_file_never_raises_anything_else(tmp_path: Path, edits: list, keep: float) -> None:
    assert reads_well(tmp_path / "damaged.csv", edited(CLEAN, edits, keep))


@pytest.mark.soak
@some(long=True)
@given(edits=EDITS, keep=st.one_of(st.just(1.0), PLACES))
def test_a_damaged_text_file_never_raises_anything_else_at_length(
    tmp_path: Path, edits: list, keep: float
) -> None:
    assert reads_well(tmp_path / "damaged.csv", edited(CLEAN, edits, keep))


@some(long=False)
@given(content=st.binary(max_size=300))
def test_random_bytes_never_raise_anything_else(tmp_path: Path, content: bytes) -> None:
    assert reads_well(tmp_path / "random.csv", content)


@some(long=False)
@given(content=st.text(alphabet='date,close;\t"\n\r20-1.5eé ', max_size=120))
def test_random_text_never_raises_anything_else(tmp_path: Path, content: str) -> None:
    assert reads_well(tmp_path / "random.csv", content.encode())


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.DataFrame({"date": DAYS, "close": np.linspace(1, 2, len(DAYS))}).write_parquet(stream)
    return stream.getvalue()


PARQUET = parquet()


@some(long=False)
@given(
    edits=st.lists(st.tuples(PLACES, st.binary(min_size=0, max_size=4), st.integers(0, 4)), max_size=4),
    keep=st.one_of(st.just(1.0), PLACES),
)
def test_a_damaged_parquet_file_never_raises_anything_else(tmp_path: Path, edits: list, keep: float) -> None:
    path = tmp_path / "damaged.parquet"
    path.write_bytes(edited(PARQUET, edits, keep))
    assert holds(open_source(CollectSection(source=str(path)), contract=SHORT, today=TODAY).read)


CELLS: list[st.SearchStrategy] = [
    st.none(),
    st.floats(),
    st.floats(0.5, 2.0),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(20200101, 20200131),
    st.booleans(),
    st.text(max_size=5),
    st.sampled_from(["2024-01-05", "05/01/2024", "1.5", "1,5", "nan", ""]),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(datetime.timedelta(-999), datetime.timedelta(999)),
    st.decimals(-99, 99, places=2),
    st.binary(max_size=3),
    st.lists(st.integers(0, 9), max_size=2),
    st.fixed_dictionaries({"a": st.integers(0, 9)}),
]
COLUMNS = st.one_of([st.lists(st.one_of(st.none(), cells), min_size=9, max_size=9) for cells in CELLS])
NAMES = st.sampled_from(
    ["date", "time", "close", "Adj Close", "open", "high", "low", "volume", "ticker", "x", "", "row", "clsoe"]
)


@some(long=False)
@given(columns=st.dictionaries(NAMES, COLUMNS, max_size=6), section=st.sampled_from([{}, {"close": "x"}]))
def test_a_frame_of_any_types_never_raises_anything_else(columns: dict, section: dict) -> None:
    frame = pl.DataFrame(columns)
    chosen = CollectSection(columns=section)
    assert holds(lambda: from_frame(frame, chosen, contract=SHORT, today=TODAY))


def test_days_that_no_calendar_has_are_refused() -> None:
    moments = pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ms", "Europe/Paris")
    types = [(pl.Date, 31), *((moment, 62) for moment in moments)]
    for dtype, bits in types:
        for beyond in (2**bits - 1, -(2**bits)):
            days = pl.Series([beyond] * len(DAYS)).cast(dtype)
            frame = pl.DataFrame({"date": days, "close": np.linspace(1, 2, len(DAYS))})
            with pytest.raises(InputError, match="not a date"):
                from_frame(frame, CollectSection(), contract=SHORT, today=TODAY)
            swapped = frame.rename({"date": "close", "close": "date"}).with_columns(date=pl.Series(DAYS))
            with pytest.raises(InputError, match="text among numbers"):
                from_frame(swapped, CollectSection(), contract=SHORT, today=TODAY)


def test_a_frame_of_python_objects_is_refused() -> None:
    frame = pl.DataFrame({"date": DAYS, "close": pl.Series([object()] * len(DAYS), dtype=pl.Object)})
    assert holds(lambda: from_frame(frame, CollectSection(), contract=SHORT, today=TODAY))
