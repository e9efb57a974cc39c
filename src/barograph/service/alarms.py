"""Alerts that stand before an answer goes out: nothing that deserves one is acknowledged without it.

Who is killed before the answer has acknowledged nothing: the same is sent again, is answered as it was, and
its alert is looked for again. Answers that wait at one time share one transaction.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from barograph.core.errors import InputError, StorageError
from barograph.service import logs

One = TypeVar("One")


class Alarms(Generic[One]):
    """Raises what several answers wait for; on an event loop.

    Parameters
    ----------
    work : callable
        Opens the alerts of what it is given, all or none, on a thread.
    left_out : callable
        Hears how many could not be looked at, and why: what would fail however often it was sent again.
    """

    def __init__(
        self, work: Callable[[Sequence[One]], None], left_out: Callable[[int, Exception], None]
    ) -> None:
        self._work, self._left_out = work, left_out
        self._waiting: list[tuple[Sequence[One], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def stand(self, seen: Sequence[One]) -> None:
        """Return once the alerts of these are in the database.

        Raises
        ------
        StorageError
            It does not take them now: the answer must not go out.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((seen, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        await future

    async def stop(self) -> None:
        """Return once nothing is being written: who waited for it may have gone."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            many, self._waiting = self._waiting, []
            said = await asyncio.to_thread(self._raised, [seen for seen, _ in many])
            for (_, future), error in zip(many, said, strict=True):
                if future.done():  # who waited has gone
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)

    def _raised(self, many: Sequence[Sequence[One]]) -> list[StorageError | None]:
        """Of each, why its answer must not go out; one that fails for a reason of its own fails alone."""
        try:
            self._work([one for seen in many for one in seen])
        except StorageError as error:
            return [error] * len(many)
        except Exception as error:  # noqa: BLE001 - whatever it is would come again with the same event
            if len(many) > 1:
                return [self._raised([seen])[0] for seen in many]
            self._left_out(len(many[0]), error)
        return [None] * len(many)


def not_watched(count: int, error: Exception) -> None:
    """A line in the log for what was not watched: what it would have been told is in the audit log."""
    told = {} if isinstance(error, InputError) else {"traceback": "".join(traceback.format_exception(error))}
    logs.write("error", "not watched", count=count, why=str(error), **told)
