"""Step 1 for events: simulated payments by card and transfers between accounts, every fraud in them known.

`simulate_cards` and `simulate_accounts` make a `core.event_table.EventSnapshot` from settings and a seed;
`to_parquet` and `from_parquet` keep events in one table; `events_hash` and `provenance_of` say which they
are.
"""

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.collect.events.snapshot import events_hash, provenance_of
from barograph.collect.events.writing import from_parquet, to_parquet

__all__ = [
    "AccountWorld",
    "CardWorld",
    "events_hash",
    "from_parquet",
    "provenance_of",
    "simulate_accounts",
    "simulate_cards",
    "to_parquet",
]
