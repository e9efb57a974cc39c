"""Challengers in the shadow: asked what the champion was asked, after it has answered, never in its way."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from barograph.api.answer import Scorer
from barograph.core.errors import InputError
from barograph.service import logs
from barograph.service.memory import DAY, OUTCOMES, take
from barograph.service.problems import Problem
from barograph.service.studies import Served

ROOM = 1_000
"""Requests that wait for a challenger; of more it is told nothing, and that is counted."""
BUSY = 0.05
"""Seconds after which a busy service is asked for a thread again."""
PREDICTED = "predicted"
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
    at: float | None = None  # by which clock it is taken in, seconds since 1970; None for now
    seen: Any = None  # place in the memory of the study that a challenger has reached with it


@dataclass(slots=True)
class Shadow:
    """A challenger, and how its answers compare with the champion's so far."""

    served: Served
    answered: int = 0
    compared: int = 0
    missed: int = 0  # requests that it was not told of, or could not answer
    total: float = 0.0  # sum of the absolute differences
    largest: float = 0.0
    why: str = ""  # it compares no more; empty while it does
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
        while not self._queue.empty():  # who waits until they are heard waits for nothing
            self._queue.get_nowait()
            self._queue.task_done()
            self.missed += 1

    def tell(self, asked: Asked) -> None:
        """Ask it too, when there is time."""
        if self.why:
            self.missed += 1
            return
        try:
            self._queue.put_nowait(asked)
        except asyncio.QueueFull:
            self._miss(asked, f"{ROOM:,} requests were waiting for it already")

    def give_up(self, why: str) -> None:
        """Compare no more: its state is not the champion's any longer."""
        if not self.why:
            self.why = why
            logs.write(
                "warning", "compares no more", study=self.served.study, model=self.served.version, why=why
            )

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
            "comparing": not self.why,
            "why": self.why,
            "mean_difference": self.total / self.compared if self.compared else None,
            "largest_difference": self.largest if self.compared else None,
        }

    async def _run(self, threads: Threads) -> None:
        while True:
            asked = await self._queue.get()
            try:
                if self.why:
                    self.missed += 1
                else:
                    self._compare(asked, await self._answered(threads, asked))
            except InputError as error:
                self._miss(asked, f"it refused what the champion took in: {error}")
            except Exception as error:  # noqa: BLE001 - whatever it is, the champion is not to suffer from it
                self._miss(asked, f"it failed: {error}")
            finally:
                self._queue.task_done()

    async def _answered(self, threads: Threads, asked: Asked) -> Sequence[float | None]:
        """Its own figures, when a thread is free."""
        while True:
            try:
                figures: Sequence[float | None] = await threads.apart(answered, self.served, asked)
                return figures
            except Problem:
                await asyncio.sleep(BUSY)

    def _miss(self, asked: Asked, why: str) -> None:
        """One request that it has no answer to; where that would have moved its state, it is the last."""
        self.missed += 1
        if self.served.has_state and asked.what != PREDICTED:
            self.give_up(f"it missed what moved the champion's state: {why}")

    def _compare(self, asked: Asked, figures: Sequence[float | None]) -> None:
        self.answered += 1
        for one, other in zip(asked.figures, figures, strict=False):
            if one is not None and other is not None and math.isfinite(one - other):
                self.compared += 1
                self.total += abs(one - other)
                self.largest = max(self.largest, abs(one - other))


def answered(served: Served, asked: Asked) -> Sequence[float | None]:
    """The challenger's figures; what moves the champion's state moves its own."""
    model = served.model
    if isinstance(model, Scorer):
        return figures_of(model.predict(list(asked.given)).to_dicts())
    given = dict(asked.given[0]) if asked.what == DAY else list(asked.given)
    at = time.time() if asked.at is None else asked.at
    said = take(served, asked.what, given, at=at)
    served.seen = served.seen if asked.seen is None else asked.seen
    return [] if asked.what == OUTCOMES else figures_of(said)


def figures_of(answers: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """The figure of each answer that is compared; None where it has none."""
    if not answers:
        return []
    name = next((name for name in FIGURES if name in answers[0]), "")
    return [one.get(name) for one in answers]
