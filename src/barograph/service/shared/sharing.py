"""The states of all studies of a service in Redis, as one of its workers has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from barograph.service import logs
from barograph.service.problems import Problem
from barograph.service.shared.mailbox import Mailbox
from barograph.service.shared.memory import SharedMemory
from barograph.service.shared.moves import Names
from barograph.service.shared.server import connected, server_and_name, shortcomings
from barograph.service.wire import encode

NAME = "barograph"
"""Of a service whose address does not name it."""


@dataclass(slots=True)
class Shared:
    """One worker's part in states that many share."""

    client: Any  # redis.Redis
    names: Names
    host: str
    mailbox: Mailbox = field(init=False)
    _memories: dict[str, SharedMemory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mailbox = Mailbox(self.client, self.names, self.host)

    @classmethod
    def at(cls, address: str) -> Shared:
        """The states at redis://HOST:PORT/DATABASE/NAME.

        Raises
        ------
        SettingError
            It is no such address.
        UnavailableError
            Nothing answers there now.
        """
        server, name = server_and_name(address, option="--state", what="NAME", default=NAME)
        return cls(connected(server), Names(name), urlsplit(server).hostname or "")

    def memory(self, study: str) -> SharedMemory:
        """What a study took in."""
        if study not in self._memories:
            self._memories[study] = SharedMemory(self.client, self.names, study)
        return self._memories[study]

    async def ask(self, study: str, kind: str, given: Any) -> tuple[str, list[dict[str, Any]]]:
        """What the owner of a study's state answers: the model's version, and row by row.

        Raises
        ------
        Problem
            The owner's model refuses it.
        UnavailableError
            See `Mailbox.ask`.
        """
        return answer_of(await self.mailbox.ask(study, kind, encode(given)))

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def warn(self) -> None:
        """Say in the log what the server does not keep."""
        for one in shortcomings(self.client):
            logs.write("warning", "redis does not keep everything", server=self.host, why=one)


def reply_of(version: str, rows: Any) -> bytes:
    """An answer as it is sent to who asked."""
    return encode({"version": version, "rows": rows})


def refusal_of(problem: Problem) -> bytes:
    """A refusal as it is sent to who asked."""
    return encode({"problem": [problem.status, problem.kind, problem.detail, problem.headers]})


def answer_of(reply: bytes) -> tuple[str, list[dict[str, Any]]]:
    """What was sent, read again; raises the problem that it may be."""
    found = msgspec.json.decode(reply)
    if "problem" in found:
        status, kind, detail, headers = found["problem"]
        raise Problem(status, kind, detail, headers=headers)
    return found["version"], found["rows"]
