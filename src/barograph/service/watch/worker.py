"""The loop: own the stream, rebuild the state, then read, answer, write; a snapshot now and then.

A worker may be killed at any instant. The next one loads the last snapshot, which says after which entry it
was taken, takes in again what came since, and writes those answers that are not there yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.contracts import StateStore
from barograph.core.errors import StorageError
from barograph.service.shared.log import FIRST, Found, order
from barograph.service.shared.server import library
from barograph.service.watch.answering import Answerer
from barograph.service.watch.entries import Entry
from barograph.service.watch.streams import Streams

POSITION, TAKEN, BUNDLE = "watch:position", "watch:taken", "watch:bundle"
WAIT = 500
"""Milliseconds for which a read waits for an entry."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries to reach a server that does not answer, at most."""

Log = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True)
class Worker:
    """One stream, one live state."""

    answerer: Answerer
    streams: Streams
    store: StateStore
    name: str  # of the state in the store
    bundle: str  # hash of the bundle: a state belongs to one
    log: Log
    every: float = 30.0  # seconds between snapshots
    position: bytes = FIRST  # last entry that the state has taken in
    taken: int = 0  # entries ever added to the stream up to that one
    stopped: bool = False
    _saved: bytes | None = None  # position of the last snapshot
    _unwritten: list[tuple[bytes, bytes]] = field(default_factory=list)
    _next_snapshot: float = 0.0
    _next_word: float = 0.0

    def run(self, *, until_idle: bool = False) -> None:
        """Work until `stopped`, or until nothing comes; a server that does not answer is tried again.

        Raises
        ------
        StorageError
            The state is damaged or another bundle's, or entries were lost before they were read.
        """
        redis = library()
        pause = 0.1
        while not self.stopped:
            try:
                self._serve(until_idle)
                return
            except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
                if isinstance(error, redis.ResponseError) and not _passes(error):
                    raise
                self.log("away", {"error": str(error), "again_in": pause})
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _serve(self, until_idle: bool) -> None:
        """Own the stream and work on it; returns when stopped, raises when the server is away."""
        while not self.stopped:
            if not self.streams.lease.owned():
                time.sleep(WAIT / 1000)
                continue
            self._load()
            self.streams.log.prepare(self.position)
            self.log("ready", {"position": self.position.decode()})
            if self._work(until_idle):
                break
            self.log("overtaken", {"position": self.position.decode()})
        if self.streams.lease.renewed():
            self._snapshot()
            self.streams.lease.release()

    def _work(self, until_idle: bool) -> bool:
        """Read and answer; True when stopped or idle, False when another worker has taken the stream."""
        waited = False
        while not self.stopped:
            if not self._write() or not self.streams.lease.renewed():
                return False
            entries, found = self.streams.log.after(self.position)
            self._look_for_gaps(found)
            if entries:
                self._take(entries)
            elif waited and until_idle:
                return True
            else:
                self.streams.log.wait(self.position, WAIT)
            waited = not entries
            self._now_and_then()
        return self._write()

    def _look_for_gaps(self, found: Found) -> None:
        """Refuse to go on where entries were deleted unread; a stream that begins anew is begun with."""
        if self.position == FIRST or found.begins_anew(self.taken):
            self.taken = found.gone
            return
        lost = found.lost(self.position, self.taken)
        if lost:
            raise StorageError(
                f"the stream must hold every entry after {self.position.decode()}, the last one taken in",
                came=f"{lost} or more were deleted from it",
                do="Trim the stream less or keep the state more often; remove it to start without them",
            )

    def _take(self, entries: Sequence[Entry]) -> None:
        answers = self.answerer.answer(entries)
        self._unwritten += zip((one.id for one in entries), answers, strict=True)
        self.position = entries[-1].id
        self.taken += len(entries)

    def _write(self) -> bool:
        """Write what is unwritten; False where another worker owns the stream by now."""
        if self._unwritten:
            if not self.streams.write(self._unwritten, self.taken):
                return False
            self._unwritten.clear()
        return True

    def _now_and_then(self) -> None:
        now = time.monotonic()
        if now >= self._next_snapshot:
            self._snapshot()
            self._next_snapshot = time.monotonic() + self.every
        if now >= self._next_word:
            self.log("working", {"counts": dict(self.answerer.counts), "lag": self.streams.log.lag()})
            self._next_word = now + 10.0

    def _snapshot(self) -> None:
        if self.position == self._saved or not self._write() or not self.streams.lease.renewed():
            return
        labels = {POSITION: self.position, BUNDLE: self.bundle.encode()}
        marks: dict[str, AnyArray] = {key: np.frombuffer(text, np.uint8) for key, text in labels.items()}
        marks[TAKEN] = np.array([self.taken])
        self.store.save(self.name, self.answerer.scorer.snapshot() | marks)
        if self.streams.lease.certain:  # another may own the stream by now: then it was not kept
            self._saved = self.position

    def _load(self) -> None:
        """The state that was kept last, if one was and it is further than this worker's own."""
        arrays = self.store.load(self.name)
        if arrays is None:
            return
        made_by = arrays.pop(BUNDLE).tobytes().decode()
        if made_by != self.bundle:
            raise StorageError(
                f"the state '{self.name}' must have been kept by the bundle that goes on with it",
                came=f"it is of bundle {made_by[:12]}, not {self.bundle[:12]}",
                do="Name another --group to start anew, or go on with that bundle",
            )
        position, taken = arrays.pop(POSITION).tobytes(), int(arrays.pop(TAKEN)[0])
        if order(position) > order(self.position):
            self.answerer.scorer.restore(arrays)
            self.position = self._saved = position
            self.taken = taken


def _passes(error: Exception) -> bool:
    """Whether an answer of the server means that it was restarted or is still starting."""
    return any(word in str(error) for word in ("NOGROUP", "LOADING", "no such key", "MASTERDOWN"))
