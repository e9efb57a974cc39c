"""One service: what it serves, with what, and the threads its long work runs on."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from barograph.api.live import EventScorer
from barograph.service.access import Access
from barograph.service.metrics import Metrics
from barograph.service.problems import away
from barograph.service.settings import Limits
from barograph.service.studies import Served, Studies

Answer = TypeVar("Answer")


def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="barograph")


@dataclass(slots=True)
class Service:
    """What every request is answered with.

    What takes less than a millisecond runs on the event loop, where a hop to a thread would cost more; longer
    work goes through `apart`.
    """

    studies: Studies
    access: Access
    metrics: Metrics = field(default_factory=Metrics)
    limits: Limits = field(default_factory=Limits)
    pool: ThreadPoolExecutor = field(default_factory=_pool)
    ready: bool = False
    waiting: int = 0

    def open(self) -> None:
        """Everything is loaded, checked and warm."""
        for served in self.studies:
            self.metrics.models[served.study] = (str(served.about["champion"]), served.version)
        self.ready = True

    def close(self) -> None:
        """No more requests come."""
        self.ready = False
        self.pool.shutdown(wait=True, cancel_futures=True)

    async def apart(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Work on a thread; `Problem` 503 where too much is waiting already."""
        if self.waiting >= self.limits.waiting:
            raise away("the service is busy with longer work. Try again.")
        self.waiting += 1
        try:
            call = functools.partial(work, *arguments)
            return await asyncio.get_running_loop().run_in_executor(self.pool, call)
        finally:
            self.waiting -= 1

    async def aside(self, served: Served, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Long work on a copy of a model on events, in the state that it has now."""
        assert isinstance(served.model, EventScorer)
        async with served.lock:
            state = await self.apart(served.model.snapshot)

        def asked() -> Answer:
            model, turn = served.aside()
            with turn:
                model.restore(state)
                return work(model, *arguments)

        return await self.apart(asked)
