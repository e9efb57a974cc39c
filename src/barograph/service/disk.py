"""A journal whose lines many requests wait for: those that wait at one time share one sync."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from barograph.govern.audit import Journal


class Disk:
    """Waits, on an event loop, until lines of a journal are on disk (group commit)."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"barograph-disk-{journal.chain}")
        self._on_disk = 0
        self._syncing: asyncio.Future[None] | None = None

    async def synced(self, sequence: int) -> None:
        """Return once a line is on disk; raises `StorageError` where it cannot be."""
        while self._on_disk < sequence:
            if self._syncing is None:
                self._syncing = asyncio.ensure_future(self._sync())
            await asyncio.shield(self._syncing)

    async def _sync(self) -> None:
        head = self.journal.head[0]
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self.journal.sync, head)
            self._on_disk = head
        finally:
            self._syncing = None

    def close(self) -> None:
        """Wait for what is being synced; the journal stays open."""
        self._thread.shutdown()
