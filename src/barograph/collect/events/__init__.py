"""Step 1 for events: payments and transfers, the user's own or simulated with every fraud in them known.

`open_events` opens what a study names, `events_from_frame` takes a table in memory; both give a
`core.event_table.EventSnapshot`. `simulate_cards` and `simulate_accounts` make one from settings and a seed;
`to_parquet` and `from_parquet` keep events in one table; `events_hash` and `provenance_of` say which they
are.
"""

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.collect.events.catalogue import (
    PACKAGED_EVENTS,
    PackagedEvents,
    events_from_frame,
    open_events,
)
from barograph.collect.events.snapshot import events_hash, provenance_of
from barograph.collect.events.writing import from_parquet, to_parquet

__all__ = [
    "PACKAGED_EVENTS",
    "AccountWorld",
    "CardWorld",
    "PackagedEvents",
    "events_from_frame",
    "events_hash",
    "from_parquet",
    "open_events",
    "provenance_of",
    "simulate_accounts",
    "simulate_cards",
    "to_parquet",
]
