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
from pathlib import Path

from barograph.core.errors import BundleError, InputError
from barograph.govern.daily import Daily
from barograph.govern.messages import Courier
from barograph.govern.registry import ModelRecord, models_of
from barograph.service import logs
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.shadow import Shadow
from barograph.service.studies import Served, check_workers
from barograph.service.watching import Watch

EVERY = 1.0
"""Seconds between two looks at the registry, for what others wrote into it."""
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


async def _take_up(service: Service, one: ModelRecord) -> None:
    served = await _loaded(service, one)
    if served is not None:
        await _put(service, served)
        service.feed.tell("model", {"what": "in service", "study": one.study, "version": one.id})
        logs.write("info", "in service", study=one.study, model=one.id, champion=one.champion)


async def _put(service: Service, served: Served) -> None:
    """In one step: what the old model takes in until then, the new one has taken in too."""
    seen = await service.apart(service.recall, served)
    if served.study not in service.studies.names:
        service.studies.put(served)
        return
    async with service.studies.of(served.study).lock:
        await service.apart(service.recall, served, seen)
        service.studies.put(served)


async def kept(service: Service) -> None:
    """Keep the states of all models on events as they are now."""
    for study, memory in list(service.memories.items()):  # a study may come while this waits
        if study in service.studies.names:
            served = service.studies.of(study)
            async with served.lock:
                await service.apart(memory.keep, served)


async def _shadow(service: Service, models: Sequence[ModelRecord]) -> None:
    """Challengers are kept loaded; those that are none any more are let go."""
    kept = {shadow.served.version: shadow for shadow in service.shadows}
    for model in models:
        served = None if model.id in kept else await _loaded(service, model)
        if served is not None:
            kept[model.id] = Shadow(served).start(service)
    wanted = {model.id for model in models}
    service.shadows = [shadow for version, shadow in kept.items() if version in wanted]
    for version, shadow in kept.items():
        if version not in wanted:
            await shadow.stop()


async def _loaded(service: Service, one: ModelRecord) -> Served | None:
    """A model loaded, checked and warm; None, and a line in the log, where it may not serve."""
    try:
        served = await service.apart(Served.open, Path(one.bundle))
        if served.digest != one.manifest_hash:
            raise BundleError(
                "a bundle must be the one that was approved",
                came=f"the manifest of {one.bundle} has another hash than {one.id}",
                do="Put the approved bundle back, or propose this one",
            )
        check_workers(served, service.workers)
    except InputError as error:
        if service.refused.get(one.id) != str(error):  # once, not each second
            logs.write("error", "not served", study=one.study, model=one.id, why=str(error))
        service.refused[one.id] = str(error)
        return None
    service.refused.pop(one.id, None)
    return served


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
    """From now on limits are watched, those who listen are told, messages go out, the day's work is done."""
    service.feed.database = service.database
    if service.database is not None:
        service.watch = Watch(service.database, service.feed.wake)
        service.watch.start()
        service.courier = Courier(service.database, service.senders, every=service.every).__enter__()
        service.daily = Daily(service.database, service.keep).__enter__()


async def stopped(service: Service) -> None:
    """Nobody watches, delivers or listens any more, in the shadow neither."""
    await service.feed.stop()
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
