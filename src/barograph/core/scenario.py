"""One scenario for every book: named shocks to prices, volatility, curves, currencies and macro series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from barograph.core.book import ASSET_CLASSES

SHOCK_WORDS = ("all", "commodity", "equity", "index", "stock")
"""Words a scenario may use beside the names of entities."""

EVERY = "all"
"""Word for every currency's curve."""


@dataclass(frozen=True, slots=True)
class RateShock:
    """Change of a zero curve, decimals per year: by shape, or by tenor.

    ``parallel + short e^(-t/4) + long (1 - e^(-t/4))``, the shapes of the supervisory shocks; plus the line
    through `points` (years, change), flat beyond its ends.
    """

    parallel: float = 0.0
    short: float = 0.0
    long: float = 0.0
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """Named shocks that come at once; each book takes those it knows.

    `shocks` are relative price moves (decimals, -0.2 = a fall by a fifth) by entity or one of `SHOCK_WORDS`.
    The narrowest word counts: the entity's own name before ``stock``, ``index`` or ``commodity``, these
    before ``equity`` (stocks and indices), and ``all`` last; what no word reaches does not move.
    `volatility` is a factor on daily volatilities. `rates` are changes of zero curves by currency, ``all``
    for those not named. `currencies` are relative moves of a currency's value; what is not named stays, so
    that the rate between two moves by the ratio of their moves. `macro` are changes of series in their own
    unit. `source` says where the figures come from.
    """

    name: str
    source: str
    shocks: Mapping[str, float] = field(default_factory=dict)
    volatility: float = 1.0
    title: str = ""
    rates: Mapping[str, RateShock] = field(default_factory=dict)
    currencies: Mapping[str, float] = field(default_factory=dict)
    macro: Mapping[str, float] = field(default_factory=dict)

    @property
    def moves_prices(self) -> bool:
        """Whether a book of prices feels it."""
        return bool(self.shocks) or self.volatility != 1.0

    def moves_currencies(self, held: Iterable[str], base: str) -> bool:
        """Whether the value of any of these currencies in the base changes."""
        return any(self.exchange(currency, base) != 0.0 for currency in held)

    @property
    def shocks_something(self) -> bool:
        """Whether anything moves at all."""
        return self.moves_prices or any((self.rates, self.currencies, self.macro))

    def move(self, entity: str, asset_class: str = "") -> float:
        """The relative price move of an entity.

        Examples
        --------
        >>> fall = Scenario("fall", "made up", {"equity": -0.2, "ko": -0.1})
        >>> fall.move("ko", "stock"), fall.move("sp500", "index"), fall.move("wti", "commodity")
        (-0.1, -0.2, 0.0)
        """
        words = (entity, *ASSET_CLASSES[asset_class])
        return next((self.shocks[word] for word in words if word in self.shocks), 0.0)

    def curve(self, currency: str) -> RateShock:
        """The change of a currency's curve."""
        return self.rates.get(currency, self.rates.get(EVERY, RateShock()))

    def exchange(self, currency: str, base: str) -> float:
        """The relative move of a currency's value in another: without a gap round any three.

        Examples
        --------
        >>> round(Scenario("up", "made up", currencies={"USD": 0.1}).exchange("EUR", "USD"), 6)
        -0.090909
        """
        return (1.0 + self.currencies.get(currency, 0.0)) / (1.0 + self.currencies.get(base, 0.0)) - 1.0
