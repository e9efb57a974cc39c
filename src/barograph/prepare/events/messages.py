"""What the live state is sent, and what it answers."""

from __future__ import annotations

from typing import NamedTuple

LABEL_STATUSES = ("learned", "repeated", "corrected", "unknown", "bad_time")
"""What became of a label; `unknown` and `bad_time` left no trace but the count."""

LEARNED, REPEATED, CORRECTED, UNKNOWN_ID, BAD_KNOWN_AT = range(len(LABEL_STATUSES))

Row = tuple[float, ...]


class Event(NamedTuple):
    """One payment or transfer, as it arrives."""

    event_id: str
    time: int  # microseconds since 1970-01-01 UTC
    actor: str
    counterparty: str  # "" where there is none
    amount: float  # money units


class Answer(NamedTuple):
    """What an event is answered: its status (see `names.STATUSES`) and its features, none if refused."""

    status: str
    row: Row
