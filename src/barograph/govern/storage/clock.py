"""Where instants come from; what needs an order takes a number, because clocks jump back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]
"""The present instant, with a zone."""


def now() -> dt.datetime:
    """The present instant in UTC."""
    return dt.datetime.now(dt.UTC)


def not_before(at: dt.datetime, earlier: dt.datetime | None) -> dt.datetime:
    """An instant that does not go behind one that was written before it."""
    return at if earlier is None else max(at, earlier)
