"""Secrets: drawn, hashed, compared in constant time.

Secrets that we draw have 256 bits, so one SHA-256 hides them. Passwords that people choose are stretched with
scrypt (RFC 7914) at 32 MiB, its settings kept beside the hash so that they can be raised later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

COST, BLOCK, LANES = 2**15, 8, 1
"""N, r, p of scrypt: 128 · N · r = 32 MiB."""
MEMORY: Final = 2**26
SHORTEST: Final = 12
"""Characters of a password."""
LONGEST: Final = 1024


def drawn_secret() -> str:
    """A fresh secret of 256 bits, fit for an address or a header."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """The hash that is kept of a drawn secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(given: str, kept: str) -> bool:
    """Whether two hashes are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode(), kept.encode())


def stretched(password: str) -> str:
    """The text that is kept of a password: scheme, settings, salt, hash."""
    salt = secrets.token_bytes(16)
    return f"scrypt${COST}${BLOCK}${LANES}${_text(salt)}${_text(_scrypt(password, salt, COST, BLOCK, LANES))}"


def password_holds(password: str, kept: str | None) -> bool:
    """Whether a password is the one kept; as slow where there is none: nobody learns who exists."""
    scheme, cost, block, lanes, salt, expected = (kept or NOBODY).split("$")
    if scheme != "scrypt":
        return False
    found = _scrypt(password[:LONGEST], base64.b64decode(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, base64.b64decode(expected)) and kept is not None


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=MEMORY, dklen=32)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


NOBODY: Final = f"scrypt${COST}${BLOCK}${LANES}${_text(bytes(16))}${_text(bytes(32))}"
"""What stands for the password of somebody who has none: nothing hashes to it."""
