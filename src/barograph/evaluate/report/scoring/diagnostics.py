"""Curves, bins and spreads of a scoring report, computed from the scored records of one protocol.

Curves of ranking are taken within folds and averaged with the number of records as weights, as the figures
beside them are: a model gains nothing by telling one vintage from another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import stdtrit

from barograph.charts.thin import evenly
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.scored import ScoredRecords
from barograph.evaluate.records.arena import Court
from barograph.evaluate.report.scoring.content import (
    CalibrationBins,
    CalibrationSummary,
    LossCapture,
    LossScatter,
    RocCurve,
    ScoreDistribution,
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
from barograph.measures.credit.ranks import midranks

Curve = tuple[FloatArray, FloatArray]

GRID = np.linspace(0.0, 1.0, 501)
"""Shares at which curves of several folds are averaged."""

BINS = 10
"""Calibration bins."""

CELLS = 40
"""Bins of the distribution of the predictions."""

SHOWN = 0.999
"""Quantile of the predictions up to which their distribution has bins of its own."""

POINTS = 1000
"""Records of the scatter of losses."""


def mean(values: FloatArray) -> float:
    """The mean; NaN of nothing."""
    return float(values.mean()) if values.size else math.nan


def once(scored: ScoredRecords) -> ScoredRecords:
    """Each record once: the first repetition of a cross-validation, all of any other protocol.

    Tests and intervals that count records would take the repetitions for so many records more.
    """
    if scored.protocol != "cross_validation":
        return scored
    places = np.flatnonzero(scored.vintage == scored.vintage.min())
    return replace(
        scored,
        rows=scored.rows[places],
        fold=scored.fold[places],
        vintage=scored.vintage[places],
        label=scored.label[places],
        predicted={model: p[places] for model, p in scored.predicted.items()},
        uncalibrated={model: p[places] for model, p in scored.uncalibrated.items()},
        members={model: p[:, places] for model, p in scored.members.items()},
    )


def known(scored: ScoredRecords, model: str) -> IntArray:
    """Places of the records with a label and a prediction of the model."""
    return np.flatnonzero(np.isfinite(scored.label) & np.isfinite(scored.predicted[model]))


def roc_curve(scored: ScoredRecords, model: str) -> RocCurve | None:
    """ROC curve within folds, averaged at equal shares of goods; None where no fold has an AUC.

    Vertical averaging (Fawcett 2006, An introduction to ROC analysis, Pattern Recognition Letters 27, section
    7). Folds with fewer than two records of a class are left out, as in `measures.credit.delong`.
    """

    def of_fold(label: FloatArray, predicted: FloatArray) -> Curve | None:
        bads = int(label.sum())
        if min(bads, label.size - bads) < 2:
            return None
        return roc_points(label, predicted, n=4 * GRID.size)

    found = _within_folds(scored, model, of_fold)
    return None if found is None else RocCurve(model, *found)


def loss_capture(scored: ScoredRecords, model: str) -> LossCapture | None:
    """Share of all loss given default among the largest predictions, within folds; None without a loss.

    Every record counts alike; equal predictions are a straight line.
    """

    def of_fold(label: FloatArray, predicted: FloatArray) -> Curve | None:
        if not label.sum() > 0.0:
            return None
        code = np.unique(-predicted, return_inverse=True)[1]
        losses = np.cumsum(np.bincount(code, weights=label))
        share = np.cumsum(np.bincount(code)) / code.size
        return np.append(0.0, share), np.append(0.0, losses / losses[-1])

    found = _within_folds(scored, model, of_fold)
    return None if found is None else LossCapture(model, *found)


def _within_folds(
    scored: ScoredRecords, model: str, curve: Callable[[FloatArray, FloatArray], Curve | None]
) -> Curve | None:
    """A curve of each fold from (0, 0) to (1, 1), averaged on the grid by the folds' records."""
    places = known(scored, model)
    total, weight = np.zeros(GRID.size), 0
    for rows in blocks_of(scored.fold[places], places.size):
        found = curve(scored.label[places[rows]], scored.predicted[model][places[rows]])
        if found is not None:
            total += rows.size * np.interp(GRID, *found)
            weight += rows.size
    if not weight:
        return None
    return np.append(0.0, GRID), np.append(0.0, total / weight)


