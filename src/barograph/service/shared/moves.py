"""What moves the states of studies, as entries of their logs, and the names of what Redis keeps of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

MINUTE = 60_000
"""Milliseconds of a step of the clock that entries are taken in by: those of one minute may go together."""
KIND, GIVEN, WORKER, NUMBER = b"kind", b"given", b"worker", b"number"


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of a study's log: what is to move its state, and who waits for the answer."""

    id: bytes  # milliseconds-number, as Redis gave it
    kind: str  # events, outcomes, day; empty where it cannot be read
    given: Any
    worker: bytes = b""
    number: bytes = b""  # of the question, among those of that worker

    @property
    def at(self) -> float:
        """The instant by whose clock it is taken in, now and ever after: the server's, to the minute."""
        milliseconds = int(self.id.partition(b"-")[0])
        return milliseconds // MINUTE * MINUTE / 1000

    @property
    def words(self) -> tuple[bytes | str, ...]:
        """What it is written with, waited for by nobody."""
        return (KIND, self.kind, GIVEN, msgspec.json.encode(self.given), WORKER, b"", NUMBER, b"")

    @property
    def weight(self) -> int:
        """Events in it."""
        return len(self.given) if isinstance(self.given, list) else 1


def read(key: bytes, fields: dict[bytes, bytes]) -> Move:
    """An entry; one that nobody here can have written has no kind."""
    try:
        given = msgspec.json.decode(fields[GIVEN])
        return Move(key, fields[KIND].decode(), given, fields[WORKER], fields[NUMBER])
    except (KeyError, ValueError, msgspec.MsgspecError):
        return Move(key, "", None, fields.get(WORKER, b""), fields.get(NUMBER, b""))


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of one service's states; those of a study share a slot of a cluster."""

    service: str

    def log(self, study: str) -> str:
        """The stream of what moves a study's state."""
        return f"barograph:serve:{self.service}:{{{study}}}:log"

    def lease(self, study: str) -> str:
        """Who owns the state of a study."""
        return f"barograph:serve:{self.service}:{{{study}}}:owner"

    def fence(self, study: str) -> str:
        """What says since when the log of a study is whole: set anew after the server was started again."""
        return f"barograph:serve:{self.service}:{{{study}}}:fence"

    def answers(self, worker: str) -> str:
        """The stream of answers to the questions of a worker."""
        return f"barograph:serve:{self.service}:answers:{worker}"

    def state(self, study: str, version: str) -> str:
        """The kept state of a model, as `RedisStore` names it."""
        plain = re.sub(r"[^A-Za-z0-9]+", "-", f"{self.service}-{study}").strip("-")[:75]
        return f"serve-{plain}.{version}"
