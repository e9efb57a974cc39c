"""Tables and queries of real databases: SQLite, DuckDB, PostgreSQL."""

from __future__ import annotations

import datetime
import decimal
import sqlite3
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import psycopg
import pytest

from barograph.collect.reading import address_of, read_table
from barograph.collect.reading.sql import sql_parts
from barograph.core.errors import DataError, SettingError, StorageError
from services import POSTGRESQL, needed

CREATE = (
    "CREATE TABLE loans (id INTEGER, amount NUMERIC(12,2), state VARCHAR(2), granted DATE, "
    "rate DOUBLE PRECISION)"
)
ROWS = [
    (1, decimal.Decimal("1000.50"), "NY", datetime.date(2020, 1, 31), 0.05),
    (2, None, None, datetime.date(2020, 2, 29), None),
    (3, decimal.Decimal("3.00"), "CA", None, 0.07),
]


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "bank.db"
    with sqlite3.connect(path) as connection:
        connection.execute(CREATE)
        plain = [
            (i, None if a is None else float(a), s, None if g is None else g.isoformat(), r)
            for i, a, s, g, r in ROWS
        ]
        connection.executemany("INSERT INTO loans VALUES (?,?,?,?,?)", plain)
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture
def duck(tmp_path: Path) -> str:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(CREATE)
        connection.executemany("INSERT INTO loans VALUES (?,?,?,?,?)", ROWS)
    return f"duckdb:///{path}"


@pytest.fixture
def postgresql() -> Iterator[str]:
    address, schema = needed(POSTGRESQL), f"t{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
        connection.execute(f'SET search_path TO "{schema}"')
        connection.execute(CREATE)
        connection.cursor().executemany("INSERT INTO loans VALUES (%s,%s,%s,%s,%s)", ROWS)
        yield f"{address}?options=-csearch_path%3D{schema}"
        connection.execute(f'DROP SCHEMA "{schema}" CASCADE')


@pytest.fixture(params=["sqlite", "duck", "postgresql"])
def bank(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_a_table_comes_with_its_numbers_text_days_and_gaps(bank: str) -> None:
    frame = read_table(f"{bank}#loans").frame
    assert frame.columns == ["id", "amount", "state", "granted", "rate"]
    assert frame["id"].to_list() == [1, 2, 3]
    assert frame["amount"].to_list() == [1000.5, None, 3.0]
    assert frame["state"].to_list() == ["NY", None, "CA"]
    assert [str(day) if day else None for day in frame["granted"]] == ["2020-01-31", "2020-02-29", None]
    assert frame["rate"].to_list() == [0.05, None, 0.07]


def test_a_query_is_read_and_rows_are_counted_from_one(bank: str) -> None:
    raw = read_table(
        f"{bank}#SELECT id, rate * 100 AS percent FROM loans WHERE rate IS NOT NULL ORDER BY id DESC"
    )
    assert raw.frame["id"].to_list() == [3, 1]
    assert raw.frame["percent"].to_list() == pytest.approx([7.0, 5.0])
    assert (raw.place, raw.numbers.to_list()) == ("row", [1, 2])


def test_a_query_without_rows_has_columns_all_the_same(bank: str) -> None:
    frame = read_table(f"{bank}#SELECT id, state FROM loans WHERE id > 99").frame
    assert (frame.columns, frame.height) == (["id", "state"], 0)


def test_parts_are_the_whole_whatever_their_size(bank: str) -> None:
    address = address_of(f"{bank}#SELECT * FROM loans ORDER BY id")
    assert address is not None
    parts = list(sql_parts(address, rows=2))
    assert [part.height for part in parts] == [2, 1]
    whole = pl.concat(parts, how="vertical_relaxed")
    assert whole.equals(read_table(f"{bank}#SELECT * FROM loans ORDER BY id").frame)


def test_a_forgotten_table_lists_those_there_are(bank: str) -> None:
    with pytest.raises(SettingError, match="there are loans") as error:
        read_table(bank)
    assert "#loans" in str(error.value)


def test_a_misspelt_table_names_the_nearest(bank: str) -> None:
    with pytest.raises(DataError, match=r"(?i)did you mean 'loans'"):
        read_table(f"{bank}#laons")


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE loans", "DELETE FROM loans", "SELECT 1; DROP TABLE loans", "UPDATE loans SET id = 0"],
)
def test_what_would_change_a_database_is_refused_and_changes_nothing(bank: str, statement: str) -> None:
    with pytest.raises(SettingError, match="must be one SELECT"):
        read_table(f"{bank}#{statement}")
    assert read_table(f"{bank}#loans").frame.height == 3


