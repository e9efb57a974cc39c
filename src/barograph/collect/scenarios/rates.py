"""The part of a scenario that moves curves, currencies and macro series.

rates:                                      basis points by currency, or `all` for those not named
  USD: {parallel: 50, short: 100, long: 0}  by the shapes of the supervisory shocks
  EUR: {m3: -50, y2: 0, y10: 100}           by tenor: a line between them, flat beyond
  all: 100                                  in parallel
currencies: {USD: 0.1}                      relative move of a currency's value
macro: {unemployment: 1.5}                  change of a series in its own unit
"""

from __future__ import annotations

import re

from barograph.collect.plain_mapping import Mapping, number, sentence
from barograph.core.book import CURRENCY
from barograph.core.errors import SettingError, nearest
from barograph.core.scenario import EVERY, RateShock

SHAPES = ("parallel", "short", "long")
BASIS_POINTS = 10_000.0
MOST = 2000.0
"""Basis points; twenty percent, beyond which a shock is a slip."""

TENOR = re.compile(r"(?:(?P<unit>[my])(?P<count>\d+)|(?P<number>\d+)(?P<letter>[my]))", re.IGNORECASE)
MONTHS = {"m": 1.0, "y": 12.0}


def rate_shocks(found: str | Mapping | None, label: str) -> dict[str, RateShock]:
    """Shocks to curves by currency."""
    given = _mapping(found, "rates", "USD: {parallel: 100}", label)
    for currency in given:
        if currency != EVERY and not CURRENCY.fullmatch(currency):
            raise SettingError(
                f"rates of {label} must name currencies of ISO 4217, or {EVERY}",
                came=f"got '{currency}'",
                do="Write three letters: USD",
            )
    return {currency: _shock(currency, written, label) for currency, written in given.items()}


def currency_moves(found: str | Mapping | None, label: str) -> dict[str, float]:
    """Relative moves of currencies' values, above -1."""
    moves: dict[str, float] = {}
    for currency, written in _mapping(found, "currencies", "USD: 0.1", label).items():
        move = number(written)
        if not CURRENCY.fullmatch(currency) or move is None or move <= -1.0:
            raise SettingError(
                f"currencies of {label} must map codes of ISO 4217 to relative moves above -1",
                came=f"'{currency}' has '{written}'",
                do="Write `USD: 0.1` for a dollar that gains a tenth",
            )
        moves[currency] = move
    return moves


def macro_changes(found: str | Mapping | None, label: str) -> dict[str, float]:
    """Changes of macro series in their own unit."""
    changes: dict[str, float] = {}
    for series, written in _mapping(found, "macro", "unemployment: 1.5", label).items():
        change = number(written)
        if change is None:
            raise SettingError(
                f"macro of {label} must map series to changes",
                came=f"'{series}' has '{written}'",
                do="Write `unemployment: 1.5`, in the unit of the series",
            )
        changes[series] = change
    return changes


def tenor_years(word: str) -> float | None:
    """Years of a tenor such as m3, 3m, y10 or 10y; None for another word.

    Examples
    --------
    >>> tenor_years("m3"), tenor_years("10Y"), tenor_years("ten")
    (0.25, 10.0, None)
    """
    found = TENOR.fullmatch(word)
    if found is None:
        return None
    unit, count = found["unit"] or found["letter"], found["count"] or found["number"]
    return MONTHS[unit.lower()] * int(count) / 12.0 or None


def _shock(currency: str, written: str | Mapping, label: str) -> RateShock:
    if isinstance(written, str):
        return RateShock(parallel=_points(f"rates of {currency}", written, label))
    shapes: dict[str, float] = {}
    points: list[tuple[float, float]] = []
    for word, size in written.items():
        change = _points(f"{word} of {currency}", size, label)
        years = tenor_years(word)
        if word in SHAPES:
            shapes[word] = change
        elif years is not None:
            points.append((years, change))
        else:
            raise SettingError(
                f"rates of {currency} in {label} must name {', '.join(SHAPES)}, or tenors such as y10",
                came=f"got '{word}'",
                do=sentence(nearest(word, SHAPES)),
            )
    return RateShock(**shapes, points=tuple(sorted(points)))


def _points(name: str, written: str | Mapping, label: str) -> float:
    size = number(written)
    if size is None or abs(size) > MOST or 0.0 < abs(size) < 1.0:
        raise SettingError(
            f"{name} in {label} must be basis points, at most {MOST:g}",
            came=f"got '{written}'",
            do="Write 100 for one percent",
        )
    return size / BASIS_POINTS


def _mapping(found: str | Mapping | None, key: str, example: str, label: str) -> Mapping:
    if found is None or found == "":
        return {}
    if isinstance(found, str):
        raise SettingError(
            f"{key} of {label} must be a mapping",
            came=f"got '{found}'",
            do=f"Write `{example}` on a line of its own below `{key}:`",
        )
    return found
