"""What columns are called: our names, the usual names of files, and the hint for a missing one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from barograph.core.errors import nearest
from barograph.core.records import PRICE_COLUMNS

CANONICAL = ("entity", "time", *PRICE_COLUMNS)
REQUIRED = ("entity", "time", "close")
USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "entity": ("entity", "ticker", "symbol", "asset", "series", "instrument"),
    "time": ("time", "date", "datetime", "timestamp", "day"),
    "close": ("close", "adj close", "adjusted close", "price", "last", "settle", "value"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "volume": ("volume",),
}
"""Canonical name -> names under which files hold it, best first, as `plain` writes them."""

MISSPELT = 0.75  # similarity from which a name counts as a misspelt one


def plain(name: str) -> str:
    """A column's name in lower case, blanks for _ and -.

    Examples
    --------
    >>> plain("Adj_Close")
    'adj close'
    """
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


def own_name(asked: str, names: Sequence[str]) -> str | None:
    """What a table calls a column: the very name, or the only one alike but for case and blanks.

    Examples
    --------
    >>> own_name("bad", ["Bad", "bad"]), own_name("due_date", ["Due date"]), own_name("bad", ["Bad", "BAD"])
    ('bad', 'Due date', None)
    """
    if asked in names:
        return asked
    alike = [name for name in names if plain(name) == plain(asked)]
    return alike[0] if len(alike) == 1 else None


def misspelt(names: Iterable[str]) -> bool:
    """Whether any of the names looks like a usual one with a slip in it."""
    usual = [name for column, usual in USUAL_NAMES.items() if column != "entity" for name in usual]
    return any(difflib.get_close_matches(plain(name), usual, n=1, cutoff=MISSPELT) for name in names)


def hint(column: str, present: Sequence[str]) -> str:
    """Advice on a missing column: the one that looks most like a usual name of it, or all there are."""
    likeness = {
        name: max(difflib.SequenceMatcher(None, plain(name), usual).ratio() for usual in USUAL_NAMES[column])
        for name in present
    }
    best = max(likeness, key=lambda name: likeness[name], default="")
    if best and likeness[best] >= 0.5:
        return f"did you mean '{best}'?"
    return nearest(column, present) if present else "the table has no other column"
