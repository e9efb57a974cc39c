"""An own table on its way to a study: held against its contract before anything is read from it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

from barograph.collect.catalogue import PACKAGED
from barograph.collect.contracts import SetAside, accepted, quarantined, read_contract
from barograph.collect.events import PACKAGED_EVENTS
from barograph.collect.ledgers.catalogue import PACKAGED_LEDGERS
from barograph.collect.levels.catalogue import PACKAGED_SERIES
from barograph.collect.panels import PACKAGED_PANELS
from barograph.collect.raw import RawTable
from barograph.collect.reading import named_table, table_of
from barograph.collect.records.catalogue import PACKAGED_RECORDS
from barograph.core.errors import SettingError
from barograph.core.recipe import AnyStudy

SHIPPED = (
    *(*PACKAGED, *PACKAGED_EVENTS, *PACKAGED_LEDGERS),
    *(*PACKAGED_SERIES, *PACKAGED_PANELS, *PACKAGED_RECORDS),
)


@dataclass(frozen=True, slots=True, eq=False)
class OwnTable:
    """What a study reads, and the rows that were set aside before."""

    data: object | None  # what the caller named, or a `RawTable` where it had to be read first
    aside: SetAside | None = None

    def marked(self, snapshot: Any) -> Any:
        """A snapshot whose provenance says how many rows were set aside, and where they are."""
        if self.aside is None:
            return snapshot
        told = replace(snapshot.provenance, set_aside=self.aside.rows, set_aside_in=self.aside.file)
        return replace(snapshot, provenance=told)


def own_table(plan: AnyStudy, data: object | None) -> OwnTable:
    """The table of a study whose settings ask for more than reading it; otherwise what the caller named.

    Raises
    ------
    DataError
        The table breaks its contract: one message lists everything.
    SettingError, StorageError
        The contract, or a setting that goes with it, is not usable.
    """
    section = plan.collect
    if section.quarantine and not section.contract:
        raise SettingError(
            "--quarantine must go with a contract, which says what a bad row is",
            came="there is none",
            do="Add --contract FILE; `barograph inspect FILE --write-contract FILE` proposes one",
        )
    if not section.contract:
        return OwnTable(data)
    contract = read_contract(section.contract)
    raw, today = _read(plan, data), datetime.date.today()
    if not section.quarantine:
        return OwnTable(accepted(raw, contract, today=today))
    return OwnTable(*quarantined(raw, contract, section.quarantine, today=today))


def _read(plan: AnyStudy, data: object | None) -> RawTable:
    """The table that a caller or the study names."""
    if data is not None:
        return table_of(data, form=plan.collect)
    if plan.collect.source in SHIPPED:
        raise SettingError(
            "a contract must go with own data",
            came=f"{plan.name} runs on the packaged source '{plan.collect.source}'",
            do="Name your own with --data, or leave the contract out",
        )
    return named_table(plan.collect.source, SHIPPED, plan.collect)
