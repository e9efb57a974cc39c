"""The owner of a study's shared state: of all workers the one that takes in what comes and answers it.

It reads the study's log in its order, lets its model take the entries in, and writes the answers only while
it holds the lease, in one step with how far they go. Who takes over knows from that which entries still wait.
Others stand by. What is to be watched the owner tells after its answers stand: once, whoever was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from barograph.core.errors import InputError, UnavailableError
from barograph.service import logs, moving
from barograph.service.memory import EVENTS
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.shared.log import order
from barograph.service.shared.memory import SharedMemory
from barograph.service.shared.moves import Move
from barograph.service.shared.server import reachable
from barograph.service.studies import Served
from barograph.service.taking import Taker, chunks, failed

STAND_BY = 0.5
"""Seconds between two looks of a stand-by, times the studies that this worker owns already and one more."""
WAIT = 500
"""Milliseconds for which a read waits for an entry."""
KEEP_EVERY, KEEP_SHARE = 15.0, 20.0
"""Seconds between two kept states, at least; and their least distance in times of what keeping one takes."""
GONE = "entries of the study's log are no longer kept, and it may not have taken them in"
LONGEST_PAUSE = 3.0
"""Seconds between two tries to reach a server that is away, at most."""
PRECEDENCE = 2 * LONGEST_PAUSE
"""Seconds for which stand-bys wait for the last owner once a server is back: it knows what that lost."""
ENDING = 10.0
"""Seconds for which an owner that is to stop may finish what it has begun."""

Answer = TypeVar("Answer")


class Owner:
    """One worker's try to own the state of one study, for as long as it runs; on an event loop."""

    def __init__(self, service: Service, study: str, memory: SharedMemory) -> None:
        self.service, self.study, self.memory = service, study, memory
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"barograph-owner-{study}")
        self._task: asyncio.Task[None] | None = None
        self._taker = Taker(service, study)
        self._of: Served | None = None  # the model whose answers those are
        self._next_keep = 0.0
        self._last_owner = False  # whether nobody else has owned the study since this worker did
        self._gives_way = False  # whether the server was away, and another knows what it may have lost
        self._stopping = False

    def start(self) -> Owner:
        """Begin to stand by."""
        self._task = asyncio.create_task(self._run())
        return self

    async def stop(self) -> None:
        """Keep the state, and let another worker own it at once."""
        self._stopping = True
        if self._task is not None:
            if self.memory.owning:
                await asyncio.wait([self._task], timeout=ENDING)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        try:
            await self._let_go()
        except (InputError, Problem) as error:  # the lease ends by itself
            logs.write("error", "not kept", study=self.study, why=str(error))
        await asyncio.to_thread(self._thread.shutdown)

    async def _run(self) -> None:
        pause, away = 0.1, ""
        while True:
            try:
                await self._stand_by()
                while await self._work():
                    pause, away = 0.1, ""
                    if self._stopping:
                        return
                self.memory.owning = self._last_owner = False
                logs.write("info", "owns no more", study=self.study)
            except (InputError, Problem) as error:
                self.memory.owning = False
                if str(error) != away:
                    logs.write("error", "does not own", study=self.study, why=str(error))
                away = str(error)
                if not isinstance(error, UnavailableError):
                    await self._release()
                else:
                    self._gives_way = not self._last_owner
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                self.memory.owning = False
                failed(self.study, "does not own", error)
                await self._release()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _stand_by(self) -> None:
        """Return as the owner, whose model is where it answers from."""
        if self._gives_way:
            await self._apart(self.memory.client.ping)
            await asyncio.sleep(PRECEDENCE)
            self._gives_way = False
        while not await self._apart(self.memory.lease.owned):
            self._last_owner = False
            owned = sum(one.memory.owning for one in self.service.owners)
            await asyncio.sleep(STAND_BY * (1 + owned))
        async with self.service.studies.turn(self.study) as served:
            answered = await self._apart(self.memory.take_over, served)
            if served is not self._of:
                self._of, self._taker.unwritten = served, []
            self._taker.unwritten = [
                one for one in self._taker.unwritten if order(one.move.id) > order(answered)
            ]
            await self._recall_shadows(served)
            self.memory.owning = self._last_owner = True
        self._next_keep = time.monotonic() + KEEP_EVERY
        logs.write("info", "owns", study=self.study, position=served.seen.position.decode())

    async def _recall_shadows(self, served: Served) -> None:
        """Bring the challengers to where the champion is; one that cannot compares no more."""
        for shadow in self.service.shadows:
            if shadow.served.study != self.study or shadow.why:
                continue
            await shadow.heard()
            other = shadow.served
            if other.seen is not None and other.seen.position == served.seen.position:
                other.seen = served.seen  # it was told whatever the champion took in
            try:
                await self._apart(self.memory.recall, other)
                if other.lacks:
                    shadow.give_up(f"{other.lacks:,} {GONE}")
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the champion is not to suffer from it
                shadow.give_up(str(error) or repr(error))

    async def _work(self) -> bool:
        """Answer what has come, or wait for it; False where somebody else owns the study by now."""
        async with self.service.studies.turn(self.study) as served:
            if served is not self._of:  # another champion, which has taken in what was answered
                self._of, self._taker.unwritten = served, []
            if not await self._write(served):
                return False
            moves = await self._apart(self._read, served)
            if moves is None:
                return False
            for chunk in chunks(moves):
                if sum(one.weight for one in chunk) <= moving.INLINE and chunk[0].kind == EVENTS:
                    self._taker.take(served, chunk)
                else:
                    await self._apart(self._taker.take, served, chunk)
                if not await self._write(served):
                    return False
            await self._keep_now_and_then(served)
            position = served.seen.position
        if not moves:
            await self._apart(self.memory.log.wait, position, WAIT)
        return True

    def _read(self, served: Served) -> list[Move] | None:
        """The next entries; None where somebody else owns the study."""
        if not self.memory.lease.renewed():
            return None
        return self.memory.unanswered(served)

    async def _write(self, served: Served) -> bool:
        """Write the answers that do not stand yet, then tell of them; False where another owns the study."""
        if not self._taker.unwritten:
            return True
        replies = [(one.move, one.reply) for one in self._taker.unwritten]
        if not await self._apart(self.memory.answer, replies, served.seen):
            return False
        done, self._taker.unwritten = self._taker.unwritten, []
        for one in done:
            try:
                one.tell()
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are told
                failed(self.study, "not told", error, entry=one.move.id.decode())
        return True

    async def _keep_now_and_then(self, served: Served) -> None:
        start = time.monotonic()
        if start >= self._next_keep:
            await self._apart(self.memory.keep, served)
            taken = time.monotonic() - start
            self._next_keep = time.monotonic() + max(KEEP_EVERY, KEEP_SHARE * taken)

    async def _let_go(self) -> None:
        if not self.memory.owning:
            return
        self.memory.owning = False
        if self.study in self.service.studies.names:
            served = self.service.studies.of(self.study)
            async with served.lock:
                if served is self._of and not self._taker.unwritten:
                    await self._apart(self.memory.keep, served)
        await self._apart(self.memory.lease.release)

    async def _release(self) -> None:
        """Let another worker try: what is wrong here need not be wrong there."""
        with contextlib.suppress(InputError):  # then the lease ends by itself
            await self._apart(self.memory.lease.release)

    async def _apart(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """On this owner's thread; a server that is away is `UnavailableError`."""

        def done() -> Answer:
            assert self.service.shared is not None
            with reachable(self.service.shared.host):
                return work(*arguments)

        return await asyncio.get_running_loop().run_in_executor(self._thread, done)


def own(service: Service) -> None:
    """Stand by for every study with a live state that is served, and for no other."""
    if service.shared is None or not service.shared.mailbox.listening:
        return
    here = {one.study for one in service.owners}
    for served in list(service.studies):
        if served.has_state and served.study not in here:
            memory = service.shared.memory(served.study)
            service.owners.append(Owner(service, served.study, memory).start())


async def disown(service: Service) -> None:
    """Stand by no more."""
    owners, service.owners = service.owners, []
    for one in owners:
        await one.stop()
