"""The supervisor's traffic light and the multiplier that follows from it.

Basel Committee (1996), Supervisory framework for the use of "backtesting" in conjunction with the internal
models approach to market risk capital requirements; Basel Framework MAR99 (2020) for the multipliers now in
force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy.special import bdtr, bdtrc, ndtri

from barograph.core.results import TestResult
from barograph.measures.backtests.common import check_probability

Zone = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class MultiplierTable:
    """Capital multipliers by exceptions in 250 days of a 99 % VaR; the last entry holds for all above."""

    version: str
    source: str
    base: float
    by_exceptions: tuple[float, ...]


BASEL_1996 = MultiplierTable(
    version="basel-1996",
    source="Basel Committee, January 1996, table 2 (base 3, plus factor 0 to 1); kept by Basel II and 2.5",
    base=3.0,
    by_exceptions=(3.0, 3.0, 3.0, 3.0, 3.0, 3.4, 3.5, 3.65, 3.75, 3.85, 4.0),
)
MAR99 = MultiplierTable(
    version="mar99-2020",
    source="Basel Framework MAR99, version in force since the revised market risk standard (base 1.5)",
    base=1.5,
    by_exceptions=(1.5, 1.5, 1.5, 1.5, 1.5, 1.7, 1.76, 1.83, 1.88, 1.92, 2.0),
)
YELLOW_FROM = 0.95
RED_FROM = 0.9999


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """Where the number of exceptions falls in the binomial distribution of an accurate model."""

    exceptions: int
    n_obs: int
    alpha: float
    cumulative: float  # P(X <= exceptions)
    at_least: float  # P(X >= exceptions): chance of calling an accurate model this bad
    zone: Zone

    def result(self) -> TestResult:
        """As a test: the statistic is the number of exceptions, the zone stands in the note."""
        return TestResult("traffic_light", float(self.exceptions), self.at_least, self.n_obs, self.zone)


def traffic_light(n_exceptions: int, n_obs: int, *, alpha: float) -> TrafficLight:
    """Zone of a number of exceptions: yellow from 95 % cumulative binomial probability, red from 99.99 %.

    Examples
    --------
    >>> traffic_light(7, 250, alpha=0.01).zone
    'yellow'
    """
    check_probability(alpha)
    cumulative = float(bdtr(n_exceptions, n_obs, alpha))
    at_least = 1.0 if n_exceptions == 0 else float(bdtrc(n_exceptions - 1, n_obs, alpha))
    zone: Zone = "green" if cumulative < YELLOW_FROM else "yellow" if cumulative < RED_FROM else "red"
    return TrafficLight(n_exceptions, n_obs, alpha, cumulative, at_least, zone)


def multiplier(light: TrafficLight, *, table: MultiplierTable = MAR99) -> float:
    """Capital multiplier of a regime.

    The regime's own table for 250 days at 99 %. Elsewhere the reasoning behind it (1996 document, section
    III): with normal returns the true coverage is the observed one, so capital is scaled by ``ndtri(1 -
    alpha) / ndtri(1 - x / n)``; green keeps the base, red takes the table's largest.

    Examples
    --------
    >>> multiplier(traffic_light(7, 250, alpha=0.01))
    1.83
    """
    highest = table.by_exceptions[-1]
    if light.n_obs == 250 and light.alpha == 0.01:
        return table.by_exceptions[min(light.exceptions, len(table.by_exceptions) - 1)]
    if light.zone != "yellow":
        return table.base if light.zone == "green" else highest
    share = light.exceptions / light.n_obs
    if share >= 0.5:
        return highest
    scaled = table.base * float(ndtri(1.0 - light.alpha) / ndtri(1.0 - share))
    return min(max(scaled, table.base), highest)


def plus_factor(light: TrafficLight, *, table: MultiplierTable = BASEL_1996) -> float:
    """What the multiplier adds to the regime's base, rounded to the table's two decimals where it is
    tabled.
    """
    return round(multiplier(light, table=table) - table.base, 10)
