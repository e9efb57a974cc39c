"""The catalogue of packaged events, and the functions that open any source of events."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.collect.events.own import own_events
from barograph.collect.events.own_columns import refuse_settings_of_records
from barograph.collect.events.snapshot import provenance_of
from barograph.collect.reading import named_table, table_of
from barograph.core.errors import SettingError, unknown
from barograph.core.event_table import EventSnapshot
from barograph.core.scoring_study import RecordsSection

OF_OWN_EVENTS = ("target", "positive", "time", "entity", "counterparty", "amount", "record_id", "pattern")


@dataclass(frozen=True, slots=True)
class PackagedEvents:
    """Events that the installation can make: by seed, and days until a label is known."""

    title: str
    make: Callable[[int, int], EventSnapshot]


def _cards(seed: int, label_days: int) -> EventSnapshot:
    world = CardWorld(
        cards=1_500,
        terminals=3_000,
        online=0.02,
        radius=5.0,
        start=datetime.date(2024, 1, 1),
        days=150,
        seed=seed,
        payments_per_day=1.9,
        amount_fraud=0.0010,
        terminal_fraud=0.0040,
        card_fraud=0.0025,
        label_delay_days=label_days,
    )
    return simulate_cards(world)


def _accounts(seed: int, label_days: int) -> EventSnapshot:
    world = AccountWorld(
        accounts=2_500,
        firms=0.12,
        start=datetime.date(2024, 1, 1),
        days=150,
        seed=seed,
        purchases_per_day=0.4,
        transfers_per_day=0.08,
        laundering=0.006,
        label_delay_days=label_days,
    )
    return simulate_accounts(world)


PACKAGED_EVENTS: dict[str, PackagedEvents] = {
    "account-simulator": PackagedEvents(
        "about 190,000 simulated transfers between 2,500 accounts, laundering among them", _accounts
    ),
    "card-simulator": PackagedEvents(
        "about 440,000 simulated payments by 1,500 cards at 3,000 terminals, frauds among them", _cards
    ),
}
"""Key -> packaged events."""


def open_events(
    section: RecordsSection, *, seed: int, network: bool = False, today: datetime.date | None = None
) -> EventSnapshot:
    """The events a study names: a simulator's key, or the path of a CSV or Parquet file.

    Parameters
    ----------
    section : RecordsSection
        Its `source` is the key or path; the rest says what is what. `since`, `until` and `share` are not
        looked at: features look back on all events.
    seed : int
        Of the simulation.
    network : bool
        Own files: whether actors and counterparties are accounts of one network, named alike.
    today : datetime.date, optional
        Own files: the clock; the machine's by default.

    Returns
    -------
    EventSnapshot
        In order of time; `label_time` is `collect.label_days` after each event.

    Raises
    ------
    DataError
        The file, a column or a row is not usable.
    SettingError
        The source is neither key nor file, or the section does not fit it.
    """
    if section.source in PACKAGED_EVENTS:
        return _packaged(section, seed)
    raw = named_table(section.source, PACKAGED_EVENTS, section)
    return own_events(raw, section, network=network, today=today or datetime.date.today())


def events_from_frame(
    frame: object,
    section: RecordsSection,
    *,
    label: str = "frame",
    network: bool = False,
    today: datetime.date | None = None,
) -> EventSnapshot:
    """The events of a polars or pandas frame or an Arrow table; `section.source` is not looked at.

    Parameters as for `open_events`; `label` is what messages and provenance call the table.
    """
    raw = table_of(frame, label=label, form=section)
    return own_events(raw, section, network=network, today=today or datetime.date.today())


def _packaged(section: RecordsSection, seed: int) -> EventSnapshot:
    """A simulator's events, less the columns that the section leaves out."""
    refuse_settings_of_records(section)
    for key in OF_OWN_EVENTS:
        if getattr(section, key):
            raise SettingError(
                f"collect.{key} must be empty for the packaged source '{section.source}'",
                came=f"got {getattr(section, key)!r}",
                do="Leave it out, or give your own file",
            )
    made = PACKAGED_EVENTS[section.source].make(seed, section.label_days)
    columns = made.events.columns
    for name in section.ignore:
        if name not in columns.columns:
            raise unknown("collect.ignore", name, columns.columns)
    out = [name for name in columns.columns if name in section.ignore or name in section.deny]
    if not out:
        return made
    events = replace(made.events, columns=columns.drop(out))
    was = made.provenance
    return EventSnapshot(
        events, provenance_of(events, source=was.source, licence=was.licence, notes=was.notes), made.notes
    )
