"""Batches from more rows than memory holds: shuffled in two levels, in an order that never changes.

Rows lie in blocks. Every epoch shuffles the blocks, parts them into windows of so many blocks, and shuffles
the rows of each window among each other. Each row comes exactly once an epoch, one window is held at a time,
and the order depends on nothing but the seed and how many rows each block has. Where one window holds every
block, it is a plain shuffle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from barograph.core.arrays import AnyArray, IntArray
from barograph.core.errors import LeakError
from barograph.core.seeds import generator
from barograph.train.record_data import RecordData, RecordMember, RecordTables

WINDOW = 32
"""Blocks that are held and shuffled together."""
NOBODY: IntArray = np.empty(0, dtype=np.int64)


class RowSource(Protocol):
    """Rows in blocks, somewhere outside memory."""

    @property
    def sizes(self) -> IntArray:
        """How many rows of each block may be trained on, [n_blocks]."""
        ...

    @property
    def mark(self) -> str:
        """What tells these rows from any others; training that resumes must find the same."""
        ...

    def read(self, blocks: IntArray) -> AnyArray:
        """The rows of some blocks that may be trained on, one block after the other, [n, …]."""
        ...

    def encoded(self, rows: AnyArray) -> RecordData:
        """Such rows as networks read them, with their targets."""
        ...


@dataclass(slots=True)
class RowStream:
    """The endless sequence of a source's rows, read at any place of it."""

    source: RowSource
    seed: int
    window: int = WINDOW  # blocks
    _place: tuple[int, int] = (-1, -1)  # epoch and number of the window that is held
    _held: AnyArray = field(default_factory=lambda: NOBODY)

    @property
    def n_rows(self) -> int:
        """Rows of an epoch."""
        return int(self.source.sizes.sum())

    def rows(self, since: int, count: int) -> AnyArray:
        """The rows at places ``since … since + count - 1`` of the sequence.

        Raises
        ------
        LeakError
            If the source has no row at all.
        """
        if not self.n_rows:
            raise LeakError("a stream was opened of rows none of which may be trained on")
        pieces: list[AnyArray] = []
        while count:
            epoch, place = divmod(since, self.n_rows)
            blocks = generator(self.seed, "blocks", epoch).permutation(self.source.sizes.size)
            firsts = np.arange(0, blocks.size, self.window)
            ends = np.add.reduceat(self.source.sizes[blocks], firsts).cumsum()
            number = int(np.searchsorted(ends, place, side="right"))
            self._hold(epoch, number, blocks[firsts[number] : firsts[number] + self.window])
            inside = place - (int(ends[number]) - self._held.shape[0])
            pieces.append(self._held[inside : inside + count])
            since, count = since + pieces[-1].shape[0], count - pieces[-1].shape[0]
        return np.concatenate(pieces)

    def tables(self, since: int, count: int, reads: frozenset[str]) -> RecordTables:
        """The same rows as tables for a network that reads only some of the inputs."""
        data = self.source.encoded(self.rows(since, count))
        return data.tables([RecordMember(self.seed, np.arange(count), NOBODY)], reads)

    def _hold(self, epoch: int, number: int, blocks: IntArray) -> None:
        if self._place == (epoch, number):
            return
        self._held = NOBODY  # let go of the last window before the next one is read
        rows = self.source.read(blocks)
        order = generator(self.seed, "window", epoch, number).permutation(rows.shape[0])
        self._held, self._place = rows[order], (epoch, number)
