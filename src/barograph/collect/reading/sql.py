"""Tables and queries of a database, read in parts through a cursor that stays on the server."""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from barograph.collect.raw import RawTable, by_rows
from barograph.collect.violation import shortened
from barograph.core.address import Address
from barograph.core.errors import DataError, SettingError, StorageError, nearest
from barograph.core.late import late

ROWS = 50_000
"""Rows per part."""
NAME = re.compile(r'^(?:[\w$]+|"[^"]+")(?:\.(?:[\w$]+|"[^"]+")){0,2}$')
READING = re.compile(r"^\s*(?:select|with|values|from)\b", re.IGNORECASE)
EXTRAS = {"postgresql": "barograph[postgres]"}
DRIVERS = {"postgresql": "postgresql+psycopg"}
"""Addresses without a driver's name get ours."""


def read_sql(address: Address, *, rows: int = ROWS) -> RawTable:
    """The rows of a table or query as one table; see `sql_parts` for bounded memory."""
    parts = list(sql_parts(address, rows=rows))
    frame = pl.concat(parts, how="vertical_relaxed")
    return by_rows(frame, label=_label(address))


def sql_parts(address: Address, *, rows: int = ROWS) -> Iterator[pl.DataFrame]:
    """A table or query some rows at a time; one empty part for no rows.

    Parameters
    ----------
    address : Address
        Its part after ``#`` is a table's name or one SELECT.
    rows : int
        Rows per part: what is held in memory beside what the caller keeps.

    Raises
    ------
    SettingError
        No table or query is named, it would change something, or the driver is missing.
    StorageError
        The database does not answer.
    DataError
        The table is not there, the query is wrong, or a column holds neither numbers, text nor dates.
    """
    if address.scheme.split("+")[0] == "duckdb":
        yield from _duckdb_parts(address, rows)
    else:
        yield from _sqlalchemy_parts(address, rows)


def _label(address: Address) -> str:
    return f"{address.text}#{shortened(address.part)}"


def _statement(address: Address, tables: Sequence[str]) -> str:
    """The SELECT that reads what the address names."""
    part = address.part.rstrip(";").strip()
    if not part:
        came = (
            "got none"
            if not tables
            else f"got none; there are {', '.join(shortened(one) for one in tables[:20])}"
        )
        raise SettingError(
            f"{address.text} must name a table or a query",
            came=came,
            do=f"Write {address.text}#{tables[0] if tables else 'TABLE'}, or give --query",
        )
    if NAME.match(part):
        return f"SELECT * FROM {part}"
    if not READING.match(part) or ";" in part:
        raise SettingError(
            "a query must be one SELECT, or a table's name", came=f"got '{shortened(part)}'", do="Write it so"
        )
    return part


def _sqlalchemy_parts(address: Address, rows: int) -> Iterator[pl.DataFrame]:
    sa = _sqlalchemy()
    try:
        engine = sa.create_engine(_connected(address))
    except (ImportError, sa.exc.ArgumentError) as error:
        raise _no_driver(address, error) from error
    try:
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            statement = _statement(address, tables)
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            streamed = connection.execution_options(stream_results=True, max_row_buffer=rows)
            with streamed.exec_driver_sql(statement) as result:
                yield from _parts(list(result.keys()), result.partitions(rows), _label(address))
    except sa.exc.OperationalError as error:
        if "no such table" in str(error.orig) or "syntax error" in str(error.orig):
            raise _wrong(address, error.orig, engine) from error
        raise StorageError(
            f"{address.text} must be a database that answers",
            came=_first_line(error.orig),
            do="Check host, port, name and credentials, and that it runs",
        ) from error
    except sa.exc.DBAPIError as error:
        raise _wrong(address, error.orig, engine) from error
    finally:
        engine.dispose()


def _sqlalchemy() -> Any:
    return late("sqlalchemy", need="a database", install="pip install sqlalchemy")


def _connected(address: Address) -> str:
    scheme = address.scheme
    text = address.opened
    if scheme == "sqlite":
        path = text.split(":///", 1)[-1]
        return f"sqlite:///file:{path}?mode=ro&uri=true" if path and path != ":memory:" else text
    return text.replace(f"{scheme}://", f"{DRIVERS.get(scheme, scheme)}://", 1)


