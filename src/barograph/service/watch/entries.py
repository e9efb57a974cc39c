"""What an entry of a stream says: an event, an outcome, or nothing that can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.core.errors import DataError
from barograph.core.fitted_events import SECOND
from barograph.engines.scoring.live_events import LiveEvent, is_text

EVENT, OUTCOME = b"event", b"outcome"
MILLISECOND = SECOND // 1000
NUMBERS = ("amount",)
FORM = (
    'Send XADD … event \'{"event_id": …, "time": …, "actor": …, "amount": …}\', the same as plain fields, '
    'or outcome \'{"event_id": …, "label": 0 or 1}\''
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became known of an event."""

    event_id: str
    label: float  # 1 fraud, 0 legitimate
    known_at: int | str  # see `live_events.instant`


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream, read."""

    id: bytes  # milliseconds-number, as Redis gave it
    said: LiveEvent | Outcome | str  # a text: why it cannot be read

    @property
    def instant(self) -> int:
        """When it was added, by the server's clock: microseconds since 1970-01-01 UTC."""
        return int(self.id.partition(b"-")[0]) * MILLISECOND


def reader(numeric: Sequence[str]) -> Callable[[bytes, Mapping[bytes, bytes]], Entry]:
    """What reads the entries of a bundle's stream.

    Parameters
    ----------
    numeric : sequence of str
        Further columns that the bundle reads as numbers: in plain fields everything is text.
    """
    numbers = frozenset((*NUMBERS, *numeric))

    def read(key: bytes, fields: Mapping[bytes, bytes]) -> Entry:
        try:
            return Entry(key, _said(key, fields, numbers))
        except DataError as error:
            return Entry(key, str(error))
        except (ValueError, RecursionError) as error:
            return Entry(key, f"the entry cannot be read: {error}. {FORM}.")

    return read


def _said(key: bytes, fields: Mapping[bytes, bytes], numbers: frozenset[str]) -> LiveEvent | Outcome:
    if OUTCOME in fields:
        return _outcome(key, _mapping(fields[OUTCOME]))
    if EVENT in fields:
        return LiveEvent.read(_mapping(fields[EVENT]))
    plain = {name.decode(): _plain(name.decode(), value.decode(), numbers) for name, value in fields.items()}
    return LiveEvent.read(plain)


def _mapping(text: bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    return found


def _plain(name: str, value: str, numbers: frozenset[str]) -> str | int | float | None:
    """A plain field's value: a number where the bundle reads one, none where it is empty."""
    if not value:
        return None
    if name == "time" and value.lstrip("-").isdecimal():
        return int(value)
    return float(value) if name in numbers else value


def _outcome(key: bytes, found: Mapping[str, Any]) -> Outcome:
    label, event_id = found.get("label"), found.get("event_id")
    if isinstance(event_id, bool) or not isinstance(event_id, str | int) or event_id == "":
        raise ValueError("the event_id of an outcome is no text and no whole number")
    if not is_text(str(event_id)):
        raise ValueError("the event_id of an outcome cannot be written down")
    if isinstance(label, bool | int | float) and label in (0, 1):
        known_at = found.get("known_at", Entry(key, "").instant)
        return Outcome(str(event_id), float(label), known_at)
    raise ValueError(f"the label of an outcome is neither 0 nor 1 but {label!r}")
