"""Records to be scored from a file larger than memory: one part after the other, never the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from barograph.collect.files import is_parquet
from barograph.collect.parts import parquet_columns, parquet_parts, text_parts
from barograph.collect.raw import RawTable
from barograph.collect.records.serving import RequestNotes, check_columns, records_to_score, required
from barograph.core.errors import DataError, StorageError
from barograph.core.record_table import Records, RecordSchema


@dataclass(frozen=True, slots=True)
class RequestStream:
    """An opened file of records: iterate to get them part by part, as often as wanted."""

    path: Path
    schema: RecordSchema
    rows: int
    notes: RequestNotes
    parquet: bool

    def __iter__(self) -> Iterator[Records]:
        """Records in the file's order, at most `rows` at a time; errors name the row of the file.

        Where models read the last records of a stream, those before a part are read with it.
        """
        before: RawTable | None = None
        for raw in _parts(self.path, self.schema, self.rows, self.parquet):
            if not raw.frame.height:
                continue
            known = 0 if before is None else before.frame.height
            whole = raw if before is None else _behind(before, raw)
            records = records_to_score(whole, self.schema)
            yield records.take(np.arange(known, records.n)) if known else records
            if self.schema.stream_steps:
                before = _last(whole, self.schema.stream_steps - 1)


def stream_request(path: str | Path, schema: RecordSchema, *, rows: int = 65_536) -> RequestStream:
    """Opens a CSV or Parquet file of records to be scored; its columns are checked at once.

    Parameters
    ----------
    path : str or Path
        The file. A Parquet file is held in memory one row group at a time at most.
    schema : RecordSchema
        Of the records the model was fitted on.
    rows : int
        Records per part.

    Raises
    ------
    DataError
        No table, no row, or a column is missing; while iterating, what `read_request` refuses.
    StorageError
        The file cannot be read.
    """
    file = Path(path).expanduser()
    try:
        with file.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise StorageError(
            f"{file} must be a readable file",
            came=error.strerror or type(error).__name__,
            do="Check the path and its permissions",
        ) from error
    if not head:
        raise DataError(f"{file.name} must hold a table", came="it is empty", do="Give a header and rows")
    parquet = is_parquet(head, file.name)
    columns = parquet_columns(file) if parquet else next(text_parts(file, rows=1)).frame.columns
    notes = check_columns(columns, schema, label=file.name)
    if not next(iter(_parts(file, schema, 1, parquet))).frame.height:
        raise DataError(f"{file.name} must hold at least one record", came="it has no row", do="Give records")
    return RequestStream(file, schema, rows, notes, parquet)


def _behind(before: RawTable, raw: RawTable) -> RawTable:
    frame = pl.concat([before.frame, raw.frame])
    return replace(raw, frame=frame, numbers=pl.concat([before.numbers, raw.numbers]))


def _last(raw: RawTable, rows: int) -> RawTable:
    return replace(raw, frame=raw.frame.tail(rows), numbers=raw.numbers.tail(rows))


def _parts(path: Path, schema: RecordSchema, rows: int, parquet: bool) -> Iterator[RawTable]:
    return _parquet_parts(path, schema, rows) if parquet else text_parts(path, rows=rows)


def _parquet_parts(path: Path, schema: RecordSchema, rows: int) -> Iterator[RawTable]:
    named = [name for name in (schema.record_id, schema.amount, *schema.terms.values()) if name]
    wanted = [name for name in parquet_columns(path) if name in {*required(schema), *named}]
    return parquet_parts(path, wanted, rows=rows)
