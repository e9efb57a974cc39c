"""The work behind the operations on alerts, limits and late labels of records."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Final, Literal

from barograph.api.answer import Scorer
from barograph.api.live import EventScorer
from barograph.core.errors import DataError
from barograph.govern import alerts, limits
from barograph.govern.outcomes import Outcome, record_outcomes
from barograph.service import asking, looking
from barograph.service.governing import kept
from barograph.service.monitoring import days_said, said
from barograph.service.paging import Paging
from barograph.service.problems import missing
from barograph.service.service import Service
from barograph.service.watching import readings_of
from barograph.service.wire import Assign, Close, Comment, NewLimit, Outcomes
from barograph.service.wire import Outcome as Told

READ_DAYS: Final = 90
"""Days of readings that are told of a limit."""
DAYS: Final = 500
"""Days of a VaR that a page has, at most."""
LABELS: Final[dict[str, Literal[0, 1]]] = {"fraud": 1, "false_alarm": 0}
"""Dispositions that say what an event was."""


async def queue(service: Service, page: Paging) -> dict[str, Any]:
    """Open alerts, hard ones first, then the longest open, a page at a time."""
    return await sought(service, alerts.Sought(), page)


async def closed(service: Service, page: Paging) -> dict[str, Any]:
    """Alerts that were closed, newest first, a page at a time."""
    return await sought(service, alerts.Sought(closed=True), page)


async def sought(service: Service, wanted: alerts.Sought, page: Paging) -> dict[str, Any]:
    """A page of the alerts that are meant, and which one is its last where more follow."""
    database = kept(service)
    found = await service.apart(
        lambda: alerts.alerts_sought(database, wanted, most=page.looked_for, after=page.after)
    )
    return page.told("alerts", [dataclasses.asdict(one) for one in found])


async def counts(service: Service, wanted: alerts.Sought) -> list[alerts.AlertCount]:
    """How many alerts are meant, by study and severity."""
    return await service.apart(alerts.alert_counts, kept(service), wanted)


async def single(service: Service, alert: str) -> dict[str, Any]:
    """One alert, open or closed; `Problem` 404 where there is none."""
    database = kept(service)
    found = None if "\0" in alert else await service.apart(alerts.alert_of, database, alert)  # no id has NUL
    if found is None:
        raise missing("alert", alert, [])
    return dataclasses.asdict(found)


async def notes(service: Service, alert: str) -> dict[str, Any]:
    """What was done about an alert, first to last."""
    found = await service.apart(alerts.notes_of, kept(service), alert)
    return {"alert": alert, "notes": [dataclasses.asdict(one) for one in found]}


async def assign(service: Service, alert: str, by: str, ask: Assign) -> dict[str, Any]:
    """Say who sees to an alert."""
    database = kept(service)
    found = await service.apart(lambda: alerts.assign_alert(database, alert, to=ask.to, by=by))
    service.feed.wake()
    return dataclasses.asdict(found)


async def comment(service: Service, alert: str, by: str, ask: Comment) -> dict[str, Any]:
    """Say something about an open alert."""
    database = kept(service)
    found = await service.apart(lambda: alerts.comment_alert(database, alert, words=ask.words, by=by))
    service.feed.wake()
    return dataclasses.asdict(found)


async def close(service: Service, alert: str, by: str, ask: Close) -> dict[str, Any]:
    """Close an alert with what it turned out to be; of an event, the model learns it too."""
    database = kept(service)
    found = await service.apart(
        lambda: alerts.close_alert(database, alert, disposition=ask.disposition, by=by, words=ask.words)
    )
    service.feed.wake()
    if found.subject and ask.disposition in LABELS and found.study in service.studies.names:
        label = Told(found.subject, LABELS[ask.disposition], database.clock().isoformat())
        if isinstance(service.studies.of(found.study).model, EventScorer):
            await asking.outcomes(service, found.study, Outcomes([label]))
    return dataclasses.asdict(found)


async def monitored(service: Service, study: str) -> dict[str, Any]:
    """What the monitors of the model in service say now."""
    served, database = service.studies.of(study), kept(service)
    if service.watch is not None:
        await service.watch.heard()
    return await service.apart(said, database, served)


async def var_days(service: Service, study: str, entity: str, page: Paging) -> dict[str, Any]:
    """The newest days of an entity's VaR, or those before: what was stated, and the loss that came."""
    served, database = service.studies.of(study), kept(service)
    if service.watch is not None:
        await service.watch.heard()
    return await service.apart(days_said, database, served, entity, page)


