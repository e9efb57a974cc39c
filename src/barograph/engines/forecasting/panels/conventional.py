"""Conventional models through time: refitted at every cut, on values known there alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_panels import PanelScaleParameters
from barograph.core.fitted_value import FittedValue
from barograph.core.panel_study import Frequency, PanelStudy
from barograph.core.panel_table import PanelSamples
from barograph.engines.forecasting.panels.plan import PanelPlan
from barograph.measures.panels.forecast import mean_of, rows_with_context
from barograph.measures.panels.moves import innovations
from barograph.measures.panels.spread import garch_deviation
from barograph.models.baselines.panels import Past, panel_baseline

LAGS: dict[Frequency, int] = {"days": 5, "months": 12, "quarters": 8}
"""Most lags of an autoregression."""


@dataclass(frozen=True, slots=True, eq=False)
class ConventionalRun:
    """A baseline's forecasts at every origin, and its fitted values at the refit.

    Origins before the first cut have the forecasts of the first cut's fit: corrections learn from them, and
    nothing is scored there.
    """

    mean: FloatArray  # [T, E, H]
    deviation: FloatArray  # [T, E, H]
    last: FittedValue
    scale: PanelScaleParameters | None


def past_at(samples: PanelSamples, study: PanelStudy, origin: int) -> Past:
    """What conventional models may be fitted on at an origin."""
    return Past.of(samples, origin, lags=LAGS[samples.frequency], factor_decay=study.prepare.factor_decay)


def run_conventional(key: str, samples: PanelSamples, plan: PanelPlan, study: PanelStudy) -> ConventionalRun:
    """Fit a baseline at every cut and let it forecast up to the next."""
    model = panel_baseline(key)
    mean, deviation = np.full(samples.outcome.shape, np.nan), samples.deviation.copy()
    for fold in plan.tests:
        past = past_at(samples, study, fold.cut)
        rows = np.arange(0 if fold.number == 0 else fold.cut, fold.test[-1] + 1)
        mean[rows] = said(samples, model.fit(past), rows)
        if model.scale:
            deviation[rows] = deviated(samples, model.scale(past), rows)
    past = past_at(samples, study, plan.folds[-1].cut)
    return ConventionalRun(mean, deviation, model.fit(past), model.scale(past) if model.scale else None)


def said(samples: PanelSamples, fitted: FittedValue, rows: IntArray) -> FloatArray:
    """Forecasts ``[n, E, H]`` at consecutive origins."""
    window, places = rows_with_context(rows)
    return mean_of(fitted, samples.known[window], samples.orders, samples.steps)[places]


def deviated(samples: PanelSamples, scale: PanelScaleParameters, rows: IntArray) -> FloatArray:
    """GARCH deviations ``[n, E, H]`` at some origins; the moving ones of series too young for a GARCH."""
    moves = np.where(samples.fresh, innovations(samples.known, samples.orders), np.nan)
    found = garch_deviation(scale, moves[: int(rows[-1]) + 1], samples.orders, samples.steps)[rows]
    return np.where(np.isfinite(found), found, samples.deviation[rows])


def usable_baselines(samples: PanelSamples, keys: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Baselines that a panel has the series for, and those it has not."""
    groups: dict[str, list[float | None]] = {}
    for one in samples.series:
        groups.setdefault(one.group, []).append(one.tenor)
    largest = max(len(tenors) for tenors in groups.values())
    curve = max(sum(tenor is not None for tenor in tenors) for tenors in groups.values())
    fit = [
        key
        for key in keys
        if (curve if panel_baseline(key).curves else largest) >= panel_baseline(key).least_series
    ]
    return tuple(fit), tuple(key for key in keys if key not in fit)
