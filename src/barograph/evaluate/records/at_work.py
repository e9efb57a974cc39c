"""What the alerts of one model are worth at work: a threshold chosen early, judged late.

The threshold is the one of least cost (see `measures.alerts.costs`) on the earlier half of the scored
blocks; everything is judged on the later half, whose outcomes had no part in choosing it. Budgets get their
thresholds in the same way. Probabilities are the calibrated ones, so that one threshold can serve folds with
models of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, DateArray, FloatArray, IntArray
from barograph.core.record_table import EventLink
from barograph.core.scoring_study import AlertsSection
from barograph.evaluate.records import clock
from barograph.evaluate.records.arena import Court
from barograph.evaluate.records.figures import Said
from barograph.measures.alerts import (
    BudgetRow,
    CostCurve,
    Costs,
    MoneySaved,
    OperatingPoint,
    PatternFigures,
    budget_plan,
    budget_thresholds,
    by_pattern,
    cost_curve,
    detection_times,
    money_saved,
    operating_point,
    precision_recall,
)
from barograph.measures.classification import observation_weights

LEVELS = (0.25, 0.5, 0.75, 0.9)
"""Shares of the compromised whose time to detection is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """The scored records in two parts by time."""

    chose: IntArray  # places of the earlier one, which chooses thresholds
    judged: IntArray  # places of the later one
    spans: tuple[tuple[str, str], tuple[str, str]]  # first and last day (or minute) of either


@dataclass(frozen=True, slots=True)
class Detected:
    """How long compromised cards (or counterparties) went unnoticed."""

    kind: str  # "card" or "counterparty"
    compromised: int
    never: float  # share
    quantiles: tuple[float, ...]  # seconds, at `LEVELS` of all compromised; infinite = never noticed


@dataclass(frozen=True, slots=True)
class BlockCount:
    """What one scored block held and raised."""

    name: str
    days: float
    events: float  # by weight, as are the others
    frauds: float
    alerts: float
    caught: float  # frauds alerted
    chose: bool  # whether the block took part in choosing the threshold


@dataclass(frozen=True, slots=True, eq=False)
class AtWork:
    """One model with its threshold; every figure but `counts` is of the later half."""

    model: str
    threshold: float  # infinite where no alert pays for itself
    point: OperatingPoint
    days: float
    alerts_per_day: float
    money: MoneySaved  # of all those days
    curve: CostCurve
    recall: FloatArray  # [n_scores] of the precision-recall curve
    precision: FloatArray  # [n_scores]
    budgets: tuple[BudgetRow, ...]
    patterns: tuple[PatternFigures, ...]  # empty where no pattern is known
    detected: tuple[Detected, ...]  # empty where nothing recurs
    counts: tuple[BlockCount, ...]  # every block


