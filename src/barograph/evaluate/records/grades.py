"""The master scale held against what came: each grade's default rate beside its predicted one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from barograph.core.arrays import FloatArray
from barograph.core.fitted_records import GradeParameters
from barograph.core.scored import ScoredRecords
from barograph.measures.credit.grade_tests import binomial_test, jeffreys_test
from barograph.measures.credit.grades import assign


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One grade of the master scale."""

    name: str
    lower: float  # probabilities above this …
    upper: float  # … up to this one
    predicted: float  # mean probability of the grade's records; NaN without one
    records: int
    defaults: int
    low: float  # 95 % Jeffreys interval of the default rate; NaN without a record
    high: float
    binomial: float | None  # one-sided p-value: is the rate too high for the prediction?
    jeffreys: float | None  # posterior probability that the true rate is at most the prediction


def grade_rows(scored: ScoredRecords, model: str, scale: GradeParameters) -> tuple[GradeRow, ...]:
    """Every grade of a scale, empty ones too, over the scored records.

    Defaults count as independent, so that in a downturn the tests reject more often than their size says.

    Parameters
    ----------
    scored : ScoredRecords
        Of a default study; records without a label or a prediction are left out.
    model : str
        Whose probabilities are graded.
    scale : GradeParameters
    """
    label, p = _known(scored, model)
    grade, n_grades = assign(scale, p), len(scale.names)
    size = np.bincount(grade, minlength=n_grades)
    defaults = np.bincount(grade, weights=label, minlength=n_grades).astype(np.int64)
    total = np.bincount(grade, weights=p, minlength=n_grades)
    return tuple(
        _row(
            name,
            float(scale.upper[at - 1]) if at else 0.0,
            float(scale.upper[at]),
            int(size[at]),
            int(defaults[at]),
            float(total[at]),
        )
        for at, name in enumerate(scale.names)
    )


def _known(scored: ScoredRecords, model: str) -> tuple[FloatArray, FloatArray]:
    p = scored.predicted[model]
    known = np.isfinite(scored.label) & np.isfinite(p)
    return scored.label[known], p[known]


def _row(name: str, lower: float, upper: float, size: int, defaults: int, total: float) -> GradeRow:
    if not size:
        nothing = float("nan")
        return GradeRow(name, lower, upper, nothing, 0, 0, nothing, nothing, None, None)
    goods, mean = size - defaults, total / size
    return GradeRow(
        name=name,
        lower=lower,
        upper=upper,
        predicted=mean,
        records=size,
        defaults=defaults,
        low=float(betaincinv(defaults + 0.5, goods + 0.5, 0.025)) if defaults else 0.0,
        high=float(betaincinv(defaults + 0.5, goods + 0.5, 0.975)) if goods else 1.0,
        binomial=float(binomial_test([defaults], [size], [mean])[0]),
        jeffreys=float(jeffreys_test([defaults], [size], [mean])[0]),
    )