def _no_driver(address: Address, error: BaseException) -> SettingError:
    known = EXTRAS.get(address.scheme.split("+")[0], "its driver for Python")
    return SettingError(f"{address.scheme}:// needs a driver", came=_first_line(error), do=f"Install {known}")


def _wrong(address: Address, error: BaseException | None, engine: Any) -> DataError:
    sa = _sqlalchemy()
    hint = "Check the query"
    if NAME.match(address.part):
        try:
            names = sa.inspect(engine).get_table_names()
        except sa.exc.SQLAlchemyError:
            names = []
        hint = nearest(address.part, names).capitalize() if names else "The database has no table"
    return DataError(f"{_label(address)} must be readable", came=_first_line(error), do=hint)


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return shortened(lines[0], 160) if lines else type(error).__name__


def _duckdb_parts(address: Address, rows: int) -> Iterator[pl.DataFrame]:
    duckdb = late("duckdb", need="duckdb://", install="Install barograph[data]")
    path = address.opened.split(":///", 1)[-1]
    try:
        connection = duckdb.connect(path or ":memory:", read_only=bool(path))
    except (duckdb.Error, OSError) as error:
        raise StorageError(
            f"{address.text} must be a DuckDB database", came=_first_line(error), do="Check the path"
        ) from error
    try:
        tables = [str(row[0]) for row in connection.execute("SHOW TABLES").fetchall()]
        cursor = connection.execute(_statement(address, tables))
        names = [str(one[0]) for one in cursor.description or ()]
        yield from _parts(names, iter(lambda: cursor.fetchmany(rows), []), _label(address))
    except duckdb.Error as error:
        hint = (
            nearest(address.part, tables).capitalize() if NAME.match(address.part) and tables else "Check it"
        )
        raise DataError(f"{_label(address)} must be readable", came=_first_line(error), do=hint) from error
    finally:
        connection.close()


def _parts(names: list[str], parts: Iterable[Sequence[Sequence[Any]]], label: str) -> Iterator[pl.DataFrame]:
    """Rows of a driver as frames; one empty frame for none."""
    _check_names(names, label)
    found = False
    for part in parts:
        found = True
        yield _frame(names, part, label)
    if not found:
        yield pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _check_names(given: list[str], label: str) -> None:
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise DataError(
            f"{label} must name each column once",
            came=f"'{shortened(twice)}' comes twice",
            do="Rename one (AS)",
        )


def _frame(names: list[str], rows: Sequence[Sequence[Any]], label: str) -> pl.DataFrame:
    columns = zip(*rows, strict=True)
    return pl.DataFrame(
        [_series(name, list(values), label) for name, values in zip(names, columns, strict=True)]
    )


def _series(name: str, values: list[Any], label: str) -> pl.Series:
    """Values of a driver as a column of numbers, text, days or moments (in UTC, without a zone)."""
    types = {type(value) for value in values if value is not None}
    if not types:
        return pl.Series(name, [None] * len(values), dtype=pl.Null)
    if types <= {bool, int, float, str, datetime.date}:
        mixed = len(types - {bool, int, float}) and len(types) > 1
        if not mixed:
            dtype = pl.Float64 if float in types else None
            return pl.Series(name, values, dtype=dtype, strict=False)
    if types <= {int, float, decimal.Decimal}:
        return pl.Series(name, [None if one is None else float(one) for one in values], dtype=pl.Float64)
    if types == {datetime.datetime}:
        return pl.Series(name, [_moment(one) for one in values], dtype=pl.Datetime("us"))
    if types <= {str, int, float, bool, uuid.UUID}:
        return pl.Series(name, [None if one is None else str(one) for one in values], dtype=pl.String)
    odd = next(one.__name__ for one in types if one not in (int, float, bool, str))
    raise DataError(
        f"column '{shortened(name)}' of {label} must hold numbers, text or dates",
        came=f"it holds values of type {odd}",
        do="Convert it in the query, or leave it out",
    )


def _moment(value: datetime.datetime | None) -> datetime.datetime | None:
    if value is None or value.tzinfo is None:
        return value
    return value.astimezone(datetime.UTC).replace(tzinfo=None)
