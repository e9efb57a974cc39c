"""A Redis stream that is read by one worker at a time, and the stream that takes the answers.

An answer is added under the id of the entry that it answers. Redis takes ids of a stream in ascending order
only, so an answer that was written before a crash cannot be written again, by whomever: that, and not the
group's acknowledgements, is what makes every entry be answered once. The acknowledgements say to people and
monitors how far the worker is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
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
        renewed = self.client.eval(RENEW, 1, self._lease, self.me, LEASE)
        return bool(renewed) or bool(self.client.set(self._lease, self.me, nx=True, px=LEASE))

    def release(self) -> None:
        """Let another worker take the stream at once."""
        self.client.eval(RELEASE, 1, self._lease, self.me)

    def prepare(self, position: bytes) -> None:
        """Make the group, if there is none (any more), so that it goes on after an entry."""
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

    def delivered(self) -> bytes:
        """Id of the last entry that the group was given."""
        groups = {one["name"]: one for one in self.client.xinfo_groups(self.source)}
        found: bytes = groups[self.group.encode()]["last-delivered-id"]
        return found

    def lost(self, position: bytes, taken: int) -> int:
        """Entries that were deleted before this group could read them, as far as Redis can tell.

        Redis counts what was trimmed from the front; of what was deleted elsewhere it knows the last id.

        Parameters
        ----------
        position : bytes
            Id of the last entry taken in.
        taken : int
            Entries ever added up to that one.
        """
        deleted = self.client.xinfo_stream(self.source)["max-deleted-entry-id"]
        return max(self.added()[1] - taken, int(_order(deleted) > _order(position)))

    def added(self) -> tuple[int, int]:
        """Entries ever added to the stream, and those of them that are gone."""
        about = self.client.xinfo_stream(self.source)
        return about["entries-added"], about["entries-added"] - about["length"]

    def between(self, after: bytes, last: bytes) -> Iterator[list[Entry]]:
        """Entries after an id up to another, however often they were delivered already."""
        while _order(after) < _order(last):
            found = self.client.xrange(self.source, min=b"(" + after, max=last, count=TOGETHER)
            if not found:
                return
            yield [self.read(*one) for one in found]
            after = found[-1][0]

    def fresh(self, wait: int) -> list[Entry]:
        """Entries that were never delivered; waits so many milliseconds for the first."""
        streams = {self.source: ">"}
        found = self.client.xreadgroup(self.group, self.me, streams, count=TOGETHER, block=wait)
        return [self.read(*one) for one in found[0][1] if one[1]] if found else []

    def write(self, answers: Sequence[tuple[bytes, bytes]]) -> None:
        """Add answers under the ids of their entries, those that are not there yet, and acknowledge.

        Raises
        ------
        StorageError
            Another writer has put later entries into the stream of answers: this one can not be added.
        """
        pipe = self.client.pipeline(transaction=True)
        for key, answer in answers:
            pipe.xadd(self.results, {b"answer": answer}, id=key, maxlen=self.keep, approximate=True)
        pipe.xack(self.source, self.group, *(key for key, _ in answers))
        said = pipe.execute(raise_on_error=False)
        for (key, _), one in zip(answers, said, strict=False):
            if isinstance(one, Exception):
                self._written_already(key, one)

    def facts(self) -> dict[str, int | None]:
        """How many entries the group has not been given yet (None where Redis cannot tell)."""
        groups = {one["name"]: one for one in self.client.xinfo_groups(self.source)}
        return {"lag": groups[self.group.encode()].get("lag")}

    @property
    def _lease(self) -> str:
        return f"barograph:watch:{self.source}:{self.group}"

    def _written_already(self, key: bytes, error: Exception) -> None:
        """Nothing where an answer was refused because it is there; the error otherwise."""
        if "equal or smaller" not in str(error):
            raise error
        there = self.client.xrange(self.results, min=key, max=key)
        about = self.client.xinfo_stream(self.results)
        first = about["first-entry"]
        trimmed = about["entries-added"] > about["length"] and (not first or _order(first[0]) > _order(key))
        if not there and not trimmed:
            raise StorageError(
                f"the stream of answers '{self.results}' must have this worker as its only writer",
                came=f"it holds later entries than {key.decode()}, which is not among them",
                do="Name a stream of its own with --to",
            )


def _order(key: bytes) -> tuple[int, int]:
    milliseconds, _, number = key.partition(b"-")
    return int(milliseconds), int(number or 0)
