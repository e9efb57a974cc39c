"""The work behind each operation: which model, in which order, on which thread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from barograph.api.answer import Scorer
from barograph.api.live import EventScorer
from barograph.collect import scenarios
from barograph.govern.assessments import Assessment, keep_assessment
from barograph.service import answers
from barograph.service.memory import DAY, EVENTS, OUTCOMES
from barograph.service.monitoring import scored_records
from barograph.service.moving import moved
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.shadow import PREDICTED, Asked, figures_of
from barograph.service.studies import summary
from barograph.service.watching import readings_of, readings_of_book
from barograph.service.wire import Assess, Outcomes, Predict, WhatIf


async def predict(service: Service, study: str, ask: Predict) -> dict[str, Any]:
    """Figures of records, or forecasts; nothing that is kept changes."""
    served = service.studies.of(study)
    model = served.model
    figures: list[dict[str, Any]] = []
    if isinstance(model, Scorer):
        found = await service.together.quick(model, ask.records[0]) if answers.is_quick(ask) else None
        quick = answers.told_quickly(found, ask)
        answer, figures = await service.apart(answers.scored, model, ask) if quick is None else quick
    elif isinstance(model, EventScorer):
        answer = await service.aside(served, answers.scored_apart, ask)
    else:
        async with served.lock:
            await service.current(served)
            answer = await service.apart(answers.forecast, model, ask)
    if not ask.records:
        service.see(readings_of(study, answer["answers"]))
    elif isinstance(model, Scorer):
        if service.shadows:
            service.tell(study, Asked(PREDICTED, ask.records, figures_of(figures)))
        _feed(service, study, figures)
        if service.watch is not None:
            service.see(scored_records(served, ask.records, figures))
    return _told(service, served.study, served.version, "predicted", len(answer["answers"]), answer)


async def update(service: Service, study: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """Take in one day, fixing or curve."""
    version, rows = await moved(service, study, DAY, dict(one))
    service.shown.newest.pop(study, None)
    service.feed.tell("study", {"study": study, "what": "updated"})
    return _told(service, study, version, "updated", 1, {"answers": rows})


async def events(service: Service, study: str, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Take in one event, or those under `events` in their order, and score them."""
    many = ask.get("events")
    if not isinstance(many, list):
        version, rows = await moved(service, study, EVENTS, [ask])
        _feed(service, study, rows)
        return _told(service, study, version, "events", 1, rows[0])
    if len(ask) > 1:
        raise Problem(422, "form", "the body must be one event, or nothing but 'events'; it is both.")
    version, rows = await moved(service, study, EVENTS, many)
    _feed(service, study, rows)
    return _told(service, study, version, "events", len(rows), {"answers": rows})


async def outcomes(service: Service, study: str, ask: Outcomes) -> dict[str, Any]:
    """Take in what became known of events."""
    told = [(one.event_id, float(one.label), one.known_at) for one in ask.outcomes]
    version, rows = await moved(service, study, OUTCOMES, told)
    return _told(service, study, version, "outcomes", len(rows), {"answers": rows})


async def what_if(service: Service, study: str, ask: WhatIf) -> dict[str, Any]:
    """The figure of a record before and after changes of it."""
    served = service.studies.of(study)
    model = served.model
    if isinstance(model, Scorer):
        answer = await service.apart(answers.tried, model, ask)
    elif isinstance(model, EventScorer):
        answer = await service.aside(served, answers.tried, ask)
    else:
        raise answers.cannot(
            served, "what-if changes records", "Ask predict with made-up days, or assess with a scenario"
        )
    return _told(service, served.study, served.version, "tried", len(ask.changes) + 1, answer)


async def assess(service: Service, study: str, by: str, ask: Assess) -> dict[str, Any]:
    """Figures of a book; answered once they are kept for others to look at."""
    served = service.studies.of(study)
    async with served.lock:
        await service.current(served)
        found = await service.apart(answers.assessed, served.model, ask)
    service.see(readings_of_book(study, found))
    await _keep(service, study, by, served.version, found)
    return _told(service, served.study, served.version, "assessed", 1, {"figures": found})


async def studies(service: Service) -> dict[str, Any]:
    """What is served."""
    return {"studies": [summary(served) for served in service.studies]}


async def study(service: Service, name: str) -> dict[str, Any]:
    """One study: its model's manifest, and the checks made when it was loaded."""
    served = service.studies.of(name)
    async with served.lock:
        await service.current(served)
    counts = {"events": served.model.scorer.counts} if isinstance(served.model, EventScorer) else {}
    shadows = [one.summary() for one in service.shadows if one.served.study == name]
    return {
        **summary(served),
        **counts,
        "challengers": shadows,
        "checks": served.check(),
        "manifest": served.about,
    }


async def known_scenarios(service: Service) -> dict[str, Any]:
    """The scenarios that `assess` takes by name."""
    return {"scenarios": list(scenarios.packaged())}


async def _keep(service: Service, study: str, by: str, version: str, figures: Mapping[str, Any]) -> None:
    """The figures of a book, for `looking.assessed`; by every worker where there is a database."""
    if service.database is None:
        now = dt.datetime.now(dt.UTC)
        service.shown.assessed[study] = Assessment(study, now, by, version, figures)
        return
    said = Assessment(study, service.database.clock(), by, version, figures)
    await service.apart(keep_assessment, service.database, said)


def _feed(service: Service, study: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Those who listen here hear of scores."""
    if service.feed.listened:
        service.feed.scored(study, rows)


def _told(
    service: Service, study: str, version: str, what: str, count: int, answer: Mapping[str, Any]
) -> dict[str, Any]:
    service.metrics.answered(study, what, count)
    return {"study": study, "version": version, **answer}
