"""What a worker asks the owners of states: its questions go into their logs, their answers come back here."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from barograph.core.errors import UnavailableError
from barograph.service import logs
from barograph.service.shared.log import FIRST
from barograph.service.shared.moves import GIVEN, KIND, NUMBER, WORKER, Names
from barograph.service.shared.server import library, reachable

WAIT = 1_000
"""Milliseconds for which a read waits for an answer."""
PATIENCE = 15.0
"""Seconds after which an answer is not waited for any more: longer than a stand-by takes to become owner."""
ROOM = 10_000
"""Questions that wait for their answers; of more, the sender is told to come again."""
PAUSE = 0.5
"""Seconds between two tries to reach a server that is away."""

Question = tuple[str, dict[bytes, bytes | str], "asyncio.Future[bytes]"]


class Mailbox:
    """Questions and answers of one worker; on an event loop, which its two threads never hold up.

    Parameters
    ----------
    client : redis.Redis
    names : Names
    host : str
        For errors.
    """

    def __init__(self, client: Any, names: Names, host: str) -> None:
        self._client, self._names, self._host = client, names, host
        self.me = secrets.token_hex(8)
        self.away = ""  # why the server does not answer; empty while it does
        self._number = 0
        self._waiting: dict[bytes, asyncio.Future[bytes]] = {}
        self._unsent: list[Question] = []
        self._sending: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="barograph-mailbox")

    @property
    def listening(self) -> bool:
        """Whether answers are read."""
        return self._reading is not None and not self._reading.done()

    def start(self) -> None:
        """Listen for answers from now on."""
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Listen no more; who waits is told to ask again."""
        for task in (self._reading, self._sending):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        for one in self._waiting.values():
            if not one.done():
                one.set_exception(self._no_answer("it is stopping"))
        await asyncio.to_thread(self._threads.shutdown)

    async def ask(self, study: str, kind: str, given: bytes) -> bytes:
        """What the owner of a study's state answers to what is to move it.

        Raises
        ------
        UnavailableError
            It may have been taken in or not: the same again is answered as it was then.
        """
        if len(self._waiting) >= ROOM:
            raise self._no_answer(f"{ROOM:,} questions are waiting already")
        self._number += 1
        number = str(self._number).encode()
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        fields: dict[bytes, bytes | str] = {KIND: kind, GIVEN: given, WORKER: self.me, NUMBER: number}
        self._waiting[number] = future
        self._unsent.append((self._names.log(study), fields, future))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        try:
            async with asyncio.timeout(PATIENCE):
                return await future
        except TimeoutError:
            raise self._no_answer(f"none came within {PATIENCE:g} seconds") from None
        finally:
            self._waiting.pop(number, None)

    async def _send(self) -> None:
        """Send what waits, together, until nothing does."""
        loop = asyncio.get_running_loop()
        while self._unsent:
            many, self._unsent = self._unsent, []
            try:
                said = await loop.run_in_executor(self._threads, self._sent, many)
            except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait
                said = [error] * len(many)
            for (_, _, future), one in zip(many, said, strict=True):
                if one is not None and not future.done():
                    future.set_exception(one)

    def _sent(self, many: Sequence[Question]) -> list[Exception | None]:
        """Of each question, why it could not be written into its log."""
        with reachable(self._host):
            pipe = self._client.pipeline(transaction=False)
            for key, fields, _ in many:
                pipe.xadd(key, fields)
            said = pipe.execute(raise_on_error=False)
        return [self._no_answer(str(one)) if isinstance(one, Exception) else None for one in said]

    async def _read(self) -> None:
        """Hand answers to those who wait for them; a server that is away is asked again and again."""
        loop, last = asyncio.get_running_loop(), FIRST
        while True:
            try:
                entries = await loop.run_in_executor(self._threads, self._answers, last)
            except Exception as error:  # noqa: BLE001 - whatever it is, answers are read on
                what = "redis is away" if isinstance(error, library().RedisError) else "cannot read answers"
                if not self.away:
                    logs.write("error", what, why=str(error) or repr(error))
                self.away, last = str(error) or repr(error), FIRST
                await asyncio.sleep(PAUSE)
                continue
            if self.away:
                logs.write("info", "redis is back")
            self.away = ""
            for key, fields in entries:
                last = key
                future, reply = self._waiting.get(fields.get(b"number", b"")), fields.get(b"reply")
                if future is not None and not future.done() and reply is not None:
                    future.set_result(reply)

    def _answers(self, last: bytes) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Answers behind the last one; those up to it are not needed any more."""
        key = self._names.answers(self.me)
        if last != FIRST:
            self._client.xtrim(key, minid=last, approximate=True)
        found = self._client.xread({key: last}, block=WAIT)
        if not found:
            return []
        streams = found.items() if isinstance(found, dict) else found
        return [entry for _, entries in streams for entry in _flat(entries)]

    def _no_answer(self, came: str) -> UnavailableError:
        return UnavailableError(
            "the worker that owns the state of a study must answer",
            came=came,
            do="Send it again: what was taken in already is answered as it was",
        )


def _flat(entries: Sequence[Any]) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Entries of one stream; of a newer protocol they come in a list of lists."""
    return [one for part in entries for one in (part if isinstance(part, list) else [part])]
