"""All live accounts and their transfers; what is too old is forgotten transfer by transfer."""

from __future__ import annotations

from collections import deque

from barograph.prepare.events_graph.account import NOTHING, Account, Side

Transfer = tuple[int, Account, Account, int]
"""Time in µs, source, target, cents."""


class Graph:
    """Accounts by name; an account is live while one of its transfers is."""

    __slots__ = ("accounts", "transfers")

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.transfers: deque[Transfer] = deque()  # in order of arrival

    def account(self, name: str) -> Account:
        """The account of that name; one that is not live is not kept."""
        return self.accounts.get(name) or Account(name)

    def add(self, time: int, payer: str, receiver: str, cents: int) -> None:
        """Take in a transfer; one from an account to itself moves nothing and is left out."""
        if payer == receiver:
            return
        source, target = self.account(payer), self.account(receiver)
        if source.sent is NOTHING:
            source.sent = Side()
            self.accounts[payer] = source
        if target.received is NOTHING:
            target.received = Side()
            self.accounts[receiver] = target
        source.sent.add(time, target, cents)
        target.received.add(time, source, cents)
        self.transfers.append((time, source, target, cents))

    def drop_before(self, time: int) -> None:
        """Forget transfers older than an instant in order of arrival, and accounts that have no other."""
        transfers = self.transfers
        while transfers and transfers[0][0] < time:
            _, source, target, _ = transfers.popleft()
            if source.sent is not NOTHING:
                source.sent.drop_before(time)
                if not source.sent.times:
                    source.sent = NOTHING
                    self._forget(source)
            if target.received is not NOTHING:
                target.received.drop_before(time)
                if not target.received.times:
                    target.received = NOTHING
                    self._forget(target)

    def _forget(self, account: Account) -> None:
        if account.sent is NOTHING and account.received is NOTHING:
            del self.accounts[account.name]
