"""What is told of a single event: its figure, the reasons in words, and confirmed cases like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.record_table import Records
from barograph.core.texts import text
from barograph.engines.scoring.alert_reasons import EventWords, Told, titled, told_reasons
from barograph.engines.scoring.cases import Cases, nearest_cases
from barograph.engines.scoring.explain import Reasons, reasons
from barograph.engines.scoring.parts import Parts
from barograph.prepare import encoder
from barograph.prepare.encoder_rows import codes_of
from barograph.prepare.encoder_rows import features as encoded
from barograph.prepare.record_columns import numbers, texts


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """One event as a reviewer is told of it."""

    why: Reasons  # of the served figure; they add up to it
    told: tuple[Told, ...]  # the heaviest, in words
    similar: tuple[str, ...]  # confirmed cases, the nearest first, one sentence each


def event_words(parts: Parts, actor: str, counterparty: str, time: np.datetime64) -> EventWords:
    """Who an event is about, named as the bundle's table names them."""
    part = parts.events
    if part is None:
        return EventWords(actor, counterparty, time)
    other = titled(part.columns.counterparty, counterparty)
    return EventWords(titled(part.columns.actor, actor), other, time, network=part.graph is not None)


def stories(parts: Parts, records: Records, about: Sequence[EventWords], lang: str) -> list[Story]:
    """What is told of some events.

    Parameters
    ----------
    parts : Parts
        Of a bundle on events.
    records : Records [n]
    about : sequence of EventWords [n]
    lang : str
    """
    past = None if parts.events is None else parts.events.cases
    seen = encoder.features(parts.encoder, records).astype(np.float64)
    known = None if past is None else _seen(parts, past)
    found = []
    for place, why in enumerate(reasons(parts, records)):
        told = told_reasons(why.values, records.table.row(place, named=True), about[place], lang)
        alike: tuple[str, ...] = ()
        if past is not None and known is not None:
            own = str(records.record_id[place])
            near = nearest_cases(past, known, seen[place], before=records.time[place], but=own)
            alike = tuple(_similar(parts, past, int(one), lang) for one in near)
        found.append(Story(why, told, alike))
    return found


def sentence(told: Told, lang: str) -> str:
    """One reason, and which way it moves the score."""
    way = "raises" if told.effect > 0 else "lowers"
    return f"{told.words} ({text(f'events.direction.{way}', lang)})"


def shown(time: np.datetime64) -> str:
    """An instant as printed, UTC."""
    return str(time.astype("datetime64[s]")).replace("T", " ")


def _seen(parts: Parts, past: Cases) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The cases as the networks see them."""
    words = [texts(past.table, name) for name in parts.encoder.categorical]
    codes = codes_of(parts.encoder, words, n=past.table.height)
    return encoded(parts.encoder, numbers(past.table, parts.encoder.numeric), codes).astype(np.float64)


def _similar(parts: Parts, past: Cases, place: int, lang: str) -> str:
    who = event_words(parts, str(past.actor[place]), str(past.counterparty[place]), past.time[place])
    return text(
        "laundering.similar" if who.network else "events.similar",
        lang,
        record=past.record_id[place],
        time=shown(past.time[place]),
        amount=float(past.amount[place]),
        actor=who.actor,
        counterparty=who.counterparty or text("events.reason.nobody", lang),
        known=str(past.known[place]),
    )
