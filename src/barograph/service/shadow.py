"""Challengers in the shadow: asked what the champion was asked, after it has answered, never in its way."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from barograph.api.answer import LedgerForecaster, LevelForecaster, Scorer
from barograph.api.live import EventScorer
from barograph.core.errors import InputError
from barograph.service.problems import Problem
from barograph.service.studies import Served

ROOM = 1_000
"""Requests that wait for a challenger; of more it is told nothing, and that is counted."""
FIGURES = ("probability", "loss", "score", "var_99")
"""Of an answer, the figure that is compared: the first that is there."""


class Threads(Protocol):
    """Runs work where it does not hold up requests."""

    async def apart(self, work: Any, *arguments: Any) -> Any:
        """What the work returns."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What the champion was asked, and the figures that it answered, None where it had none to say."""

    what: str
    given: Sequence[Any]
    figures: Sequence[float | None] = ()


@dataclass(slots=True)
class Shadow:
    """A challenger, and how its answers compare with the champion's so far."""

    served: Served
    answered: int = 0
    compared: int = 0
    missed: int = 0  # requests that it was not told of, or could not answer
    total: float = 0.0  # sum of the absolute differences
    largest: float = 0.0
    _queue: asyncio.Queue[Asked] = field(default_factory=lambda: asyncio.Queue(ROOM))
    _task: asyncio.Task[None] | None = None

    def start(self, threads: Threads) -> Shadow:
        """Begin to listen; on an event loop."""
        self._task = asyncio.create_task(self._run(threads))
        return self

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def tell(self, asked: Asked) -> None:
        """Ask it too, when there is time."""
        try:
            self._queue.put_nowait(asked)
        except asyncio.QueueFull:
            self.missed += 1

    async def heard(self) -> None:
        """Return once everything it was told so far has been answered."""
        await self._queue.join()

    def summary(self) -> dict[str, Any]:
        """How it compares, JSON-ready."""
        return {
            "version": self.served.version,
            "champion": self.served.about["champion"],
            "answered": self.answered,
            "compared": self.compared,
            "missed": self.missed,
            "mean_difference": self.total / self.compared if self.compared else None,
            "largest_difference": self.largest if self.compared else None,
        }

    async def _run(self, threads: Threads) -> None:
        while True:
            asked = await self._queue.get()
            try:
                self._compare(asked, await threads.apart(answered, self.served, asked))
            except (InputError, Problem):
                self.missed += 1
            finally:
                self._queue.task_done()

    def _compare(self, asked: Asked, figures: Sequence[float | None]) -> None:
        self.answered += 1
        for one, other in zip(asked.figures, figures, strict=False):
            if one is not None and other is not None and math.isfinite(one - other):
                self.compared += 1
                self.total += abs(one - other)
                self.largest = max(self.largest, abs(one - other))


def answered(served: Served, asked: Asked) -> list[float | None]:
    """The challenger's figures; what moves the champion's state moves its own."""
    model = served.model
    if isinstance(model, EventScorer):
        if asked.what == "outcomes":
            model.learn_many(asked.given)
            return []
        return figures_of(model.update_many(asked.given))
    if isinstance(model, Scorer):
        return figures_of(model.predict(list(asked.given)).to_dicts())
    if asked.what == "updated" and not isinstance(model, LevelForecaster | LedgerForecaster):
        return figures_of(model.update(dict(asked.given[0])).to_dicts())
    return []


def figures_of(answers: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """The figure of each answer that is compared; None where it has none."""
    if not answers:
        return []
    name = next((name for name in FIGURES if name in answers[0]), "")
    return [one.get(name) for one in answers]
