"""What is told of live events: answers with reasons in words, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from barograph.engines.scoring.alert_stories import Story, event_words, stories
from barograph.engines.scoring.live_events import EPOCH, LiveAnswer
from barograph.engines.scoring.live_figure import LiveRow, records_of
from barograph.engines.scoring.parts import Parts


def told_of(
    parts: Parts,
    rows: Sequence[Mapping[str, Any]],
    told: Mapping[int, tuple[LiveAnswer, LiveRow | None]],
    *,
    lang: str,
    most: int,
) -> list[dict[str, Any]]:
    """Answers with reasons, in the order of the table.

    Parameters
    ----------
    parts : Parts
        Of a bundle on events.
    rows : sequence of mapping
        The events as read: `actor`, `counterparty`, `time` (microseconds).
    told : mapping
        Place of an event -> its answer, and what was scored, if anything.
    lang : str
    most : int
        Events told of; where there are more, those with the highest probability.
    """
    order = sorted(told, key=lambda place: -_figure(told[place][0]))
    chosen = sorted(order[:most])
    scored = {place: ready for place in chosen if (ready := told[place][1]) is not None}
    about = [
        event_words(
            parts, rows[place]["actor"], rows[place]["counterparty"], np.datetime64(rows[place]["time"], "us")
        )
        for place in scored
    ]
    why: dict[int, Story] = {}
    if scored:
        records = records_of(parts, list(scored.values()), [told[place][0].event_id for place in scored])
        why = dict(zip(scored, stories(parts, records, about, lang), strict=True))
    return [_plain(told[place][0], rows[place]["time"], why.get(place)) for place in chosen]


def _figure(answer: LiveAnswer) -> float:
    return -1.0 if answer.score is None else answer.score


def _plain(answer: LiveAnswer, time: int, story: Story | None) -> dict[str, Any]:
    told = () if story is None else story.told
    return {
        "event_id": answer.event_id,
        "event_time": _moment(time),
        "status": answer.status,
        "probability": answer.score,
        "alert": answer.alert,
        "told": [{"words": one.words, "effect": one.effect} for one in told],
        "similar": [] if story is None else list(story.similar),
        "base": None if story is None else story.why.base,
        "reasons": {} if story is None else dict(story.why.values),
    }


def _moment(time: int) -> str | int:
    """ISO 8601 in UTC; the number itself where no calendar reaches."""
    try:
        return (EPOCH + timedelta(microseconds=time)).isoformat()
    except (OverflowError, ValueError):
        return time
