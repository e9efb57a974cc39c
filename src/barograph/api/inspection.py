"""Looking at data before anything is trained."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

from barograph.api.collected import panel_of, records_of
from barograph.api.own_data import Columns, planned
from barograph.collect.contracts import Checked, checked, proposed, read_contract
from barograph.collect.inspection import MOST_COLUMNS, Inspection, Reading, Suggestion, inspect_table
from barograph.collect.reading import table_of
from barograph.core.errors import InputError, SettingError, StorageError
from barograph.core.panel_study import PanelStudy
from barograph.core.scoring_study import ScoringStudy
from barograph.core.section import FileSection

__all__ = ["Checked", "Inspection", "Reading", "check", "inspect", "propose"]


def inspect(data: object, *, encoding: str = "", delimiter: str = "") -> Inspection:
    """How a table would be read: each column's type, what it could be, what is assumed or in doubt.

    Of a table of usual size, every study that could be run on it also reads it, as `run` would.

    Parameters
    ----------
    data : str, Path or frame
        A file, folder, database or address (see `barograph.collect.reading`), or a table in memory.
    encoding, delimiter : str
        Of a text file; "" finds out.
    """
    found = inspect_table(data, FileSection(encoding=encoding, delimiter=delimiter))
    if found.looked_at < found.rows or len(found.columns) > MOST_COLUMNS:
        return found
    form = {"collect.encoding": encoding, "collect.delimiter": delimiter}
    read = [(one, _reading(data, one, form, one.command(found.source))) for one in found.suggestions]
    taken = {one.study for one, reading in read if not reading.refused}
    # A study that refuses the table is of no use beside one that takes it; where none does, the reason is.
    read = [pair for pair in read if pair[0].study in taken] if taken else read
    return replace(found, suggestions=tuple(one for one, _ in read), readings=tuple(one for _, one in read))


def _reading(data: object, one: Suggestion, form: dict[str, Any], command: str) -> Reading:
    """What a study would assume of a table; or its refusal, word for word."""
    given = Columns(one.target, one.time, None, ())
    try:
        plan = planned(one.study, data, (), form, None, given)
        if isinstance(plan, ScoringStudy):
            return Reading(command, records_of(plan, data).provenance.assumed)
        if isinstance(plan, PanelStudy):
            return Reading(command, panel_of(plan, data).provenance.assumed)
    except InputError as error:
        return Reading(command, (), str(error))
    return Reading(command, ())


def check(data: object, contract: str | Path, *, encoding: str = "", delimiter: str = "") -> Checked:
    """What a table breaks of the contract in a YAML file; every row is looked at, nothing is trained.

    Parameters
    ----------
    data : str, Path or frame
        As for `inspect`; Parquet and large text are read part by part.
    contract : str or Path
        The file.
    encoding, delimiter : str
        Of a text file; "" finds out.

    Raises
    ------
    InputError
        There is no table, or no contract. A broken contract is not an error here: see `Checked.refusal`.
    """
    form = FileSection(encoding=encoding, delimiter=delimiter)
    return checked(data, read_contract(contract), today=datetime.date.today(), form=form)


def propose(data: object, out: str | Path, *, encoding: str = "", delimiter: str = "") -> Path:
    """Write the contract that a table keeps now into a new YAML file, to be edited; otherwise as `check`.

    Raises
    ------
    SettingError
        The file is there already: it may have been edited.
    StorageError
        It cannot be written.
    """
    path = Path(out).expanduser()
    if path.exists():
        raise SettingError(
            "a proposed contract must go into a new file", came=f"{path} is there", do="Name another file"
        )
    words = proposed(table_of(data, form=FileSection(encoding=encoding, delimiter=delimiter)))
    try:
        path.write_text(words, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"the contract must be written to {path}",
            came=error.strerror or type(error).__name__,
            do="Check the folder and its permissions",
        ) from error
    return path
