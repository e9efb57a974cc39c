"""What is watched while the service answers: scores above the threshold, figures beyond limits: alerts.

What moved a state is answered once its alerts stand (`stand`); nothing else holds up a reply: it waits in a
queue and is written on a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from barograph.govern.alerts import Cause, raise_alerts
from barograph.govern.limits import LimitRecord, Reading, check_readings, held, keep_readings, limits_of
from barograph.govern.storage import Database
from barograph.service.alarms import Alarms, not_watched
from barograph.service.monitoring import Monitors, Scored, Stated, by_model

ROOM = 10_000
"""Readings and causes that wait; of more, the rest is left out, and that is counted."""
GATHERED = 0.05
"""Seconds for which what was seen is gathered, so that a busy service writes it down at one time."""
BELIEVED = 2.0
"""Seconds for which the limits that were read are held to."""
Seen = Cause | Reading | Scored | Stated
TAKEN_IN = ("new", "late")
"""Statuses of events that were scored now."""
ANSWERED_AGAIN = "duplicate"
"""Status of an event that was scored before: who asked first may never have got an answer, nor an alert."""


@dataclass(slots=True)
class Watch:
    """Opens alerts of one service, in the background."""

    database: Database
    on_written: Callable[[], None] = lambda: None  # hears, on the event loop, that alerts may have come
    left_out: int = 0
    _queue: asyncio.Queue[Seen] = field(default_factory=lambda: asyncio.Queue(ROOM))
    _monitors: Monitors = field(init=False)
    _alarms: Alarms[Cause | Reading] = field(init=False)
    _limits: tuple[float, list[LimitRecord]] = (float("-inf"), [])
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._monitors = Monitors(self.database)
        self._alarms = Alarms(self._alarm, self._leave_out)

    def start(self) -> None:
        """Begin; on an event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what waits, then end."""
        await self._alarms.stop()
        if self._task is not None:
            await self._queue.join()
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def stand(self, seen: Sequence[Cause | Reading]) -> None:
        """Return once the alerts of these are in the database; `StorageError` where it does not take them."""
        await self._alarms.stand(seen)
        self.on_written()

    def tell(self, seen: Sequence[Seen]) -> None:
        """Look at these when there is time."""
        for one in seen:
            try:
                self._queue.put_nowait(one)
            except asyncio.QueueFull:
                self.left_out += 1

    def forget(self) -> None:
        """Read the limits anew before the next reading: one was set or ended here."""
        self._limits = float("-inf"), []

    async def heard(self) -> None:
        """Return once everything that was told so far has been looked at."""
        await self._queue.join()

    async def _run(self) -> None:
        while True:
            seen = [await self._queue.get()]
            await asyncio.sleep(GATHERED)
            while not self._queue.empty():
                seen.append(self._queue.get_nowait())
            try:
                await asyncio.to_thread(self._look, seen)
            except Exception as error:  # noqa: BLE001 - whatever it is, what comes next is watched
                self._leave_out(len(seen), error)
            finally:
                self.on_written()
                for _ in seen:
                    self._queue.task_done()

    def _look(self, seen: Sequence[Seen]) -> None:
        """Alerts and limits first, monitors after; where one of them fails, the others are still told."""
        alarming = [one for one in seen if isinstance(one, Cause | Reading)]
        told = [one for one in seen if isinstance(one, Scored | Stated)]
        if alarming:
            self._try(len(alarming), self._alarm, alarming)
        self._try(len(told), self._monitor, told)

    def _alarm(self, seen: Sequence[Cause | Reading]) -> None:
        causes = [one for one in seen if isinstance(one, Cause)]
        if causes:
            raise_alerts(self.database, causes)
        readings = [one for one in seen if isinstance(one, Reading)]
        if readings:
            self._check(readings)

    def _check(self, readings: Sequence[Reading]) -> None:
        read, limits = self._limits
        if time.monotonic() - read > BELIEVED:
            limits = limits_of(self.database)
            self._limits = time.monotonic(), limits
        check_readings(self.database, limits, readings)
        keep_readings(self.database, held(limits, readings))

    def _monitor(self, told: Sequence[Scored | Stated]) -> None:
        for scored in by_model([one for one in told if isinstance(one, Scored)]):
            self._monitors.scored(scored)
        for stated in (one for one in told if isinstance(one, Stated)):
            self._monitors.stated(stated)
        self._monitors.flush()

    def _try(self, count: int, work: Callable[..., Any], *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - see `_look`
            self._leave_out(count, error)

    def _leave_out(self, count: int, error: Exception) -> None:
        self.left_out += count
        not_watched(count, error)


def causes_of(
    study: str, threshold: float, given: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]
) -> list[Cause]:
    """The events whose score lies above the threshold, also those that came again."""
    return [
        Cause(
            key=f"score {study} {answer['event_id']}",
            study=study,
            kind="score",
            figure="score",
            value=answer["score"],
            threshold=threshold,
            severity="hard",
            entity=str(event.get("actor", "")),
            subject=answer["event_id"],
            again=answer["status"] == ANSWERED_AGAIN,
        )
        for event, answer in zip(given, answers, strict=True)
        if answer["alert"] and answer["status"] in (*TAKEN_IN, ANSWERED_AGAIN)
    ]


def readings_of(study: str, answers: Sequence[Mapping[str, Any]]) -> list[Reading]:
    """VaR, ES and probabilities of a forecast, at its shortest horizon, entity by entity."""
    shortest = min((one["horizon"] for one in answers if "horizon" in one), default=None)
    return [
        Reading(study, name, float(one[name]), str(one.get("entity", "")))
        for one in answers
        if one.get("horizon") == shortest
        for name in ("var_99", "es_99", "var_97.5", "es_97.5", "probability")
        if isinstance(one.get(name), float)
    ]


def readings_of_book(study: str, figures: Mapping[str, Any]) -> list[Reading]:
    """VaR and ES of a book by level, such as `value_at_risk_99`, and its plain figures."""
    rows = figures.get("figures")
    by_level = (
        [one for one in rows if isinstance(one, Mapping) and "level" in one] if isinstance(rows, list) else []
    )
    found = [
        Reading(study, f"{name}_{one['level']:g}", float(one[name]))
        for one in by_level
        for name in ("value_at_risk", "expected_shortfall")
        if isinstance(one.get(name), float)
    ]
    return found + [Reading(study, name, one) for name, one in figures.items() if isinstance(one, float)]
