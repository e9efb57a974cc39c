"""What one protocol of a scoring run comes to: blocks, curves, calibration, seeds, from what was scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.results import Comparison, Score
from barograph.evaluate.records.arena import Court
from barograph.evaluate.records.figures import Said
from barograph.evaluate.records.plan import training_rows
from barograph.evaluate.records.thresholds import threshold_table
from barograph.evaluate.report.scoring.content import (
    CalibrationBins,
    CalibrationSummary,
    LossCapture,
    LossScatter,
    ProtocolResults,
    RocCurve,
    ScoreDifference,
    ScoreDistribution,
    TestBlock,
)
from barograph.evaluate.report.study_content import SeedSpread
from barograph.measures.credit.calibration_tests import (
    brier_decomposition,
    hosmer_lemeshow,
    reliability_curve,
    risk_groups,
)
from barograph.measures.credit.checks import blocks_of
from barograph.measures.credit.discrimination import roc_points

_FALSE_POSITIVES = np.linspace(0.0, 1.0, 201)
_SCATTERED = 1500
_SCORE_BINS = 30


def protocol_results(
    court: Court,
    *,
    scores: Sequence[Score],
    comparisons: Sequence[Comparison],
    shown: Sequence[str],
    metric: str,
) -> ProtocolResults:
    """Everything the report says under one protocol.

    Parameters
    ----------
    court : Court
    scores, comparisons
        Of the whole run; those of other protocols are left out.
    shown : sequence of str
        Models worth a line in figures: the champion, then candidate, reference and others.
    metric : str
        The study's first score: "auc" or "r2".
    """
    prefix = f"{court.protocol}:"
    present = tuple(model for model in shown if model in court.scored.candidates)
    said = {model: _usable(court, model) for model in court.scored.candidates}
    said = {model: one for model, one in said.items() if one.label.size}
    present = tuple(model for model in present if model in said)
    blocks = tuple(_block(court, name) for name in court.blocks)
    found = ProtocolResults(
        protocol=court.protocol,
        blocks=blocks,
        records=sum(block.records for block in blocks),
        outcome=float(np.nanmean(court.scored.label)),
        scores=tuple(
            replace(score, entity=score.entity.removeprefix(prefix))
            for score in scores
            if score.entity.startswith(prefix)
        ),
        differences=tuple(
            _difference(court, row)
            for row in comparisons
            if row.metric == metric and row.entity.startswith(prefix)
        ),
        seeds=tuple(_seeds(court, network, metric) for network in court.scored.members if network in said),
    )
    if court.protocol != "retrospective":
        found = _with_calibration(found, court, said, present)
    if not present:
        return found
    return _with_losses(found, said, present) if metric == "r2" else _with_curves(found, court, said, present)


def _usable(court: Court, model: str, where: str = "all") -> Said:
    said = court.said(model, where)
    return said.take(said.usable())


def _block(court: Court, name: str) -> TestBlock:
    places = court.blocks[name]
    code = int(court.scored.vintage[places[0]])
    label = court.scored.label[places]
    known = label[np.isfinite(label)]
    cut = ""
    if court.protocol == "cross_validation":
        folds = court.study.evaluate.folds
        trained = round(known.size * (folds - 1) / folds)
    else:
        trained = int(training_rows(court.record.records, court.study, court.protocol, code).size)
    cuts = court.record.cuts.get("origin")
    if court.protocol == "origin" and cuts is not None:
        cut = str(cuts[int(court.scored.fold[places[0]])])
    return TestBlock(name, trained, int(known.size), float(known.mean()) if known.size else 0.0, cut)


def _difference(court: Court, row: Comparison) -> ScoreDifference:
    block = row.entity.partition(":")[2] or ("" if row.block == "all" else row.block)
    duel = court.duel(row.model, row.opponent, row.metric, block or "all")
    lower, upper = (end if np.isfinite(end) else None for end in duel.interval)
    statistic, p_value = (v if np.isfinite(v) else None for v in (row.test.statistic, row.test.p_value))
    return ScoreDifference(
        model=row.model,
        opponent=row.opponent,
        metric=row.metric,
        difference=row.difference,
        lower=lower,
        upper=upper,
        test=row.test.name,
        statistic=statistic,
        p_value=p_value,
        standing=row.standing,
        block=block,
        note=row.test.note,
    )


def _seeds(court: Court, network: str, metric: str) -> SeedSpread:
    said = court.said(network, "all")
    figure = court.figures[metric]
    each = [replace(said, predicted=member) for member in court.scored.members[network]]
    alone = np.array([figure(one.take(one.usable())) for one in each])
    return SeedSpread(network, alone[np.isfinite(alone)], court.value(network, metric))


def _with_calibration(
    found: ProtocolResults, court: Court, said: dict[str, Said], present: Sequence[str]
) -> ProtocolResults:
    """Predicted beside observed: by block, in bins, and in one line per model."""
    default = court.calibrates
    names = list(court.blocks)
    means = {
        model: np.array([_mean(_usable(court, model, name).predicted) for name in names]) for model in present
    }
    bins = _default_bins if default else _loss_bins
    return replace(
        found,
        predicted=means,
        bins=tuple(bins(model, said[model]) for model in present[:3]),
        calibration=tuple(_summary(model, one, default=default) for model, one in said.items()),
    )


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _default_bins(model: str, said: Said) -> CalibrationBins:
    curve = reliability_curve(said.label, said.predicted)
    return CalibrationBins(model, curve.predicted, curve.observed, curve.lower, curve.upper)


def _loss_bins(model: str, said: Said) -> CalibrationBins:
    """Means of tenths of the records, with 1.96 standard errors of the observed mean."""
    code = risk_groups(said.predicted)
    size = np.bincount(code)
    predicted, observed = (np.bincount(code, weights=v) / size for v in (said.predicted, said.label))
    spread = np.bincount(code, weights=(said.label - observed[code]) ** 2) / np.maximum(size - 1, 1)
    half = 1.96 * np.sqrt(spread / size)
    return CalibrationBins(model, predicted, observed, np.maximum(observed - half, 0.0), observed + half)


def _summary(model: str, said: Said, *, default: bool) -> CalibrationSummary:
    found = CalibrationSummary(model, float(said.predicted.mean()), float(said.label.mean()))
    if not default:
        return found
    parts = brier_decomposition(said.label, said.predicted, risk_groups(said.predicted))
    test = hosmer_lemeshow(said.label, said.predicted)
    return replace(
        found,
        reliability=parts.reliability,
        resolution=parts.resolution,
        uncertainty=parts.uncertainty,
        within=parts.within_variance - parts.within_covariance,
        hosmer_lemeshow=test.statistic if np.isfinite(test.statistic) else None,
        p_value=test.p_value if np.isfinite(test.p_value) else None,
    )


def _with_curves(
    found: ProtocolResults, court: Court, said: dict[str, Said], present: Sequence[str]
) -> ProtocolResults:
    champion = present[0]
    rows = threshold_table(court.record.records, court.study, court.scored, champion)
    return replace(
        found,
        threshold=next((row.threshold for row in rows if row.stated), None),
        thresholds=rows,
        roc=tuple(_roc(model, said[model]) for model in present[:5]),
        distribution=_distribution(champion, said[champion]),
    )


def _roc(model: str, said: Said) -> RocCurve:
    """ROC curves of the folds, averaged at equal shares of goods by records, as the AUC is."""
    total, weight = np.zeros(_FALSE_POSITIVES.size), 0
    for rows in blocks_of(said.fold, said.fold.size):
        goods, bads = roc_points(said.label[rows], said.predicted[rows], n=400)
        if goods.size:
            total, weight = total + rows.size * np.interp(_FALSE_POSITIVES, goods, bads), weight + rows.size
    true = total / max(weight, 1)
    return RocCurve(model, np.append(0.0, _FALSE_POSITIVES), np.append(0.0, true))


def _distribution(model: str, said: Said) -> ScoreDistribution | None:
    """Shares of goods and bads in equal bins up to the 99.5 % quantile; the last one holds all above."""
    bad = said.label == 1.0
    top = float(np.quantile(said.predicted, 0.995)) if said.predicted.size else 0.0
    if not bad.any() or bad.all() or top <= 0.0:
        return None
    edges = np.linspace(0.0, top, _SCORE_BINS + 1)
    inside = np.minimum(said.predicted, top)
    goods, bads = (np.histogram(inside[rows], edges)[0] / rows.sum() for rows in (~bad, bad))
    return ScoreDistribution(model, edges, goods, bads)


def _with_losses(found: ProtocolResults, said: dict[str, Said], present: Sequence[str]) -> ProtocolResults:
    champion = said[present[0]]
    kept = np.unique(
        np.linspace(0, champion.label.size - 1, min(champion.label.size, _SCATTERED)).astype(int)
    )
    return replace(
        found,
        capture=tuple(_capture(model, said[model]) for model in present[:5]),
        scatter=LossScatter(present[0], champion.predicted[kept], champion.label[kept]),
    )


def _capture(model: str, said: Said) -> LossCapture:
    """Weighted by exposure where every record has one, as the loss capture ratio is."""
    weight = said.exposure if bool((said.exposure > 0.0).all()) else np.ones(said.label.size)
    order = np.argsort(-said.predicted, kind="stable")
    share, lost = np.cumsum(weight[order]), np.cumsum((weight * said.label)[order])
    whole = max(float(lost[-1]), np.finfo(float).tiny)
    return LossCapture(model, np.append(0.0, share / share[-1]), np.append(0.0, lost / whole))
