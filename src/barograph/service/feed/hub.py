"""Who listens, and what they are told: bounded, so that no slow reader holds up the service.

Everything here runs on the event loop. While nobody listens `listened` is false and nothing else is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import traceback
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from barograph.core.errors import InputError
from barograph.govern.storage import Database
from barograph.service import logs
from barograph.service.feed.looking import Looking
from barograph.service.feed.messages import RELOAD, Message, Scores, id_of, written
from barograph.service.problems import away

EVERY = 1.0
"""Seconds between two looks at the database, and between two sums of scores."""
LINGER = 60.0
"""Seconds for which messages are kept after the last listener left: who comes again misses nothing."""
KEPT = 1_000
"""Messages kept for those who come again."""
ROOM = 256
"""Messages that wait for one listener; who has more waiting is cut off."""
MISSED = 100
"""Messages told again to who comes again; who missed more loads anew."""
LEAST = 0.2
"""Seconds between two looks at the database, however much is written here."""


@dataclass(slots=True, eq=False)
class Listener:
    """One who listens. `cut` is set where it was too slow, or the service ends."""

    key: str
    last: str = ""  # the id of the last message that it has
    queue: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(ROOM))
    cut: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, message: Message) -> None:
        """Queue a message; who leaves them lying hears no more."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.cut.set()


class Feed:
    """The live feed of one process.

    Parameters
    ----------
    database : Database, optional
        Looked at while somebody listens, for what any process wrote.
    most, most_each : int
        Listeners at one time, of all and of one token or session.
    """

    def __init__(self, database: Database | None = None, *, most: int = 100, most_each: int = 20) -> None:
        self.listened = False
        self.database = database
        self._most, self._most_each = most, most_each
        self._listeners: list[Listener] = []
        self._epoch, self._last = secrets.token_hex(4), 0
        self._kept: deque[Message] = deque(maxlen=KEPT)
        self._scores = Scores()
        self._left = time.monotonic()  # when the last listener did
        self._woken = asyncio.Event()
        self._looking: Looking | None = None
        self._task: asyncio.Task[None] | None = None
        self._looked = False  # whether what there was is known, so that what comes is told
        self._away = self._ended = False

    def tell(self, kind: str, said: Mapping[str, Any]) -> None:
        """Something happened; ask `listened` first."""
        if not self.listened:
            return
        self._last += 1
        message = Message(self._last, written(kind, said, id_of(self._epoch, self._last)))
        self._kept.append(message)
        for one in self._listeners:
            one.tell(message)

    def scored(self, study: str, answers: Iterable[Mapping[str, Any]]) -> None:
        """Events or records were scored; told of once a second, summed. Ask `listened` first."""
        self._scores.add(study, answers)

    def wake(self) -> None:
        """Something was written into the database here: look at once."""
        self._woken.set()

    def admit(self, key: str, last: str = "") -> Listener:
        """Let somebody listen, until `leave`; from the message after `last` on where that is still known.

        The first message is `hello`, what was missed, or `reload` where nobody knows what that was. Whatever
        changes after a `hello` is told: who looks at the state then and listens on misses nothing.

        Raises
        ------
        Problem
            503: too many listen already, or the service ends.
        """
        own = sum(one.key == key for one in self._listeners)
        if self._ended or len(self._listeners) >= self._most or own >= self._most_each:
            most = self._most_each if own >= self._most_each else self._most
            raise away(f"the live feed has no room: {most} listen already, or the service ends. Try again.")
        one = Listener(key, last)
        self._listeners.append(one)
        self.listened = True
        if self._task is None or self._task.done():
            self._looked = self.database is None
            self._task = asyncio.create_task(self._run())
        if self._looked:
            self._greet(one)
        return one

    def leave(self, one: Listener) -> None:
        """Somebody listens no more."""
        self._listeners.remove(one)
        self._left = time.monotonic()

    def _greet(self, one: Listener) -> None:
        for message in self._greeting(one.last):
            one.tell(message)

    def _greeting(self, last: str) -> list[Message]:
        """What somebody missed, or what they are to do instead."""
        name = id_of(self._epoch, self._last)
        if not last:
            return [Message(self._last, written("hello", {}, name))]
        epoch, _, digits = last.partition("-")
        number = int(digits[:19]) if digits.isdecimal() else -1
        first = self._kept[0].number if self._kept else self._last + 1
        known = epoch == self._epoch and first - 1 <= number <= self._last
        missed = [one for one in self._kept if one.number > number]
        if not known or len(missed) > MISSED:
            return [Message(self._last, written("reload", RELOAD, name))]
        return missed

    async def _run(self) -> None:
        """Sums of scores, changes in the database; until nobody has listened for a while."""
        looking = self._looking = None if self.database is None else Looking(self.database)
        summed = time.monotonic()
        while self._listeners or time.monotonic() - self._left < LINGER:
            if looking is not None:
                await self._look(looking)
            if time.monotonic() - summed >= EVERY:
                summed = time.monotonic()
                for said in self._scores.taken():
                    self.tell("scores", said)
            await asyncio.sleep(LEAST)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY - LEAST):
                    await self._woken.wait()
            self._woken.clear()
        self._sleep()

    async def _look(self, looking: Looking) -> None:
        try:
            changes = await asyncio.to_thread(looking.look)
        except InputError as error:
            if not self._away:
                logs.write("error", "feed away", why=str(error))
            self._away = True
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, those who listen are told what comes next
            logs.write("error", "feed failed", traceback="".join(traceback.format_exception(error)))
            return
        self._away = False
        if not self._looked:
            self._looked = True
            for one in self._listeners:
                self._greet(one)
        if looking.lost:
            self.tell("reload", RELOAD)
        for change in changes:
            self.tell(change.kind, change.said)

    def _sleep(self) -> None:
        """What happens from now on is not told, so there is a gap in the numbers."""
        self.listened = False
        self._last += 1
        self._kept.clear()
        self._scores = Scores()

    def end(self) -> None:
        """The service ends: nobody is let in, those who listen are let go."""
        self._ended = True
        for one in self._listeners:
            one.cut.set()

    async def stop(self) -> None:
        """End, and wait until nothing runs any more."""
        self.end()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._sleep()
