"""One record, one line: a hash, a space, and the JSON that it is the SHA-256 of.

The JSON is a list, its first two items the number of the line and the hash of the line before it; so each
line vouches for all before it. For the line before the first stands the chain's name: journals cannot be
exchanged.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from typing import Any, Final

HASH: Final = 64
"""Digits of a hash."""
CHAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DURABLE_KINDS: Final = frozenset({"event", "outcome", "approval"})
"""Kinds that are on disk before anybody is told that they happened."""

_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A line as it is read back."""

    sequence: int
    previous: str
    at: str  # UTC, ISO 8601, to the microsecond
    kind: str
    actor: str
    study: str
    model: str
    input_hash: str
    output: Any
    request: str
    hash: str


ITEMS: Final = len(fields(AuditRecord)) - 1


def first_hash(chain: str) -> str:
    """What stands for the line before the first."""
    return hashlib.sha256(f"chain {chain}".encode()).hexdigest()


def encoded(items: tuple[Any, ...]) -> tuple[bytes, str]:
    """The line of a record's items (without its hash), and its hash."""
    body = _ENCODE(items).encode("ascii")
    digest = hashlib.sha256(body).hexdigest()
    return b"%b %b\n" % (digest.encode("ascii"), body), digest


def decoded(line: bytes) -> tuple[AuditRecord, bool] | None:
    """The record of a line and whether its hash holds; None for what is no line."""
    if len(line) < HASH + 3 or line[HASH : HASH + 1] != b" " or not line.endswith(b"\n"):
        return None
    body = line[HASH + 1 : -1]
    try:
        stated, items = line[:HASH].decode("ascii"), json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(items, list) or len(items) != ITEMS or type(items[0]) is not int:
        return None
    return AuditRecord(*[*items, stated]), hashlib.sha256(body).hexdigest() == stated
