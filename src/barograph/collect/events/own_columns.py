"""Which column of a user's table of events plays which part, and what the others tell."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import days_before
from barograph.collect.records.column_types import typed
from barograph.collect.records.own import later_dates, useless
from barograph.collect.records.roles import ColumnFinder, find_roles
from barograph.collect.violation import shortened
from barograph.core.arrays import DateArray
from barograph.core.errors import SettingError
from barograph.core.notes import noted
from barograph.core.record_table import TERMS
from barograph.core.scoring_study import RecordsSection

NAMED = {
    "target": ("whether it was a fraud", "--target COLUMN"),
    "time": ("when it happened", "--time COLUMN"),
    "entity": ("who paid: card or account", "--entity COLUMN"),
    "amount": ("how much was paid", "--set collect.amount=COLUMN"),
    "counterparty": ("which account received", "--set collect.counterparty=COLUMN"),
}
"""Part -> what its column says, and how to name it."""
OF_EVENTS = ("counterparty", "pattern")
NOT_OF_EVENTS = (*TERMS, "default_day", "known_after", "sequence", "protected")


@dataclass(frozen=True, slots=True)
class EventRoles:
    """The table's own names of the columns that play a part; "" where none does."""

    target: str
    time: str
    entity: str
    amount: str
    counterparty: str
    record_id: str
    pattern: str
    others: tuple[str, ...]  # in the table's order
    notes: tuple[str, ...]


def event_roles(raw: RawTable, section: RecordsSection, *, network: bool) -> EventRoles:
    """The parts that a section gives to the columns of a table of events.

    Raises
    ------
    SettingError
        A part without a column, a column that is not there or plays two parts, a setting of other records.
    DataError
        The table carries a denied column that the section does not ignore.
    """
    refuse_settings_of_records(section)
    for key, (says, how) in NAMED.items():
        if getattr(section, key) is None and (network or key != "counterparty"):
            raise SettingError(
                f"collect.{key} must name the column of {raw.label} that says {says}",
                came=f"got none; the columns are {', '.join(map(shortened, raw.frame.columns[:12]))}",
                do=f"Name it: {how}, or collect.{key} in the study",
            )
    roles = find_roles(raw, section)
    column = ColumnFinder(raw)
    named = {
        key: column(f"collect.{key}", value) if (value := getattr(section, key)) else "" for key in OF_EVENTS
    }
    parts = {
        "target": roles.target,
        "time": roles.time,
        "entity": roles.entity,
        "amount": roles.amount,
        "record_id": roles.record_id,
        **named,
    }
    _each_its_own(parts)
    others = tuple(name for name in roles.features if name not in parts.values())
    return EventRoles(**parts, others=others, notes=roles.notes)


def refuse_settings_of_records(section: RecordsSection) -> None:
    """Raises `SettingError` for a setting that speaks of loans or tables of records only."""
    for key in NOT_OF_EVENTS:
        if value := getattr(section, key):
            raise SettingError(
                f"collect.{key} must be empty for events",
                came=f"got {value!r}",
                do="Leave it out; collect.ignore leaves columns out",
            )


def further_columns(raw: RawTable, roles: EventRoles, day: DateArray) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The columns without a part, typed (Float64 or String), and what was left out or assumed.

    Dates become days before the event. Left out is what can tell nothing: constants, names of rows, nothing.
    """
    found: list[pl.Series] = []
    notes: list[str] = []
    for name in roles.others:
        column = typed(raw, name)
        nothing = useless(name, column)
        if nothing:
            notes.append(noted("notes.reading.left_out", name=name, why=nothing))
            continue
        notes += column.notes
        if column.kind == "date":
            notes += later_dates(name, column, day)
        values = days_before(column.values, day) if column.kind == "date" else column.values
        found.append(values.alias(name))
    return pl.DataFrame(found), tuple(notes)


def _each_its_own(parts: dict[str, str]) -> None:
    for key, name in parts.items():
        same = next((one for one, other in parts.items() if one != key and name and other == name), None)
        if same is not None:
            raise SettingError(
                f"collect.{key} and collect.{same} must name different columns",
                came=f"both name '{shortened(name)}'",
                do="Name the right column for each",
            )