def test_a_query_that_writes_through_a_common_table_is_stopped_by_the_database(postgresql: str) -> None:
    with pytest.raises((DataError, StorageError), match=r"(?i)read-only|data-modifying"):
        read_table(f"{postgresql}#WITH gone AS (DELETE FROM loans RETURNING id) SELECT * FROM gone")
    assert read_table(f"{postgresql}#loans").frame.height == 3


def test_a_wrong_query_and_a_column_named_twice_are_told(bank: str) -> None:
    with pytest.raises((DataError, StorageError)):
        read_table(f"{bank}#SELECT nothing_of_the_kind FROM loans")
    with pytest.raises(DataError, match="each column once"):
        read_table(f"{bank}#SELECT id, rate AS id FROM loans")


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="must be a database that answers"):
        read_table(f"sqlite:///{tmp_path / 'none.db'}#loans")
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(StorageError, match="must be a DuckDB database"):
        read_table(f"duckdb:///{tmp_path / 'none.duckdb'}#loans")
    with pytest.raises(StorageError, match="must be a database that answers"):
        read_table("postgresql://127.0.0.1:9/test#loans")


def test_a_password_never_stands_in_an_address_but_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingError, match="must not hold a password") as error:
        read_table("postgresql://risk:hunter2@127.0.0.1:9/test#loans")
    assert "hunter2" not in str(error.value)
    assert "${DB_PASSWORD}" in str(error.value)
    address = address_of("postgresql://risk:${DB_PASSWORD}@127.0.0.1:9/test#loans")
    assert address is not None
    with pytest.raises(SettingError, match="export DB_PASSWORD"):
        _ = address.opened
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    assert address.opened == "postgresql://risk:hunter2@127.0.0.1:9/test"
    assert "hunter2" not in address.text
    with pytest.raises(StorageError) as failed:
        read_table("postgresql://risk:${DB_PASSWORD}@127.0.0.1:9/test#loans")
    assert "hunter2" not in str(failed.value)


def test_a_column_of_bytes_is_refused_with_its_name(duck: str) -> None:
    with pytest.raises(DataError, match=r"column 'blob'.*must hold numbers, text or dates"):
        read_table(f"{duck}#SELECT 'x'::BLOB AS blob")


def test_moments_come_in_utc(postgresql: str) -> None:
    frame = read_table(f"{postgresql}#SELECT TIMESTAMPTZ '2020-06-01 12:00:00+02' AS at, TRUE AS yes").frame
    assert frame["at"].to_list() == [datetime.datetime(2020, 6, 1, 10)]
    assert frame["yes"].to_list() == [True]


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
def test_a_long_result_is_read_in_bounded_memory(make: str, request: pytest.FixtureRequest) -> None:
    bank = request.getfixturevalue(make)
    series = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
        "SELECT i, i * 2.5 AS v FROM n",
        "postgresql": "SELECT i, i * 2.5::float AS v FROM generate_series(1, 200000) AS i",
    }[make]
    address = address_of(f"{bank}#{series}")
    assert address is not None

    def peak(use: Callable[[], int]) -> tuple[int, int]:
        tracemalloc.start()
        rows = use()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return rows, most

    in_parts = peak(lambda: sum(part.height for part in sql_parts(address, rows=2_000)))
    at_once = peak(lambda: sum(part.height for part in sql_parts(address, rows=200_000)))
    assert in_parts[0] == at_once[0] == 200_000
    assert in_parts[1] < at_once[1] / 10
