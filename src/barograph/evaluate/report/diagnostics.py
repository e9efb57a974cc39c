"""Series and histograms of the report, computed from the record of the out-of-sample run."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.forecast import LEVELS, OutOfSample
from barograph.evaluate.events import event_probability
from barograph.evaluate.losses import losses
from barograph.evaluate.report.content import (
    TRADING_DAYS,
    AssetSeries,
    LossPath,
    PitHistogram,
    ReliabilityCurve,
)
from barograph.evaluate.report.study_content import SeedSpread
from barograph.measures.scores import qlike

N_BINS = 20
"""Bins of a PIT histogram: their inner edges are levels every distribution carries."""

_RELIABILITY_BINS = 10
_LONGEST_SHOWN = 22


def nearest_column(out: OutOfSample) -> int:
    """Column of the shortest horizon, the one at which days are back-tested."""
    return out.samples.horizons.index(min(out.samples.horizons))


def asset_series(
    out: OutOfSample, *, volatility_of: tuple[str, ...], limits_of: tuple[str, ...], alpha: float
) -> tuple[AssetSeries, ...]:
    """Forecasts of some models beside what came, one record per entity that has scored rows."""
    samples, near, found = out.samples, nearest_column(out), []
    horizon = max(h for h in samples.horizons if h <= max(_LONGEST_SHOWN, min(samples.horizons)))
    column = samples.horizons.index(horizon)
    scale = TRADING_DAYS / horizon
    for number, entity in enumerate(samples.entities):
        at = np.flatnonzero(samples.entity[out.rows] == number)
        if at.size == 0:
            continue
        rows = out.rows[at]
        found.append(
            AssetSeries(
                entity=entity,
                time=samples.time[rows],
                near=samples.horizons[near],
                next_return=samples.target_return[rows, near],
                far=horizon,
                realised=np.sqrt(scale * samples.target[rows, column]),
                volatility={
                    m: np.sqrt(scale * out.distributions[m].variance[at, column]) for m in volatility_of
                },
                value_at_risk={m: out.distributions[m].value_at_risk(alpha)[at, near] for m in limits_of},
                alpha=alpha,
            )
        )
    return tuple(found)


def _bins(quantiles: FloatArray, returns: FloatArray) -> IntArray:
    edges = [LEVELS.index(round(k / N_BINS, 2)) for k in range(1, N_BINS)]
    return np.asarray((returns[:, None] > quantiles[:, edges]).sum(axis=1), dtype=np.int64)


def _by_day(days: DateArray, values: FloatArray) -> FloatArray:
    """Sums of `values` [n, k] over equal days, in the order of the days."""
    _, index = np.unique(days, return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, values.shape[1]))
    np.add.at(sums, index, values)
    return sums


def pit_histogram(out: OutOfSample, model: str) -> PitHistogram:
    """The PIT histogram of a model's distributions at the shortest horizon over all entities.

    The bins' edges are quantiles the distribution carries, so nothing is interpolated. The band is two
    standard errors of each bin's excess, clustered by day: series that move together do not narrow it.
    """
    column = nearest_column(out)
    returns = out.samples.target_return[out.rows, column]
    quantiles = out.distributions[model].quantiles[:, column]
    known = np.isfinite(returns) & np.isfinite(quantiles).all(axis=1)
    hits = np.eye(N_BINS)[_bins(quantiles[known], returns[known])]
    n_obs = int(known.sum())
    excess = _by_day(out.samples.time[out.rows][known], hits - 1.0 / N_BINS)
    return PitHistogram(model, hits.mean(axis=0), 2.0 * np.sqrt((excess**2).sum(axis=0)) / n_obs, n_obs)


def reliability(out: OutOfSample, model: str) -> ReliabilityCurve:
    """Event probabilities of a model in ten bins of equal count, beside the observed frequencies.

    Needs a horizon of one day (see `evaluate.events`).
    """
    column = out.samples.horizons.index(1)
    came = out.samples.target_return[out.rows, column]
    probability = event_probability(out.distributions[model].quantiles[:, column], out.event_threshold)
    known = np.isfinite(came) & np.isfinite(probability)
    event = came[known] ** 2 > out.event_threshold[known]
    order = np.array_split(np.argsort(probability[known], kind="stable"), _RELIABILITY_BINS)
    filled = [part for part in order if part.size]
    return ReliabilityCurve(
        model,
        np.array([probability[known][part].mean() for part in filled]),
        np.array([event[part].mean() for part in filled]),
    )


def entity_mean(out: OutOfSample, loss: FloatArray) -> float:
    """Mean over entities of each entity's mean loss; unknown targets (NaN) are left out."""
    entity = out.samples.entity[out.rows]
    means = [np.nanmean(loss[entity == number]) for number in np.unique(entity)]
    return float(np.mean(means))


def near_qlike(out: OutOfSample, model: str) -> FloatArray:
    """QLIKE of a model at the shortest horizon, at every scored row, shape [n_scored]."""
    return losses(out, model, "qlike", min(out.samples.horizons))


def seed_spread(out: OutOfSample, network: str) -> SeedSpread:
    """QLIKE at the shortest horizon of every seed of a network and of the ensemble of them."""
    column = nearest_column(out)
    realised = out.samples.target[out.rows, column]
    seeds = [entity_mean(out, qlike(realised, np.exp(member[:, column]))) for member in out.members[network]]
    return SeedSpread(network, np.asarray(seeds), entity_mean(out, near_qlike(out, network)))


def loss_path(out: OutOfSample, candidate: str, opponent: str) -> LossPath:
    """QLIKE of a candidate less an opponent's, mean over the entities of each day."""
    difference = near_qlike(out, candidate) - near_qlike(out, opponent)
    known = np.isfinite(difference)
    days = out.samples.time[out.rows][known]
    sums = _by_day(days, np.stack([difference[known], np.ones(int(known.sum()))], axis=1))
    return LossPath(candidate, opponent, np.unique(days), sums[:, 0] / sums[:, 1])
