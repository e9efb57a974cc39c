"""What evaluation found under one protocol, as the report prints it."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from scipy.special import ndtri, stdtrit

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.results import Comparison, Score
from barograph.core.scored import ScoredRecords
from barograph.evaluate.records.arena import Court
from barograph.evaluate.records.clock import shown
from barograph.evaluate.records.duels import BOOTSTRAPS
from barograph.evaluate.records.figures import headline_metric
from barograph.evaluate.records.plan import training_rows
from barograph.evaluate.records.scores import entity_of
from barograph.evaluate.records.thresholds import share_of, threshold_table
from barograph.evaluate.report.scoring import diagnostics
from barograph.evaluate.report.scoring.content import ProtocolResults, ScoreDifference, TestBlock
from barograph.evaluate.report.scoring.diagnostics import finite, mean, once
from barograph.evaluate.report.study_content import SeedSpread

Part = TypeVar("Part")

THROUGH_THE_CYCLE = ("scorecard", "scorecard_current", "hazard", "lightgbm")
"""Models whose mean prediction is shown block by block beside that of the main ones."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The models that a report turns on."""

    champion: str
    candidate: str
    reference: str

    def and_others(self, *others: str, among: Container[str]) -> tuple[str, ...]:
        """They and others, each once, as far as they are among those predicted."""
        named = dict.fromkeys((self.champion, self.candidate, self.reference, *others))
        return tuple(model for model in named if model in among)


def protocol_results(
    court: Court, cast: Cast, *, scores: Sequence[Score], comparisons: Sequence[Comparison]
) -> ProtocolResults:
    """Everything about one protocol; the retrospective one has no part that speaks of calibration.

    Parameters
    ----------
    court : Court
    cast : Cast
    scores, comparisons
        Of the whole run; those of this protocol are kept.
    """
    scored, records = court.scored, court.record.records
    loss = headline_metric(court.study) == "r2"
    judged = court.protocol != "retrospective"
    main = cast.and_others(among=scored.predicted)
    drawn = cast.and_others(*scored.networks[:1], among=scored.predicted)
    rows = threshold_table(records, court.study, scored, main[0])
    summary = partial(diagnostics.calibration_summary, loss=loss, weight=records.weight)
    bins = partial(diagnostics.calibration_bins, loss=loss, weight=records.weight)
    charted = tuple(model for model in main if model not in scored.unsupervised)
    return ProtocolResults(
        protocol=scored.protocol,
        blocks=tuple(_block(court, name, places) for name, places in court.blocks.items()),
        records=scored.rows.size,
        outcome=_outcome(court, np.arange(scored.rows.size)),
        scores=tuple(_scores(court, scores)),
        differences=(*_compared(court, comparisons), *_of_baselines(court, cast.reference)),
        threshold=next((row.threshold for row in rows if row.stated), None),
        thresholds=rows,
        roc=() if loss else _each(diagnostics.roc_curve, scored, drawn),
        distribution=None if loss else diagnostics.distribution(scored, main[0]),
        predicted=_through_the_cycle(court, cast) if judged else {},
        calibration=_each(summary, once(scored), _every(court)) if judged else (),
        bins=_each(bins, once(scored), charted) if judged else (),
        seeds=tuple(_seeds(court)),
        capture=_each(diagnostics.loss_capture, scored, drawn) if loss else (),
        scatter=diagnostics.loss_scatter(scored, main[0]) if loss else None,
    )


def _each(
    part: Callable[[ScoredRecords, str], Part | None], scored: ScoredRecords, models: Sequence[str]
) -> tuple[Part, ...]:
    """A part of the report for each model that has it."""
    found = (part(scored, model) for model in models)
    return tuple(one for one in found if one is not None)


def _every(court: Court) -> tuple[str, ...]:
    """Every model that says probabilities."""
    scored = court.scored
    said = (model for model in scored.candidates if model in scored.predicted)
    return tuple(model for model in said if model not in scored.unsupervised)


def _block(court: Court, name: str, places: IntArray) -> TestBlock:
    code, fold = int(court.scored.vintage[places[0]]), int(court.scored.fold[places[0]])
    return TestBlock(
        name=name,
        trained=_trained(court, code, court.scored.fold[places]),
        records=places.size,
        outcome=_outcome(court, places),
        cut=_cut(court, fold),
    )


def _trained(court: Court, code: int, fold: IntArray) -> int:
    """Records the block's models were fitted on, those held out included; of several folds, their mean."""
    if court.protocol == "cross_validation":
        return round(float(np.mean(fold.size - np.unique(fold, return_counts=True)[1])))
    return training_rows(court.record.records, court.study, court.protocol, code).size


