"""The columns of a table of events by the parts they play."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventColumns:
    """What a table calls the parts of an event; "" where it has no such column."""

    event_id: str = "event_id"
    time: str = "time"
    actor: str = "actor"
    counterparty: str = "counterparty"
    amount: str = "amount"


USUAL_COLUMNS = EventColumns()
"""What simulated and stored events call them."""
