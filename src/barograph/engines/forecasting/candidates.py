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
) -> Pooled:
    """Logarithmic pool of a candidate with the best baseline; partner and weights come from earlier blocks.

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

    Notes
    -----
    What a fold learns from is the validation block of the first fold, which no network was fitted on, and
    every row scored before the fold's cut whose outcome was known at the cut. The weights minimise QLIKE
    there and are shrunk to equal weights. Nothing of the fold's own test block enters. Rows at whose origin a
    rate was known to be held are not learnt from: the end of one peg would choose the partner for years.
    """
    forecasts, parameters = [], []
    for f in range(len(folds)):
        past = _past(samples, folds, f)
        partner = min(baselines, key=lambda key: past.loss(samples, baselines[key]))
        parts = (deep.name, partner)
        both = np.stack([past.forecasts(candidate) for candidate in (deep, baselines[partner])])
        days = int(np.unique(samples.time[past.rows]).size)
        weights = fit_pool(parts, both, target=samples.target[past.rows], n_days=days)
        forecasts.append(pool(weights, np.stack([deep.log_variance[f], baselines[partner].log_variance[f]])))
        parameters.append(weights)
    return Pooled(Candidate(name, forecasts), parameters)


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """Rows a fold may learn its pool from, and where each candidate's forecast of them lies."""

    rows: IntArray  # [n]
    blocks: tuple[tuple[int, IntArray], ...]  # fold, positions among that fold's needed rows

    def forecasts(self, candidate: Candidate) -> FloatArray:
        """A candidate's log variance at the rows, as made at the time."""
        return np.concatenate([candidate.log_variance[f][place] for f, place in self.blocks])

    def loss(self, samples: Samples, candidate: Candidate) -> float:
        """Mean QLIKE over rows and horizons."""
        return float(np.mean(qlike(samples.target[self.rows], np.exp(self.forecasts(candidate)))))


def _past(samples: Samples, folds: Sequence[FoldRows], fold: int) -> _Past:
    first = folds[0]
    learnt = np.isin(first.tail, first.validation) & ~samples.held[first.tail]
    validation = np.flatnonzero(learnt if learnt.any() else np.isin(first.tail, first.validation))
    blocks, rows = [(0, validation)], [first.tail[validation]]
    for f, earlier in enumerate(folds[:fold]):
        known = (samples.known_at[earlier.test] <= folds[fold].fold.cut).all(axis=1)
        known &= ~samples.held[earlier.test]
        blocks.append((f, earlier.tail.size + np.flatnonzero(known)))
        rows.append(earlier.test[known])
    return _Past(np.concatenate(rows), tuple(blocks))


def scored_part(values: FloatArray, rows: FoldRows) -> FloatArray:
    """The test rows of a fold's needed rows."""
    return values[rows.tail.size : rows.tail.size + rows.test.size]


def tail_part(values: FloatArray, rows: FoldRows) -> FloatArray:
    """The tail rows of a fold's needed rows."""
    return values[: rows.tail.size]


def latest_part(values: FloatArray, rows: FoldRows) -> FloatArray:
    """The newest rows of the refit's needed rows."""
    return values[rows.tail.size + rows.test.size :]
