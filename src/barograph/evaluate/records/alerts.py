"""Figures of a study judged by its alerts: how well each model ranks, and what some are worth at work.

Figures of ranking are taken within folds, whose scores belong to different fitted models, and averaged
plainly. What a model is worth at work (see `at_work`) is judged on the later half of the scored blocks, at
thresholds that the earlier half chose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import DateArray, IntArray
from barograph.core.errors import SettingError
from barograph.core.record_table import EventLink, Records
from barograph.core.scoring_study import AlertsSection
from barograph.core.seeds import generator
from barograph.core.texts import text
from barograph.evaluate.records.arena import Court
from barograph.evaluate.records.at_work import AtWork, Halves, at_work, halves_of, unpriced_events
from barograph.evaluate.records.clock import Unit, days_covered, unit_of
from barograph.evaluate.records.duels import daily_precision, within_days
from barograph.evaluate.records.figures import Said, mean_of_folds
from barograph.measures.alerts import (
    card_precision_at,
    day_bootstrap,
    recall_at_alert_rate,
    transaction_precision_at,
)
from barograph.measures.credit.checks import blocks_of


@dataclass(frozen=True, slots=True)
class ModelAlerts:
    """How well one model ranks; NaN where undefined."""

    model: str
    average_precision: float
    interval: tuple[float, float]  # 95 %, whole days (or hours) drawn again
    precision_at: float  # frauds among each day's riskiest, mean over days (of a stream: over folds)
    recall_at_rate: float
    auc: float
    note: str = ""  # why figures or the interval are missing


@dataclass(frozen=True, slots=True, eq=False)
class AlertFigures:
    """All that a study judged by its alerts shows beside its scores."""

    stated: AlertsSection
    reviewed: Literal["cards", "events"]  # of which `cards_per_day` are looked into
    models: tuple[ModelAlerts, ...]  # every candidate
    halves: Halves | None  # None where nothing can be parted in time
    at_work: tuple[AtWork, ...]  # of the models asked for, in their order; empty without halves
    unpriced: int  # scored events whose amount is unknown or negative: they count with 0
    sampled: bool  # whether events carry weights
    unit: Unit  # drawn again as a whole


def alert_figures(court: Court, link: EventLink | None, models: Sequence[str]) -> AlertFigures:
    """Everything about the alerts of one protocol.

    Parameters
    ----------
    court : Court
        Its study says what an alert costs and how many can be looked into (`evaluate.alerts`).
    link : EventLink, optional
        Instants, counterparties and patterns of the records; without it times are days.
    models : sequence of str
        Whose work is shown in detail, such as the champion and the best baseline.

    Returns
    -------
    AlertFigures

    Raises
    ------
    SettingError
        The study is not judged by its alerts.
    """
    stated = court.study.evaluate.alerts
    if stated is None:
        raise SettingError(
            "a study judged by its alerts must say what they cost",
            came="evaluate.alerts is empty",
            do="Set evaluate.alerts, or leave figures of alerts out",
        )
    records = court.record.records
    halves = halves_of(court) if records.has_time and court.protocol != "cross_validation" else None
    return AlertFigures(
        stated=stated,
        reviewed="cards" if _reviews_cards(records) else "events",
        models=tuple(_ranked(court, model, stated) for model in court.scored.candidates),
        halves=halves,
        at_work=()
        if halves is None
        else tuple(at_work(court, halves, model, link, stated) for model in dict.fromkeys(models)),
        unpriced=unpriced_events(court),
        sampled=records.weight is not None,
        unit=unit_of(records.time),
    )


def _ranked(court: Court, model: str, stated: AlertsSection) -> ModelAlerts:
    said = court.said(model, "all")
    places = said.usable()
    missing = int(np.isfinite(said.label).sum()) - places.size
    if missing or not places.size:
        rows = int(np.isfinite(said.label).sum())
        key = "no_prediction" if rows else "no_outcome"
        note = text(f"scoring.blank.{key}", court.lang, missing=missing, rows=rows)
        return ModelAlerts(model, math.nan, (math.nan, math.nan), math.nan, math.nan, math.nan, note)
    said = said.take(places)
    interval, note = _interval(court, said, court.record.records.time[court.scored.rows[places]])

    def recalled(one: Said) -> float:
        return recall_at_alert_rate(one.label, one.predicted, rate=stated.alert_rate, weight=one.weight)

    return ModelAlerts(
        model=model,
        average_precision=court.value(model, "average_precision"),
        interval=interval,
        precision_at=_precision_at(court, said, places, stated.cards_per_day),
        recall_at_rate=mean_of_folds(recalled, said),
        auc=court.value(model, "auc"),
        note=note,
    )


def _reviews_cards(records: Records) -> bool:
    """Whether customers are looked into, and not single events of a sample, or of a stream without them."""
    nobody_twice = np.unique(records.group).size == records.n
    return records.weight is None and not (unit_of(records.time) == "hours" and nobody_twice)


def _interval(court: Court, said: Said, time: DateArray) -> tuple[tuple[float, float], str]:
    """Interval of average precision, and why there is none."""
    nothing = (math.nan, math.nan)
    if court.protocol == "cross_validation":
        return nothing, text("alerts.no_days", court.lang)
    figure = daily_precision(said, time)
    if figure is None:
        return nothing, text("scoring.blank.undefined", court.lang)
    random = generator(court.study.train.seed, "bootstrap", "average_precision")
    found = day_bootstrap(figure, generator=random, draws=court.study.evaluate.bootstrap)
    return found.interval, text("alerts.few_days", court.lang) if found.note else ""


def _precision_at(court: Court, said: Said, places: IntArray, k: int) -> float:
    """Precision of each day's k riskiest, mean over the days of a fold, then over folds; NaN without days.

    Folds of less than a day share the k of their day; of a stream of instants, each fold has the part of k
    that its hours are of a day.
    """
    records, rows = court.record.records, court.scored.rows[places]
    if not records.has_time:
        return math.nan
    time, card = records.time[rows], records.group[rows]
    if unit_of(time) == "hours":
        return _precision_in_stream(said, time, k)
    day = time
    within = within_days(said.fold, day)
    found = []
    for fold in [np.arange(said.fold.size)] if within else blocks_of(said.fold, said.fold.size):
        one = said.take(fold)
        if one.weight is None:
            daily = card_precision_at(one.label, one.predicted, card[fold], day[fold], k=k)
        else:
            daily = transaction_precision_at(one.label, one.predicted, day[fold], k=k, weight=one.weight)
        found.append(daily.mean)
    return _mean(found)


def _precision_in_stream(said: Said, time: DateArray, k: int) -> float:
    """Precision of the riskiest events of each fold, as many as its hours allow; mean over folds."""
    found = []
    for rows in blocks_of(said.fold, said.fold.size):
        one, share = said.take(rows), days_covered(time[rows])
        whole = np.zeros(rows.size)
        figure = transaction_precision_at(
            one.label, one.predicted, whole, k=max(1.0, k * share), weight=one.weight
        )
        found.append(figure.mean)
    return _mean(found)


def _mean(found: Sequence[float]) -> float:
    known = [value for value in found if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
