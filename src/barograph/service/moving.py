"""What moves the state of a model: taken in, answered, and told to those who watch.

Without shared states that is done here and now, under the model's lock, and written down before the reply.
With them the same functions are called by the owner of a study's state (`owning.py`), whoever was asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from barograph.api.answer import PanelForecaster, Predictor
from barograph.api.live import EventScorer, FallForecaster
from barograph.core.errors import DataError, StorageError
from barograph.engines.scoring.live_events import LiveEvent, instant
from barograph.service import answers
from barograph.service.memory import DAY, EVENTS, OUTCOMES, day_of
from barograph.service.monitoring import scored_events, stated_var
from barograph.service.service import Service
from barograph.service.shadow import Asked, figures_of
from barograph.service.studies import Served
from barograph.service.watching import causes_of, readings_of

AHEAD = dt.timedelta(days=1)
"""How far a day may lie ahead of this service's: it has begun elsewhere, or a clock is wrong."""
INLINE = 64
"""Events that are taken in on the event loop: about a millisecond's work."""
Rows = list[dict[str, Any]]


async def moved(service: Service, study: str, kind: str, given: Any) -> tuple[str, Rows]:
    """Take in what moves a state: the version of the model that answers, and its answers, row by row."""
    if service.shared is not None:
        served = service.studies.of(study)
        check(served, kind, given)
        version, rows = await service.shared.ask(study, kind, given)
        await alarmed(service, served, kind, given, rows)
        return version, rows
    async with service.studies.turn(study) as served:
        check_kind(served, kind)
        before = repeated(served, kind, given)
        if before is None:
            if kind == DAY:
                check_day(served, given)
                line, found = await _day(service, served, given)
            elif len(given) > INLINE:
                line, found = await service.apart(_ahead, service, served, kind, given)
            else:
                line, found = _ahead(service, served, kind, given)
            tell_shadows(service, served, kind, given, found)
    if before is not None:  # the day that was answered so may still be on its way to the disk
        await service.noted(study)
        rows = before
    else:
        tell_monitors(service, served, kind, given, found)
        await service.noted(study, line)
        rows = rows_of(kind, given, found)
    await alarmed(service, served, kind, given, rows)
    return served.version, rows


def _ahead(service: Service, served: Served, kind: str, given: Any) -> tuple[int, list[Any]]:
    """Write down events or outcomes, then take them in: a line that is refused leaves the model alone.

    What the model refuses after all stands in the journal; whoever is recalled refuses it too.
    """
    check(served, kind, given)
    line = service.note(served.study, kind, given)
    return line, taken(served, kind, given)


async def _day(service: Service, served: Served, given: Any) -> tuple[int, list[Any]]:
    """Take in a day, then write it down; where that fails the model is put back, as only days can be."""
    back = answers.way_back(served.model)  # type: ignore[arg-type]  # see check_kind
    earlier = served.last.get(day_of(given))
    found = await service.apart(taken, served, DAY, given)
    try:
        return service.note(served.study, DAY, given), found
    except StorageError:  # nothing is acknowledged: the same day is to be taken in when it comes again
        back()
        served.last.pop(day_of(given))
        if earlier is not None:
            served.last[day_of(given)] = earlier
        raise


def check(served: Served, kind: str, given: Any) -> None:
    """Refuse what no model of the study's kind could read, before it is written down for good."""
    check_kind(served, kind)
    if kind == DAY:
        check_day(served, given)
    if kind == EVENTS:
        for one in given:
            LiveEvent.read(one)
    elif kind == OUTCOMES:
        for _, _, known_at in given:
            instant(known_at, name="time of the label")


def check_day(served: Served, given: Mapping[str, Any]) -> None:
    """Refuse a day that cannot have been yet: taken in, it would make every day of today too late.

    A day that cannot be read is left to the model, which says what is wrong with it.
    """
    try:
        if isinstance(served.model, PanelForecaster):
            day = served.model.day_of(given)
        else:
            day = dt.date.fromisoformat(str(given.get("time"))[:10])
    except ValueError:
        return
    today = dt.datetime.now(dt.UTC).date()
    if day > today + AHEAD:
        raise DataError(
            "a day must not lie after tomorrow (UTC)",
            came=f"got {day}, and today is {today}",
            do="Send days as they come; predict answers for days made up",
        )


def check_kind(served: Served, kind: str) -> None:
    """Raise `Problem` 409 where the study takes in something else."""
    if kind == DAY and not isinstance(served.model, Predictor | PanelForecaster | FallForecaster):
        raise answers.cannot(served, "days are taken in by studies of series", "Send events or records")
    if kind != DAY and not isinstance(served.model, EventScorer):
        raise answers.cannot(served, "events are taken in by studies on events", "Ask predict or update")


def repeated(served: Served, kind: str, given: Any) -> Rows | None:
    """The answer to a day that comes again word for word, as after a lost reply; None where it is new."""
    if kind != DAY:
        return None
    before, answer = served.last.get(day_of(given), (None, None))
    return list(answer) if before == given and answer is not None else None


def taken(served: Served, kind: str, given: Any) -> list[Any]:
    """Let a model take in events, outcomes or a day; what it says to each."""
    model = served.model
    found: list[Any]
    if kind == DAY:
        assert isinstance(model, Predictor | PanelForecaster | FallForecaster)
        found = model.update(dict(given)).to_dicts()
        served.last[day_of(given)] = given, found
    else:
        assert isinstance(model, EventScorer)
        if kind == OUTCOMES:
            found = model.learn_many(given)
        else:
            found = [model.update(given[0])] if len(given) == 1 else model.update_many(given)
    served.moved = True
    return found


def rows_of(kind: str, given: Any, found: Sequence[Any]) -> Rows:
    """Answers as they are sent: those to events without their features."""
    if kind == EVENTS:
        return [{key: value for key, value in one.items() if key != "features"} for one in found]
    if kind == OUTCOMES:
        return [{"event_id": one[0], "status": how} for one, how in zip(given, found, strict=True)]
    return list(found)


def tell_shadows(
    service: Service, served: Served, kind: str, given: Any, found: Sequence[Any], **more: Any
) -> None:
    """The challengers take in what the champion took in."""
    figures = () if kind == OUTCOMES else figures_of(found)
    service.tell(served.study, Asked(kind, [given] if kind == DAY else given, figures, **more))


def tell_monitors(service: Service, served: Served, kind: str, given: Any, found: Sequence[Any]) -> None:
    """What is counted, of events that were scored and days that were taken in."""
    if service.watch is None or kind == OUTCOMES:
        return
    service.see(stated_var(served, found) if kind == DAY else scored_events(served, given, found))


async def alarmed(
    service: Service, served: Served, kind: str, given: Any, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Return once the alerts that answers deserve stand; whoever was asked sees to it, before it answers.

    Raises
    ------
    StorageError
        They do not: the sender must not take the answer for the last word, and asks again.
    """
    if service.watch is None or kind == OUTCOMES:
        return
    deserving = (
        readings_of(served.study, rows)
        if kind == DAY
        else causes_of(served.study, served.about["threshold"], given, rows)
    )
    if deserving:
        await service.watch.stand(deserving)
