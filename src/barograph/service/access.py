"""Who asks: tokens of the database, or the one token of a service without."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from barograph.core.errors import AccessError
from barograph.govern.access import Principal

MISSING = "Send 'Authorization: Bearer TOKEN', the one printed at the first start or one that an admin made"
OWNER = Principal("admin", "admin", "the service's own")


class Access(Protocol):
    """Knows who asks by their token; `govern.access.Authenticator` is one."""

    def known(self, token: str) -> Principal | None:
        """Who asks, where that can be said at once."""
        ...

    def principal(self, token: str) -> Principal:
        """Who asks; may ask a database. Raises `AccessError` where the token is nobody's."""
        ...


@dataclass(frozen=True, slots=True)
class OneToken:
    """The access of a service without a database: one token, an admin's, that ends with the service."""

    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, token: str) -> OneToken:
        """Of the token itself, which is not kept."""
        return cls(_digest(token))

    def known(self, token: str) -> Principal | None:
        """See `Access.known`."""
        holds = hmac.compare_digest(_digest(token), self.digest)
        return OWNER if holds else None

    def principal(self, token: str) -> Principal:
        """See `Access.principal`."""
        raise no_token(token)


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


def bearer(header: bytes | None) -> str:
    """The token of an Authorization header; empty where there is none."""
    if header is None or header[:7].lower() != b"bearer ":
        return ""
    return header[7:].strip().decode("latin-1")


def no_token(token: str) -> AccessError:
    """The refusal of a request without a token that holds."""
    return AccessError(
        "every request but those for /healthz and /readyz must carry a token",
        came="this one is not known, or has ended" if token else "none came",
        do=MISSING,
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
