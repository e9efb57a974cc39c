"""Once a second: what was written is synced, and its head anchored."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from barograph.core.errors import StorageError
from barograph.core.version import VERSION
from barograph.govern.audit.anchors import behind, last_anchor, write_anchor
from barograph.govern.audit.journal import Journal
from barograph.govern.background import Background
from barograph.govern.storage import Database


def open_journal(database: Database, folder: Path | str, chain: str, *, durable: bool = False) -> Journal:
    """Open a worker's journal, see that it holds what was anchored of it, and note the start.

    Raises
    ------
    StorageError
        As `Journal`; and where lines that were anchored are gone.
    """
    journal = Journal(folder, chain, durable=durable, clock=database.clock)
    try:
        anchored = last_anchor(database, chain)
        sequence, digest = journal.head
        if anchored is not None and (
            sequence < anchored[0] or (sequence == anchored[0] and digest != anchored[1])
        ):
            raise behind(chain, sequence, f"anchored up to line {anchored[0]:,}")
        journal.write("start", output={"barograph": VERSION, "torn_bytes": journal.torn})
    except StorageError:
        journal.close()
        raise
    return journal


class Keeper(Background):
    """Syncs and anchors a journal in the background for as long as the block lasts.

    A database that is away stops nothing: anchoring goes on when it is back. `error` is what failed last, for
    health checks and metrics, None when all is well.

    Parameters
    ----------
    journal : Journal
        Closed at the end.
    database : Database
        Where the anchors go.
    every : float
        Seconds.
    """

    def __init__(self, journal: Journal, database: Database, *, every: float = 1.0) -> None:
        super().__init__(f"audit-{journal.chain}")
        self.journal = journal
        self.error: StorageError | None = None
        self._database, self._every = database, every
        self._anchored = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.keep()
        self.journal.close()

    def keep(self) -> None:
        """Sync and anchor now; a failure is in `error`."""
        try:
            self.journal.sync()
            sequence, digest = self.journal.head_on_disk
            if sequence > self._anchored:
                write_anchor(self._database, self.journal.chain, sequence, digest)
                self._anchored = sequence
            self.error = None
        except StorageError as error:
            self.error = error

    def _round(self) -> float:
        self.keep()
        return self._every
