"""What a run tells of its alerts: figures, why the last were raised, and which past frauds are like them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.record_table import EventLink, Records, RecordSnapshot
from barograph.engines.scoring.alert_stories import event_words, sentence, shown, stories
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.serving import figures
from barograph.evaluate.records.at_work import AtWork
from barograph.evaluate.report.scoring.alerts_content import AlertCase, AlertsContent
from barograph.evaluate.report.scoring.gather import Practice

SHOWN = 6
"""Alerts told of, the highest of the newest block."""


def alert_practice(predictor: Predictor, snapshot: RecordSnapshot, lang: str) -> Practice:
    """The alerts that the bundle would have raised last, with their reasons."""
    records, link = snapshot.records, snapshot.events
    newest = np.flatnonzero(records.vintage == records.vintage.max())
    p = figures(predictor.parts, records.take(newest))
    rows = newest[np.argsort(-p, kind="stable")[:SHOWN]]
    rows = rows[np.argsort(records.time[rows], kind="stable")[::-1]]
    return Practice(None, None, (), None, alerts=_cases(predictor, records, link, rows, lang))


def alerts_told(content: AlertsContent | None) -> dict[str, Any] | None:
    """The figures of alerts for the JSON of a run: of every model, and of some at work in detail.

    None of a study that is not judged by its alerts.
    """
    if content is None:
        return None
    figures = content.figures
    return {
        "models": [asdict(one) for one in figures.models],
        "at_work": [_work_told(one) for one in figures.at_work],
        "costs": {
            "review": figures.stated.review,
            "recovered": figures.stated.recovered,
            "friction": figures.stated.friction,
        },
    }


def _work_told(work: AtWork) -> dict[str, Any]:
    """One model at its threshold, judged on the later half of the blocks."""
    return {
        "model": work.model,
        **asdict(work.point),
        "days": work.days,
        "alerts_per_day": work.alerts_per_day,
        "money": asdict(work.money) | {"saved": work.money.saved},
        "budgets": [asdict(row) for row in work.budgets],
        "patterns": [asdict(row) for row in work.patterns],
        "detection": [asdict(row) for row in work.detected],
    }


def _cases(
    predictor: Predictor, records: Records, link: EventLink | None, rows: IntArray, lang: str
) -> tuple[AlertCase, ...]:
    """Without events nobody is named: the reasons are columns and their values."""
    parts = predictor.parts
    times = records.time if link is None else link.time
    names = (
        [("", "")] * rows.size
        if link is None
        else [(str(link.actor[row]), str(link.counterparty[row])) for row in rows]
    )
    about = [event_words(parts, *one, times[row]) for one, row in zip(names, rows.tolist(), strict=True)]
    told = stories(parts, records.take(rows), about, lang)
    return tuple(
        AlertCase(
            record_id=str(records.record_id[row]),
            time="–" if np.isnat(times[row]) else shown(times[row]),
            probability=one.why.figure,
            reasons=tuple(sentence(reason, lang) for reason in one.told),
            similar=one.similar,
        )
        for row, one in zip(rows.tolist(), told, strict=True)
    )
