"""What the monitors are told of each answer, and what they say: drift, labels against figures, exceptions."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from barograph.govern import monitors
from barograph.govern.storage import Database
from barograph.service.studies import Served

DRIFT_DAYS, LABEL_DAYS = 30, 365
"""Days that drift, and figures held against labels, look back."""
ALPHA = 0.01
"""Tail of the VaR whose exceptions are counted."""


def said(database: Database, served: Served) -> dict[str, Any]:
    """Drift over a month, labels over a year, exceptions over 250 days."""
    now = database.clock()
    since, until = now - dt.timedelta(days=LABEL_DAYS), now + dt.timedelta(days=1)
    month = {"since": (now - dt.timedelta(days=DRIFT_DAYS)).date(), "until": now.date()}
    profile = profile_of(served)
    drift = [] if profile is None else monitors.drift_of(database, served.version, profile, **month)
    exceptions = monitors.exceptions_of(database, served.study, served.version)
    study, model = served.study, served.version
    labels = monitors.performance_of(database, study, model, since=since, until=until)
    estimate = monitors.estimate_of(database, study, model, since=since, until=until)
    alerts = monitors.alert_precision(database, study, since=since, until=until)
    return {
        "study": served.study,
        "version": served.version,
        "drift": [dataclasses.asdict(one) for one in drift],
        "performance": dataclasses.asdict(labels),
        "estimate": dataclasses.asdict(estimate),
        "exceptions": [dataclasses.asdict(one) for one in exceptions],
        "alerts": dataclasses.asdict(alerts),
    }


def profile_of(served: Served) -> monitors.Profile | None:
    """What training looked like; None where the bundle does not say."""
    return None if served.profile is None else monitors.profile_of(served.profile)


@dataclass(frozen=True, slots=True)
class Scored:
    """Records or events that were scored: inputs by name, and figures by id where there is one."""

    served: Served
    records: Sequence[Mapping[str, Any]]
    figures: Sequence[float | None]
    names: Sequence[str]  # "" where a record has no name of its own


@dataclass(frozen=True, slots=True)
class Stated:
    """A VaR that was stated at a day, and the price from which the next loss is counted."""

    served: Served
    entity: str
    day: dt.date
    price: float
    var: float


@dataclass(slots=True)
class Monitors:
    """Tells the monitors of one process; on one thread at a time."""

    database: Database
    _counts: dict[str, monitors.InputCounts | None] = field(default_factory=dict)
    _last: dict[tuple[str, str], Stated] = field(default_factory=dict)

    def scored(self, one: Scored) -> None:
        """Count inputs and figures, and keep the figures until their labels come."""
        version = one.served.version
        if version not in self._counts:
            profile = profile_of(one.served)
            self._counts[version] = None if profile is None else monitors.InputCounts(version, profile)
        counts = self._counts[version]
        figures = [figure for figure in one.figures if figure is not None]
        if counts is not None:
            counts.count(one.records, figures, self.database.clock().date())
        named = {
            name: figure
            for name, figure in zip(one.names, one.figures, strict=True)
            if name and figure is not None
        }
        monitors.note_scores(self.database, one.served.study, version, named)

    def stated(self, one: Stated) -> None:
        """Keep a VaR; of the one before it, the loss is known now."""
        study = one.served.study
        before = self._last.get((study, one.entity))
        if before is not None and before.day < one.day:
            loss = -math.log(one.price / before.price)
            monitors.note_loss(self.database, study, before.day, {one.entity: loss})
        self._last[study, one.entity] = one
        monitors.note_var(
            self.database, study, one.served.version, one.day, {one.entity: one.var}, alpha=ALPHA
        )

    def flush(self) -> None:
        """Add what was counted to the database."""
        for counts in self._counts.values():
            if counts is not None:
                counts.flush(self.database)


def scored_records(
    served: Served, given: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]
) -> list[Scored]:
    """Records with their probabilities, if that is what they were answered."""
    model: Any = served.model
    column = model.predictor.parts.schema.record_id
    if not answers or "probability" not in answers[0]:
        return []
    names = [str(one.get(column) or "") if column else "" for one in given]
    return [Scored(served, given, [one["probability"] for one in answers], names)]


def scored_events(
    served: Served, given: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]
) -> list[Scored]:
    """Events that were scored now, with the features that made their scores."""
    pairs = [
        (event, answer)
        for event, answer in zip(given, answers, strict=True)
        if answer["status"] in ("new", "late") and answer["score"] is not None
    ]
    records = [{**event, **answer["features"]} for event, answer in pairs]
    figures = [answer["score"] for _, answer in pairs]
    return [Scored(served, records, figures, [answer["event_id"] for _, answer in pairs])] if pairs else []


def stated_var(served: Served, answers: Sequence[Mapping[str, Any]]) -> list[Stated]:
    """The VaR of the next day, of a model of prices."""
    shortest = min((one["horizon"] for one in answers if "horizon" in one), default=None)
    return [
        Stated(served, one["entity"], one["time"], one["price"], one["var_99"])
        for one in answers
        if one.get("horizon") == shortest and isinstance(one.get("var_99"), float) and "price" in one
    ]
