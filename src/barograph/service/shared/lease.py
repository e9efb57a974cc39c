"""One owner at a time: a key that ends by itself, and writes that are done only while it is one's own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LEASE = 10_000
"""Milliseconds for which an owner owns after it last said so."""
MARGIN = 0.25
"""Share of a lease in which its owner does not count on it any more: clocks of machines run apart."""
RENEW = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('pexpire',KEYS[1],ARGV[2]) end return 0"
RELEASE = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0"
GUARDED = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return false end
redis.call('pexpire', KEYS[1], ARGV[2])
local said, at = {}, 3
while at <= #ARGV do
  local n, command = tonumber(ARGV[at]), {}
  for i = 1, n do command[i] = ARGV[at + i] end
  said[#said + 1] = redis.pcall(unpack(command))
  at = at + n + 1
end
return said
"""
"""Commands, each with the number of its words before it, run in one step or not at all."""

Command = Sequence[str | bytes | int]


@dataclass(slots=True)
class Lease:
    """The lease on one thing."""

    client: Any  # redis.Redis
    key: str
    milliseconds: int = LEASE
    me: str = field(default_factory=lambda: secrets.token_hex(8))
    _until: float = 0.0  # of the monotonic clock: until when it is certainly one's own

    def owned(self) -> bool:
        """Whether it is one's own now; one that nobody has is taken."""
        if self.renewed():
            return True
        start = time.monotonic()
        if not self.client.set(self.key, self.me, nx=True, px=self.milliseconds):
            return False
        self._extended(start)
        return True

    def renewed(self) -> bool:
        """Whether it is one's own still, and for another while."""
        start = time.monotonic()
        if not self.client.eval(RENEW, 1, self.key, self.me, self.milliseconds):
            self._until = 0.0
            return False
        self._extended(start)
        return True

    @property
    def certain(self) -> bool:
        """Whether nobody else can have taken it by now."""
        return time.monotonic() < self._until

    def release(self) -> None:
        """Let another take it at once."""
        self._until = 0.0
        self.client.eval(RELEASE, 1, self.key, self.me)

    def guarded(self, commands: Sequence[Command]) -> list[Any] | None:
        """Run commands if the lease is one's own, and renew it, all in one step.

        Parameters
        ----------
        commands : sequence of sequences
            Each a command of Redis and its arguments.

        Returns
        -------
        list or None
            What the server said to each, an exception where it refused one; None where somebody else owns it
            by now: then nothing was done.
        """
        start = time.monotonic()
        words: list[str | bytes | int] = []
        for command in commands:
            words += [len(command), *command]
        said = self.client.eval(GUARDED, 1, self.key, self.me, self.milliseconds, *words)
        if said is None:
            self._until = 0.0
            return None
        self._extended(start)
        return list(said)

    def _extended(self, start: float) -> None:
        self._until = start + self.milliseconds / 1000 * (1 - MARGIN)
