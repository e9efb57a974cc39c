"""Linear models through time: refitted at every origin, judged by errors they could have seen there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.core.level_study import LevelTrainSection
from barograph.core.level_table import Gaussians, LevelSamples
from barograph.measures.levels import linear_mean
from barograph.models.baselines.levels.catalogue import LevelModel
from barograph.models.baselines.levels.known import Known


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A linear model's forecasts at every origin, and its parameters at the last one."""

    forecasts: Gaussians  # [n, H] each row made with what was known at its origin
    last: LevelLinearParameters


def known_at(samples: LevelSamples, origin: int, limit: float) -> Known:
    """What may be fitted on at an origin."""
    until = slice(0, origin + 1)
    return Known(
        inputs=samples.inputs[until],
        outcome=samples.known_by(origin)[until],
        names=samples.names,
        lags=samples.lags,
        anchor=samples.anchor,
        limit=limit,
    )


def through_time(model: LevelModel, samples: LevelSamples, train: LevelTrainSection, *, limit: float) -> Path:
    """Forecasts of a model at every origin from the first usable one.

    At each origin the model is fitted for every penalty on the outcomes known by then. Each horizon uses the
    penalty whose own past forecasts had the smallest mean square among the errors known by then; a `cautious`
    model the largest penalty within one standard error of that (Breiman et al. 1984, section 3.4.3). While
    fewer than `least_errors` are known it is the largest of all. The deviation of a forecast is the root
    mean square of the errors, known by then, of the forecasts that were so made; NaN while there are too few.
    """
    penalties = train.penalties if model.tuning != "none" else (0.0,)
    n, n_horizons = samples.outcome.shape
    tried = np.full((len(penalties), n, n_horizons), np.nan)
    mean, deviation = np.full((n, n_horizons), np.nan), np.full((n, n_horizons), np.nan)
    fits: list[LevelLinearParameters] = []
    chosen = np.full(n_horizons, len(penalties) - 1)
    for origin in range(samples.first, n):
        known = known_at(samples, origin, limit)
        fits = [model.fit(known, penalty) for penalty in penalties]
        for place, fit in enumerate(fits):
            tried[place, origin] = linear_mean(fit, samples.inputs[origin : origin + 1])[0]
        came = samples.known_by(origin)
        chosen = _chosen(tried, came, least=train.least_errors, cautious=model.tuning == "cautious")
        mean[origin] = tried[chosen, origin, np.arange(n_horizons)]
        deviation[origin] = _deviation(came - mean, least=train.least_errors)
    return Path(Gaussians(mean, deviation), _joined(fits, chosen, deviation[-1]))


def _chosen(tried: FloatArray, came: FloatArray, *, least: int, cautious: bool) -> IntArray:
    """Position of the penalty of each horizon, [H]; the penalties ascend."""
    square = (came - tried) ** 2  # [penalties, n, H]
    count = np.isfinite(square).sum(axis=1)
    mean = np.nansum(square, axis=1) / np.maximum(count, 1)
    spread = np.sqrt(np.nansum((square - mean[:, None]) ** 2, axis=1)) / np.maximum(count, 1)
    columns = np.arange(mean.shape[1])
    best = mean.argmin(axis=0)
    bound = mean[best, columns] + (spread[best, columns] if cautious else 0.0)
    largest = tried.shape[0] - 1 - (mean <= bound)[::-1].argmax(axis=0)
    return np.asarray(np.where(count[0] >= least, largest, tried.shape[0] - 1), dtype=np.int64)


def _deviation(errors: FloatArray, *, least: int) -> FloatArray:
    """Root mean square of the known errors of each horizon, [H]; NaN where they are too few."""
    count = np.isfinite(errors).sum(axis=0)
    root = np.sqrt(np.nansum(errors**2, axis=0) / np.maximum(count, 1))
    return np.where((count >= least) & (root > 0.0), root, np.nan)


def _joined(
    fits: list[LevelLinearParameters],
    chosen: IntArray,
    deviation: FloatArray,
) -> LevelLinearParameters:
    """The parameters in force at the last origin: each horizon's row from its own penalty."""
    rows: dict[str, Any] = {
        name: np.stack([getattr(fits[place], name)[horizon] for horizon, place in enumerate(chosen)])
        for name in ("center", "spread", "intercept", "coefficients")
    }
    return replace(fits[0], **rows, deviation=deviation)
