"""The walk-forward plan of a panel: when models are refitted, what they learn from, what is scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, IntArray
from barograph.core.errors import DataError
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelSamples

DEFAULT_SHARE = 0.55
"""Share of the periods that is scored where a study names no first day."""
LEAST_SHARE = 0.40
LEAST_SCORED_DAYS = 1000
LEAST_PERIODS = 80
"""Periods a panel needs before a walk-forward can say anything."""
LEAST_ORIGINS = 12
"""Origins to fit on, below which nothing is trained."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelFold:
    """One refit. Periods are origins; every outcome of a training row was known at `cut`."""

    number: int
    cut: int
    fit: (
        IntArray  # rows of the networks' tables; their outcomes were known before the first validation origin
    )
    validation: IntArray  # the same, later
    test: IntArray  # origins from the cut up to the next one; empty for the refit

    def origins(self, n_periods: int, rows: IntArray) -> IntArray:
        """Origins of some rows, each once."""
        return np.unique(rows % n_periods)


@dataclass(frozen=True, slots=True, eq=False)
class PanelPlan:
    """Every refit in order, the last one on everything known at the last origin."""

    folds: tuple[PanelFold, ...]
    first_scored: int

    @property
    def tests(self) -> tuple[PanelFold, ...]:
        """The folds that forecast."""
        return self.folds[:-1]

    @property
    def origins(self) -> IntArray:
        """Every origin that is forecast out of sample, the calibration ones included."""
        return np.concatenate([fold.test for fold in self.tests])


def planned_folds(samples: PanelSamples, study: PanelStudy) -> PanelPlan:
    """Refits every so many months from the calibration's start on, and last the refit.

    Raises
    ------
    DataError
        Too little is scored, or there is too little to learn from before the first scored origin.
    """
    _check_panel(samples)
    usable: BoolArray = samples.admissible
    first = _first_scored(samples, study, usable)
    months = samples.time.astype("datetime64[M]").astype(np.int64)
    every = study.train.refit_months
    known = samples.known_by(first)
    if _learnable(samples, usable, known).sum() < LEAST_ORIGINS:
        raise DataError(
            f"models need at least {LEAST_ORIGINS} origins with known outcomes before the first scored one",
            came=f"there are {_learnable(samples, usable, known).sum()} at {samples.time[first]}",
            do="Set evaluate.test_since later, give more history, or lower prepare.window",
        )
    cuts = [first]
    for back in range(every, study.train.calibration_months + 1, every):
        origin = int(np.searchsorted(months, months[first] - back))
        if origin < cuts[0] and _learnable(samples, usable, samples.known_by(origin)).sum() >= LEAST_ORIGINS:
            cuts.insert(0, origin)
    for forth in range(every, int(months[-1] - months[first]) + 1, every):
        origin = int(np.searchsorted(months, months[first] + forth))
        if cuts[-1] < origin < samples.time.size:
            cuts.append(origin)
    ends = [*cuts[1:], samples.time.size]
    folds = [
        _fold(samples, study, usable, number, cut, np.arange(cut, end))
        for number, (cut, end) in enumerate(zip(cuts, ends, strict=True))
    ]
    last = _fold(samples, study, usable, len(folds), samples.time.size - 1, np.empty(0, dtype=np.int64))
    return PanelPlan((*folds, last), first)


def training(samples: PanelSamples, usable: BoolArray, cut: int) -> BoolArray:
    """Admissible series and origins whose every outcome was known at a cut, ``[T, E]``."""
    known = samples.known_by(cut).all(axis=2)
    return np.asarray(known & usable, dtype=np.bool_)


def _learnable(samples: PanelSamples, usable: BoolArray, known: BoolArray) -> BoolArray:
    """Origins with a series to learn from, ``[T]``."""
    return np.asarray((known.all(axis=2) & usable).any(axis=1), dtype=np.bool_)


def _fold(
    samples: PanelSamples, study: PanelStudy, usable: BoolArray, number: int, cut: int, test: IntArray
) -> PanelFold:
    rows = training(samples, usable, cut)
    origins = np.flatnonzero(rows.any(axis=1))
    held = max(2, round(study.train.validation_share * origins.size))
    first_validation = int(origins[-held])
    reach = int(samples.steps.max())
    period = np.arange(samples.time.size)
    stride = study.train.stride if samples.frequency == "days" else 1
    sparse = (cut - period) % stride == 0
    fit = rows & (sparse & (period + reach <= first_validation))[:, None]
    validation = rows & (sparse & (period >= first_validation))[:, None]
    if not fit.any() or not validation.any():
        raise DataError(
            f"models need origins to fit on that are {reach} periods before those that stop training early",
            came=f"there are none at {samples.time[cut]}",
            do="Give more history, shorter horizons, or a smaller train.stride",
        )
    return PanelFold(number, cut, _rows(fit), _rows(validation), test.astype(np.int64))


def _rows(chosen: BoolArray) -> IntArray:
    """Rows of the networks' tables of series and origins ``[T, E]``."""
    return np.flatnonzero(chosen.T.ravel()).astype(np.int64)


def _check_panel(samples: PanelSamples) -> None:
    known = np.isfinite(samples.known).sum(axis=0)
    if samples.time.size < LEAST_PERIODS or known.max() < LEAST_PERIODS:
        raise DataError(
            f"a panel must have at least {LEAST_PERIODS} periods with values",
            came=f"it has {int(known.max())} of {samples.frequency}",
            do="Give more history: fewer periods would prove nothing",
        )


def _first_scored(samples: PanelSamples, study: PanelStudy, usable: BoolArray) -> int:
    n = samples.time.size
    known = np.isfinite(samples.outcome).any(axis=(1, 2))
    scored: BoolArray = np.asarray(known & usable.any(axis=1), dtype=np.bool_)
    if study.evaluate.test_since:
        first = int(np.searchsorted(samples.time, np.datetime64(study.evaluate.test_since, "D")))
    else:
        first = int(n - np.ceil(DEFAULT_SHARE * n))
    count, started = int(scored[first:].sum()), np.flatnonzero(usable.any(axis=1))
    enough = count >= LEAST_SHARE * n or (samples.frequency == "days" and count >= LEAST_SCORED_DAYS)
    if not started.size or first <= started[0] or not enough:
        raise DataError(
            f"at least {LEAST_SHARE:.0%} of the periods must be scored, with history before them",
            came=f"{count} of {n} would be, and inputs are complete from period "
            f"{int(started[0]) + 1 if started.size else n}",
            do="Change evaluate.test_since, or give more history",
        )
    return first
