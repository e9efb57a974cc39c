"""What a study took in, kept in Redis: a log that all workers read, states that its owner keeps.

What moves a state is in the log before anything is done about it. So the log is the only truth: whoever takes
its entries in, in their order and by their clock, comes to the state that the owner has. A worker that is not
the owner goes as far as the group says that entries were answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from barograph.api.live import EventScorer
from barograph.core.errors import StorageError
from barograph.deploy.state_redis import RedisStore
from barograph.service import logs
from barograph.service.memory import again
from barograph.service.shared.lease import Command, Lease
from barograph.service.shared.log import FIRST, Found, Log, order
from barograph.service.shared.mailbox import ROOM
from barograph.service.shared.moves import Move, Names, read
from barograph.service.shared.server import library
from barograph.service.studies import Served

GROUP = "serve"
TOGETHER = 64
"""Entries read in one call, at most: one may hold ten thousand events."""
POSITION, TAKEN = "shared:position", "shared:taken"
LOG_BYTES = 512 * 2**20
"""Memory of a log above which its oldest entries go; what the kept state has not taken in never does."""
ANSWERS = ROOM
"""Answers kept for a worker that does not read them, at least: as many as it may wait for."""
ANSWERS_FOR = 600_000
"""Milliseconds for which they are kept."""


class Seen(NamedTuple):
    """How far a model has taken in a log."""

    position: bytes = FIRST  # id of the last entry
    taken: int = 0  # entries ever added up to that one


@dataclass(slots=True)
class SharedMemory:
    """The memory of one study, of which every worker has one."""

    client: Any  # redis.Redis
    names: Names
    study: str
    refused: int = 0  # entries that a model which was recalled did not take
    owning: bool = False  # whether this worker's model is the one that answers
    lease: Lease = field(init=False)
    log: Log[Move] = field(init=False)
    _kept: tuple[str, bytes] = ("", b"")  # version and position of the last kept state

    def __post_init__(self) -> None:
        self.lease = Lease(self.client, self.names.lease(self.study))
        self.log = Log(self.client, self.names.log(self.study), GROUP, read, TOGETHER)

    @property
    def current(self) -> bool:
        """Whether this worker's model has taken in all that was answered, and nobody else can answer more."""
        return self.owning and self.lease.certain

    def recall(self, served: Served) -> int:
        """Bring a model to the state that the owner has; how many entries that took."""
        if served.seen is None:
            served.seen = self._restored(served) or Seen()
        count, refused, why = 0, 0, ""
        while True:
            moves, found = self._after(served)
            answered = [one for one in moves if found.answered and order(one.id) <= order(found.answered)]
            for one in answered:
                error = again(served, one.kind, one.given, at=one.at)
                if error is not None:
                    refused, why = refused + 1, why or str(error)
                served.seen = Seen(one.id, served.seen.taken + 1)
            count += len(answered)
            if len(answered) < TOGETHER:
                break
        if refused:
            self.refused += refused
            about = {"study": self.study, "model": served.version, "lines": refused, "of": count}
            logs.write("warning", "refused at recall", **about, first=why)
        return count

    def take_over(self, served: Served) -> bytes:
        """Bring a model to where it answers from, as the owner; the id up to which entries are answered."""
        self.recall(served)
        self.log.prepare(served.seen.position)
        _, found = self.log.after(served.seen.position)
        if order(found.last) < order(served.seen.position):
            self._mend(served, found)
            return bytes(served.seen.position)
        return found.answered

    def unanswered(self, served: Served) -> list[Move]:
        """The next entries that the owner's model has not taken in."""
        return self._after(served)[0]

    def answer(self, replies: Sequence[tuple[Move, bytes]], seen: Seen) -> bool:
        """Send the answers to entries, and say how far they go; False where somebody else owns the study."""
        commands: list[Command] = []
        for move, reply in replies:
            if move.worker:
                key = self.names.answers(move.worker.decode())
                limit = ("MAXLEN", "~", ANSWERS)
                commands.append(("XADD", key, *limit, "*", "number", move.number, "reply", reply))
        for worker in sorted({move.worker for move, _ in replies if move.worker}):
            commands.append(("PEXPIRE", self.names.answers(worker.decode()), ANSWERS_FOR))
        commands.append(("XGROUP", "SETID", self.log.key, GROUP, seen.position, "ENTRIESREAD", seen.taken))
        return self._done(commands)

    def keep(self, served: Served) -> bool:
        """Keep the state of a model on events as it is now, if one is the owner; who calls holds its lock."""
        if not isinstance(served.model, EventScorer) or served.seen is None:
            return True
        if self._kept == (served.version, served.seen.position):
            return True
        marks = {
            POSITION: np.frombuffer(served.seen.position, np.uint8),
            TAKEN: np.array([served.seen.taken]),
        }
        mine = True

        def put(key: str, content: bytes) -> None:
            nonlocal mine
            mine = self._done([("SET", key, content)])

        store = RedisStore(self.client, put=put)
        store.save(self.names.state(self.study, served.version), served.model.snapshot() | marks)
        if mine:
            self._kept = served.version, served.seen.position
            self._trim()
        return mine

    def _done(self, commands: Sequence[Command]) -> bool:
        """Whether commands were done by the owner; raises what the server said against one of them."""
        said = self.lease.guarded(commands)
        for one in said or ():
            if isinstance(one, Exception):
                raise one
        return said is not None

    def _trim(self) -> None:
        """Let the oldest entries go where there are too many, of those that the kept state has taken in."""
        size = self.client.memory_usage(self.log.key, samples=50) or 0
        if size > LOG_BYTES:
            most = max(1, int(self.client.xlen(self.log.key) * (1 - LOG_BYTES / 2 / size)))
            self._done([("XTRIM", self.log.key, "MINID", "~", self._kept[1], "LIMIT", most)])

    def _restored(self, served: Served) -> Seen | None:
        """Go on from the kept state, if there is one that is further."""
        if not isinstance(served.model, EventScorer):
            return None
        arrays = RedisStore(self.client).load(self.names.state(self.study, served.version))
        if arrays is None:
            return None
        seen = Seen(arrays.pop(POSITION).tobytes(), int(arrays.pop(TAKEN)[0]))
        if served.seen is not None and order(seen.position) <= order(served.seen.position):
            return None
        served.model.restore(arrays)
        return seen

    def _after(self, served: Served) -> tuple[list[Move], Found]:
        """Entries behind a model's position, which moves on where it must."""
        for _ in range(2):
            try:
                moves, found = self.log.after(served.seen.position)
            except library().ResponseError as error:
                if "no such key" not in str(error):
                    raise
                return [], Found(0, 0, False, False, FIRST, b"")
            if served.seen.position == FIRST or (
                found.begins_anew(served.seen.taken) and order(found.last) > order(served.seen.position)
            ):
                served.seen = Seen(served.seen.position, found.gone)
                served.lacks = found.gone if served.seen.position == FIRST else served.lacks
            lost = found.lost(served.seen.position, served.seen.taken)
            if not lost or order(found.last) < order(served.seen.position):
                return moves, found
            further = self._restored(served)
            if further is None:
                break
            served.seen = further
        raise StorageError(
            f"the log of {self.study} must hold every entry after {served.seen.position.decode()}",
            came=f"{lost} or more were deleted from it",
            do="Leave the keys of a service to it; remove its log and its states to start without them",
        )

    def _mend(self, served: Served, found: Found) -> None:
        """The server lost the end of the log, but this model took it in: its state is kept in its stead."""
        lost = served.seen.taken - found.added
        logs.write("error", "the server lost what it had acknowledged", study=self.study, entries=lost)
        position, taken = served.seen
        self._done(
            [
                ("XSETID", self.log.key, position, "ENTRIESADDED", taken),
                ("XGROUP", "SETID", self.log.key, GROUP, position, "ENTRIESREAD", taken),
            ]
        )
        self._kept = "", b""
        self.keep(served)
