"""The probability above which a record is called bad, and what other thresholds would mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.record_table import Records
from barograph.core.scored import ScoredRecords
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.plan import labels_of, training_rows
from barograph.measures import classification

GRID = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30, 0.50)
"""Thresholds of the table, beside the study's own."""


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """What calling every record above a probability bad, and approving the others, would mean."""

    threshold: float
    flagged: float  # share of records above it; the rest would be approved
    accuracy: float
    precision: float | None  # None where nothing is above
    recall: float | None  # None without a bad record
    f1: float | None
    rate_below: float | None  # default rate of the others; None where there are none
    stated: bool = False  # the study's own threshold, on average over folds


def training_shares(records: Records, study: ScoringStudy, scored: ScoredRecords) -> FloatArray:
    """Share of bads of the fold that scored each record, [n]: of its training window, or, under
    cross-validation, of the other folds of its repetition.
    """
    shares = np.full(scored.rows.size, np.nan)
    known = labels_of(records, scored.protocol)
    for fold in np.unique(scored.fold).tolist():
        inside = scored.fold == fold
        block = int(scored.vintage[inside][0])
        if scored.protocol == "cross_validation":
            others = (scored.vintage == block) & ~inside
            label, rows = scored.label[others], scored.rows[others]
        else:
            rows = training_rows(records, study, scored.protocol, block)
            label = known[rows]
        shares[inside] = share_of(label, None if records.weight is None else records.weight[rows])
    return shares


def share_of(label: FloatArray, weight: FloatArray | None) -> float:
    """Share of bads, each record counted as often as its weight says."""
    return float(np.mean(label) if weight is None else np.average(label, weights=weight))


def thresholds(records: Records, study: ScoringStudy, scored: ScoredRecords) -> FloatArray:
    """Probability above which each scored record is called bad, [n]: `evaluate.threshold`, or the training
    share of bads.
    """
    return _stated(study.evaluate.threshold, records, study, scored)


def approval_limits(records: Records, study: ScoringStudy, scored: ScoredRecords) -> FloatArray:
    """Probability below which each scored record is approved, [n]: `deploy.approve_below`, or the training
    share of bads.
    """
    return _stated(study.deploy.approve_below, records, study, scored)


def _stated(value: float | None, records: Records, study: ScoringStudy, scored: ScoredRecords) -> FloatArray:
    if value is None:
        return training_shares(records, study, scored)
    return np.full(scored.rows.size, value)


def threshold_table(
    records: Records, study: ScoringStudy, scored: ScoredRecords, model: str
) -> tuple[ThresholdRow, ...]:
    """A row for each threshold of `GRID` and for the study's own, ascending; none for a loss study.

    Records without a label or a prediction are left out.
    """
    if study.model.head == "hurdle_beta":
        return ()
    own, p = thresholds(records, study, scored), scored.predicted[model]
    known = np.isfinite(scored.label) & np.isfinite(p)
    if not known.any():
        return ()
    label, p, own = scored.label[known], p[known], own[known]
    rows = [_row(label, p > limit, limit, stated=False) for limit in GRID]
    rows.append(_row(label, p > own, float(own.mean()), stated=True))
    return tuple(sorted(rows, key=lambda row: row.threshold))


def _row(label: FloatArray, above: BoolArray, threshold: float, *, stated: bool) -> ThresholdRow:
    counts = classification.confusion(label == 1.0, above)
    return ThresholdRow(
        threshold=threshold,
        flagged=float(above.mean()),
        accuracy=classification.accuracy(counts),
        precision=_known(classification.precision(counts)),
        recall=_known(classification.recall(counts)),
        f1=_known(classification.f1(counts)),
        rate_below=None if above.all() else float(label[~above].mean()),
        stated=stated,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
