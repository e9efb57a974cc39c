"""What else a panel's forecasts show: calibration, direction, steadiness, errors by horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.panel_table import PanelRecord
from barograph.core.results import TestResult
from barograph.evaluate.panels.losses import losses, pits
from barograph.measures.backtests.berkowitz import berkowitz
from barograph.measures.comparison.fluctuation import fluctuation
from barograph.measures.comparison.long_run import automatic_lags
from barograph.measures.comparison.multiple import holm
from barograph.measures.comparison.pesaran_timmermann import pesaran_timmermann

LEAST_SCORES = 20
"""Outcomes that do not overlap which a Berkowitz test is worth something on."""
TOLERANCE = 0.005
"""By so much of itself an error may fall from one horizon to the next before the report says so."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Berkowitz tests of a model's densities on outcomes that do not overlap, at one horizon."""

    model: str
    horizon: int
    series: int  # tested
    passed: int  # not rejected after Holm at 5 %
    smallest: float  # p-value after Holm
    outcomes: int  # of a series, about


@dataclass(frozen=True, slots=True)
class Direction:
    """How well the sign of a change was forecast at one horizon, all series together."""

    model: str
    horizon: int
    n_obs: int
    accuracy: float
    precision: float  # of forecast rises, the share that came
    recall: float  # of rises that came, the share that was forecast
    rises: float  # share of changes that were rises
    series: int  # tested by Pesaran-Timmermann
    significant: int  # after Holm at 5 %


@dataclass(frozen=True, slots=True, eq=False)
class Steadiness:
    """The fluctuation test of a model against an opponent at one horizon; below zero favours the model."""

    model: str
    opponent: str
    horizon: int
    time: DateArray  # [n] last origin of each window
    path: FloatArray  # [n]
    critical: float
    rejected: bool
    note: str


def calibrated(record: PanelRecord, model: str, place: int) -> Calibrated:
    """Each series' Berkowitz test, every so many-th origin that outcomes do not overlap; then Holm."""
    place_of = pits(record, model, place)
    results: list[TestResult] = []
    sizes = []
    for e in range(place_of.shape[1]):
        scores = ndtri(place_of[:: int(record.samples.steps[e, place]), e])
        scores = scores[np.isfinite(scores)]
        if scores.size >= LEAST_SCORES:
            results.append(berkowitz(scores))
            sizes.append(scores.size)
    adjusted = holm(np.array([one.p_value for one in results]))
    known = adjusted[np.isfinite(adjusted)]
    return Calibrated(
        model,
        record.samples.horizons[place],
        int(known.size),
        int((known >= 0.05).sum()),
        float(known.min()) if known.size else float("nan"),
        int(np.median(sizes)) if sizes else 0,
    )


def direction(record: PanelRecord, model: str, place: int) -> Direction:
    """Signs of changes from the anchor; changes and forecasts of exactly zero are left out."""
    anchor = record.samples.anchor[record.rows, :, place]
    came = record.outcome[:, :, place] - anchor
    said = record.forecasts[model].mean[:, :, place] - anchor
    moved = np.isfinite(came) & np.isfinite(said) & (came != 0.0) & (said != 0.0)
    up, call = came[moved] > 0.0, said[moved] > 0.0
    tests = [
        pesaran_timmermann(
            came[moved[:, e], e],
            said[moved[:, e], e],
            lags=automatic_lags(max(int(moved[:, e].sum()), 1), horizon=int(record.samples.steps[e, place])),
        )
        for e in range(came.shape[1])
        if moved[:, e].any()
    ]
    adjusted = holm(np.array([one.p_value for one in tests])) if tests else np.empty(0)
    known = adjusted[np.isfinite(adjusted)]
    return Direction(
        model,
        record.samples.horizons[place],
        int(up.size),
        _share((up == call), np.ones(up.size, dtype=np.bool_)),
        _share(up, call),
        _share(call, up),
        float(up.mean()) if up.size else float("nan"),
        int(known.size),
        int((known < 0.05).sum()),
    )


def _share(
    what: FloatArray | np.ndarray[tuple[int], np.dtype[np.bool_]],
    among: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> float:
    return float(np.asarray(what, dtype=np.float64)[among].mean()) if among.any() else float("nan")


def steadiness(record: PanelRecord, model: str, opponent: str, place: int) -> Steadiness:
    """Giacomini-Rossi on the mean over series of squared errors, each series' in units of the opponent's."""
    own, other = (losses(record, name, "squared_error", place) for name in (model, opponent))
    both = np.isfinite(own + other)
    mean = np.where(both, other, 0.0).sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    usable = both & (mean > 0.0)
    scaled = np.where(usable, (own - other) / np.where(mean > 0.0, mean, 1.0), 0.0)
    count = usable.sum(axis=1)
    difference = np.where(count > 0, scaled.sum(axis=1) / np.maximum(count, 1), np.nan)
    lags = automatic_lags(max(int((count > 0).sum()), 1), horizon=int(record.samples.steps[:, place].max()))
    found = fluctuation(difference, lags=lags)
    return Steadiness(
        model,
        opponent,
        record.samples.horizons[place],
        record.samples.time[record.rows[found.last]],
        found.path,
        found.critical,
        found.rejected,
        found.note,
    )


def falls(record: PanelRecord, model: str) -> tuple[str, ...]:
    """Series whose root mean squared error is smaller at a longer horizon: a sign of a leak, or of chance."""
    roots = np.stack(
        [
            np.sqrt(_mean_known(losses(record, model, "squared_error", place)))
            for place in range(len(record.samples.horizons))
        ]
    )
    fell = [bool((column[1:] < column[:-1] * (1.0 - TOLERANCE)).any()) for column in roots.T]
    return tuple(one.name for one, down in zip(record.samples.series, fell, strict=True) if down)


def _mean_known(loss: FloatArray) -> FloatArray:
    known = np.isfinite(loss)
    mean = np.where(known, loss, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), mean, np.nan)
