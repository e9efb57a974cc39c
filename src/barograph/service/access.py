"""Who asks, and what they may."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import Protocol

from barograph.service.problems import Problem
from barograph.service.settings import Limits

MAY = {
    "viewer": frozenset({"read"}),
    "scorer": frozenset({"read", "score", "label"}),
    "admin": frozenset({"read", "score", "label"}),
}
"""What each role may."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose token holds."""

    name: str
    role: str

    def need(self, permission: str) -> None:
        """Refuse what the caller's role does not allow."""
        if permission in MAY[self.role]:
            return
        who = " or ".join(role for role, allowed in MAY.items() if permission in allowed)
        raise Problem(
            403,
            "role",
            f"'{permission}' is for {who}; '{self.name}' asks as {self.role}. "
            "Ask one of those, or an admin for the role.",
        )


class Access(Protocol):
    """Knows the callers by their tokens."""

    def caller(self, token: str) -> Caller | None:
        """Whose token it is; None where it is nobody's."""
        ...


@dataclass(frozen=True, slots=True)
class OneToken:
    """The access of a service without a database: one token, an admin's, that ends with the service."""

    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, token: str) -> OneToken:
        """Of the token itself, which is not kept."""
        return cls(_digest(token))

    def caller(self, token: str) -> Caller | None:
        """See `Access.caller`."""
        return Caller("admin", "admin") if hmac.compare_digest(_digest(token), self.digest) else None


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def bearer(header: bytes | None) -> str:
    """The token of an Authorization header; empty where there is none."""
    if header is None or header[:7].lower() != b"bearer ":
        return ""
    return header[7:].strip().decode("latin-1")


UNKNOWN = (
    "every request but those for /healthz and /readyz must carry a token; {came}. "
    "Send the header 'Authorization: Bearer TOKEN' with the one printed at the first start, or with one that "
    "an admin made."
)


def refused(token: str) -> Problem:
    """The answer to a request without a token that holds."""
    came = "this one is not known, or has ended" if token else "none came"
    return Problem(401, "token", UNKNOWN.format(came=came), headers={"www-authenticate": "Bearer"})


class Rates:
    """A bucket per caller: so many requests at once, filled again at a steady rate."""

    def __init__(self, limits: Limits) -> None:
        self._rate, self._burst = limits.rate, limits.burst
        self._left: dict[str, tuple[float, float]] = {}  # name -> requests left, when that was counted

    def take(self, name: str, *, clock: float | None = None) -> None:
        """Count one request; `Problem` 429 where none is left."""
        now = time.monotonic() if clock is None else clock
        left, then = self._left.get(name, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        if left < 1.0:
            wait = max(1, round((1.0 - left) / self._rate))
            raise Problem(
                429,
                "rate",
                f"a token may ask {self._rate:g} times a second; {name} asked more often. Wait, then go on.",
                headers={"retry-after": str(wait)},
            )
        self._left[name] = (left - 1.0, now)
