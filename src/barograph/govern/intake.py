"""Events of many requests accepted together: one transaction and one sync for all that wait at a time.

A commit costs a sync of the disk, some milliseconds; whoever waits for one waits with all who came meanwhile.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Final

from barograph.core.errors import StorageError
from barograph.govern.events import Accepted, Event, accept_events
from barograph.govern.storage import Database

__all__ = ["EventIntake"]

MOST: Final = 1_000
"""Events of one transaction."""

Waiting = tuple[str, Event, "Future[Accepted]"]


class EventIntake:
    """Accepts events in a thread of its own for as long as the block lasts; see `accept_events`.

    Examples
    --------
    A handler that is a coroutine awaits ``asyncio.wrap_future(intake.submit(study, event))``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._open = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="event-intake", daemon=True)

    def __enter__(self) -> EventIntake:
        self._open = True
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._gate:
            self._open = False
            self._waiting.put(None)
        self._thread.join()

    def submit(self, study: str, event: Event) -> Future[Accepted]:
        """Hand an event over. The future holds what became of it once it is kept, or why it could not be.

        Raises
        ------
        StorageError
            The intake is closed.
        """
        future: Future[Accepted] = Future()
        with self._gate:
            if not self._open:
                raise StorageError(
                    "events are taken while the service runs", came="it is stopping", do="Send it again"
                )
            self._waiting.put((study, event, future))
        return future

    def _run(self) -> None:
        ends = False
        while not ends:
            taken, ends = self._taken()
            studies: dict[str, list[Waiting]] = {}
            for one in taken:
                if one[2].set_running_or_notify_cancel():
                    studies.setdefault(one[0], []).append(one)
            for study, waiting in studies.items():
                self._accept(study, waiting)

    def _taken(self) -> tuple[list[Waiting], bool]:
        """All that wait now, at most `MOST`; at least one, unless it ends."""
        taken: list[Waiting] = []
        while len(taken) < MOST:
            try:
                one = self._waiting.get(block=not taken)
            except queue.Empty:
                break
            if one is None:
                return taken, True
            taken.append(one)
        return taken, False

    def _accept(self, study: str, waiting: list[Waiting]) -> None:
        try:
            accepted = accept_events(self._database, study, [event for _, event, _ in waiting])
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait for it
            for _, _, future in waiting:
                future.set_exception(error)
            return
        for (_, _, future), one in zip(waiting, accepted, strict=True):
            future.set_result(one)
