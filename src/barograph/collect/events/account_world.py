"""The settings of a simulated network of accounts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from barograph.collect.events import limits

FEWEST_ACCOUNTS = 200
"""So that the largest scheme finds its members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWorld:
    """Settings of a network of accounts; the defaults make about half a million transfers.

    Raises `SettingError` for a value that cannot be.
    """

    accounts: int = 5_000
    firms: float = 0.12  # share of the accounts that belong to firms
    start: datetime.date = datetime.date(2024, 1, 1)
    days: int = 183
    seed: int = 0
    purchases_per_day: float = 0.4  # of a person, paid to firms
    transfers_per_day: float = 0.08  # of a person, to friends
    salary: float = 2_400.0  # median a month, money units
    laundering: float = 0.006  # share of the transfers, in expectation; a quarter to each pattern
    fan: tuple[int, int] = (4, 14)  # transfers of a fan; middlemen of a scatter-gather
    cycle: tuple[int, int] = (3, 8)  # transfers of a cycle
    scheme_days: tuple[float, float] = (2.0, 20.0)  # how long a scheme lasts
    leg: float = 300.0  # median over schemes of their typical transfer, money units
    label_delay_days: float = 30.0  # until a label is known, laundering or not
    reporting_days: float = 0.0  # mean of a further exponential delay, drawn alike for both

    def __post_init__(self) -> None:
        limits.whole("accounts", self.accounts, FEWEST_ACCOUNTS, 10_000_000)
        limits.real("firms", self.firms, 0.02, 0.9)
        limits.calendar(self.start, self.days)
        limits.whole("seed", self.seed, 0, 2**63 - 1)
        limits.real("purchases_per_day", self.purchases_per_day, 0.001, 100.0)
        limits.real("transfers_per_day", self.transfers_per_day, 0.001, 100.0)
        limits.real("salary", self.salary, 1.0, 1e7)
        limits.real("laundering", self.laundering, 0.0, 0.2)
        limits.whole_span("fan", self.fan, 3, 40)
        limits.whole_span("cycle", self.cycle, 3, 40)
        limits.span("scheme_days", self.scheme_days, 1.0, 365.0)
        limits.real("leg", self.leg, 1.0, 1e7)
        limits.real("label_delay_days", self.label_delay_days, 0.0, 3650.0)
        limits.real("reporting_days", self.reporting_days, 0.0, 365.0)
        a_day = self.accounts * (self.purchases_per_day + 1.5 * self.transfers_per_day + 0.1)
        limits.size(a_day * self.days, do="Simulate fewer accounts or days")
