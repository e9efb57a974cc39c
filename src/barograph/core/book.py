"""A book of positions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from barograph.core.errors import DataError, nearest

CURRENCY = re.compile(r"[A-Z]{3}")
"""The form of an ISO 4217 code."""

DEFAULT_CURRENCY = "USD"

LARGEST = 1e15
"""Largest amount of a position; far above any market, so what exceeds it is a slip."""

ASSET_CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "index": ("index", "equity", "all"),
        "stock": ("stock", "equity", "all"),
        "commodity": ("commodity", "all"),
        "": ("all",),
    }
)
"""Class of an entity ("" = not stated) -> the words of a scenario that reach it, the narrowest first."""


@dataclass(frozen=True, slots=True)
class Position:
    """A holding: so many units, or so much market value; negative = short.

    Exactly one of `quantity` (units of the entity, valued at its newest price) and `value` (market value in
    `currency`) is given. `asset_class` is a key of `ASSET_CLASSES`; it matters to scenarios only.
    """

    entity: str
    quantity: float | None = None
    value: float | None = None
    currency: str = DEFAULT_CURRENCY
    asset_class: str = ""

    def __post_init__(self) -> None:
        given = [amount for amount in (self.quantity, self.value) if amount is not None]
        if len(given) != 1 or not math.isfinite(given[0]) or abs(given[0]) > LARGEST:
            raise DataError(
                f"a position must have either a quantity or a value, a finite number of at most {LARGEST:g}",
                came=f"'{self.entity}' has quantity {self.quantity} and value {self.value}",
                do="Give one of the two",
            )
        if not CURRENCY.fullmatch(self.currency):
            raise DataError(
                "a currency must be a code of ISO 4217, three capital letters",
                came=f"'{self.entity}' has '{self.currency}'",
                do="Write it like USD",
            )
        if self.asset_class not in ASSET_CLASSES:
            raise DataError(
                "a class must be index, stock or commodity",
                came=f"'{self.entity}' has '{self.asset_class}'",
                do=nearest(self.asset_class, [name for name in ASSET_CLASSES if name]).capitalize(),
            )


@dataclass(frozen=True, slots=True)
class Book:
    """Positions in one currency, one per entity.

    `notes` say what was assumed while the book was read.
    """

    positions: tuple[Position, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not any(position.quantity or position.value for position in self.positions):
            raise DataError(
                "a book must hold at least one position that is not zero",
                came=f"got {len(self.positions)} positions",
                do="Give a row with an entity and a value or quantity",
            )
        entities = [position.entity for position in self.positions]
        twice = sorted({entity for entity in entities if entities.count(entity) > 1})
        if twice:
            raise DataError(
                "a book must hold each entity once", came=f"'{twice[0]}' comes twice", do="Add its rows up"
            )
        currencies = sorted({position.currency for position in self.positions})
        if len(currencies) > 1:
            raise DataError(
                "a book must be in one currency",
                came=f"got {len(currencies)}: {', '.join(currencies)}",
                do="Assess one book per currency, or convert the values first",
            )

    @property
    def currency(self) -> str:
        """The one currency of every position."""
        return self.positions[0].currency

    @property
    def entities(self) -> tuple[str, ...]:
        """What is held, in the order of the positions."""
        return tuple(position.entity for position in self.positions)
