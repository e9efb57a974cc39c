"""What a run on events tells of single alerts: why they were raised, and which past frauds they are like."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.record_table import EventLink, Records, RecordSnapshot
from barograph.core.texts import text
from barograph.engines.scoring.alert_reasons import EventWords, told_reasons
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.cases import known_cases, nearest_cases
from barograph.engines.scoring.explain import reasons
from barograph.engines.scoring.serving import figures
from barograph.evaluate.report.scoring.alerts_content import AlertCase
from barograph.evaluate.report.scoring.gather import Practice
from barograph.prepare import encoder

SHOWN = 6
"""Alerts told of, the highest of the newest block."""


def alert_practice(predictor: Predictor, snapshot: RecordSnapshot, lang: str) -> Practice:
    """The alerts that the bundle would have raised last, with their reasons."""
    records, link = snapshot.records, snapshot.events
    newest = np.flatnonzero(records.vintage == records.vintage.max())
    p = figures(predictor.parts, records.take(newest))
    rows = newest[np.argsort(-p, kind="stable")[:SHOWN]]
    rows = rows[np.argsort(records.time[rows], kind="stable")[::-1]]
    cases = () if link is None else _cases(predictor, records, link, rows, lang)
    return Practice(None, None, (), None, alerts=cases)


def _cases(
    predictor: Predictor, records: Records, link: EventLink, rows: IntArray, lang: str
) -> tuple[AlertCase, ...]:
    chosen = records.take(rows)
    seen = encoder.features(predictor.parts.encoder, chosen).astype(np.float64)
    past = known_cases(records, predictor.parts.encoder)
    names = [str(name) for name in link.actor.tolist()]
    told = []
    for place, why in enumerate(reasons(predictor.parts, chosen)):
        row = int(rows[place])
        about = EventWords(names[row], str(link.counterparty[row]), link.time[row])
        said = told_reasons(why.values, chosen.table.row(place, named=True), about, lang)
        alike = nearest_cases(past, seen[place], before=records.time[row], but=row)
        told.append(
            AlertCase(
                record_id=str(records.record_id[row]),
                time=_shown(link.time[row]),
                probability=why.figure,
                reasons=tuple(
                    f"{one.words} ({text(f'events.direction.{_way(one.effect)}', lang)})" for one in said
                ),
                similar=tuple(_similar(records, link, names, int(one), lang) for one in alike),
            )
        )
    return tuple(told)


def _similar(records: Records, link: EventLink, names: list[str], row: int, lang: str) -> str:
    return text(
        "events.similar",
        lang,
        record=records.record_id[row],
        time=_shown(link.time[row]),
        amount=float(records.amount[row]),
        actor=names[row],
        counterparty=str(link.counterparty[row]) or text("events.reason.nobody", lang),
        known=str(records.label_time[row]),
    )


def _way(effect: float) -> str:
    return "raises" if effect > 0 else "lowers"


def _shown(time: np.datetime64) -> str:
    return str(time.astype("datetime64[s]")).replace("T", " ")
