"""The work behind each operation: which model, in which order, on which thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from barograph.api.answer import PanelForecaster, Predictor, Scorer
from barograph.api.live import EventScorer, FallForecaster
from barograph.collect import scenarios
from barograph.core.errors import StorageError
from barograph.service import answers
from barograph.service.memory import DAY, EVENTS, OUTCOMES
from barograph.service.monitoring import scored_events, scored_records, stated_var
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.shadow import Asked, figures_of
from barograph.service.studies import Served, summary
from barograph.service.watching import causes_of, readings_of, readings_of_book
from barograph.service.wire import Assess, Outcomes, Predict, WhatIf

INLINE = 64
"""Events that are taken in on the event loop: about a millisecond's work."""


async def predict(service: Service, study: str, ask: Predict) -> dict[str, Any]:
    """Figures of records, or forecasts; nothing that is kept changes."""
    served = service.studies.of(study)
    model = served.model
    figures: list[dict[str, Any]] = []
    if isinstance(model, Scorer):
        quick = answers.scored_quickly(model, ask)
        answer, figures = await service.apart(answers.scored, model, ask) if quick is None else quick
    elif isinstance(model, EventScorer):
        answer = await service.aside(served, answers.scored_apart, ask)
    else:
        async with served.lock:
            answer = await service.apart(answers.forecast, model, ask)
    if ask.records and isinstance(model, Scorer):
        service.tell(study, Asked("predicted", ask.records, figures_of(figures)))
    if ask.records and isinstance(model, Scorer) and service.feed.listened:
        service.feed.scored(study, figures)
    if ask.records and isinstance(model, Scorer) and service.watch is not None:
        service.see(scored_records(served, ask.records, figures))
    if not ask.records:
        service.see(readings_of(study, answer["answers"]))
    return _told(service, served, "predicted", len(answer["answers"]), answer)


async def update(service: Service, study: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """Take in one day, fixing or curve."""
    async with service.studies.turn(study) as served:
        if not isinstance(served.model, Predictor | PanelForecaster | FallForecaster):
            raise answers.cannot(served, "days are taken in by studies of series", "Send events or records")
        back = answers.way_back(served.model)
        answer = await service.apart(answers.updated, served.model, one)
        try:
            line = service.note(study, DAY, one)
        except StorageError:  # nothing is acknowledged: the same day is to be taken in when it comes again
            back()
            raise
        service.tell(study, Asked("updated", [one], figures_of(answer["answers"])))
    if service.watch is not None:
        service.see([*readings_of(study, answer["answers"]), *stated_var(served, answer["answers"])])
    service.feed.tell("study", {"study": study, "what": "updated"})
    await service.noted(study, line)
    return _told(service, served, "updated", 1, answer)


async def events(service: Service, study: str, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Take in one event, or those under `events` in their order, and score them."""
    many = ask.get("events")
    if not isinstance(many, list):
        async with service.studies.turn(study) as served:
            answer = _on_events(served).update(ask)
            line = service.note(study, EVENTS, [ask])
            service.tell(study, Asked("events", [ask], [answer["score"]]))
        if service.watch is not None:
            _watch_events(service, served, [ask], [answer])
        if service.feed.listened:
            service.feed.scored(study, [answer])
        await service.noted(study, line)
        return _told(service, served, "events", 1, _plain(answer))
    if len(ask) > 1:
        raise Problem(422, "form", "the body must be one event, or nothing but 'events'; it is both.")
    async with service.studies.turn(study) as served:
        model = _on_events(served)
        if len(many) <= INLINE:
            found = model.update_many(many)
        else:
            found = await service.apart(model.update_many, many)
        line = service.note(study, EVENTS, many)
        service.tell(study, Asked("events", many, figures_of(found)))
    if service.watch is not None:
        _watch_events(service, served, many, found)
    if service.feed.listened:
        service.feed.scored(study, found)
    await service.noted(study, line)
    return _told(service, served, "events", len(found), {"answers": [_plain(one) for one in found]})


async def outcomes(service: Service, study: str, ask: Outcomes) -> dict[str, Any]:
    """Take in what became known of events."""
    told = [(one.event_id, float(one.label), one.known_at) for one in ask.outcomes]
    async with service.studies.turn(study) as served:
        found = _on_events(served).learn_many(told)
        line = service.note(study, OUTCOMES, told)
        service.tell(study, Asked("outcomes", told))
    await service.noted(study, line)
    return _told(service, served, "outcomes", len(found), {"answers": _learnt(told, found)})


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
    return _told(service, served, "tried", len(ask.changes) + 1, answer)


async def assess(service: Service, study: str, ask: Assess) -> dict[str, Any]:
    """Figures of a book."""
    served = service.studies.of(study)
    async with served.lock:
        found = await service.apart(answers.assessed, served.model, ask)
    service.see(readings_of_book(study, found))
    return _told(service, served, "assessed", 1, {"figures": found})


async def studies(service: Service) -> dict[str, Any]:
    """What is served."""
    return {"studies": [summary(served) for served in service.studies]}


async def study(service: Service, name: str) -> dict[str, Any]:
    """One study: its model's manifest, and the checks made when it was loaded."""
    served = service.studies.of(name)
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


def _watch_events(
    service: Service, served: Served, given: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]
) -> None:
    service.see(causes_of(served.study, served.about["threshold"], given, found))
    service.see(scored_events(served, given, found))


def _on_events(served: Served) -> EventScorer:
    if not isinstance(served.model, EventScorer):
        raise answers.cannot(served, "events are taken in by studies on events", "Ask predict or update")
    return served.model


def _told(
    service: Service, served: Served, what: str, count: int, answer: Mapping[str, Any]
) -> dict[str, Any]:
    service.metrics.answered(served.study, what, count)
    return {"study": served.study, "version": served.version, **answer}


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An event's answer without its features."""
    return {key: value for key, value in answer.items() if key != "features"}


def _learnt(told: Sequence[tuple[str, float, str]], found: Sequence[str]) -> list[dict[str, str]]:
    return [{"event_id": one[0], "status": status} for one, status in zip(told, found, strict=True)]
