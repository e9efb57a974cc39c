"""A Redis stream as a log: read on from a position, and looked at for what is no longer there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from barograph.core.errors import StorageError
from barograph.service.shared.server import library

FIRST = b"0-0"
TOGETHER = 512
"""Entries read in one call, at most."""
AFTER = """
local entries = redis.call('xrange', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
local about, told = redis.call('xinfo', 'stream', KEYS[1]), {}
for i = 1, #about, 2 do told[about[i]] = about[i + 1] end
local first = told['length'] > 0 and told['recorded-first-entry-id'] or ''
local answered = ''
for _, group in ipairs(redis.call('xinfo', 'groups', KEYS[1])) do
  local one = {}
  for i = 1, #group, 2 do one[group[i]] = group[i + 1] end
  if one['name'] == ARGV[3] then answered = one['last-delivered-id'] end
end
local fence, run = '', ''
if KEYS[2] then
  fence = redis.call('get', KEYS[2]) or ''
  run = string.match(redis.call('info', 'server'), 'run_id:(%w+)')
end
return {entries, told['length'], told['entries-added'], told['max-deleted-entry-id'],
        told['last-generated-id'], first, answered, fence, run}
"""
"""Entries behind a position, and what the stream was like at that very moment; no entry but these travels."""

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Found:
    """What a stream was like when it was read after a position."""

    added: int  # entries ever added
    gone: int  # of them, no longer there
    begins_later: bool  # than the position
    deleted_later: bool  # an entry after the position was deleted one by one
    last: bytes  # id of the last one ever added
    answered: bytes  # id up to which the group says that entries were answered; empty where there is no group
    fence: bytes = b""  # what the log's owner has set as its fence, where it has one
    run: bytes = b""  # of the server, which has another one each time it is started

    def lost(self, position: bytes, taken: int) -> int:
        """How many entries behind a position are no longer there, at least.

        Redis counts what was trimmed from the front; of what was deleted elsewhere it knows the last id.

        Parameters
        ----------
        position : bytes
            Id of the last entry that was taken in.
        taken : int
            Entries ever added up to that one.
        """
        return 0 if position == FIRST else max(self.gone - taken, int(self.deleted_later))

    def begins_anew(self, taken: int) -> bool:
        """Whether this is another stream than the one of which so many entries were taken in."""
        return self.added < taken or (self.begins_later and not self.gone)


@dataclass(slots=True)
class Log(Generic[Entry]):
    """A stream, and the group that says how far its entries were answered."""

    client: Any  # redis.Redis
    key: str
    group: str
    read: Callable[[bytes, dict[bytes, bytes]], Entry]
    together: int = TOGETHER
    fence: str = ""  # key of its fence; empty where it has none

    def prepare(self, position: bytes) -> None:
        """Make the group, if there is none (any more), at an entry; the stream too."""
        try:
            self.client.xgroup_create(self.key, self.group, id=position, mkstream=True)
        except library().ResponseError as error:
            if "WRONGTYPE" in str(error):
                raise StorageError(
                    f"'{self.key}' must be a stream",
                    came="it is a key of another type",
                    do="Name a stream",
                ) from error
            if "BUSYGROUP" not in str(error):
                raise

    def after(self, position: bytes) -> tuple[list[Entry], Found]:
        """Entries after one, at most `together`, and what the stream was like at the very moment."""
        keys = [self.key, self.fence] if self.fence else [self.key]
        entries, length, added, deleted, last, first, answered, fence, run = self.client.eval(
            AFTER, len(keys), *keys, b"(" + position, self.together, self.group
        )
        found = Found(
            added=added,
            gone=added - length,
            begins_later=bool(first) and order(first) > order(position),
            deleted_later=order(deleted) > order(position),
            last=last,
            answered=answered,
            fence=fence,
            run=run,
        )
        return [self.read(key, dict(zip(flat[::2], flat[1::2], strict=True))) for key, flat in entries], found

    def wait(self, position: bytes, milliseconds: int) -> None:
        """Return when there is an entry after one, or after so long."""
        self.client.xread({self.key: position}, count=1, block=milliseconds)

    def lag(self) -> int | None:
        """How many entries the group has not been given yet; None where Redis cannot tell."""
        groups = {one["name"]: one for one in self.client.xinfo_groups(self.key)}
        lag: int | None = groups[self.group.encode()].get("lag")
        return lag


def order(key: bytes) -> tuple[int, int]:
    """An id as what ids are compared by."""
    milliseconds, _, number = key.partition(b"-")
    return int(milliseconds), int(number or 0)
