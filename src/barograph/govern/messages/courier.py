"""The courier: delivers in the background, one of all processes on a database at a time."""

from __future__ import annotations

import contextlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final

from barograph.core.errors import StorageError
from barograph.govern.background import Background
from barograph.govern.leases import give_back_lease, take_lease
from barograph.govern.messages.delivery import Flight, due_receivers, send_next
from barograph.govern.messages.senders import Senders
from barograph.govern.storage import Database

LEASE: Final = "courier"
LEASE_SECONDS: Final = 30.0
"""How long a process that died, or lost the database, keeps others from delivering."""
AT_ONCE: Final = 8
"""Receivers that are sent to at one time; one that is slow holds up nobody but itself."""


class Courier(Background):
    """Delivers as long as the block lasts, where no other process does.

    Parameters
    ----------
    database : Database
    senders : Senders
    every : float
        Seconds between two looks at the outbox.
    """

    def __init__(self, database: Database, senders: Senders, *, every: float = 2.0) -> None:
        super().__init__("courier")
        self.error: StorageError | None = None  # why it last could not; None when all is well
        self.given_up = 0  # messages that this process has given up
        self._database, self._senders, self._every = database, senders, every
        self._name = uuid.uuid4().hex
        self._flight = Flight()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="barograph-courier")
        self._at_work: set[str] = set()
        self._lock = threading.Lock()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._pool.shutdown(cancel_futures=True)  # what is being sent is waited for
        with contextlib.suppress(StorageError):  # it runs out by itself
            give_back_lease(self._database, LEASE, self._name)

    def _round(self) -> float:
        try:
            self._flight.extend(self._database)
            waiting = due_receivers(self._database)
            if waiting and take_lease(self._database, LEASE, self._name, seconds=LEASE_SECONDS):
                for receiver in waiting:
                    self._go(receiver)
            self.error = None
        except StorageError as error:
            self.error = error
        return self._every

    def _go(self, receiver: str) -> None:
        """On a thread, unless one is at it already."""
        with self._lock:
            if receiver in self._at_work:
                return
            self._at_work.add(receiver)
        self._pool.submit(self._serve, receiver)

    def _serve(self, receiver: str) -> None:
        """One message after the other, until one is not taken, none is left, or the service stops."""
        try:
            while not self._stop.is_set():
                outcome = send_next(self._database, self._senders, receiver, self._flight)
                if outcome == "given_up":
                    with self._lock:
                        self.given_up += 1
                if outcome != "sent":
                    return
        except StorageError as error:
            self.error = error
        finally:
            with self._lock:
                self._at_work.discard(receiver)
