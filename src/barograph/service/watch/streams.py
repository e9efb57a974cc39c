"""A Redis stream that is read by one worker at a time, and the stream that takes the answers.

An answer is added under the id of the entry that it answers. Redis takes ids of a stream in ascending order
only, so an answer that was written before a crash cannot be written again, by whomever. A worker reads on
from the last entry that its own state has taken in, never from where another one was: no state can skip an
entry. The consumer group says to people and monitors how far the answers are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from barograph.core.errors import StorageError
from barograph.service.shared.lease import Lease
from barograph.service.shared.log import Log, order
from barograph.service.watch.entries import Entry

Read = Callable[[bytes, dict[bytes, bytes]], Entry]


@dataclass(slots=True)
class Streams:
    """The two streams of one worker."""

    client: Any  # redis.Redis
    source: str
    results: str
    group: str
    read: Read
    keep: int | None = None  # answers kept, about; None for all
    lease: Lease = field(init=False)
    log: Log[Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.lease = Lease(self.client, f"barograph:watch:{self.source}:{self.group}")
        self.log = Log(self.client, self.source, self.group, self.read)

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
        trimmed: list[str | int] = [] if self.keep is None else ["MAXLEN", "~", self.keep]
        commands: list[list[str | bytes | int]] = [
            ["XADD", self.results, *trimmed, key, "answer", answer] for key, answer in answers
        ]
        commands.append(["XGROUP", "SETID", self.source, self.group, answers[-1][0], "ENTRIESREAD", taken])
        said = self.lease.guarded(commands)
        if said is None:
            return False
        for (key, answer), one in zip(answers, said, strict=False):
            if isinstance(one, Exception):
                self._written_already(key, answer, one)
        if isinstance(said[-1], Exception):
            raise said[-1]
        return True

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