def halves_of(court: Court) -> Halves | None:
    """The earlier half of the blocks (of one block, of its days or hours) and the rest; None of a single."""
    time = court.record.records.time[court.scored.rows]
    parted: AnyArray = court.scored.vintage
    if np.unique(parted).size < 2:
        parted = clock.units(time)
    names = np.unique(parted)
    if names.size < 2:
        return None
    early = np.isin(parted, names[: names.size // 2])
    spans = (_span(time[early]), _span(time[~early]))
    return Halves(np.flatnonzero(early), np.flatnonzero(~early), spans)


def _span(time: DateArray) -> tuple[str, str]:
    return clock.shown(time.min()), clock.shown(time.max())


def _amounts(court: Court) -> FloatArray:
    """Amount of each scored record; 0 where it is unknown or negative, so that nothing is lost or saved."""
    amount = court.record.records.amount[court.scored.rows]
    return np.where(amount > 0.0, amount, 0.0)


def unpriced_events(court: Court) -> int:
    """Scored records whose amount is unknown or negative."""
    return int((~(court.record.records.amount[court.scored.rows] >= 0.0)).sum())


def at_work(
    court: Court, halves: Halves, model: str, link: EventLink | None, stated: AlertsSection
) -> AtWork:
    """The work of one model; records without a label or a prediction of it are left out.

    Parameters
    ----------
    court : Court
    halves : Halves
    model : str
    link : EventLink, optional
        Instants, counterparties and patterns; without it times are days and the others unknown.
    stated : AlertsSection
        Costs and budgets.
    """
    everything = court.said(model, "all")
    usable = everything.usable()
    first, later = np.intersect1d(halves.chose, usable), np.intersect1d(halves.judged, usable)
    before, said, weight = everything.take(first), everything.take(later), everything.take(later).weight
    amount, costs = _amounts(court), Costs(stated.review, stated.recovered, stated.friction)
    early = cost_curve(before.label, before.predicted, amount[first], costs=costs, weight=before.weight)
    threshold, days = early.best, clock.days_covered(_times(court, later))
    raised = float(observation_weights(weight, later.size) @ (said.predicted >= threshold))
    sample = (said.label, said.predicted, amount[later])
    recall, precision = precision_recall(said.label, said.predicted, weight=weight)
    return AtWork(
        model=model,
        threshold=threshold,
        point=operating_point(said.label, said.predicted, threshold=threshold, weight=weight),
        days=days,
        alerts_per_day=raised / days if days else float("nan"),
        money=money_saved(*sample, threshold=threshold, costs=costs, weight=weight),
        curve=cost_curve(*sample, costs=costs, weight=weight),
        recall=recall,
        precision=precision,
        budgets=_budgets(court, everything, (first, later), stated.budgets, costs),
        patterns=_patterns(court, said, later, link, threshold),
        detected=_detected(court, said, later, link, threshold),
        counts=_counts(court, everything, halves, threshold),
    )


def _times(court: Court, places: IntArray) -> DateArray:
    return court.record.records.time[court.scored.rows[places]]


def _budgets(
    court: Court, said: Said, parts: tuple[IntArray, IntArray], budgets: tuple[int, ...], costs: Costs
) -> tuple[BudgetRow, ...]:
    """Each budget's threshold from the first part, judged on the second."""
    before, after = (said.take(part) for part in parts)
    earlier, time = (_times(court, part) for part in parts)
    n_days = clock.days_covered(earlier)
    thresholds = budget_thresholds(before.predicted, budgets, n_days=n_days, weight=before.weight)
    amount = _amounts(court)[parts[1]]
    plan = budget_plan(
        after.label,
        after.predicted,
        amount,
        clock.units(time),
        n_days=clock.days_covered(time),
        budgets=budgets,
        thresholds=thresholds,
        costs=costs,
        weight=after.weight,
    )
    return tuple(plan)


def _patterns(
    court: Court, said: Said, places: IntArray, link: EventLink | None, threshold: float
) -> tuple[PatternFigures, ...]:
    if link is None or link.pattern is None:
        return ()
    pattern = link.pattern[court.scored.rows[places]].astype(str)
    return tuple(by_pattern(said.label, pattern, said.predicted, threshold=threshold, weight=said.weight))


def _detected(
    court: Court, said: Said, places: IntArray, link: EventLink | None, threshold: float
) -> tuple[Detected, ...]:
    """Cards, where they recur, and counterparties, where they have names."""
    rows, records = court.scored.rows[places], court.record.records
    time = records.time[rows] if link is None else link.time[rows]
    alert = said.predicted >= threshold
    kinds: list[tuple[str, AnyArray, IntArray]] = []
    if np.unique(records.group[rows]).size < rows.size:
        kinds.append(("card", records.group[rows], np.arange(rows.size)))
    if link is not None:
        named = np.flatnonzero(link.counterparty[rows] != "")
        if named.size:
            kinds.append(("counterparty", link.counterparty[rows].astype(str), named))
    found = []
    for kind, entity, at in kinds:
        times = detection_times(said.label[at], alert[at], entity[at], time[at])
        if times.delay.size:
            quantiles = tuple(times.quantiles(LEVELS).tolist())
            found.append(Detected(kind, times.delay.size, times.never, quantiles))
    return tuple(found)


def _counts(court: Court, said: Said, halves: Halves, threshold: float) -> tuple[BlockCount, ...]:
    """Events of each block with a label and a prediction."""
    time, early = court.record.records.time[court.scored.rows], np.zeros(said.label.size, dtype=bool)
    early[halves.chose] = True
    found = []
    for name, places in court.blocks.items():
        here = said.take(places)
        usable = here.usable()
        weight = observation_weights(None if here.weight is None else here.weight[usable], usable.size)
        fraud, alert = here.label[usable] == 1.0, here.predicted[usable] >= threshold
        found.append(
            BlockCount(
                name,
                days=clock.days_covered(time[places]),
                events=float(weight.sum()),
                frauds=float(weight @ fraud),
                alerts=float(weight @ alert),
                caught=float(weight @ (fraud & alert)),
                chose=bool(early[places].all()),
            )
        )
    return tuple(found)
