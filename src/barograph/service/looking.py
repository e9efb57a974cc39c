"""The work behind looking at a study: its newest figures, what moves them, the book assessed last, its run.

Nothing here is held to limits or told to monitors: who looks changes nothing.
"""

from __future__ import annotations

import time
from typing import Any

from barograph.api.answer import Scorer
from barograph.api.drivers import drivers as drivers_of
from barograph.api.live import EventScorer
from barograph.deploy.papers import report_in, result_in
from barograph.govern.assessments import last_assessment
from barograph.service import answers
from barograph.service.problems import missing
from barograph.service.service import Service
from barograph.service.wire import Predict

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
    """The book that was assessed last, None where none was; without a database, by this process."""
    served = service.studies.of(study)
    if service.database is None:
        found = service.shown.assessed.get(study)
    else:
        found = await service.apart(last_assessment, service.database, study)
    told = {"study": study, "version": served.version, "assessed": None}
    if found is None:
        return told
    said = {"at": found.at, "by": found.actor, "version": found.model, "figures": found.figures}
    return {**told, "assessed": {**said, "left_out": found.left_out}}


async def run(service: Service, study: str) -> dict[str, Any]:
    """Claims and scores of the run that made a model; None where its bundle does not carry them."""
    served = service.studies.of(study)
    found = await service.apart(result_in, served.folder, served.about["hashes"])
    return {"study": study, "version": served.version, "run": found}


async def report(service: Service, study: str) -> bytes:
    """The report of the run that made a model."""
    served = service.studies.of(study)
    content = await service.apart(report_in, served.folder, served.about["hashes"])
    if content is None:
        raise missing("report", study, [])
    return content
