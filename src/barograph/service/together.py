"""Single records of several requests are scored by one call of the net.

The net costs nearly as much for one record as for sixteen. Requests that are read in one turn of the event
loop are answered together in the next: none waits longer than that, and one alone hardly waits at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from barograph.api.answer import Scorer
from barograph.engines.scoring.quick import QuickAnswer


class Together:
    """The records that wait for this turn of the loop to end; used on the loop alone."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Scorer, Mapping[str, Any], asyncio.Future[QuickAnswer | None]]] = []

    async def quick(self, model: Scorer, record: Mapping[str, Any]) -> QuickAnswer | None:
        """`Scorer.quick` of one record."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[QuickAnswer | None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._score)
        self._waiting.append((model, record, answer))
        return await answer

    def _score(self) -> None:
        waiting, self._waiting = self._waiting, []
        while waiting:
            model = waiting[0][0]
            own = [one for one in waiting if one[0] is model]
            waiting = [] if len(own) == len(waiting) else [one for one in waiting if one[0] is not model]
            _answer(model, [(record, answer) for _, record, answer in own if not answer.done()])


def _answer(model: Scorer, asked: list[tuple[Mapping[str, Any], asyncio.Future[QuickAnswer | None]]]) -> None:
    """Answer those that one model is asked; each hears of what went wrong for all."""
    try:
        found = model.quick([record for record, _ in asked])
    except Exception as error:  # noqa: BLE001 - raised again by each who waits
        for _, answer in asked:
            answer.set_exception(error)
        return
    for (_, answer), one in zip(asked, found, strict=True):
        answer.set_result(one)
