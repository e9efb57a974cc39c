"""The catalogue of packaged sources, and the one function that opens any source."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from barograph.collect import fixing_samples, market_samples
from barograph.collect.assembly import assemble, narrowed
from barograph.collect.contract import Contract
from barograph.collect.market_samples import Part
from barograph.collect.raw import by_rows
from barograph.collect.reading import check_source, read_table
from barograph.core.contracts import Source
from barograph.core.errors import SettingError, unknown
from barograph.core.records import Snapshot
from barograph.core.study import CollectSection


@dataclass(frozen=True, slots=True)
class Packaged:
    """A source that comes with the installation."""

    title: str
    entities: tuple[str, ...]
    read_parts: Callable[[tuple[str, ...]], list[Part]]
    quoted_in: str = ""  # of exchange rates: the currency of which they say what one unit costs


PACKAGED: dict[str, Packaged] = {
    "market-samples": Packaged(
        title="S&P 500 and Nasdaq (open, high, low, close, volume), WTI crude oil, twenty US stocks; daily",
        entities=market_samples.ENTITIES,
        read_parts=market_samples.read_parts,
    ),
    "ecb-fixings": Packaged(
        title="Euro reference rates of the ECB, units per 1 EUR, daily: 17 currencies since 1999, 12 later",
        entities=fixing_samples.ENTITIES,
        read_parts=fixing_samples.read_parts,
        quoted_in=fixing_samples.QUOTED_IN,
    ),
}
"""Key -> packaged source."""


def open_source(
    section: CollectSection, *, contract: Contract | None = None, today: datetime.date | None = None
) -> Source:
    """The source a study names: a packaged key, or the path of a CSV or Parquet file.

    Nothing is read yet, but a word that is neither is refused here, with the nearest key.

    Parameters
    ----------
    section : CollectSection
        Its `source` is the key or path; the rest says what to keep of it.
    contract : Contract, optional
        What the table must keep; by default what `collect.quotes` says.
    today : datetime.date, optional
        The clock; the machine's by default.

    Examples
    --------
    >>> from barograph.core.study import CollectSection
    >>> snapshot = open_source(CollectSection(entities=("aapl", "msft"), since="2000-01-01")).read()
    >>> snapshot.panel.entities
    ('aapl', 'msft')
    """
    clock = today or datetime.date.today()
    if section.source in PACKAGED:
        return PackagedSource(section, contract, clock)
    check_source(section.source, PACKAGED)
    return OwnTable(section, contract, clock)


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table of the user's; a series without a name is called after the file."""

    section: CollectSection
    contract: Contract | None
    today: datetime.date

    def read(self, since: str | None = None, until: str | None = None) -> Snapshot:
        """See `core.contracts.Source`; the window is cut from the section's."""
        section = narrowed(self.section, since, until)
        raw = read_table(self.section.source, form=self.section)
        return assemble(raw, section, entity=Path(raw.label).stem, contract=self.contract, today=self.today)


@dataclass(frozen=True, slots=True)
class PackagedSource:
    """A packaged sample, put through the same contract as a user's file."""

    section: CollectSection
    contract: Contract | None
    today: datetime.date

    def read(self, since: str | None = None, until: str | None = None) -> Snapshot:
        """See `core.contracts.Source`; the window is cut from the section's."""
        section = narrowed(self.section, since, until)
        packaged = PACKAGED[section.source]
        if section.columns:
            came = f"got {len(section.columns)} for the packaged source '{section.source}'"
            raise SettingError("collect.columns must be empty here", came=came, do="Leave it out")
        for entity in section.entities:
            if entity not in packaged.entities:
                raise unknown("collect.entities", entity, packaged.entities)
        parts = packaged.read_parts(section.entities)
        table = pl.concat([part.table for part in parts], how="diagonal")
        notes = tuple(note for part in parts for note in part.notes)
        return assemble(
            by_rows(table, label=section.source, notes=notes),
            section,
            entity=section.source,
            contract=self.contract,
            today=self.today,
            licence="; ".join(part.licence for part in parts),
        )
