"""What only a scoring run itself knows: effort, weights, and what its bundle says of real applicants."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scored import Trial
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import ANOMALY_NETWORKS, supervised_networks, unsupervised_models
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.book import book_figures
from barograph.engines.scoring.explain import alternatives, reasons
from barograph.engines.scoring.figures import CONFIDENCE, Assumptions
from barograph.engines.scoring.fit import ModelFact, ScoringRun
from barograph.engines.scoring.population import OUTLYING, anomaly_rank
from barograph.engines.scoring.scorecards import scorecard_bins
from barograph.engines.scoring.serving import figures, ready_for, with_past
from barograph.evaluate.records.plan import block_name
from barograph.evaluate.report.scoring.content import BlendWeight, CalibratorFact, ScoringFacts, TuningFact
from barograph.evaluate.report.scoring.gather import Practice
from barograph.evaluate.report.scoring.practice import (
    Applicant,
    Assumption,
    Counterfactual,
    GradeRisk,
    Portfolio,
    Reason,
    Scorecard,
    ScorecardRow,
    Term,
)
from barograph.evaluate.report.study_content import TrainingFact
from barograph.measures.credit.grades import assign
from barograph.measures.credit.scorecard import PointsBin, Scaling, points_lost, points_table, reason_order
from barograph.pipeline.facts import versions

MOST = 20_000
"""Records of the portfolio whose figures are reported, at most: the newest."""


def scoring_facts(
    run: ScoringRun, study: ScoringStudy, *, seconds: float, peak: float, scored: int
) -> ScoringFacts:
    """Effort of both sides, weights and calibrators, for the report."""
    deep, seeds = (*supervised_networks(study), "hazard"), study.train.seeds * study.train.bag
    return ScoringFacts(
        seconds=seconds,
        peak_memory_mib=peak,
        versions=versions(study.train),
        confirmation_scored=scored,
        training=tuple(
            _training(fact, seeds if fact.model in deep else study.train.bag, study)
            for fact in run.facts
            if fact.model in (*deep, *ANOMALY_NETWORKS)
        ),
        made_on=datetime.date.today().isoformat(),
        tuning=_tuning(run.record.trials),
        weights=_weights(run),
        calibrators=_calibrators(run),
    )


def _training(fact: ModelFact, fits: int, study: ScoringStudy) -> TrainingFact:
    """A network's fits, so many of which make a fold; one without labels trains its members in one fit."""
    alone = fact.model in unsupervised_models(study)
    return TrainingFact(
        network=fact.model,
        folds=fact.fits // max(1, fits),
        seeds=fits * (study.model.anomaly_members if alone else 1),
        steps=fact.steps or 0.0,
        seconds=fact.seconds,
        parameters=fact.parameters,
    )


def _tuning(trials: Sequence[Trial]) -> tuple[TuningFact, ...]:
    models = dict.fromkeys(one.model for one in trials)
    found = {model: [one for one in trials if one.model == model] for model in models}
    return tuple(
        TuningFact(
            model=model,
            trials=len(tried),
            seconds=sum(one.seconds for one in tried),
            loss=min(one.loss for one in tried),
            settings=dict(min(tried, key=lambda one: one.loss).settings),
        )
        for model, tried in found.items()
    )


def _weights(run: ScoringRun) -> tuple[BlendWeight, ...]:
    """Weights of the combination in the bundle."""
    stack = run.refit.answers.stacks["combination"]
    return (
        *(BlendWeight("bundle", m, float(w)) for m, w in zip(stack.models, stack.weights, strict=True)),
        BlendWeight("bundle", "", float(stack.intercept)),
    )


def _calibrators(run: ScoringRun) -> tuple[CalibratorFact, ...]:
    n = int(run.refit.bench.fold.calibration_rows.size)
    return tuple(
        CalibratorFact(
            fold="bundle",
            model=model,
            method=one.method,
            records=n,
            parameters="" if one.method in ("none", "isotonic") else f"a = {one.a:.3f}, b = {one.b:.3f}",
        )
        for model, one in run.refit.answers.calibrators.items()
    )


def practice_of(
    predictor: Predictor, run: ScoringRun, snapshot: RecordSnapshot, study: ScoringStudy
) -> Practice:
    """Portfolio, scorecard and example applicants, from the bundle as it will be served."""
    if study.model.head != "bernoulli":
        return Practice(None, None, (), _unlike(predictor, run, study, snapshot.records))
    newest = np.sort(_newest(snapshot.records))
    records = snapshot.records.take(newest)
    p = figures(predictor.parts, records)
    return Practice(
        portfolio=_portfolio(predictor, p, records, study),
        scorecard=_scorecard(predictor, study),
        applicants=_applicants(predictor, records, p),
        unlike_by_block=_unlike(predictor, run, study, snapshot.records),
        scale=predictor.parts.grades,
    )


def _newest(records: Records) -> IntArray:
    order = np.argsort(records.time, kind="stable") if records.has_time else np.arange(records.n)
    return order[-MOST:]


