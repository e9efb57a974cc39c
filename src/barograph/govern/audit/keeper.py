"""Once a second: what was written is synced, and its head anchored."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from barograph.core.errors import StorageError
from barograph.core.version import VERSION
from barograph.govern.audit.anchors import behind, last_anchor, write_anchor
from barograph.govern.audit.journal import Journal
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


class Keeper:
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
        self.journal, self.error = journal, None
        self._database, self._every = database, every
        self._anchored = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"audit-{journal.chain}", daemon=True)

    error: StorageError | None

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
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

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.keep()
