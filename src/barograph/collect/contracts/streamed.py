"""Any source against a contract; Parquet and large text part by part, in bounded memory."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from barograph.collect.contracts.checking import Findings, TableCheck
from barograph.collect.contracts.terms import TableContract
from barograph.collect.files import PARQUET_MAGIC
from barograph.collect.parts import parquet_columns, parquet_parts, text_parts
from barograph.collect.raw import UNSAID, RawTable
from barograph.collect.reading import table_of
from barograph.collect.reading.large import is_large_text
from barograph.collect.violation import refusal
from barograph.core.errors import DataError
from barograph.core.section import FileSection

PARQUET_ROWS, TEXT_ROWS = 1 << 19, 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What a source breaks, and how it is called."""

    findings: Findings
    contract: str  # its name
    label: str
    place: str  # what rows are counted in: "line" or "row"

    @property
    def refusal(self) -> DataError | None:
        """The error with one table of all violations; None where the contract is kept."""
        if not self.findings.violations:
            return None
        words = f"the contract {self.contract}"
        return refusal(self.findings.violations, label=self.label, place=self.place, names={}, contract=words)


def checked(
    data: object, contract: TableContract, *, today: datetime.date, form: FileSection = UNSAID
) -> Checked:
    """A file, folder, database, address or frame against a contract; nothing is trained or kept.

    Memory holds one part of a Parquet or large text file at a time, and eight bytes a row for each key.

    Raises
    ------
    DataError, StorageError, SettingError
        It is no table at all.
    """
    columns, parts = _parts(data, contract, form)
    check, label, place = TableCheck(contract, today=today), "", ""
    for raw in parts():
        check.take(raw, columns=columns)
        label, place = raw.label, raw.place
    return Checked(check.finish(parts), contract.name, label, place)


def _parts(
    data: object, contract: TableContract, form: FileSection
) -> tuple[tuple[str, ...], Callable[[], Iterator[RawTable]]]:
    if isinstance(data, str | Path):
        path = Path(data).expanduser()
        if is_large_text(data):
            return (), partial(text_parts, path, rows=TEXT_ROWS, form=form)
        if "://" not in str(data) and path.is_file() and _head(path) == PARQUET_MAGIC:
            columns = parquet_columns(path)
            named = [name for name in columns if name in contract.columns]
            if named:
                return tuple(columns), partial(parquet_parts, path, named, rows=PARQUET_ROWS)
    raw = table_of(data, form=form)
    return (), lambda: iter((raw,))


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(len(PARQUET_MAGIC))
