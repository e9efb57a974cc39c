"""What the monitors are told of each answer, and what they say: drift, labels against figures, exceptions."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from barograph.api.answer import Predictor
from barograph.core.errors import SettingError
from barograph.govern import monitors
from barograph.govern.storage import Database
from barograph.service.paging import Paging
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
        "kind": served.kind,
        "drift": [dataclasses.asdict(one) for one in drift],
        "performance": dataclasses.asdict(labels),
        "estimate": dataclasses.asdict(estimate),
        "exceptions": [dataclasses.asdict(one) for one in exceptions],
        "alerts": dataclasses.asdict(alerts),
        "alerts_by_month": [
            dataclasses.asdict(one) for one in monitors.alerts_by_month(database, study, since=since)
        ],
        "figure": _cells(database, served, profile, month),
        **_calibration(database, study, model, since, until),
    }


def days_said(database: Database, served: Served, entity: str, page: Paging) -> dict[str, Any]:
    """A page of the days of an entity's VaR, oldest first: what was stated, and the loss that came.

    The first page has the newest days; each goes on before the first day of the one before.
    """
    found = monitors.var_days_of(
        database,
        served.study,
        served.version,
        entity,
        alpha=ALPHA,
        most=page.looked_for,
        before=_day(page.after) if page.after else None,
    )
    told = page.told("days", [dataclasses.asdict(one) for one in reversed(found)], "day")
    told["days"].reverse()
    return {"study": served.study, "version": served.version, "entity": entity, "alpha": ALPHA, **told}


def _day(given: str) -> dt.date:
    try:
        return dt.date.fromisoformat(given)
    except ValueError as error:
        raise SettingError(
            "a page of days must go on before a day",
            came=f"got after '{given[:100]}'",
            do="Give what the page before called next, such as 2027-03-03",
        ) from error


def _cells(
    database: Database, served: Served, profile: monitors.Profile | None, month: Mapping[str, dt.date]
) -> list[dict[str, Any]]:
    """Where the model's own figure lies, in training and over the month."""
    if profile is None:
        return []
    found = monitors.cells_of(
        database, served.version, profile, "", since=month["since"], until=month["until"]
    )
    return [dataclasses.asdict(one) for one in found]


def _calibration(
    database: Database, study: str, model: str, since: dt.datetime, until: dt.datetime
) -> dict[str, Any]:
    by_month, by_figure = monitors.calibration_of(database, study, model, since=since, until=until)
    return {
        "calibration": {
            "by_month": [dataclasses.asdict(one) for one in by_month],
            "by_figure": [dataclasses.asdict(one) for one in by_figure],
        }
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
    """A VaR that was stated at a day, and the loss that came on it since the day before."""

    served: Served
    entity: str
    day: dt.date
    var: float
    before: dt.date | None = None  # the entity's last day before it; None where it is not known, or too far
    loss: float = 0.0  # from then to this day, as a log return


def by_model(scored: Sequence[Scored]) -> list[Scored]:
    """The same records and figures in their order, those of each model as one."""
    found: dict[int, list[Scored]] = {}
    for one in scored:
        found.setdefault(id(one.served), []).append(one)
    return [
        Scored(
            own[0].served,
            [record for one in own for record in one.records],
            [figure for one in own for figure in one.figures],
            [name for one in own for name in one.names],
        )
        for own in found.values()
    ]


@dataclass(slots=True)
class Monitors:
    """Tells the monitors of one process; on one thread at a time."""

    database: Database
    _counts: dict[str, monitors.InputCounts | None] = field(default_factory=dict)

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
        named: dict[str, float] = {}
        for name, figure in zip(one.names, one.figures, strict=True):
            if name and figure is not None:
                named.setdefault(name, figure)  # the first stays, as in the database
        monitors.note_scores(self.database, one.served.study, version, named)

    def stated(self, one: Stated) -> None:
        """Keep a VaR; of the one before it, the loss is known now."""
        study = one.served.study
        if one.before is not None:
            monitors.note_loss(self.database, study, one.before, {one.entity: one.loss})
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
    """The VaR of the next day, of a model of prices; the day before is the model's own, which outlives us."""
    shortest = min((one["horizon"] for one in answers if "horizon" in one), default=None)
    return [
        Stated(served, one["entity"], one["time"], one["var_99"], *_since(served.model, one))
        for one in answers
        if one.get("horizon") == shortest and isinstance(one.get("var_99"), float) and "price" in one
    ]


def _since(model: Any, one: Mapping[str, Any]) -> tuple[dt.date | None, float]:
    """The entity's day before an answer's, and its loss since then; no day where more than one lies between.

    One day on which it trades by the week may be missing, a holiday, if nothing else that the model knows
    moved on it. A loss of several days says nothing about the VaR of one.
    """
    if not isinstance(model, Predictor):
        return None, 0.0
    table, day = model.forecaster.state.prices.table, one["time"]
    own = table.filter((pl.col("entity") == one["entity"]) & (pl.col("time") < day))
    if own.is_empty():
        return None, 0.0
    last, price = own.select("time", "close").sort("time").row(-1)
    trades = {past.weekday() for past in own["time"]}
    between = [last + dt.timedelta(days=n) for n in range(1, (day - last).days)]
    missing = [past for past in between if past.weekday() in trades]
    moved = set(table.filter((pl.col("time") > last) & (pl.col("time") < day))["time"])
    if len(missing) > 1 or moved.intersection(missing):
        return None, 0.0
    return last, -math.log(one["price"] / price)
