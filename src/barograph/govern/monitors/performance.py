"""Discrimination and calibration as labels arrive, and what to expect of them before."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import DataError
from barograph.govern.storage import Database
from barograph.govern.tables import alerts, outcomes, scored
from barograph.measures.classification import brier
from barograph.measures.credit.discrimination import auc

SCORED = scored.c


@dataclass(frozen=True, slots=True)
class Performance:
    """What the labels say. NaN where there is nothing to say it of."""

    labelled: int
    bad: int
    waiting: int  # scored, and no label yet
    auc: float
    brier: float
    expected: float  # mean figure of those labelled
    observed: float  # share of them that was bad
    deviations: float  # (bad − expected) in standard deviations, if the figures are true


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the labels will say if the figures are true probabilities; NaN without records."""

    records: int
    bad_rate: float
    auc: float
    brier: float


@dataclass(frozen=True, slots=True)
class AlertPrecision:
    """How many alerts about events were right."""

    fraud: int
    false_alarm: int
    open: int
    precision: float  # NaN where none was decided


def note_scores(database: Database, study: str, model: str, figures: Mapping[str, float]) -> None:
    """Keep the figures (probabilities) of events or records until their labels come; the first of each stays.

    Raises
    ------
    DataError
        One is no probability.
    """
    wrong = [key for key, value in figures.items() if not 0.0 <= value <= 1.0]
    if wrong:
        raise DataError(
            "a figure must be a probability to be held against a label",
            came=f"that of '{wrong[0]}' is {figures[wrong[0]]}",
            do="Leave out what was not scored",
        )
    at = database.clock()
    rows = [
        {"study": study, "subject": key, "model": model, "figure": value, "at": at}
        for key, value in figures.items()
    ]

    def write(connection: sa.Connection) -> None:
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(kind.insert(scored).on_conflict_do_nothing(), rows)

    if rows:
        database.write(write, isolation="READ COMMITTED")


def performance_of(
    database: Database, study: str, model: str, *, since: dt.datetime, until: dt.datetime
) -> Performance:
    """What became of what a model scored from an instant up to another, by the labels that hold now."""
    _, figures, labels = pairs_of(database, study, model, since, until)
    known = ~np.isnan(labels)
    chance, bad = figures[known], labels[known]
    spread = math.sqrt(float(np.sum(chance * (1.0 - chance))))
    return Performance(
        labelled=int(known.sum()),
        bad=int(bad.sum()),
        waiting=int((~known).sum()),
        auc=auc(bad, chance) if bad.size else math.nan,
        brier=brier(bad, chance),
        expected=_mean(chance),
        observed=_mean(bad),
        deviations=float(bad.sum() - chance.sum()) / spread if spread else math.nan,
    )


def estimate_of(
    database: Database, study: str, model: str, *, since: dt.datetime, until: dt.datetime
) -> Estimate:
    """What to expect of the labels of a span, from the figures alone.

    Every record counts as bad with its probability and as good with the rest. This holds while the figures
    are calibrated: it shows that a population became harder to tell apart, never that figures became wrong.
    """
    _, figures, _ = pairs_of(database, study, model, since, until)
    if not figures.size:
        return Estimate(0, math.nan, math.nan, math.nan)
    both = np.concatenate([figures, figures])
    labels = np.concatenate([np.ones(figures.size), np.zeros(figures.size)])
    weights = np.concatenate([figures, 1.0 - figures])
    useful = 0.0 < figures.sum() < figures.size
    ranking = auc(labels, both, weight=weights) if useful else math.nan
    return Estimate(figures.size, _mean(figures), ranking, _mean(figures * (1.0 - figures)))


def alert_precision(
    database: Database, study: str, *, since: dt.datetime, until: dt.datetime
) -> AlertPrecision:
    """Of the alerts about events opened in a span, how many turned out right."""
    span = (alerts.c.opened_at >= since) & (alerts.c.opened_at < until)
    wanted = (alerts.c.study == study) & (alerts.c.kind == "score") & span
    statement = sa.select(alerts.c.disposition, sa.func.count()).where(wanted).group_by(alerts.c.disposition)
    counts = {row[0]: int(row[1]) for row in database.read(lambda c: c.execute(statement).all())}
    right, wrong = counts.get("fraud", 0), counts.get("false_alarm", 0)
    precision = right / (right + wrong) if right + wrong else math.nan
    return AlertPrecision(right, wrong, counts.get(None, 0), precision)


def pairs_of(
    database: Database, study: str, model: str, since: dt.datetime, until: dt.datetime
) -> tuple[DateArray, FloatArray, FloatArray]:
    """Instants, figures and labels, each [n], NaN where no label has come; of corrected labels the last."""
    newest = sa.select(outcomes.c.subject, sa.func.max(outcomes.c.revision).label("revision"))
    newest_of = newest.where(outcomes.c.study == study).group_by(outcomes.c.subject).subquery()
    holds = (outcomes.c.subject == newest_of.c.subject) & (outcomes.c.revision == newest_of.c.revision)
    labels = sa.select(outcomes.c.subject, outcomes.c.label).join(newest_of, holds)
    label = labels.where(outcomes.c.study == study).subquery()
    span = (SCORED.study == study) & (SCORED.model == model) & (SCORED.at >= since) & (SCORED.at < until)
    statement = sa.select(SCORED.figure, label.c.label, SCORED.at).outerjoin(
        label, label.c.subject == SCORED.subject
    )
    rows = database.read(lambda c: c.execute(statement.where(span).order_by(SCORED.subject)).all())
    found = np.array([(row[0], np.nan if row[1] is None else row[1]) for row in rows], dtype=np.float64)
    at = np.array([row[2].replace(tzinfo=None) for row in rows], dtype="datetime64[us]")
    return at, found.reshape(-1, 2)[:, 0], found.reshape(-1, 2)[:, 1]


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else math.nan
