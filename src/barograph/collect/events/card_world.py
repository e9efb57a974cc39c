"""The settings of a simulated world of cards and terminals."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from barograph.collect.events import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWorld:
    """Settings of a world of cards and terminals; the defaults make about 1.7 million payments.

    Shares of fraud are of all payments, in expectation. Raises `SettingError` for a value that cannot be.
    """

    cards: int = 5_000
    terminals: int = 10_000  # online ones included
    online: float = 0.02  # share of the terminals that sell online; 0 for none
    radius: float = 5.0  # km a card's holder goes, in a square of 100 km
    start: datetime.date = datetime.date(2024, 1, 1)
    days: int = 183
    seed: int = 0
    payments_per_day: float = 1.9  # mean over cards
    typical_amount: float = 30.0  # median over cards of a card's median amount, money units
    amount_fraud: float = 0.0010  # fraudulent payments of a large amount
    terminal_fraud: float = 0.0040  # fraudulent payments at compromised terminals
    card_fraud: float = 0.0025  # a thief's payments, made besides the holder's own
    terminal_days: tuple[float, float] = (14.0, 42.0)  # how long a terminal stays compromised
    terminal_share: float = 0.8  # of the payments at a compromised terminal, how many are fraudulent
    card_days: tuple[float, float] = (1.0, 7.0)  # how long a stolen card is used
    label_delay_days: float = 7.0  # until a label is known, fraud or not
    reporting_days: float = 0.0  # mean of a further exponential delay, drawn alike for fraud and the rest

    def __post_init__(self) -> None:
        limits.whole("cards", self.cards, 1, 10_000_000)
        limits.whole("terminals", self.terminals, 1, 10_000_000)
        limits.real("online", self.online, 0.0, 0.9)
        limits.real("radius", self.radius, 0.01, 1_000.0)
        limits.calendar(self.start, self.days)
        limits.whole("seed", self.seed, 0, 2**63 - 1)
        limits.real("payments_per_day", self.payments_per_day, 0.001, 100.0)
        limits.real("typical_amount", self.typical_amount, 0.5, 1e6)
        for name in ("amount_fraud", "terminal_fraud", "card_fraud"):
            limits.real(name, getattr(self, name), 0.0, 0.1)
        limits.span("terminal_days", self.terminal_days, 1.0, 365.0)
        limits.span("card_days", self.card_days, 0.1, 90.0)
        limits.real("terminal_share", self.terminal_share, 0.1, 1.0)
        limits.real("label_delay_days", self.label_delay_days, 0.0, 365.0)
        limits.real("reporting_days", self.reporting_days, 0.0, 365.0)
        limits.size(self.payments, do="Simulate fewer cards or days")

    @property
    def payments(self) -> float:
        """Expected number of the holders' own payments."""
        return self.cards * self.days * self.payments_per_day

    @property
    def online_terminals(self) -> int:
        """Number of terminals that sell online, the last ones in order; at least one stands in a shop."""
        return min(round(self.online * self.terminals), self.terminals - 1)
