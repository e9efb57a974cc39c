"""How much memory a live state takes at most."""

from __future__ import annotations

from barograph.prepare.events.state import EventState

KEY_BYTES, EVENT_BYTES, ID_BYTES, ROW_BYTES, LABEL_BYTES = 960, 72, 320, 160, 24
"""Most bytes of a key, of an event per key, of an id, of a row but for its features, and of a label (names
and ids of up to 16 characters; CPython 3.11, 64 bit; asserted in the tests)."""


def bytes_at_most(state: EventState) -> int:
    """A bound on the bytes a state takes, for names and ids of up to 16 characters.

    A key goes when its last event and label go, so a live key takes `KEY_BYTES` and `EVENT_BYTES` for each
    event within the longest window and the lateness: 60 events, five kilobytes.
    """
    actors, others = state.actors.values(), state.counterparties.values()
    histories = [*(one.history for one in actors), *(one.history for one in others)]
    labels = sum(len(one.labels) for one in others if one.labels is not None)
    return (
        KEY_BYTES * len(histories)
        + EVENT_BYTES * sum(len(one.times) for one in histories)
        + ID_BYTES * len(state.ledger.ids)
        + (ROW_BYTES + 8 * state.width) * len(state.ledger.rows)
        + LABEL_BYTES * labels
    )