def _unlike(
    predictor: Predictor, run: ScoringRun, study: ScoringStudy, records: Records
) -> dict[str, float] | None:
    """Share of the scored records of each headline block that the anomaly score flags."""
    scored = run.record.headline
    if predictor.parts.anomaly is None or not records.has_time:
        return None
    found = {}
    for block in np.unique(scored.vintage):
        rows = scored.rows[scored.vintage == block][:2000]
        rank = anomaly_rank(predictor.parts, ready_for(predictor.parts, records.take(rows)))
        found[block_name(study, scored.protocol, int(block))] = float(np.mean(np.asarray(rank) > OUTLYING))
    return found


def _portfolio(
    predictor: Predictor, p: FloatArray, records: Records, study: ScoringStudy
) -> Portfolio | None:
    if not np.isfinite(records.amount).any():
        return None
    book = book_figures(predictor.parts, records, p)
    return Portfolio(
        unit="USD" if study.collect.source == "sba-loans" else "",
        assumptions=_assumptions(book),
        grades=tuple(GradeRisk(**row) for row in book["grades"]),
        total=GradeRisk(**book["total"]),
        confidence=book["confidence"],
        quantile=book["quantile"],
        stages=tuple(
            (str(row["stage"]), row["records"], row["exposure"], row["allowance"]) for row in book["stages"]
        ),
    )


def _assumptions(book: Mapping[str, Any]) -> tuple[Assumption, ...]:
    """What the figures rest on: a column where one says it, and for how many loans it says nothing."""
    given = Assumptions(**book["assumptions"])

    def told(key: Term, value: str, column: str) -> Assumption:
        return Assumption(key, value, column=book["columns"].get(column, ""), lacking=book["assumed"][column])

    return (
        Assumption("asset_class", given.asset_class),
        Assumption("exposure", book["columns"]["amount"], column=book["columns"]["amount"]),
        told("lgd", f"{100 * given.lgd:g} %", "lgd"),
        told("maturity", f"{given.maturity:g}", "maturity"),
        told("lifetime", f"{given.lifetime:g}", "maturity"),
        told("arrears", "0", "arrears"),
        told("pd_origination", "", "pd_origination"),
        Assumption("rate", f"{100 * given.rate:g} %"),
        Assumption("turnover", f"EUR {given.turnover:g} m"),
        Assumption("horizon", f"{given.months}"),
        Assumption("confidence", f"{100 * CONFIDENCE:g} %"),
    )


def _scorecard(predictor: Predictor, study: ScoringStudy) -> Scorecard | None:
    if not predictor.parts.scorecards:
        return None
    card, scaling = predictor.parts.scorecards[0], Scaling()
    table = points_table(card, scaling)
    total = sum(one.goods + one.bads for one in table[0]) if table else 0.0
    rows = tuple(_card_row(one, total) for column in table for one in column if one.goods + one.bads > 0)
    return Scorecard(
        base=0.0, anchor=scaling.target_score, odds=scaling.target_odds, doubling=scaling.pdo, rows=rows
    )


def _card_row(one: PointsBin, total: float) -> ScorecardRow:
    count = one.goods + one.bads
    return ScorecardRow(one.column, _bin(one), count / max(total, 1.0), one.bads / count, one.woe, one.points)


def _bin(one: PointsBin) -> str:
    if one.kind == "interval":
        low = "−∞" if one.low is None else f"{one.low:g}"
        high = "∞" if one.high is None else f"{one.high:g}"
        return f"({low}, {high}]"
    return ", ".join(one.values) if one.values else one.kind


def _applicants(predictor: Predictor, records: Records, p: FloatArray) -> tuple[Applicant, ...]:
    """Three decisions: a safe one, one near the threshold, one declined."""
    threshold = predictor.manifest.threshold
    wanted = (np.quantile(p, 0.1), threshold, np.quantile(p, 0.97))
    rows = np.array(list(dict.fromkeys(int(np.argmin(np.abs(p - value))) for value in wanted)))
    chosen = records.take(rows)
    rank = anomaly_rank(predictor.parts, ready_for(predictor.parts, chosen))
    found = []
    for i, why in enumerate(reasons(predictor.parts, chosen)):
        one = chosen.take(np.array([i]))
        record: dict[str, Any] = one.table.row(0, named=True)
        declined = why.figure >= threshold
        others = alternatives(predictor.parts, one, threshold=threshold) if declined else ()
        found.append(
            Applicant(
                record_id=str(one.record_id[0]),
                probability=why.figure,
                grade=predictor.parts.grades.names[int(assign(predictor.parts.grades, why.figure))],
                approved=not declined,
                base=why.base,
                reasons=tuple(
                    Reason(name, _value(record.get(name, one.time[0])), effect)
                    for name, effect in why.values.items()
                ),
                counterfactuals=tuple(
                    Counterfactual(
                        tuple((k, _value(record[k]), _value(v)) for k, v in other.changes.items()),
                        other.figure,
                    )
                    for other in others
                ),
                unlike=None if rank is None else bool(rank[i] > OUTLYING),
                codes=_codes(predictor, one),
            )
        )
    return tuple(found)


def _codes(predictor: Predictor, one: Records) -> tuple[str, ...]:
    """Columns of the scorecard by points lost, most first."""
    if not predictor.parts.scorecards:
        return ()
    card = predictor.parts.scorecards[0]
    lost = points_lost(card, scorecard_bins(card, with_past(predictor.parts, one).table))
    order = reason_order(lost)[0]
    return tuple(card.columns[i] for i in order if lost[0, i] > 0)


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
