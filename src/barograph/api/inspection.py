"""Looking at data before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from barograph.api.collected import panel_of, records_of
from barograph.api.own_data import Columns, planned
from barograph.collect.inspection import Inspection, Reading, Suggestion, inspect_table
from barograph.core.errors import InputError
from barograph.core.panel_study import PanelStudy
from barograph.core.scoring_study import ScoringStudy
from barograph.core.section import FileSection

__all__ = ["Inspection", "Reading", "inspect"]


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
    if found.looked_at < found.rows:
        return found
    form = {"collect.encoding": encoding, "collect.delimiter": delimiter}
    readings = (_reading(data, one, form, one.command(found.source)) for one in found.suggestions)
    return replace(found, readings=tuple(readings))


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
