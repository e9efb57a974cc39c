"""The tail wrapper, the same for every candidate: residuals of the training window, then conformal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted import ConformalParameters, GarchParameters, HistoricalParameters, TailParameters
from barograph.core.forecast import ALPHAS, LEVELS, Distribution, joined
from barograph.core.records import Samples
from barograph.core.study import TrainSection
from barograph.engines.forecasting.candidates import Candidate, scored_part, tail_part
from barograph.engines.forecasting.conventional import Conventional
from barograph.engines.forecasting.rows import FoldRows
from barograph.measures import conformal, tails
from barograph.models.baselines.catalogue import BASELINES

CONFORMAL_LIMIT = 2.0
"""A conformal multiplier stays between one half and two."""


@dataclass(frozen=True, slots=True, eq=False)
class TailPlan:
    """What the wrapper needs besides the forecasts."""

    samples: Samples
    folds: tuple[FoldRows, ...]  # those that are scored
    scored: IntArray  # [n_scored] all test rows, ascending
    settings: TrainSection

    def place(self, rows: IntArray) -> IntArray:
        """Positions of rows among the scored ones."""
        return np.searchsorted(self.scored, rows).astype(np.int64)

    @property
    def conformal(self) -> ConformalParameters:
        """The wrapper's multiplier."""
        return ConformalParameters(rate=self.settings.conformal_rate, limit=CONFORMAL_LIMIT)


@dataclass(frozen=True, slots=True, eq=False)
class Wrapped:
    """Distributions on the scored rows, and the quantiles the conformal multiplier was applied to."""

    distribution: Distribution
    lower: FloatArray  # [n_scored, n_horizons] at `conformal.ALPHA`, before the multiplier
    upper: FloatArray  # [n_scored, n_horizons] at 1 - `conformal.ALPHA`


def residual_tails(
    samples: Samples, rows: IntArray, log_variance: FloatArray, *, half_life: float
) -> dict[int, TailParameters]:
    """Tail of every entity from standardised h-day returns on some rows, keyed by entity number.

    At the first horizon an entity's own residuals, the older the lighter. At the others the residuals of all
    entities, equally weighted: h-day returns overlap, so that a thousand of them hold but 1,000/h that are
    independent, too few for the tail of one entity. Of rates only origins count at which they floated.

    Parameters
    ----------
    samples : Samples
    rows : int array [n]
        Rows of the training window, or of the past test blocks.
    log_variance : array [n, n_horizons]
        What the model said of them.
    half_life : float
        Days after which an entity's own residual counts half.
    """
    residuals = samples.target_return[rows] / np.exp(0.5 * log_variance)
    order = np.argsort(samples.time[rows], kind="stable")
    free = order[~samples.held[rows[order]]]
    together = tails.filtered_tail(residuals[free if free.size else order], half_life=None)
    made = {}
    for entity in np.unique(samples.entity[rows]):
        own = tails.filtered_tail(residuals[samples.entity[rows] == entity, :1], half_life=half_life)
        made[int(entity)] = TailParameters(
            np.vstack([own.quantiles, together.quantiles[1:]]),
            np.vstack([own.shortfall, together.shortfall[1:]]),
        )
    return made


def baseline_distribution(
    key: str, candidate: Candidate, conventional: Conventional, plan: TailPlan
) -> Wrapped:
    """A baseline's distributions on the scored rows, with the tail its catalogue entry names."""
    entry = BASELINES[key]
    if entry.tail == "historical":
        return _historical(key, conventional, plan)
    if entry.tail == "filtered":
        return wrapped(candidate, plan)
    per_fold = [_student_tails(entry.variance, rows, conventional) for rows in plan.folds]
    return wrapped(candidate, plan, per_fold)


