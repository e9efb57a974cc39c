"""An own table on its way to a study: held against its contract, joined as of its time, then handed on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from barograph.collect.as_of import joined
from barograph.collect.catalogue import PACKAGED
from barograph.collect.contracts import accepted, quarantined, read_contract
from barograph.collect.events.catalogue import PACKAGED_EVENTS
from barograph.collect.ledgers.catalogue import PACKAGED_LEDGERS
from barograph.collect.levels.catalogue import PACKAGED_SERIES
from barograph.collect.panels import PACKAGED_PANELS
from barograph.collect.raw import RawTable
from barograph.collect.reading import named_table, table_of
from barograph.collect.records.catalogue import PACKAGED_RECORDS
from barograph.core.errors import SettingError
from barograph.core.recipe import AnyStudy
from barograph.core.scoring_study import ScoringStudy
from barograph.core.section import FileSection

SHIPPED = (
    *(*PACKAGED, *PACKAGED_EVENTS, *PACKAGED_LEDGERS),
    *(*PACKAGED_SERIES, *PACKAGED_PANELS, *PACKAGED_RECORDS),
)


@dataclass(frozen=True, slots=True, eq=False)
class OwnTable:
    """What a study reads, and the rows that were set aside before."""

    data: Any  # what the caller named, None for the study's source; a `RawTable` where it was read here
    aside: tuple[int, str] = (0, "")  # rows that were set aside, and the file that holds them
    snapshot: str = ""  # hash under which the table is kept

    def marked(self, snapshot: Any) -> Any:
        """A study's data, whose provenance says what was set aside and what is kept."""
        rows, file = self.aside
        told = replace(snapshot.provenance, set_aside=rows, set_aside_in=file, snapshot=self.snapshot)
        return replace(snapshot, provenance=told)


def own_table(plan: AnyStudy, data: object | None, *, keep: bool = False) -> OwnTable:
    """The table of a study whose settings ask for more than reading it; otherwise what the caller named.

    Parameters
    ----------
    plan : AnyStudy
    data : object
        As in `api.study.run`.
    keep : bool
        Whether the table is to be kept, and so must be read here.

    Raises
    ------
    DataError
        The table breaks its contract: one message lists everything.
    SettingError, StorageError
        The contract, or a setting that goes with it, is not usable.
    """
    section = plan.collect
    joining = plan if isinstance(plan, ScoringStudy) and plan.collect.join else None
    if section.quarantine and not section.contract:
        raise SettingError(
            "--quarantine must go with a contract, which says what a bad row is",
            came="there is none",
            do="Add --contract FILE; `barograph inspect FILE --write-contract FILE` proposes one",
        )
    if keep and isinstance(plan, ScoringStudy) and plan.collect.in_memory:
        raise SettingError(
            "--keep-snapshot must go with a table of which memory holds all",
            came=f"collect.in_memory is {plan.collect.in_memory:,}",
            do="Leave --keep-snapshot out, or hold the whole table: --set collect.in_memory=0",
        )
    if not (section.contract or joining or keep):
        return OwnTable(data)
    what = "a contract" if section.contract else "collect.join" if joining else "--keep-snapshot"
    own = OwnTable(_read(plan, data, what))
    if section.contract:
        own = _kept(own.data, section)
    return own if joining is None else OwnTable(with_joins(own.data, joining), own.aside)


def _kept(raw: RawTable, section: FileSection) -> OwnTable:
    """The rows that keep the contract: all of them, or those that are left when bad ones are set aside."""
    contract, today = read_contract(section.contract), datetime.date.today()
    if not section.quarantine:
        return OwnTable(accepted(raw, contract, today=today))
    rest, aside = quarantined(raw, contract, section.quarantine, today=today)
    return OwnTable(rest) if aside is None else OwnTable(rest, (aside.rows, aside.file))


def test_kept(raw: RawTable, plan: AnyStudy) -> RawTable:
    """A separate test table, held to the contract of the study's own; bad rows go into a file of their own.

    Its age, its number of rows and whether outcomes stand in it are its own matter.

    Raises
    ------
    DataError, SettingError, StorageError
        As `own_table`.
    """
    section = plan.collect
    if not section.contract:
        return raw
    contract, today = read_contract(section.contract), datetime.date.today()
    target = getattr(section, "target", None)
    columns = {
        name: terms.model_copy(update={"required": False}) if name == target else terms
        for name, terms in contract.columns.items()
    }
    own = contract.model_copy(update={"columns": columns, "freshness": None, "least_rows": 0})
    if not section.quarantine:
        return accepted(raw, own, today=today)
    file = Path(section.quarantine)
    return quarantined(raw, own, file.with_stem(f"{file.stem}-test") if file.suffix else file, today=today)[0]


def with_joins(raw: RawTable, plan: ScoringStudy) -> RawTable:
    """A study's table with the columns that `collect.join` takes from others, as of each record's time."""
    if plan.prepare.fixings is not None:
        raise SettingError(
            "collect.join must go with records or events",
            came=f"{plan.name} makes its records of fixings",
            do="Leave it out",
        )
    instants = plan.prepare.events is not None or bool(plan.collect.block_hours)
    return joined(raw, plan.collect, instants=instants)


def _read(plan: AnyStudy, data: object | None, what: str) -> RawTable:
    """The table that a caller or the study names."""
    if data is not None:
        return table_of(data, form=plan.collect)
    if plan.collect.source in SHIPPED:
        raise SettingError(
            f"{what} must go with own data",
            came=f"{plan.name} runs on the packaged source '{plan.collect.source}'",
            do="Name your own with --data, or leave it out",
        )
    return named_table(plan.collect.source, SHIPPED, plan.collect)
