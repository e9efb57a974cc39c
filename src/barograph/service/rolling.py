"""Which models are in service: what the registry says, taken up without dropping a request.

A new champion is loaded and warmed on a thread while the old one goes on answering, then put in its place in
one step. A bundle that cannot be served, or is not the one that was approved, changes nothing but the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from barograph.core.errors import BundleError, InputError
from barograph.govern.daily import Daily
from barograph.govern.messages import Courier
from barograph.govern.registry import ModelRecord, models_of
from barograph.service import logs
from barograph.service.memory import Memory
from barograph.service.owning import GONE, disown, own
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.shadow import Shadow
from barograph.service.studies import Served, check_workers
from barograph.service.watching import Watch

Stamp = tuple[tuple[str, int, int, int], ...]
EVERY = 1.0
"""Seconds between two looks at the registry, for what others wrote into it."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds before a model that was refused is tried again although its folder has not changed."""
FEW, ROUNDS = 100, 20
"""Lines that a model may still lack when the champion is made to wait, and times it tries to have so few."""
NOT_KEPT = (
    "its champion had taken in days or events before it came, and nothing of them is kept: "
    "start the service with --state"
)
KEPT_EVERY = 60.0
"""Seconds between two times that states are kept; what came since is taken in again at a start."""


async def refreshed(service: Service) -> None:
    """Look at the registry once, and serve what it says."""
    if service.database is None:
        return
    async with service.rolling:
        models = await service.apart(models_of, service.database)
        champions = [one for one in models if one.state == "champion"]
        challengers = [one for one in models if one.state == "challenger"]
        for one in champions:
            if service.studies.version(one.study) != one.id:
                await _take_up(service, one)
        for study in service.studies.names:
            if study not in {one.study for one in champions}:
                service.studies.drop(study)
                service.feed.tell("model", {"what": "retired", "study": study, "version": None})
                logs.write("info", "retired", study=study)
        await _shadow(service, challengers)
        service.note_models()
        own(service)


async def _take_up(service: Service, one: ModelRecord) -> None:
    served = await _loaded(service, one)
    if served is not None:
        await _put(service, served)
        service.feed.tell("model", {"what": "in service", "study": one.study, "version": one.id})
        logs.write("info", "in service", study=one.study, model=one.id, champion=one.champion)


async def _put(service: Service, served: Served) -> None:
    """In one step: what the old model takes in until then, the new one has taken in too."""
    async with _caught_up(service, served):
        service.studies.put(served)
    if served.lacks:
        about = {"study": served.study, "model": served.version}
        logs.write("warning", "begins late", **about, why=f"{served.lacks:,} {GONE}")


@contextlib.asynccontextmanager
async def _caught_up(service: Service, served: Served) -> AsyncIterator[None]:
    """Meanwhile a model is where its study's champion is, and that one takes in nothing.

    Most of what it lacks it takes in before that, while the champion goes on; what came in the meantime is
    little, unless more comes than it can take: then the champion waits for it.
    """
    for _ in range(ROUNDS):
        if await service.apart(service.recall, served) <= FEW:
            break
    if served.study not in service.studies.names:
        yield
        return
    async with service.studies.turn(served.study):
        await service.apart(service.recall, served)
        yield


async def kept(service: Service) -> None:
    """Keep the states of all models on events as they are now."""
    for study, memory in list(service.memories.items()):  # a study may come while this waits
        if study in service.studies.names and isinstance(memory, Memory):
            async with service.studies.turn(study) as served:
                await service.apart(memory.keep, served)


async def _shadow(service: Service, models: Sequence[ModelRecord]) -> None:
    """Challengers are kept loaded; those that are none any more are let go."""
    wanted = {model.id for model in models}
    gone = [shadow for shadow in service.shadows if shadow.served.version not in wanted]
    service.shadows = [shadow for shadow in service.shadows if shadow.served.version in wanted]
    for shadow in gone:
        await shadow.stop()
    here = {shadow.served.version for shadow in service.shadows}
    for model in models:
        served = None if model.id in here else await _loaded(service, model)
        if served is not None:
            await _listen(service, Shadow(served))


