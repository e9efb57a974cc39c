"""How much memory a live state takes at most."""

from __future__ import annotations

from barograph.prepare.events.intake import LiveState

ID_BYTES, ROW_BYTES = 336, 24
"""Most bytes of an id, and of a row but for its features (ids of up to 16 characters; CPython 3.11, 64 bit;
asserted in the tests)."""


def bytes_at_most(state: LiveState) -> int:
    """A bound on the bytes a state takes, for names and ids of up to 16 characters.

    A key goes when its last event and label go, so a live key takes what its events within the longest window
    and the lateness take: in plain Python five kilobytes for 60 events, compiled three to five.
    """
    ledger = state.ledger
    return state.key_bytes() + ID_BYTES * len(ledger.ids) + (ROW_BYTES + 8 * state.width) * ledger.rows
