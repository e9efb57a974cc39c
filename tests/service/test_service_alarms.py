"""What answers wait for is written to its end, also when those who asked have gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from barograph.service.alarms import Alarms, not_watched
from patience import PATIENCE


def test_it_stops_only_once_nothing_is_being_written() -> None:
    begun, go_on, written = threading.Event(), threading.Event(), []

    def work(seen: Sequence[str]) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        written.extend(seen)

    async def told() -> None:
        alarms: Alarms[str] = Alarms(work, not_watched)
        asked = asyncio.create_task(alarms.stand(["one"]))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        asked.cancel()  # who asked has gone
        stopped = asyncio.create_task(alarms.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopped
        assert written == ["one"]

    asyncio.run(told())