async def _listen(service: Service, shadow: Shadow) -> None:
    """A challenger begins where the champion is: it hears of everything that comes from there on."""
    served = shadow.served
    async with _caught_up(service, served):
        known = served.study in service.memories or served.study not in service.studies.names
        if served.has_state and not known and service.studies.of(served.study).moved:
            shadow.give_up(NOT_KEPT)
        elif served.lacks:
            shadow.give_up(f"{served.lacks:,} {GONE}")
        service.shadows.append(shadow.start(service))


async def _loaded(service: Service, one: ModelRecord) -> Served | None:
    """A model loaded, checked and warm; None, and a line in the log, where it may not serve.

    One that was refused is tried again when its folder has changed, and now and then in any case.
    """
    held = service.held_back.get(one.id)
    stamp = await asyncio.to_thread(_stamp, Path(one.bundle))
    if held is not None and held.holds(stamp):
        return None
    try:
        served = await service.apart(Served.open, Path(one.bundle))
        if served.digest != one.manifest_hash:
            raise BundleError(
                "a bundle must be the one that was approved",
                came=f"the manifest of {one.bundle} has another hash than {one.id}",
                do="Put the approved bundle back, or propose this one",
            )
        check_workers(served, service.workers, shared=service.shared is not None)
    except InputError as error:
        if service.refused.get(one.id) != str(error):  # once, not each second
            logs.write("error", "not served", study=one.study, model=one.id, why=str(error))
        service.refused[one.id] = str(error)
        service.held_back[one.id] = HeldBack.after(held, stamp)
        return None
    service.refused.pop(one.id, None)
    service.held_back.pop(one.id, None)
    return served


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A model that was refused: not tried again before `until` as long as its folder looks like this."""

    stamp: Stamp
    pause: float  # seconds
    until: float  # of the monotonic clock

    @classmethod
    def after(cls, before: HeldBack | None, stamp: Stamp) -> HeldBack:
        """Refused once more: twice as long as before, if nothing has changed."""
        again = before is not None and before.stamp == stamp
        pause = min(2 * before.pause, LONGEST_PAUSE) if before is not None and again else FIRST_PAUSE
        return cls(stamp, pause, time.monotonic() + pause)

    def holds(self, stamp: Stamp) -> bool:
        """Whether it is not to be tried now."""
        return stamp == self.stamp and time.monotonic() < self.until


def _stamp(folder: Path) -> Stamp:
    """What a bundle's folder looks like: what is written into it anew changes this."""
    found = []
    with contextlib.suppress(OSError):
        for path in sorted(folder.rglob("*")):
            about = path.stat()
            found.append((str(path), about.st_size, about.st_mtime_ns, about.st_ino))
    return tuple(found)


@contextlib.asynccontextmanager
async def watched(service: Service) -> AsyncIterator[None]:
    """Meanwhile, what is written into the registry by others comes into service within a second or so."""
    await started(service)
    task = asyncio.create_task(_watch(service))
    try:
        yield
    finally:
        task.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        finally:
            await stopped(service)


async def started(service: Service) -> None:
    """From now on limits are watched, states owned, listeners told, messages sent, the day's work done."""
    service.feed.database = service.database
    if service.shared is not None:
        service.shared.warn()
        service.shared.mailbox.start()
        own(service)
    if service.database is not None:
        service.watch = Watch(service.database, service.feed.wake)
        service.watch.start()
        service.courier = Courier(service.database, service.senders, every=service.every).__enter__()
        service.daily = Daily(service.database, service.keep).__enter__()


async def stopped(service: Service) -> None:
    """Nobody watches, owns, delivers or listens any more, in the shadow neither."""
    await service.feed.stop()
    if service.shared is not None:
        await disown(service)
        await service.shared.mailbox.stop()
    if service.watch is not None:
        await service.watch.stop()
        service.watch = None
    for work in (service.courier, service.daily):
        if work is not None:
            await asyncio.to_thread(work.__exit__, None, None, None)
    service.courier = service.daily = None
    shadows, service.shadows = service.shadows, []
    for shadow in shadows:
        await shadow.stop()


async def _watch(service: Service) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(EVERY)
        try:
            await refreshed(service)
            if time.monotonic() - last >= KEPT_EVERY:
                await kept(service)
                last = time.monotonic()
            service.away = ""
        except (InputError, Problem) as error:
            if not service.away:
                logs.write("error", "away", why=str(error))
            service.away = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the registry is looked at again
            told = "".join(traceback.format_exception(error))
            logs.write("error", "not refreshed", why=str(error), traceback=told)
