"""One request as it is followed: its id, who asks, how long each stage took, and what was answered."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from barograph.govern.access import Principal

ID = re.compile(rb"[A-Za-z0-9_.:-]{1,100}")
_PROCESS = secrets.token_hex(6)
_NUMBERS = itertools.count(1)


@dataclass(slots=True)
class Trace:
    """What is known of a request while it is answered."""

    id: str
    start: float
    headers: Mapping[bytes, bytes]
    caller: Principal | None = None
    route: str = "other"  # the pattern of the path, so that metrics have few labels
    study: str = ""
    stages: list[tuple[str, float]] = field(default_factory=list)  # name, seconds
    marked: float = 0.0

    @classmethod
    def of(cls, headers: Mapping[bytes, bytes]) -> Trace:
        """A trace under the id that the request brought, or under a new one that no other process gives."""
        given = headers.get(b"x-request-id")
        taken = given is not None and ID.fullmatch(given) is not None
        name = given.decode("ascii") if taken and given is not None else f"{_PROCESS}{next(_NUMBERS):08x}"
        now = time.perf_counter()
        return cls(name, now, headers, marked=now)

    def header(self, name: bytes, other: str = "") -> str:
        """A header of the request, by its name in small letters."""
        found = self.headers.get(name)
        return other if found is None else found.decode("latin-1")

    def mark(self, stage: str) -> None:
        """A stage has ended."""
        now = time.perf_counter()
        self.stages.append((stage, now - self.marked))
        self.marked = now

    @property
    def seconds(self) -> float:
        """Since the request came."""
        return time.perf_counter() - self.start

    def timing(self) -> bytes:
        """The header Server-Timing, milliseconds."""
        told = [f"{name};dur={1000.0 * seconds:.3f}" for name, seconds in self.stages]
        return ", ".join([*told, f"total;dur={1000.0 * self.seconds:.3f}"]).encode()

    def line(self, method: str, path: str, status: int) -> dict[str, Any]:
        """What the log says of it."""
        return {
            "request": self.id,
            "method": method,
            "path": path[:300],
            "status": status,
            "ms": round(1000.0 * self.seconds, 3),
            "who": "" if self.caller is None else self.caller.name,
        }