def distribution(scored: ScoredRecords, model: str) -> ScoreDistribution | None:
    """Where goods and bads score; the last bin also holds the one in a thousand above. None of one class."""
    places = known(scored, model)
    bad, p = scored.label[places] == 1.0, scored.predicted[model][places]
    if bad.all() or not bad.any():
        return None
    top = float(np.quantile(p, SHOWN))
    edges = np.linspace(0.0, top if top > 0.0 else 1.0, CELLS + 1)
    shares = [np.histogram(np.minimum(p[one], edges[-1]), edges)[0] / one.sum() for one in (~bad, bad)]
    return ScoreDistribution(model, edges, *shares)


def loss_scatter(scored: ScoredRecords, model: str) -> LossScatter:
    """Predicted and observed loss of some records, evenly spaced in their order; all where there are few."""
    places = known(scored, model)
    shown = places[evenly(places.size, POINTS)]
    return LossScatter(model, scored.predicted[model][shown], scored.label[shown])


def calibration_summary(
    scored: ScoredRecords, model: str, *, loss: bool, weight: FloatArray | None = None
) -> CalibrationSummary | None:
    """Predicted against observed; of probabilities also Murphy's parts and Hosmer-Lemeshow, both in tenths of
    the records by risk. None without a prediction. Where records stand for several (`weight`, of all the
    study's), everything is by weight, and there is no Hosmer-Lemeshow test, which counts records.
    """
    places = known(scored, model)
    label, p = scored.label[places], scored.predicted[model][places]
    if not places.size:
        return None
    if loss:
        return CalibrationSummary(model, mean(p), mean(label))
    counted = None if weight is None else weight[scored.rows[places]]
    parts = brier_decomposition(label, p, risk_groups(p, BINS), weight=counted)
    test = hosmer_lemeshow(label, p, groups=BINS) if counted is None else None
    return CalibrationSummary(
        model,
        float(np.average(p, weights=counted)),
        float(np.average(label, weights=counted)),
        reliability=parts.reliability,
        resolution=parts.resolution,
        uncertainty=parts.uncertainty,
        within=parts.within_variance - parts.within_covariance,
        hosmer_lemeshow=None if test is None else finite(test.statistic),
        p_value=None if test is None else finite(test.p_value),
    )


def calibration_bins(
    scored: ScoredRecords, model: str, *, loss: bool, weight: FloatArray | None = None
) -> CalibrationBins | None:
    """Observed against predicted in bins of about equal count: default rates with Jeffreys intervals, or mean
    losses with those of Student's t (NaN for a bin of one record). None without a prediction. Weights as in
    `calibration_summary`.
    """
    places = known(scored, model)
    label, p = scored.label[places], scored.predicted[model][places]
    if not places.size:
        return None
    if loss:
        return _loss_bins(model, label, p)
    curve = reliability_curve(
        label, p, bins=BINS, weight=None if weight is None else weight[scored.rows[places]]
    )
    return CalibrationBins(model, curve.predicted, curve.observed, curve.lower, curve.upper)


def _loss_bins(model: str, label: FloatArray, p: FloatArray) -> CalibrationBins:
    code = risk_groups((midranks(p) - 0.5) / p.size, BINS)  # ranks, for a loss may be predicted outside 0 … 1
    bins = [label[code == number] for number in range(int(code.max()) + 1)]
    observed = np.array([one.mean() for one in bins])
    reach = np.array(
        [
            stdtrit(one.size - 1, 0.975) * one.std(ddof=1) / math.sqrt(one.size) if one.size > 1 else math.nan
            for one in bins
        ]
    )
    predicted = np.bincount(code, weights=p) / np.bincount(code)
    return CalibrationBins(model, predicted, observed, observed - reach, observed + reach)


def seed_spread(court: Court, network: str, metric: str) -> SeedSpread | None:
    """A figure of every seed's own prediction and of the ensemble; None where a seed misses a record."""
    said = court.said(network, "all")
    usable, members = said.usable(), court.scored.members[network]
    if not np.isfinite(members[:, np.isfinite(said.label)]).all():
        return None
    seeds = [court.figures[metric](replace(said, predicted=one).take(usable)) for one in members]
    return SeedSpread(network, np.array(seeds), court.value(network, metric))


def finite(value: float) -> float | None:
    """The value; None for NaN."""
    return None if math.isnan(value) else value