def _cut(court: Court, fold: int) -> str:
    """Last day whose labels the models knew; empty where labels matured later, or there is no time."""
    cuts = court.record.cuts.get(court.protocol)
    if court.protocol != "origin" or cuts is None or np.isnat(cuts[fold]):
        return ""
    return shown(cuts[fold])


def _outcome(court: Court, places: IntArray) -> float:
    """Mean of what came, each record counted as often as its weight says; NaN of nothing."""
    label, weight = court.scored.label[places], court.record.records.weight
    known = np.isfinite(label)
    if weight is None or not known.any():
        return mean(label[known])
    return share_of(label[known], weight[court.scored.rows[places]][known])


def _scores(court: Court, scores: Sequence[Score]) -> Iterator[Score]:
    """The protocol's cells, named by block alone."""
    names = {entity_of(court.protocol, name): name for name in ("", *court.blocks)}
    return (replace(cell, entity=names[cell.entity]) for cell in scores if cell.entity in names)


def _compared(court: Court, comparisons: Sequence[Comparison]) -> Iterator[ScoreDifference]:
    """The protocol's comparisons in the study's first score, with the interval that belongs to the test."""
    names = {entity_of(court.protocol, name): name for name in ("", *court.blocks)}
    metric = headline_metric(court.study)
    for row in comparisons:
        if row.metric != metric or row.entity not in names:
            continue
        where = names[row.entity] or row.block
        lower, upper = interval_of(court, row, where) or (None, None)
        yield ScoreDifference(
            row.model,
            row.opponent,
            metric,
            row.difference,
            lower,
            upper,
            row.test.name,
            finite(row.test.statistic),
            finite(row.test.p_value),
            row.standing,
            "" if where == "all" else where,
            row.test.note,
        )


def interval_of(court: Court, row: Comparison, where: str) -> tuple[float, float] | None:
    """95 % interval of a tested difference; None where there was nothing to test.

    A bootstrap has an interval of its own. All other tests of the first score divide the difference by its
    standard error: DeLong's is normal, the paired loss test has records (or customers) less folds as degrees
    of freedom, cross-validation folds less one.
    """
    test = row.test
    if test.name in BOOTSTRAPS.values():
        interval = court.duel(row.model, row.opponent, row.metric, where).interval
        return None if math.isnan(interval[0]) else interval
    if not abs(test.statistic) > 0.0:
        return None
    if test.name == "corrected_repeated_cv":
        quantile = float(stdtrit(test.n_obs - 1, 0.975))
    elif test.name == "paired_loss_test":
        quantile = float(stdtrit(_freedom(court, test.n_obs, where), 0.975))
    else:
        quantile = float(ndtri(0.975))
    reach = quantile * row.difference / test.statistic
    return row.difference - reach, row.difference + reach


def _freedom(court: Court, n_obs: int, where: str) -> int:
    places = court.places(where)
    customers = np.unique(court.record.records.group[court.scored.rows[places]]).size
    units = customers if customers < places.size else n_obs
    return max(units - np.unique(court.scored.fold[places]).size, 1)


def _of_baselines(court: Court, reference: str) -> Iterator[ScoreDifference]:
    """The other baselines against the reference, over all records."""
    metric = headline_metric(court.study)
    for model in court.scored.baselines:
        if model == reference:
            continue
        duel = court.duel(model, reference, metric)
        if math.isnan(duel.difference):
            continue
        lower, upper = (finite(end) for end in duel.interval)
        yield ScoreDifference(
            model,
            reference,
            metric,
            duel.difference,
            lower,
            upper,
            duel.test.name,
            finite(duel.test.statistic),
            finite(duel.test.p_value),
            duel.standing(),
            note=duel.test.note,
        )


def _seeds(court: Court) -> Iterator[SeedSpread]:
    for network in court.scored.members:
        spread = diagnostics.seed_spread(court, network, headline_metric(court.study))
        if spread is not None:
            yield spread


def _through_the_cycle(court: Court, cast: Cast) -> dict[str, FloatArray]:
    """Mean prediction of each block over the records with a label; NaN where a model says nothing of them."""
    scored, weight, found = court.scored, court.record.records.weight, {}
    counted = np.ones(scored.rows.size) if weight is None else weight[scored.rows]
    for model in cast.and_others(*THROUGH_THE_CYCLE, among=scored.predicted):
        known = np.isfinite(scored.label) & np.isfinite(scored.predicted[model])
        rows = [places[known[places]] for places in court.blocks.values()]
        p = scored.predicted[model]
        found[model] = np.array(
            [np.average(p[one], weights=counted[one]) if one.size else np.nan for one in rows]
        )
    return found
