"""The work behind looking at a study: its newest figures, what moves them, the book assessed last, its run.

Nothing here is held to limits or told to monitors: who looks changes nothing.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from barograph.api.answer import Scorer
from barograph.api.drivers import drivers as drivers_of
from barograph.api.live import EventScorer
from barograph.service import answers
from barograph.service.problems import missing
from barograph.service.service import Service
from barograph.service.studies import Served
from barograph.service.wire import Predict

RESULT, REPORT = "result.json", "report.html"
"""Files that a run leaves beside its bundle."""
MOST = 64 * 2**20
"""Bytes of a report that is shown."""
BELIEVED = 5.0
"""Seconds for which a forecast is shown without being asked for again: another worker may take in a day."""


async def newest(service: Service, study: str) -> dict[str, Any]:
    """The forecasts at the newest days known."""
    served = service.studies.of(study)
    if isinstance(served.model, Scorer | EventScorer):
        raise answers.cannot(served, "forecasts are made by studies of series", "Ask predict with records")
    kept = service.shown.newest.get(study)
    if kept is not None and kept[0] is served and time.monotonic() - kept[1] < BELIEVED:
        return kept[2]
    async with service.studies.turn(study) as served:
        await service.current(served)
        found = await service.apart(answers.forecast, served.model, Predict())
        told = {"study": study, "version": served.version, **found}
        service.shown.newest[study] = served, time.monotonic(), told
    return told


async def drivers(service: Service, study: str) -> dict[str, Any]:
    """Columns by the mean size of their reasons over the bundle's reference records."""
    served = service.studies.of(study)
    kept = service.shown.drivers.get(study)
    if kept is None or kept[0] is not served:
        if not isinstance(served.model, Scorer | EventScorer):
            raise answers.cannot(
                served, "reasons are worked out for records and events", "Ask for the newest"
            )
        kept = served, await service.apart(drivers_of, served.model)
        service.shown.drivers[study] = kept
    rows = [{"name": name, "size": size} for name, size in kept[1].items()]
    return {"study": study, "version": served.version, "drivers": rows}


async def assessed(service: Service, study: str) -> dict[str, Any]:
    """The book that was assessed last by this process; None where none was."""
    served = service.studies.of(study)
    found = service.shown.assessed.get(study)
    told = None if found is None else {"at": found.at, "version": found.version, "figures": found.figures}
    return {"study": study, "version": served.version, "assessed": told}


async def run(service: Service, study: str) -> dict[str, Any]:
    """Claims and scores of the run that made a model; None where its folder does not hold them any more."""
    served = service.studies.of(study)
    found = await service.apart(_result, served)
    return {"study": study, "version": served.version, "run": found}


async def report(service: Service, study: str) -> bytes:
    """The report of the run that made a model."""
    served = service.studies.of(study)
    content = await service.apart(_report, served)
    if content is None:
        raise missing("report", study, [])
    return content


def _report(served: Served) -> bytes | None:
    """The report, if it is of this bundle's run and of a size that is sent in one piece."""
    path: Path = served.folder.parent / REPORT
    if _result(served) is None or path.stat().st_size > MOST:
        return None
    return path.read_bytes()


def _result(served: Served) -> dict[str, Any] | None:
    """What the run says of itself, if it is the run of this bundle: the bundle's data and champion."""
    path: Path = served.folder.parent / RESULT
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        same = (found["study"], found["data"]["hash"], found["champion"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    about = served.about
    wanted = (about["study"], about["data"].get("content_hash"), about["champion"])
    whole = same == wanted and (served.folder.parent / REPORT).is_file()
    kept = ("budget", "verdict", "sentence", "claims", "scores")
    return {name: found.get(name) for name in kept} if whole else None
