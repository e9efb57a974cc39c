"""From a raw table to a snapshot: layout, window, contract, panel; one way for files, frames and samples."""

from __future__ import annotations

import datetime
from dataclasses import replace

import polars as pl

from barograph.collect.contract import CONTRACTS, Contract, inspect
from barograph.collect.fixings import settled
from barograph.collect.layout import long_table
from barograph.collect.raw import RawTable
from barograph.collect.snapshot import panel_of, snapshot_of
from barograph.collect.values import names
from barograph.collect.violation import refusal
from barograph.core.errors import SettingError, unknown
from barograph.core.notes import noted
from barograph.core.records import Snapshot
from barograph.core.study import CollectSection

OWN_DATA = noted("notes.source.own_licence")


def assemble(
    raw: RawTable,
    section: CollectSection,
    *,
    entity: str,
    contract: Contract | None,
    today: datetime.date,
    licence: str = OWN_DATA,
) -> Snapshot:
    """The snapshot of a raw table, or one `DataError` with everything that is wrong with it.

    Parameters
    ----------
    raw : RawTable
        As read.
    section : CollectSection
        Which series, which days, and which column is what.
    entity : str
        The series' name where the table gives none.
    contract : Contract, optional
        What the table must keep; by default what `collect.quotes` says.
    today : datetime.date
        The clock.
    licence : str
        Under which terms the data came.
    """
    since, until = window(section)
    contract = contract or CONTRACTS[section.quotes]
    long = long_table(raw, section.columns, entity=entity)
    kept = _only(long.table, section.entities)
    left: tuple[str, ...] = ()
    if contract.fixings:
        remaining = settled(kept, contract, (since, until), named=section.entities)
        kept, left = remaining.table, remaining.notes
    inspection = inspect(kept, contract, today=today, since=since, until=until)
    if inspection.violations:
        raise refusal(
            inspection.violations,
            label=raw.label,
            place=raw.place,
            names=long.names,
            several=kept["entity"].n_unique() > 1,
        )
    notes = (*raw.notes, *long.notes, *left, *inspection.notes)
    made = snapshot_of(panel_of(inspection.table), source=raw.label, licence=licence, notes=notes)
    return replace(made, provenance=replace(made.provenance, assumed=raw.assumed))


def window(section: CollectSection) -> tuple[datetime.date | None, datetime.date | None]:
    """The section's first and last day; raises `SettingError` where they are no days or out of order."""
    since = _day("collect.since", section.since)
    until = _day("collect.until", section.until)
    if since is not None and until is not None and since > until:
        came = f"got {since} and {until}"
        raise SettingError("collect.since must not be after collect.until", came=came, do="Swap them")
    return since, until


def _day(key: str, value: str | None) -> datetime.date | None:
    try:
        return None if value is None else datetime.date.fromisoformat(value)
    except ValueError as error:
        raise SettingError(
            f"{key} must be a day", came=f"got '{value}'", do="Write it as YYYY-MM-DD"
        ) from error


def narrowed(section: CollectSection, since: str | None, until: str | None) -> CollectSection:
    """The section with its window cut to a narrower one."""
    first, last = window(section.model_copy(update={"since": since, "until": until}))
    own_first, own_last = window(section)
    starts = [day for day in (first, own_first) if day is not None]
    ends = [day for day in (last, own_last) if day is not None]
    return section.model_copy(
        update={
            "since": max(starts).isoformat() if starts else None,
            "until": min(ends).isoformat() if ends else None,
        }
    )


def _only(table: pl.DataFrame, entities: tuple[str, ...]) -> pl.DataFrame:
    """The rows of the wanted series, and those without a name (which the contract refuses)."""
    if not entities:
        return table
    named = names(table["entity"])
    known = set(named.drop_nulls().to_list())
    for entity in entities:
        if entity not in known:
            raise unknown("collect.entities", entity, sorted(known))
    return table.filter(named.is_in(list(entities)) | named.is_null())