def wrapped(
    candidate: Candidate, plan: TailPlan, given: Sequence[dict[int, TailParameters]] | None = None
) -> Wrapped:
    """A candidate's distributions on the scored rows.

    Parameters
    ----------
    candidate : Candidate
    plan : TailPlan
    given : sequence of mapping, optional
        Per fold and entity a tail made otherwise (a Student t); without it the residuals make it.
    """
    n, n_horizons = plan.scored.size, len(plan.samples.horizons)
    log_variance = np.full((n, n_horizons), np.nan)
    quantiles = np.full((n, n_horizons, len(LEVELS)), np.nan)
    shortfall = np.full((n, n_horizons, len(ALPHAS)), np.nan)
    for f, rows in enumerate(plan.folds):
        forecast = scored_part(candidate.log_variance[f], rows)
        place = plan.place(rows.test)
        log_variance[place] = forecast
        made = given[f] if given else _residual_tails_of(candidate, f, rows, plan)
        for entity in np.unique(plan.samples.entity[rows.test]):
            mine = np.flatnonzero(plan.samples.entity[rows.test] == entity)
            quantiles[place[mine]] = made[int(entity)].quantiles
            shortfall[place[mine]] = made[int(entity)].shortfall
        if candidate.quantiles is not None:
            quantiles[place] = scored_part(candidate.quantiles[f], rows)
        if candidate.shortfall is not None:
            shortfall[place] = scored_part(candidate.shortfall[f], rows)
    return calibrated(log_variance, quantiles, shortfall, plan)


def calibrated(
    log_variance: FloatArray, quantiles: FloatArray, shortfall: FloatArray, plan: TailPlan
) -> Wrapped:
    """Scale standardised tails by the forecast and by each entity's conformal multiplier."""
    sigma = np.exp(0.5 * log_variance)
    lower = sigma * quantiles[..., LEVELS.index(conformal.ALPHA)]
    upper = sigma * quantiles[..., LEVELS.index(1 - conformal.ALPHA)]
    factors = np.ones((*log_variance.shape, 2))
    entity = plan.samples.entity[plan.scored]
    for number in np.unique(entity):
        mine = entity == number
        factors[mine] = conformal.multipliers(
            plan.conformal,
            lower[mine],
            upper[mine],
            plan.samples.target_return[plan.scored[mine]],
            horizons=plan.samples.horizons,
        )
    distribution = tails.distribution(log_variance, TailParameters(quantiles, shortfall), factors)
    return Wrapped(distribution, lower, upper)


def _residual_tails_of(
    candidate: Candidate, f: int, rows: FoldRows, plan: TailPlan
) -> dict[int, TailParameters]:
    forecast = tail_part(candidate.log_variance[f], rows)
    return residual_tails(plan.samples, rows.tail, forecast, half_life=plan.settings.tail_half_life)


def _student_tails(key: str, rows: FoldRows, conventional: Conventional) -> dict[int, TailParameters]:
    made = {}
    n_horizons = len(conventional.samples.horizons)
    for entity in np.unique(conventional.samples.entity[rows.test]):
        value = conventional.at(key, int(entity), rows.fold.cut)
        if isinstance(value, GarchParameters):
            made[int(entity)] = tails.student_tail(value.degrees_of_freedom, n_horizons)
    return made


def _historical(key: str, conventional: Conventional, plan: TailPlan) -> Wrapped:
    """Historical simulation is left as supervisors know it: no scaling, no multiplier."""
    parts = []
    for entity in np.unique(plan.samples.entity[plan.scored]):
        rows = plan.samples.rows_of(int(entity))
        mine = plan.scored[plan.samples.entity[plan.scored] == entity] - rows.start
        value = conventional.fitted[BASELINES[key].variance][int(entity)][0]
        assert isinstance(value, HistoricalParameters)
        returns = plan.samples.returns[rows]
        parts.append(tails.historical_distribution(returns, plan.samples.horizons, mine, window=value.window))
    whole = joined(parts)
    lower, upper = (whole.quantiles[..., LEVELS.index(p)] for p in (conformal.ALPHA, 1 - conformal.ALPHA))
    return Wrapped(whole, lower, upper)
