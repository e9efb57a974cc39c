"""From forecasts of variance to candidates: ensembles, the pool, tails; and the out-of-sample record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted import PoolParameters
from barograph.core.records import Samples
from barograph.engines.forecasting.rows import FoldRows
from barograph.measures.pool import fit_pool, pool
from barograph.measures.scores import qlike

NETWORKS_PART = "networks"
"""Name of the pool's first part: the mean log variance of the networks."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One model's forecasts, fold by fold, on that fold's needed rows (tail, then test)."""

    name: str
    log_variance: list[FloatArray]  # per fold [n_needed, n_horizons]
    quantiles: list[FloatArray] | None = None  # per fold, standardised [n_needed, n_horizons, n_levels]
    shortfall: list[FloatArray] | None = None  # per fold, standardised [n_needed, n_horizons, n_alphas]


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """The combination: its forecasts, and the weights and partner each fold used."""

    candidate: Candidate
    parameters: list[PoolParameters] = field(default_factory=list)


def ensemble(name: str, members: Sequence[Sequence[FloatArray]]) -> Candidate:
    """Average the log variance of a network's seeds; `members[seed][fold]`."""
    folds = range(len(members[0]))
    return Candidate(name, [np.mean([member[f] for member in members], axis=0) for f in folds])


def mean_of(name: str, parts: Sequence[Candidate]) -> Candidate:
    """Average the log variance of several candidates."""
    return ensemble(name, [part.log_variance for part in parts])


def combine(
    samples: Samples,
    folds: Sequence[FoldRows],
    deep: Candidate,
    baselines: Mapping[str, Candidate],
    *,
    name: str,
    first: str,
) -> Pooled:
    """Logarithmic pool of a candidate with the best baseline, both chosen on earlier scored blocks only.

    Parameters
    ----------
    samples : Samples
    folds : sequence of FoldRows
    deep : Candidate
        The pool's first part.
    baselines : mapping
        Variance forecasts that may be the second part.
    name : str
        Name of the combination.
    first : str
        The baseline taken until an earlier scored block exists.

    Notes
    -----
    The weights of a fold minimise QLIKE over all rows scored before its cut whose outcome was known at
    the cut, shrunk to equal weights; the first fold uses equal weights. Nothing of the fold's own test block
    enters.
    """
    forecasts, parameters = [], []
    for f, rows in enumerate(folds):
        past = _past_rows(samples, folds[:f], rows.fold.cut)
        partner = _best(samples, past, folds[:f], baselines) if past.size else first
        parts = (deep.name, partner)
        weights = _weights(samples, past, folds[:f], deep, baselines[partner], parts)
        forecasts.append(pool(weights, np.stack([deep.log_variance[f], baselines[partner].log_variance[f]])))
        parameters.append(weights)
    return Pooled(Candidate(name, forecasts), parameters)


def _past_rows(samples: Samples, folds: Sequence[FoldRows], cut: np.datetime64) -> IntArray:
    """Scored rows of earlier folds whose every outcome was known at the cut, fold by fold."""
    if not folds:
        return np.zeros(0, np.int64)
    rows = np.concatenate([fold.test for fold in folds])
    known = (samples.known_at[rows] <= cut).all(axis=1)
    return np.asarray(rows[known], dtype=np.int64)


def _on_past(candidate: Candidate, samples: Samples, folds: Sequence[FoldRows], past: IntArray) -> FloatArray:
    scored = np.concatenate([scored_part(candidate.log_variance[f], rows) for f, rows in enumerate(folds)])
    where = np.concatenate([rows.test for rows in folds])
    place = np.full(samples.n, -1, np.int64)
    place[where] = np.arange(where.size)
    return scored[place[past]]


def _best(
    samples: Samples, past: IntArray, folds: Sequence[FoldRows], baselines: Mapping[str, Candidate]
) -> str:
    target = samples.target[past]
    means = {
        key: float(np.mean(qlike(target, np.exp(_on_past(candidate, samples, folds, past)))))
        for key, candidate in baselines.items()
    }
    return min(means, key=lambda key: means[key])


def _weights(
    samples: Samples,
    past: IntArray,
    folds: Sequence[FoldRows],
    deep: Candidate,
    partner: Candidate,
    parts: tuple[str, str],
) -> PoolParameters:
    if not past.size:
        equal = np.full((len(samples.horizons), len(parts)), 1.0 / len(parts))
        return PoolParameters(parts, equal)
    both = np.stack([_on_past(candidate, samples, folds, past) for candidate in (deep, partner)])
    days = int(np.unique(samples.time[past]).size)
    return fit_pool(parts, both, target=samples.target[past], n_days=days)


def scored_part(values: FloatArray, rows: FoldRows) -> FloatArray:
    """The test rows of a fold's needed rows."""
    return values[rows.tail.size : rows.tail.size + rows.test.size]


def tail_part(values: FloatArray, rows: FoldRows) -> FloatArray:
    """The tail rows of a fold's needed rows."""
    return values[: rows.tail.size]


def latest_part(values: FloatArray, rows: FoldRows) -> FloatArray:
    """The newest rows of the refit's needed rows."""
    return values[rows.tail.size + rows.test.size :]
