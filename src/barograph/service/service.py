"""One service: what it serves, with what, and the threads its long work runs on."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from barograph.api.live import EventScorer
from barograph.core.errors import InputError, StorageError
from barograph.govern.daily import Daily
from barograph.govern.messages import Courier, Senders
from barograph.govern.storage import Database
from barograph.service import logs
from barograph.service.access import Access
from barograph.service.feed import Feed
from barograph.service.memory import Memory
from barograph.service.metrics import Metrics
from barograph.service.problems import Problem, away
from barograph.service.recording import Recorder
from barograph.service.settings import Limits
from barograph.service.shadow import Asked, Shadow
from barograph.service.shared.memory import SharedMemory
from barograph.service.shared.server import reachable
from barograph.service.shared.sharing import Shared
from barograph.service.shown import Shown
from barograph.service.studies import Served, Studies
from barograph.service.together import Together
from barograph.service.watching import Seen, Watch

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
    database: Database | None = None
    recorder: Recorder | None = None
    shared: Shared | None = None  # states that several workers share; then `state` is not used
    owners: list[Any] = field(default_factory=list)  # of this worker, one for each study with a shared state
    state: Path | None = None  # folder of what studies took in; None: it ends with the process
    memories: dict[str, Memory | SharedMemory] = field(default_factory=dict)  # study -> what it took in
    workers: int = 1
    ready: bool = False
    waiting: int = 0
    watch: Watch | None = None  # opens alerts; None without a database
    feed: Feed = field(default_factory=Feed)  # tells those who listen what happens
    senders: Senders = field(default_factory=Senders)  # how messages leave
    every: float = 2.0  # seconds between two looks at messages on their way out
    keep: dict[str, int] = field(default_factory=dict)  # table -> days that its rows are kept
    courier: Courier | None = None  # sends messages; None without a database
    daily: Daily | None = None  # reminds and forgets once a day; as above
    bundles_in: tuple[Path, ...] = ()  # folders from which models may be proposed over HTTP
    shown: Shown = field(default_factory=Shown)
    together: Together = field(default_factory=Together)  # scores single records that came at one time
    shadows: list[Shadow] = field(default_factory=list)
    rolling: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while models are exchanged
    refused: dict[str, str] = field(default_factory=dict)  # model of the registry -> why it is not served
    held_back: dict[str, Any] = field(default_factory=dict)  # the same models -> when they are tried again
    away: str = ""  # why the database does not answer; empty where it does
    failed: InputError | None = None  # why it could not be opened

    def open(self) -> None:
        """Everything is loaded, checked and warm."""
        self.note_models()
        if self.workers > 1 or self.shared is not None:
            self.metrics.worker = f"{socket.gethostname()}-{os.getpid()}"
        self.ready = True

    def note_models(self) -> None:
        """The metrics name the models that answer now."""
        self.metrics.models = {
            served.study: (str(served.about["champion"]), served.version) for served in self.studies
        }

    def measured(self) -> str:
        """The metrics, with what goes on behind the requests."""
        self.metrics.left_out = 0 if self.watch is None else self.watch.left_out
        self.metrics.audit_fails = self.audit_error is not None
        self.metrics.courier_fails = self.courier is not None and self.courier.error is not None
        self.metrics.given_up = 0 if self.courier is None else self.courier.given_up
        self.metrics.daily_fails = self.daily is not None and self.daily.error is not None
        self.metrics.owns = {one.study: int(one.memory.current) for one in self.owners}
        self.metrics.redis_away = self.shared is not None and bool(self.shared.mailbox.away)
        self.metrics.refused_at_recall = {name: one.refused for name, one in self.memories.items()}
        return self.metrics.text()

    @property
    def audit_error(self) -> StorageError | None:
        """Why the audit log could not be synced or anchored last time; None when all is well."""
        return None if self.recorder is None else self.recorder.error

    async def is_ready(self) -> bool:
        """Whether requests can be answered: all is warm, database and Redis answer, journals take lines."""
        if not self.ready or (self.shared is not None and self.shared.mailbox.away):
            return False
        try:
            fault = await self.apart(self.journal_fault)
            if fault or self.database is None:
                return not fault
            await self.apart(self.database.read, lambda connection: connection.execute(sa.text("SELECT 1")))
        except (StorageError, Problem):
            return False
        return True

    def journal_fault(self) -> str:
        """Why what is answered or taken in cannot be written down now; empty where it can."""
        journals = [one.journal for one in self.memories.values() if isinstance(one, Memory)]
        journals += [] if self.recorder is None else [self.recorder.journal]
        return next((fault for one in journals if (fault := one.fault())), "")

    def close(self) -> None:
        """No more requests come."""
        self.ready = False
        self.pool.shutdown(wait=True, cancel_futures=True)
        for memory in self.memories.values():
            if not isinstance(memory, Memory):
                continue  # a shared one is kept by its owner
            try:
                if memory.study in self.studies.names:
                    memory.keep(self.studies.of(memory.study))
                memory.close()
            except StorageError as error:  # its lines are on disk: they are taken in again at the next start
                logs.write("error", "not kept", study=memory.study, why=str(error))
        if self.shared is not None:
            self.shared.close()
        if self.recorder is not None:
            self.recorder.close()
        if self.database is not None:
            self.database.close()

    def recall(self, served: Served) -> int:
        """Bring a model with a state to where it would be (see `Memory.recall`); 0 where nothing is kept."""
        if not served.has_state or (self.state is None and self.shared is None):
            return 0
        if self.shared is not None:
            memory = self.memories[served.study] = self.shared.memory(served.study)
            with reachable(self.shared.host):
                return memory.recall(served)
        assert self.state is not None
        if served.study not in self.memories:
            self.memories[served.study] = Memory(self.state, served.study)
        return self.memories[served.study].recall(served)

    def note(self, study: str, kind: str, given: Any) -> int:
        """Write down what moved the state of a study; the number of its line, 0 where nothing is kept."""
        memory = self.memories.get(study)
        return memory.note(kind, given) if isinstance(memory, Memory) else 0

    async def noted(self, study: str, sequence: int | None = None) -> None:
        """Return once a line, by default the last one, is on disk; `StorageError` where it cannot be."""
        memory = self.memories.get(study)
        if isinstance(memory, Memory):
            await memory.synced(memory.journal.head[0] if sequence is None else sequence)

    def see(self, seen: Sequence[Seen]) -> None:
        """What is to be held to limits, or deserves an alert."""
        if self.watch is not None and seen:
            self.watch.tell(seen)

    def tell(self, study: str, asked: Asked) -> None:
        """The challengers of a study are asked what its champion was asked."""
        for one in self.shadows:
            if one.served.study == study:
                one.tell(asked)

    async def current(self, served: Served) -> None:
        """Bring this worker's model to what its study's owner has answered; who calls holds its lock."""
        if self.shared is None or not served.has_state or self.shared.memory(served.study).current:
            return
        await self.apart(self.recall, served)

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
            await self.current(served)
            state = await self.apart(served.model.snapshot)

        def asked() -> Answer:
            model, turn = served.aside()
            with turn:
                model.restore(state)
                return work(model, *arguments)

        return await self.apart(asked)
