"""A Redis stream that is read by one worker at a time, and the stream that takes the answers.

An answer is added under the id of the entry that it answers. Redis takes ids of a stream in ascending order
only, so an answer that was written before a crash cannot be written again, by whomever. A worker reads on
from the last entry that its own state has taken in, never from where another one was: no state can skip an
entry. The consumer group says to people and monitors how far the answers are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from barograph.core.errors import StorageError, UnavailableError
from barograph.core.late import late
from barograph.service.watch.entries import Entry

FIRST = b"0-0"
LEASE = 10_000
"""Milliseconds for which a worker owns a stream after it last said so."""
TOGETHER = 512
"""Entries read in one call, at most."""
RENEW = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('pexpire',KEYS[1],ARGV[2]) end return 0"
RELEASE = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0"

Read = Callable[[bytes, dict[bytes, bytes]], Entry]


def library() -> Any:
    """The library that speaks to Redis."""
    return late("redis", need="a Redis server", install="pip install 'barograph[redis]'")


def connected(url: str) -> Any:
    """A client that answers with bytes, and gives up on a server that says nothing for a few seconds.

    Raises
    ------
    UnavailableError
        Nothing answers there now.
    """
    client = library().Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)
    try:
        client.ping()
    except library().RedisError as error:
        raise UnavailableError(
            f"a Redis server must answer at {urlsplit(url).hostname}",
            came=f"the client said: {error}",
            do="Start it, or correct the address",
        ) from error
    return client


@dataclass(frozen=True, slots=True)
class Found:
    """What a stream was like when it was read after a position."""

    added: int  # entries ever added
    gone: int  # of them, no longer there
    begins_later: bool  # than the position
    deleted_later: bool  # an entry after the position was deleted one by one


@dataclass(slots=True)
class Streams:
    """The two streams of one worker."""

    client: Any  # redis.Redis
    source: str
    results: str
    group: str
    read: Read
    keep: int | None = None  # answers kept, about; None for all
    me: str = field(default_factory=lambda: secrets.token_hex(8))

    def owned(self) -> bool:
        """Whether this worker owns the stream now; it takes one that nobody owns."""
        return self.renewed() or bool(self.client.set(self._lease, self.me, nx=True, px=LEASE))

    def renewed(self) -> bool:
        """Whether this worker owns the stream still, and for another while."""
        return bool(self.client.eval(RENEW, 1, self._lease, self.me, LEASE))

    def release(self) -> None:
        """Let another worker take the stream at once."""
        self.client.eval(RELEASE, 1, self._lease, self.me)

    def prepare(self, position: bytes) -> None:
        """Make the group, if there is none (any more), at an entry; the stream too."""
        try:
            self.client.xgroup_create(self.source, self.group, id=position, mkstream=True)
        except library().ResponseError as error:
            if "WRONGTYPE" in str(error):
                raise StorageError(
                    f"'{self.source}' must be a stream",
                    came="it is a key of another type",
                    do="Name a stream",
                ) from error
            if "BUSYGROUP" not in str(error):
                raise

    def after(self, position: bytes) -> tuple[list[Entry], Found]:
        """Entries after one, at most `TOGETHER`, and what the stream was like at the very moment."""
        pipe = self.client.pipeline(transaction=True)
        pipe.xrange(self.source, min=b"(" + position, count=TOGETHER)
        pipe.xinfo_stream(self.source)
        entries, about = pipe.execute()
        first = about["first-entry"]
        found = Found(
            added=about["entries-added"],
            gone=about["entries-added"] - about["length"],
            begins_later=bool(first) and order(first[0]) > order(position),
            deleted_later=order(about["max-deleted-entry-id"]) > order(position),
        )
        return [self.read(*one) for one in entries], found

    def wait(self, position: bytes, milliseconds: int) -> None:
        """Return when there is an entry after one, or after so long."""
        self.client.xread({self.source: position}, count=1, block=milliseconds)

    def write(self, answers: Sequence[tuple[bytes, bytes]], taken: int) -> bool:
        """Add answers under the ids of their entries, those that are not there yet, all or none.

        Parameters
        ----------
        answers : sequence of (bytes, bytes)
            Ids ascending, and the answers.
        taken : int
            Entries ever added to the stream up to the last of them, for the group's lag.

        Returns
        -------
        bool
            False where another worker owns the stream by now; then nothing was written.

        Raises
        ------
        StorageError
            Another writer has put later entries into the stream of answers: this one can not be added.
        """
        with self.client.pipeline(transaction=True) as pipe:
            pipe.watch(self._lease)
            if pipe.get(self._lease) != self.me.encode():
                return False
            pipe.multi()
            for key, answer in answers:
                pipe.xadd(self.results, {b"answer": answer}, id=key, maxlen=self.keep, approximate=True)
            pipe.xgroup_setid(self.source, self.group, answers[-1][0], entries_read=taken)
            try:
                said = pipe.execute(raise_on_error=False)
            except library().WatchError:
                return False
        for (key, answer), one in zip(answers, said, strict=False):
            if isinstance(one, Exception):
                self._written_already(key, answer, one)
        if isinstance(said[-1], Exception):
            raise said[-1]
        return True

    def facts(self) -> dict[str, int | None]:
        """How many entries the group has not been given yet (None where Redis cannot tell)."""
        groups = {one["name"]: one for one in self.client.xinfo_groups(self.source)}
        return {"lag": groups[self.group.encode()].get("lag")}

    @property
    def _lease(self) -> str:
        return f"barograph:watch:{self.source}:{self.group}"

    def _written_already(self, key: bytes, answer: bytes, error: Exception) -> None:
        """Nothing where an answer was refused because it is there, by the same model; the error otherwise."""
        if "equal or smaller" not in str(error):
            raise error
        there = self.client.xrange(self.results, min=key, max=key)
        about = self.client.xinfo_stream(self.results)
        first = about["first-entry"]
        trimmed = about["entries-added"] > about["length"] and (not first or order(first[0]) > order(key))
        if there and there[0][1].get(b"answer", b"").startswith(answer[: answer.index(b",")]):
            return
        if there or not trimmed:
            raise StorageError(
                f"the stream of answers '{self.results}' must have this worker as its only writer",
                came=f"it holds another answer to {key.decode()}"
                if there
                else f"it holds later entries than {key.decode()}, which is not among them",
                do="Name a stream of its own with --to",
            )


def order(key: bytes) -> tuple[int, int]:
    """An id as what ids are compared by."""
    milliseconds, _, number = key.partition(b"-")
    return int(milliseconds), int(number or 0)
