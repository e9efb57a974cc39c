"""Losses of densities of levels, origin by origin and series by series."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.forecast import LEVELS
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelRecord
from barograph.measures.distributions import pit_from_quantiles
from barograph.measures.scores import crps_from_quantiles

_SCORED: WeakKeyDictionary[PanelRecord, dict[tuple[str, int], FloatArray]] = WeakKeyDictionary()

COVERAGE = {"coverage_80": (0.1, 0.9), "coverage_95": (0.025, 0.975)}
"""Metric -> the levels of its central interval."""


def losses(record: PanelRecord, model: str, metric: str, place: int) -> FloatArray:
    """Loss ``[n_scored, E]`` of a model at the horizon of a column; NaN where outcome or forecast is missing.

    All are on the work scale: `squared_error` and `absolute_error` of the centre, `crps` of the density;
    `coverage_80` and `coverage_95` are 1 where the central interval held the outcome.
    """
    came, told = record.outcome[:, :, place], record.forecasts[model]
    if metric == "squared_error":
        return np.asarray((came - told.mean[:, :, place]) ** 2)
    if metric == "absolute_error":
        return np.asarray(np.abs(came - told.mean[:, :, place]))
    if metric == "crps":
        return _crps(record, model, place)
    quantiles = told.quantiles(place)
    lower, upper = (quantiles[:, :, LEVELS.index(level)] for level in COVERAGE[metric])
    inside = ((came >= lower) & (came <= upper)).astype(np.float64)
    return np.where(np.isfinite(came) & np.isfinite(lower), inside, np.nan)


def _crps(record: PanelRecord, model: str, place: int) -> FloatArray:
    """CRPS ``[n_scored, E]``, worked out once for a record: many tests ask for it."""
    known = _SCORED.setdefault(record, {})
    if (model, place) not in known:
        came = record.outcome[:, :, place]
        quantiles = record.forecasts[model].quantiles(place).reshape(-1, len(LEVELS))
        scored = crps_from_quantiles(came.ravel(), quantiles, LEVELS).reshape(came.shape)
        scored.setflags(write=False)
        known[model, place] = scored
    return known[model, place]


def pits(record: PanelRecord, model: str, place: int) -> FloatArray:
    """Probability integral transforms ``[n_scored, E]``."""
    came = record.outcome[:, :, place]
    quantiles = record.forecasts[model].quantiles(place).reshape(-1, len(LEVELS))
    return np.asarray(pit_from_quantiles(came.ravel(), quantiles, np.asarray(LEVELS)).reshape(came.shape))


def blocks(record: PanelRecord, study: PanelStudy) -> dict[str, BoolArray]:
    """Scored origins of all, and of development and confirmation where there are both, ``[n_scored]``."""
    time = record.samples.time[record.rows]
    everything = np.ones(time.size, dtype=np.bool_)
    until = study.evaluate.development_until
    chose = time <= np.datetime64(until, "D") if until else ~everything
    if chose.all() or not chose.any():
        return {"all": everything}
    return {"all": everything, "development": chose, "confirmation": ~chose}


def headline_of(record: PanelRecord, study: PanelStudy) -> int:
    """The horizon of the verdict."""
    return study.evaluate.headline or record.samples.horizons[-1]
