"""What a study took in, kept in Redis: a log that all workers read, states that its owner keeps.

What moves a state is in the log before anything is done about it. So the log is the only truth: whoever takes
its entries in, in their order and by their clock, comes to the state that the owner has. A worker that is not
the owner goes as far as the group says that entries were answered.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from barograph.api.live import EventScorer
from barograph.core.errors import StorageError
from barograph.deploy.state_redis import RedisStore
from barograph.service import logs
from barograph.service.memory import DAY, again
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


DAYS = 10_000
"""Days that an owner can write again, should the server lose them."""


class Seen(NamedTuple):
    """How far a model has taken in a log."""

    position: bytes = FIRST  # id of the last entry
    taken: int = 0  # entries ever added up to that one
    fence: bytes = b""  # of the log that they were taken from

    def behind(self, entry: bytes) -> Seen:
        """One entry further."""
        return Seen(entry, self.taken + 1, self.fence)


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
    _days: deque[Move] = field(default_factory=lambda: deque(maxlen=DAYS))  # that this owner answered last

    def __post_init__(self) -> None:
        self.lease = Lease(self.client, self.names.lease(self.study))
        fence = self.names.fence(self.study)
        self.log = Log(self.client, self.names.log(self.study), GROUP, read, TOGETHER, fence)

    @property
    def current(self) -> bool:
        """Whether this worker's model has taken in all that was answered, and nobody else can answer more."""
        return self.owning and self.lease.certain

    def recall(self, served: Served) -> int:
        """Bring a model to the state that the owner has; how many entries that took."""
        if served.seen is None:
            self._begin(served)
        count, refused, why = 0, 0, ""
        while True:
            moves, found = self._after(served)
            if self._rewound(served, found):
                served.begin_anew()
                self._begin(served)
                continue
            answered = [one for one in moves if found.answered and order(one.id) <= order(found.answered)]
            for one in answered:
                error = again(served, one.kind, one.given, at=one.at)
                if error is not None:
                    refused, why = refused + 1, why or str(error)
                served.seen = served.seen.behind(one.id)
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
        again = not _whole(found) and bool(found.fence or served.seen.fence)
        if again:
            found = self._write_again(served, found)
        answered = found.answered
        if order(found.last) < order(served.seen.position):
            self._mend(served, found)
            answered = bytes(served.seen.position)
        if not _whole(found):
            self._set_fence(served, found, again=again)
        return answered

    def unanswered(self, served: Served) -> list[Move] | None:
        """The next entries that the owner's model has not taken in; None where it must take over anew."""
        moves, found = self._after(served)
        return moves if _whole(found) and found.fence == served.seen.fence else None

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
        self._days.extend(move for move, _ in replies if move.kind == DAY)
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

    def _begin(self, served: Served) -> None:
        """From the kept state, or the bundle's; the fence is looked at first: what is kept later is newer."""
        fence = self.client.get(self.names.fence(self.study)) or b""
        served.seen = (self._restored(served) or Seen())._replace(fence=fence)

    def _rewound(self, served: Served, found: Found) -> bool:
        """Whether a model may know what its log has lost, or lack what its owner knows: it begins anew.

        Models of series, of which no state is kept, go on: what their log had lost was written again.
        """
        if not found.fence or found.fence == served.seen.fence:
            return False
        if isinstance(served.model, EventScorer):
            return True
        served.seen = served.seen._replace(fence=found.fence)
        return False

    def _set_fence(self, served: Served, found: Found, *, again: bool) -> None:
        """Tell all others to begin anew where the server was started again: its owner's state is kept."""
        if again:
            self._kept = "", b""
            self.keep(served)
        fence = found.run + b"-" + secrets.token_hex(4).encode()
        self._done([("SET", self.log.fence, fence)])
        served.seen = served.seen._replace(fence=fence)

    def _write_again(self, served: Served, found: Found) -> Found:
        """Days that were answered and are in the log no more; what it is like with them.

        Under their own ids, unless something came meanwhile: then behind it; who has one refuses it.
        """
        days = list(self._days)
        pipe = self.client.pipeline(transaction=False)
        for one in days:
            pipe.xrange(self.log.key, one.id, one.id)
        lost = [one for one, there in zip(days, pipe.execute(), strict=True) if not there]
        if not lost:
            return found
        own = order(found.last) < order(lost[0].id)
        commands: list[Command] = [("XADD", self.log.key, one.id if own else "*", *one.words) for one in lost]
        if own:
            position, taken, _ = served.seen
            commands.append(("XGROUP", "SETID", self.log.key, GROUP, position, "ENTRIESREAD", taken))
        self._done(commands)
        return self.log.after(served.seen.position)[1]

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
                served.seen = served.seen._replace(taken=found.gone)
                served.lacks = found.gone if served.seen.position == FIRST else served.lacks
            lost = found.lost(served.seen.position, served.seen.taken)
            if not lost or order(found.last) < order(served.seen.position):
                return moves, found
            further = self._restored(served)
            if further is None:
                break
            served.seen = further._replace(fence=served.seen.fence)
        raise StorageError(
            f"the log of {self.study} must hold every entry after {served.seen.position.decode()}",
            came=f"{lost} or more were deleted from it",
            do="Leave the keys of a service to it; remove its log and its states to start without them",
        )

    def _mend(self, served: Served, found: Found) -> None:
        """The server lost the end of the log, but this model took it in: its state is kept in its stead."""
        lost = served.seen.taken - found.added
        logs.write("error", "the server lost what it had acknowledged", study=self.study, entries=lost)
        position, taken, _ = served.seen
        self._done(
            [
                ("XSETID", self.log.key, position, "ENTRIESADDED", taken),
                ("XGROUP", "SETID", self.log.key, GROUP, position, "ENTRIESREAD", taken),
            ]
        )
        self._kept = "", b""
        self.keep(served)


def _whole(found: Found) -> bool:
    """Whether the server has not been started again since its owner last looked for what the log lost."""
    return bool(found.fence) and found.fence.startswith(found.run)
