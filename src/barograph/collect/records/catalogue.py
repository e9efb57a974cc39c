"""The catalogue of packaged records, and the functions that open any source of records."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from barograph.collect.reading import check_source, read_table, table_of
from barograph.collect.records.drawn import drawn_rows
from barograph.collect.records.german import read_german
from barograph.collect.records.own import own_records
from barograph.collect.records.sba import read_loans, read_losses
from barograph.collect.records.ulb import read_cards
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection


@dataclass(frozen=True, slots=True)
class PackagedRecords:
    """Records that come with the installation."""

    title: str
    read: Callable[[RecordsSection, int], RecordSnapshot]


PACKAGED_RECORDS: dict[str, PackagedRecords] = {
    "card-fraud-ulb": PackagedRecords(
        "47,878 European card payments of two days in 2013, 492 of them frauds", read_cards
    ),
    "german-credit": PackagedRecords(
        "1,000 German credit applicants of 1973-75, 300 of them bad", read_german
    ),
    "sba-lgd": PackagedRecords("US small-business loans that were charged off: share lost", read_losses),
    "sba-loans": PackagedRecords(
        "132,337 US small-business loans approved 1988-2013: charged off?", read_loans
    ),
}
"""Key -> packaged records."""


class RecordSource(Protocol):
    """Somewhere records come from."""

    def read(self) -> RecordSnapshot:
        """The records, typed and labelled, with their provenance."""
        ...


def open_records(
    section: RecordsSection, *, loss: bool = False, seed: int = 0, today: datetime.date | None = None
) -> RecordSource:
    """The records a study names: a packaged key, or the path of a CSV or Parquet file.

    Nothing is read yet, but a word that is neither is refused here, with the nearest key.

    Parameters
    ----------
    section : RecordsSection
        Its `source` is the key or path; the rest says what is what.
    loss : bool
        Own files: whether the target is a loss given default (0 … 1) instead of a class.
    seed : int
        Of the draw, where the section wants a share of the records.
    today : datetime.date, optional
        The clock; the machine's by default.

    Examples
    --------
    >>> from barograph.core.scoring_study import RecordsSection
    >>> open_records(RecordsSection(source="german-credit")).read().records.n
    1000
    """
    if section.source in PACKAGED_RECORDS:
        return PackagedSource(section, seed)
    check_source(section.source, PACKAGED_RECORDS)
    return OwnTable(section, loss, seed, today or datetime.date.today())


def records_from_frame(
    frame: object,
    section: RecordsSection,
    *,
    label: str = "frame",
    loss: bool = False,
    seed: int = 0,
    today: datetime.date | None = None,
) -> RecordSnapshot:
    """The records of a polars or pandas frame or an Arrow table; `section.source` is not looked at.

    Parameters as for `open_records`; `label` is what messages and provenance call the table.
    """
    raw = table_of(frame, label=label, form=section)
    return own_records(raw, section, loss=loss, seed=seed, today=today or datetime.date.today())


@dataclass(frozen=True, slots=True)
class PackagedSource:
    """A packaged sample."""

    section: RecordsSection
    seed: int

    def read(self) -> RecordSnapshot:
        """See `RecordSource`."""
        return PACKAGED_RECORDS[self.section.source].read(self.section, self.seed)


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table of the user's: whatever `read_table` reads."""

    section: RecordsSection
    loss: bool
    seed: int
    today: datetime.date

    def read(self) -> RecordSnapshot:
        """See `RecordSource`."""
        beyond = None
        if self.section.in_memory and (drawn := drawn_rows(self.section, seed=self.seed)):
            raw, beyond = drawn
        else:
            raw = read_table(self.section.source, form=self.section)
        made = own_records(raw, self.section, loss=self.loss, seed=self.seed, today=self.today)
        return replace(made, beyond=beyond)
