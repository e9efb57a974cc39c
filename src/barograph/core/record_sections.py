"""What stands around a table of records: events and fixings that become one, tables that join it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from barograph.core.section import Section
from barograph.core.study import PrepareSection


class EventsSection(Section):
    """Records that are events: what of earlier ones each sees, and how they are cut into blocks."""

    windows: tuple[int, ...] = (3600, 86_400, 7 * 86_400, 30 * 86_400)
    """Look-back windows of counts and amounts, seconds, ascending."""
    keys: tuple[Literal["actor", "counterparty"], ...] = ("actor", "counterparty")
    """Whose counts and amounts are features, in this order; the counterparty's known frauds always are."""
    risk_windows: tuple[int, ...] = (86_400, 7 * 86_400, 30 * 86_400)
    """Windows of the counterparty's known frauds, seconds, ascending; empty for none."""
    graph: bool = False
    """Whether the flows and paths of a network of accounts join."""
    steps: int = Field(20, ge=1, le=100)
    """Events of the actor that networks of sequences read, the scored one included."""
    lateness: int = Field(86_400, ge=0)
    """Seconds an event may arrive behind a later one and still be taken in."""
    block_days: int = Field(7, ge=1)
    """Days of a block, which plays the part of a vintage; its name is its first day as YYYYMMDD."""


class JoinSection(Section):
    """A table whose values join records as they were known before each (`collect.as_of`)."""

    source: str
    """Path of a file, or an address."""
    time: str
    """Its column of the day or instant that a row speaks of, such as the first of its month."""
    known: str = ""
    """Its column of the day or instant from which a row was known (its vintage); empty takes the time."""
    delay: str = Field("", pattern=r"^(\d+(mo|q|y|w|d|h|m|s))*$")
    """Added to that: such as 45d, 1mo15d or 6h (units y, q, mo, w, d, h, m, s)."""
    by: dict[str, str] = Field(default_factory=dict)
    """Column of the records -> the joined table's column with the same words, such as {state: region}."""
    columns: tuple[str, ...] = ()
    """Columns to take; empty takes all others."""
    prefix: str = ""
    """Written before the names of the columns."""
    same_moment: bool = False
    """Whether a value known at exactly a record's own day or instant, or on the day of its instant, is seen;
    days do not say which came first."""


class FixingsSection(PrepareSection):
    """Records that are made of currency fixings: what counts as a fall, and how often a record is made.

    The settings of a forecasting study's `prepare` are those of the inputs; its horizons are not used.
    """

    inputs: Literal["prices", "currencies"] = "currencies"
    """As in a forecasting study."""
    anchor: str = "usd"
    """As in a forecasting study."""
    fall: float = Field(0.05, gt=0, lt=1)
    """Share of its value that a currency must lose, in units of the fixings' base."""
    within: int = Field(22, ge=1, le=260)
    """Fixings within which it must lose it."""
    every: int = Field(5, ge=1)
    """Fixings between two records of a currency."""
    history: int = Field(500, ge=500)
    """Daily returns behind a currency's first GARCH."""
    entities: tuple[str, ...] = ()
    """Currencies to keep; empty keeps all."""
