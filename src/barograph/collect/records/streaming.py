"""Records to be scored from a file larger than memory: one part after the other, never the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from barograph.collect.files import is_parquet
from barograph.collect.parts import parquet_columns, parquet_parts, parquet_rows, text_parts
from barograph.collect.raw import RawTable
from barograph.collect.records.serving import RequestNotes, check_columns, records_to_score, required
from barograph.core.errors import DataError
from barograph.core.readable import readable
from barograph.core.record_table import Records, RecordSchema


@dataclass(frozen=True, slots=True)
class RequestStream:
    """An opened file of records: iterate to get them part by part, as often as wanted."""

    path: Path
    schema: RecordSchema
    rows: int
    notes: RequestNotes
    parquet: bool
    first: int = 0  # row that it begins at
    end: int | None = None  # row that it ends before; None: the file's end

    def partitions(self, rows: int) -> list[RequestStream]:
        """Ranges of so many rows of a Parquet file, the last of what remains; each can be read by itself."""
        whole = parquet_rows(self.path)
        return [replace(self, first=i, end=min(i + rows, whole)) for i in range(0, whole, rows)]

    def __iter__(self) -> Iterator[Records]:
        """Records in the file's order, at most `rows` at a time; errors name the row of the file.

        Where models read the last records of a stream, those before a part are read with it.
        """
        before = self._before()
        for raw in self._parts():
            if not raw.frame.height:
                continue
            known = 0 if before is None else before.frame.height
            whole = raw if before is None else _behind(before, raw)
            records = records_to_score(whole, self.schema)
            yield records.take(np.arange(known, records.n)) if known else records
            if self.schema.stream_steps:
                before = _last(whole, self.schema.stream_steps - 1)

    def _parts(self) -> Iterator[RawTable]:
        if not self.parquet:
            return text_parts(self.path, rows=self.rows)
        columns = _columns(self.path, self.schema)
        return parquet_parts(self.path, columns, rows=self.rows, first=self.first, end=self.end)

    def _before(self) -> RawTable | None:
        """What models of this stream's last records read of the rows ahead of a range."""
        rows = min(self.first, max(0, self.schema.stream_steps - 1))
        if not rows:
            return None
        since = self.first - rows
        columns = _columns(self.path, self.schema)
        return next(parquet_parts(self.path, columns, rows=rows, first=since, end=self.first))


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
    with readable(file), file.open("rb") as stream:
        head = stream.read(4)
    if not head:
        raise DataError(f"{file.name} must hold a table", came="it is empty", do="Give a header and rows")
    parquet = is_parquet(head, file.name)
    columns = parquet_columns(file) if parquet else next(text_parts(file, rows=1)).frame.columns
    notes = check_columns(columns, schema, label=file.name)
    request = RequestStream(file, schema, rows, notes, parquet)
    if not next(iter(replace(request, rows=1)._parts())).frame.height:
        raise DataError(f"{file.name} must hold at least one record", came="it has no row", do="Give records")
    return request


def _behind(before: RawTable, raw: RawTable) -> RawTable:
    frame = pl.concat([before.frame, raw.frame])
    return replace(raw, frame=frame, numbers=pl.concat([before.numbers, raw.numbers]))


def _last(raw: RawTable, rows: int) -> RawTable:
    return replace(raw, frame=raw.frame.tail(rows), numbers=raw.numbers.tail(rows))


def _columns(path: Path, schema: RecordSchema) -> list[str]:
    named = [name for name in (schema.record_id, schema.amount, *schema.terms.values()) if name]
    return [name for name in parquet_columns(path) if name in {*required(schema), *named}]
