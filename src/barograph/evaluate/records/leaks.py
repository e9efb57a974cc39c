"""The leak alarm: a column that explains too much, alone or by what its removal costs.

The alarm warns and never removes anything; what must not be a feature is named in the study's deny-list.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.record_table import Records
from barograph.core.scored import LeakFinding
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import seed_of
from barograph.core.texts import text
from barograph.evaluate.records.parting import dealt
from barograph.measures.credit.discrimination import auc

BINS = 20
"""Quantile bins of a numeric column, missing values apart."""

PRIOR = 10.0
"""Records' worth of the overall rate that a bin's rate starts from."""


def column_alarms(
    records: Records, rows: IntArray, label: FloatArray, study: ScoringStudy, *, lang: str = "en"
) -> list[LeakFinding]:
    """Columns whose AUC alone, on records not used to measure their rates, exceeds `evaluate.leak_alone`.

    The records are dealt into two halves, customers whole. Each half learns the rate of every bin (quantiles
    of a numeric column, values of a categorical one) and scores the other; the AUC is the mean of the two.

    Parameters
    ----------
    records : Records
    rows : IntArray [n_rows]
        Training rows, with finite labels; nothing is said of two rows of a class or fewer.
    label : FloatArray [n_records]
        1 = bad; of a loss study the loss, which counts as bad above its median.
    study : ScoringStudy
    lang : str
        Language of the reasons.

    Returns
    -------
    list of LeakFinding
        The most telling column first.
    """
    limit = study.evaluate.leak_alone
    bad = _bad(label[rows])
    half = dealt(records, rows, label, 2, seed=seed_of(study.train.seed, "leak alarm"))
    found = [(name, auc_alone(records, name, rows, bad, half)) for name in records.columns]
    return [
        LeakFinding(name, "alone", value, limit, _reason("alone", name, value, limit, lang))
        for name, value in sorted(found, key=lambda pair: -pair[1])
        if value > limit
    ]


def removal_alarms(costs: Mapping[str, float], study: ScoringStudy, *, lang: str = "en") -> list[LeakFinding]:
    """Columns whose removal costs more AUC than `evaluate.leak_removal`.

    Parameters
    ----------
    costs : mapping
        Column -> AUC, out of sample, that a model loses which is fitted without it.
    study : ScoringStudy
    lang : str
        Language of the reasons.

    Returns
    -------
    list of LeakFinding
        The dearest first; `auc` is what the removal costs.
    """
    limit = study.evaluate.leak_removal
    return [
        LeakFinding(name, "removal", cost, limit, _reason("removal", name, cost, limit, lang))
        for name, cost in sorted(costs.items(), key=lambda pair: -pair[1])
        if cost > limit
    ]


def denied_columns(study: ScoringStudy) -> list[LeakFinding]:
    """The study's deny-list as findings: each column with the reason that the recipe gives."""
    return [LeakFinding(name, "denied", None, None, why) for name, why in study.collect.deny.items()]


def auc_alone(records: Records, name: str, rows: IntArray, bad: FloatArray, half: IntArray) -> float:
    """Out-of-sample AUC of one column's binned rates; NaN where a half has one class only.

    Parameters
    ----------
    records : Records
    name : str
        A feature column.
    rows : IntArray [n_rows]
    bad : FloatArray [n_rows]
        0 or 1.
    half : IntArray [n_rows]
        0 or 1: each half scores with the rates of the other.
    """
    values = records.table[name][rows.tolist()]
    known = []
    for turn in (0, 1):
        learn, score = half != turn, half == turn
        codes = _codes(values, learn)
        known.append(auc(bad[score], _rates(codes[learn], bad[learn], int(codes.max()) + 1)[codes[score]]))
    return float(np.mean(known))


def _codes(values: pl.Series, learn: BoolArray) -> IntArray:
    """Bin of each value: quantile bins of the learning half, or the value itself; 0 where it is missing."""
    if values.dtype == pl.String:
        categories = values.cast(pl.Categorical).to_physical()
        return np.asarray(categories.cast(pl.Int64).fill_null(-1).to_numpy() + 1)
    numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    seen = numbers[learn & np.isfinite(numbers)]
    cuts = np.unique(np.quantile(seen, np.linspace(0, 1, BINS + 1)[1:-1])) if seen.size else np.empty(0)
    return np.where(np.isfinite(numbers), np.searchsorted(cuts, numbers, side="right") + 1, 0)


def _rates(codes: IntArray, bad: FloatArray, n_codes: int) -> FloatArray:
    """Share of bads of each bin, shrunk to the overall share."""
    count = np.bincount(codes, minlength=n_codes)
    total = np.bincount(codes, weights=bad, minlength=n_codes)
    return np.asarray((total + PRIOR * bad.mean()) / (count + PRIOR))


def _bad(label: FloatArray) -> FloatArray:
    if np.isin(label, (0.0, 1.0)).all():
        return label
    middle = np.median(label)
    above = label > middle if (label > middle).any() else label >= middle
    return above.astype(np.float64)


def _reason(kind: str, column: str, value: float, limit: float, lang: str) -> str:
    return text(f"scoring.leak.{kind}", lang, column=column, auc=f"{value:.3f}", limit=f"{limit:.2f}")
