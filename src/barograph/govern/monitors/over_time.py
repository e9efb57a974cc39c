"""What monitors say through time: figures against labels by month, alerts by month, days of a VaR, cells."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import sqlalchemy as sa

from barograph.core.arrays import FloatArray
from barograph.govern.monitors.performance import pairs_of
from barograph.govern.monitors.profile import Cells, Profile
from barograph.govern.storage import Database
from barograph.govern.tables import alerts, input_counts, var_days
from barograph.measures.credit.discrimination import auc

BINS: Final = 10
ENOUGH: Final = 20
"""Labels below which a group says too little to be shown by itself."""
Z95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Labelled:
    """Figures of a group against their labels; ends are of Wilson's 95 % interval of the share of bad."""

    name: str  # a month, or the number of a group of figures
    labelled: int
    expected: float
    observed: float
    low: float
    high: float
    auc: float  # NaN where all are alike


@dataclass(frozen=True, slots=True)
class AlertMonth:
    """Alerts about events opened in a month."""

    month: str
    fraud: int
    false_alarm: int
    other: int
    open: int


@dataclass(frozen=True, slots=True)
class VarDay:
    """A VaR that was stated for a day, and the loss that came; both losses, positive."""

    day: dt.date
    var: float
    loss: float | None


@dataclass(frozen=True, slots=True)
class CellShare:
    """One cell of an input or of the figure: the share of records in it, in training and now."""

    name: str  # "missing", "other", a category, or a bin's number
    low: float | None  # ends of a bin; None where it is open, or no bin
    high: float | None
    then: float
    now: float


def calibration_of(
    database: Database, study: str, model: str, *, since: dt.datetime, until: dt.datetime
) -> tuple[list[Labelled], list[Labelled]]:
    """Figures against labels by the month in which they were stated, and by tenths of the figures."""
    at, figures, labels = pairs_of(database, study, model, since, until)
    known = ~np.isnan(labels)
    months = at.astype("datetime64[M]")[known]
    figures, labels = figures[known], labels[known]
    by_month = [_group(str(one), figures[months == one], labels[months == one]) for one in np.unique(months)]
    if figures.size < ENOUGH:
        return by_month, []
    order = np.argsort(figures, kind="stable")
    parts = np.array_split(order, min(BINS, max(2, figures.size // ENOUGH)))
    return by_month, [_group(str(n), figures[part], labels[part]) for n, part in enumerate(parts, start=1)]


def alerts_by_month(database: Database, study: str, *, since: dt.datetime) -> list[AlertMonth]:
    """Alerts about events by the month in which they were opened, and what they turned out to be."""
    statement = sa.select(alerts.c.opened_at, alerts.c.disposition).where(
        (alerts.c.study == study) & (alerts.c.kind == "score") & (alerts.c.opened_at >= since)
    )
    counts: dict[str, dict[str | None, int]] = {}
    for opened, disposition in database.read(lambda c: c.execute(statement).all()):
        month = counts.setdefault(opened.strftime("%Y-%m"), {})
        month[disposition] = month.get(disposition, 0) + 1
    return [
        AlertMonth(
            month,
            (fraud := found.get("fraud", 0)),
            (false := found.get("false_alarm", 0)),
            sum(found.values()) - fraud - false - found.get(None, 0),
            found.get(None, 0),
        )
        for month, found in sorted(counts.items())
    ]


def var_days_of(
    database: Database,
    study: str,
    model: str,
    entity: str,
    *,
    alpha: float,
    most: int,
    before: dt.date | None = None,
) -> list[VarDay]:
    """The newest days of an entity's VaR, or the newest before a day, oldest first."""
    day = var_days.c
    wanted = (day.study == study) & (day.model == model) & (day.entity == entity) & (day.alpha == alpha)
    if before is not None:
        wanted &= day.day < before
    statement = sa.select(day.day, day.var, day.loss).where(wanted).order_by(day.day.desc()).limit(most)
    rows = database.read(lambda connection: connection.execute(statement).all())
    return [VarDay(*row) for row in reversed(rows)]


def cells_of(
    database: Database, model: str, profile: Profile, name: str, *, since: dt.date, until: dt.date
) -> list[CellShare]:
    """The cells of one input ("" for the figure), shares then and over some days; [] without records."""
    cells, count = profile.inputs.get(name), input_counts.c
    if cells is None:
        return []
    wanted = (count.model == model) & (count.name == name) & count.day.between(since, until)
    statement = sa.select(count.cell, sa.func.sum(count.records)).where(wanted).group_by(count.cell)
    counted = {row[0]: int(row[1]) for row in database.read(lambda c: c.execute(statement).all())}
    total = sum(counted.values())
    if not total:
        return []
    names = [*cells.shares, *sorted(set(counted) - set(cells.shares))]
    whole = sum(cells.shares.values()) or 1.0
    return [
        CellShare(one, *_ends(cells, one), cells.shares.get(one, 0.0) / whole, counted.get(one, 0) / total)
        for one in names
    ]


def _ends(cells: Cells, name: str) -> tuple[float | None, float | None]:
    if cells.edges is None or not name.isdigit():
        return None, None
    ends = (None, *cells.edges, None)
    place = int(name)
    return ends[place], ends[place + 1]


def _group(name: str, figures: FloatArray, labels: FloatArray) -> Labelled:
    observed, n = float(labels.mean()), figures.size
    low, high = _wilson(observed, n)
    alike = not 0.0 < observed < 1.0
    ranking = math.nan if alike else auc(labels, figures)
    return Labelled(name, n, float(figures.mean()), observed, low, high, ranking)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson (1927), *Probable inference, the law of succession, and statistical inference*."""
    z2 = Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)
