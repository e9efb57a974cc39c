"""Bad rows set aside in a file, each with its reasons; nothing leaves a table without a trace."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from barograph.collect.contracts.checking import Findings, held
from barograph.collect.contracts.terms import TableContract
from barograph.collect.raw import RawTable
from barograph.collect.snapshot import replace_file
from barograph.collect.violation import refusal
from barograph.core.arrays import BoolArray
from barograph.core.errors import DataError, SettingError, StorageError
from barograph.core.notes import noted

REASONS = "(reasons)"
"""Column of a file of bad rows that says what each breaks; before it stands the row's number."""
ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that a run left out because they break its contract."""

    rows: int
    of: int  # rows of the table before
    file: str
    reasons: dict[str, int]  # "column: rule" -> rows that break it

    def note(self, contract: str) -> str:
        """One sentence for provenance and report."""
        why = ", ".join(f"{reason} {count:,}" for reason, count in self.reasons.items())
        return noted(
            "notes.reading.set_aside",
            n=self.rows,
            of=self.of,
            contract=contract,
            file=self.file,
            reasons=why,
        )


def accepted(raw: RawTable, contract: TableContract, *, today: datetime.date) -> RawTable:
    """The table itself; `DataError` with one table of all violations where it breaks the contract."""
    findings = held(raw, contract, today=today)
    if findings.violations:
        raise broken(raw, contract, findings)
    return raw


def quarantined(
    raw: RawTable, contract: TableContract, target: str | Path, *, today: datetime.date
) -> tuple[RawTable, SetAside | None]:
    """The good rows of a table; the others stand in a file.

    Parameters
    ----------
    raw : RawTable
        As read.
    contract : TableContract
    target : str or Path
        A file (.csv, .parquet), or a folder, in which the file is named after the table.
    today : datetime.date
        The clock.

    Returns
    -------
    tuple of RawTable and SetAside
        None where every row is good; no file is then written.

    Raises
    ------
    DataError
        What is broken concerns the table as a whole, before or after the bad rows left; or a column has a
        name that the file of bad rows needs.
    StorageError, SettingError
        The file cannot be written, or something else stands in its place.
    """
    place = _file(Path(target).expanduser(), raw)
    taken = next((name for name in (REASONS, f"({raw.place})") if name in raw.frame.columns), None)
    if taken is not None:
        raise DataError(
            f"{raw.label} must leave the name '{taken}' free for the file of its bad rows",
            came="it has a column of that name",
            do="Rename that column",
        )
    findings = held(raw, contract, today=today, places=True)
    if any(one.row is None for one in findings.violations):
        raise broken(raw, contract, findings)
    if not findings.violations:
        return raw, None
    bad = np.zeros(raw.frame.height, dtype=bool)
    bad[np.concatenate(list(findings.bad.values()))] = True
    rest = _rows(raw, ~bad)
    left = held(rest, contract, today=today)
    if left.violations:
        raise _still_broken(rest, contract, left, int(bad.sum()))
    _write(raw, bad, findings, place)
    reasons = {": ".join(key): int(places.size) for key, places in findings.bad.items()}
    aside = SetAside(int(bad.sum()), raw.frame.height, str(place), reasons)
    note = aside.note(contract.name)
    return replace(rest, notes=(*rest.notes, note)), aside


def broken(raw: RawTable, contract: TableContract, findings: Findings) -> DataError:
    """The error with everything in which a table breaks a contract."""
    words = f"the contract {contract.name}"
    return refusal(findings.violations, label=raw.label, place=raw.place, names={}, contract=words)


def _still_broken(rest: RawTable, contract: TableContract, left: Findings, bad: int) -> DataError:
    label = f"what is left of {rest.label} without {bad:,} bad rows"
    return broken(replace(rest, label=label), contract, left)


def _rows(raw: RawTable, chosen: BoolArray) -> RawTable:
    mask = pl.Series(chosen)
    return replace(raw, frame=raw.frame.filter(mask), numbers=raw.numbers.filter(mask))


def _file(target: Path, raw: RawTable) -> Path:
    """Where the bad rows go; refuses to replace what is no such file."""
    if target.suffix.lower() not in ENDINGS:
        if target.is_file() or target.suffix:
            raise SettingError(
                "--quarantine must be a folder, or a file that ends in .csv or .parquet",
                came=f"got {target}",
                do=f"Write {target.with_suffix('.csv')}",
            )
        nested = any(dtype.is_nested() for dtype in raw.frame.dtypes)
        stem = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in Path(raw.label).stem)
        target = target / f"{stem or 'table'}.quarantine{'.parquet' if nested else '.csv'}"
    if target.exists() and REASONS not in _columns(target):
        raise SettingError(
            "--quarantine must not replace a file that is not one of bad rows",
            came=f"{target} holds something else",
            do="Name another file or folder",
        )
    return target


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix.lower() == ".parquet":
            return list(pl.read_parquet_schema(path))
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return next(csv.reader(stream), [])
    except (OSError, UnicodeDecodeError, csv.Error, pl.exceptions.PolarsError):
        return []


def _write(raw: RawTable, bad: BoolArray, findings: Findings, place: Path) -> None:
    reasons = pl.concat(
        pl.DataFrame({"place": places, "reason": [": ".join(key)] * places.size})
        for key, places in findings.bad.items()
    )
    told = reasons.group_by("place").agg(pl.col("reason").str.join("; ")).sort("place")
    frame = _rows(raw, bad).frame.with_columns(
        _rows(raw, bad).numbers.alias(f"({raw.place})"), told["reason"].alias(REASONS)
    )
    stream = io.BytesIO()
    try:
        if place.suffix.lower() == ".parquet":
            frame.write_parquet(stream)
        else:
            frame.write_csv(stream)
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, stream.getvalue())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StorageError(
            f"bad rows must be written to {place}",
            came=str(error).splitlines()[0] if str(error) else type(error).__name__,
            do="Check the folder's permissions, or name a .parquet file",
        ) from error