async def standing(service: Service) -> dict[str, Any]:
    """The limits that stand, and the newest hour of what each was held to."""
    database = kept(service)
    found = await service.apart(limits.limits_of, database)
    newest = await service.apart(limits.newest_readings, database)
    return {
        "limits": [dataclasses.asdict(one) for one in found],
        "newest": [dataclasses.asdict(one) for one in newest],
    }


async def limit_readings(service: Service, limit: str) -> dict[str, Any]:
    """A limit, those it replaced, and what was held to it over ninety days, by entity and hour."""
    database = kept(service)
    every = await service.apart(lambda: limits.limits_of(database, ended=True))
    one = next((one for one in every if one.id == limit), None)
    if one is None:
        raise missing("limit", limit, [found.id for found in every])
    since = database.clock() - dt.timedelta(days=READ_DAYS)
    entity = one.entity or None
    found = await service.apart(
        lambda: limits.readings_of(database, one.study, one.figure, since=since, entity=entity)
    )
    same = [two for two in every if _place(two) == _place(one)]
    return {
        "limit": dataclasses.asdict(one),
        "earlier": [dataclasses.asdict(two) for two in same if two.created_at < one.created_at],
        "since": since,
        "readings": [dataclasses.asdict(two) for two in found],
    }


def _place(one: limits.LimitRecord) -> tuple[str, str, str, bool]:
    return one.study, one.figure, one.entity, one.below


async def set_limit(service: Service, by: str, ask: NewLimit) -> dict[str, Any]:
    """Set a limit; one on the same figure and entity ends."""
    database = kept(service)
    made = await service.apart(
        lambda: limits.set_limit(
            database,
            ask.study,
            ask.figure,
            soft=ask.soft,
            hard=ask.hard,
            entity=ask.entity,
            below=ask.below,
            owner=ask.owner,
            why=ask.why,
            by=by,
            days=ask.days,
        )
    )
    _forget(service)
    await _hold(service, made, ask.study)
    return {"id": made}


async def _hold(service: Service, limit: str, study: str) -> None:
    """Hold a new limit to what a model of series forecasts already: the next day may be long in coming."""
    if service.watch is None or study not in service.studies.names:
        return
    if isinstance(service.studies.of(study).model, Scorer | EventScorer):
        return
    forecast = await looking.newest(service, study)
    every = await service.apart(limits.limits_of, kept(service))
    own = [one for one in every if one.id == limit]
    readings = limits.held(own, readings_of(study, forecast["answers"]))
    if readings:
        await service.watch.stand(readings)


async def end_limit(service: Service, limit: str, by: str) -> dict[str, Any]:
    """End a limit."""
    database = kept(service)
    await service.apart(lambda: limits.end_limit(database, limit, by=by))
    _forget(service)
    return {"ended": limit}


def _forget(service: Service) -> None:
    service.feed.wake()
    if service.watch is not None:
        service.watch.forget()


async def outcomes(service: Service, study: str, by: str, ask: Outcomes) -> dict[str, Any]:
    """Take in what became known: live models learn it, the database keeps it."""
    told = [Outcome(one.event_id, float(one.label), _instant(one.known_at)) for one in ask.outcomes]
    on_events = isinstance(service.studies.of(study).model, EventScorer)
    answer = await asking.outcomes(service, study, ask) if on_events else None
    if service.database is not None or answer is None:
        database = kept(service)
        standings = await service.apart(lambda: record_outcomes(database, study, told, by=by))
        if answer is None:
            rows = [
                {"event_id": one.subject, "status": how} for one, how in zip(told, standings, strict=True)
            ]
            answer = {"study": study, "version": service.studies.version(study), "answers": rows}
    return answer


def _instant(given: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise DataError(
            "the time of the label must be an instant with its zone (2024-05-01T10:00:00Z)",
            came=f"got '{given}'",
            do="Correct it and send all labels again; none was taken in",
        )
    return moment
