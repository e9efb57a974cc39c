"""Events as they arrive live, read at the border, and what they are answered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from barograph.core.errors import DataError
from barograph.prepare.record_columns import LARGEST

NAMES = ("event_id", "time", "actor", "counterparty", "amount")
NOTHING: Mapping[str, Any] = MappingProxyType({})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BAD_COLUMN = "bad_column"
"""Status of an event of which a column holds no number, or no text, where the model reads one."""


class LiveEvent(NamedTuple):
    """One payment or transfer; `columns` are the model's further inputs, None or absent where unknown."""

    event_id: str
    time: int  # microseconds since 1970-01-01 UTC
    actor: str
    counterparty: str  # "" where there is none
    amount: float  # money units
    columns: Mapping[str, Any] = NOTHING

    @classmethod
    def read(cls, one: Mapping[str, Any]) -> LiveEvent:
        """An event from a mapping such as a line of JSON.

        Parameters
        ----------
        one : mapping
            `event_id`, `actor` (text or whole number), `time` (see `instant`), `amount` (a number), and
            `counterparty` where there is one; every other entry is a further column.

        Raises
        ------
        DataError
            If one of them is missing or of another type. Whether time and amount are within their limits is
            not looked at here: such an event is answered with its status.

        Examples
        --------
        >>> LiveEvent.read({"event_id": 7, "time": "2024-05-01T10:00:00Z", "actor": "c1", "amount": 5}).time
        1714557600000000
        """
        amount = one.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            raise _wrong("amount", "a number", amount)
        try:
            money = float(amount)
        except OverflowError as error:  # a whole number of hundreds of digits
            raise _wrong("amount", "a number below 1e308", "one with more digits than that") from error
        return cls(
            event_id=_name(one, "event_id"),
            time=instant(one.get("time")),
            actor=_name(one, "actor"),
            counterparty="" if one.get("counterparty") is None else _name(one, "counterparty", empty=True),
            amount=money,
            columns={name: value for name, value in one.items() if name not in NAMES},
        )


class LiveAnswer(NamedTuple):
    """What an event is answered."""

    event_id: str
    status: str  # one of `prepare.events.names.STATUSES`, or `BAD_COLUMN`
    score: float | None  # probability; None where the event was refused
    alert: bool  # whether the score lies above the bundle's threshold
    row: tuple[float, ...]  # features as `LiveScorer.names`; empty where the event was refused


def instant(value: object, *, name: str = "time") -> int:
    """Microseconds since 1970-01-01 UTC.

    Parameters
    ----------
    value : int, datetime or str
        Whole microseconds as they are; a datetime or an ISO 8601 text with its zone.

    Raises
    ------
    DataError
        If it is anything else, or has no zone: nothing is guessed about where a clock stood.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise _wrong(name, "an instant with its zone (2024-05-01T10:00:00Z) or whole microseconds", value)
    return (moment - EPOCH) // MICROSECOND


def number_of(value: Any) -> float:
    """A further column's number within the limits of a table's, NaN where there is none; else TypeError."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or value in (math.inf, -math.inf):
        raise TypeError(value)
    return float(min(max(value, -LARGEST), LARGEST)) if value == value else math.nan


def word_of(value: Any) -> str:
    """A further column's text, empty where there is none; TypeError where it is something else."""
    if value is not None and not (isinstance(value, str) and is_text(value)):
        raise TypeError(value)
    return value or ""


def is_text(value: str) -> bool:
    """Whether it can be written down: half a surrogate pair, which JSON can spell, cannot."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(one: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    value = one.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or (value == "" and not empty):
        raise _wrong(name, "a text that is not empty, or a whole number", value)
    if isinstance(value, str) and not is_text(value):
        raise _wrong(name, "a text that can be written down", value)
    return str(value)


def _wrong(name: str, must: str, came: object) -> DataError:
    return DataError(
        f"the {name} of an event must be {must}",
        came="it is missing" if came is None else f"got {came!r}",
        do="Correct the event and send it again; nothing was taken in",
    )
