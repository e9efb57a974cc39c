"""Fit of a blend: non-negative weights on models' log-odds, drawn to equal ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted_records import StackParameters
from barograph.measures.credit.log_odds import logit, sigmoid
from barograph.train.bounded_logit import fit_bounded_logit

L2_TO_EQUAL = 500.0
"""Records that the pull to equal weights counts like."""
_LEAST_INFORMATION = 1e-6  # per record, where all models say nearly the same


def fit_stack(
    models: Sequence[str],
    p: FloatArray,
    label: FloatArray,
    *,
    l2_to_equal: float = L2_TO_EQUAL,
    weight: FloatArray | None = None,
) -> StackParameters:
    r"""Weights ``w >= 0`` and intercept of ``sigmoid(intercept + Σ w · logit p)`` by penalised likelihood.

    Minimised is ``Σ log loss + l2_to_equal · v / 2 · Σ (w - 1 / n_models)²``, where v is what an average
    record tells of differences between weights: the Fisher information at the equal blend q along a
    direction in which weights add up to zero, the mean of ``q (1 - q) · variance over models of logit p``
    (divisor n_models - 1). So `l2_to_equal` counts like that many records in favour of equal weights: with
    as many held-out records the weights come about half way. The sum of the weights and the intercept are
    free to calibrate the blend.

    Parameters
    ----------
    models : sequence of str
    p : array [n_models, n]
        Held-out probabilities; those at 0 and 1 count as the limits of `log_odds`.
    label : array [n]
        In [0, 1].
    l2_to_equal : float
        Above 0; infinity is not meant, use an average instead.
    weight : array [n], optional
        Records that each stands for: sums and means above count it so often.

    Raises
    ------
    DataError
        Where arrays do not fit, hold NaN, or labels are all 0 or all 1.
    """
    said, y = np.asarray(p, dtype=np.float64), np.asarray(label, dtype=np.float64)
    n_models = len(models)
    if said.shape != (n_models, y.size) or n_models == 0 or not np.isfinite(said).all():
        raise DataError(
            "a blend needs a finite probability of every model for every record",
            came=f"got {n_models} models, probabilities {said.shape}, {y.size} labels",
            do="Blend only records that every model has scored",
        )
    if not (y.size and 0.0 < y.mean() < 1.0 and y.min() >= 0.0 and y.max() <= 1.0) or not l2_to_equal > 0.0:
        raise DataError(
            "a blend needs labels in [0, 1], not all the same, and a pull above 0",
            came=f"got {y.size} labels with sum {y.sum():g} and a pull of {l2_to_equal:g}",
            do="Hold out records of both kinds",
        )
    odds = logit(said)
    blend = sigmoid(odds.mean(axis=0))
    variance = odds.var(axis=0, ddof=1) if n_models > 1 else np.zeros(y.size)
    information = float(np.average(blend * (1.0 - blend) * variance, weights=weight))
    n_records = float(y.size if weight is None else weight.sum())
    pull = l2_to_equal * max(information, _LEAST_INFORMATION) / n_records
    equal = np.full(n_models, 1.0 / n_models)
    weights, intercept = fit_bounded_logit(odds, y, pull=pull, towards=equal, weight=weight)
    return StackParameters(tuple(models), weights, intercept)
