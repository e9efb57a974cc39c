"""The walk-forward plan by period: which origins are scored, and what each fold's networks may learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.errors import DataError
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import LevelSamples

LEAST_SHARE = 0.40
"""Share of the periods that must be scored at the headline horizon."""
DEFAULT_SHARE = 0.45
LEAST_PERIODS = 40
"""Known values a series needs before a walk-forward can say anything."""
LEAST_TRAINING = 8
"""Rows to fit on, below which networks are not trained."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelFold:
    """One refit of the networks. Rows are origins; every outcome of a training row was known at `cut`."""

    number: int
    cut: int
    fit: IntArray  # their outcomes were known before the first validation origin
    validation: IntArray
    test: IntArray  # cut and the origins after it, up to the next refit; empty for the refit


def planned_folds(samples: LevelSamples, study: LevelStudy) -> tuple[LevelFold, ...]:
    """The scored folds, and last the refit on everything known at the last origin.

    Raises
    ------
    DataError
        Too little is scored, or there is too little to learn from before the first scored origin.
    """
    _check_series(samples)
    first = _first_origin(samples, study)
    step = study.train.refit_every
    starts = range(first, samples.n, step)
    folds = [
        _fold(samples, study, number, cut, np.arange(cut, min(cut + step, samples.n)))
        for number, cut in enumerate(starts)
    ]
    return (*folds, _fold(samples, study, len(folds), samples.n - 1, np.empty(0, dtype=np.int64)))


def _fold(samples: LevelSamples, study: LevelStudy, number: int, cut: int, test: IntArray) -> LevelFold:
    known = np.isfinite(samples.known_by(cut)).all(axis=1)
    training = np.flatnonzero(known & (np.arange(samples.n) >= samples.first))
    held = max(2, round(study.train.validation_share * training.size))
    validation = training[-held:]
    reach = max(samples.horizons) + samples.delay  # periods until a row's last outcome is known
    fit = training[training + reach < validation[0]] if validation.size else training
    if fit.size < LEAST_TRAINING:
        raise DataError(
            f"networks need at least {LEAST_TRAINING} origins to fit on before the first scored one, with "
            f"{reach} periods between them and validation",
            came=f"there are {fit.size} at {samples.time[cut]}",
            do="Set evaluate.test_since later, give more history, or lower prepare.window",
        )
    return LevelFold(number, cut, fit.astype(np.int64), validation.astype(np.int64), test.astype(np.int64))


def _check_series(samples: LevelSamples) -> None:
    known = samples.rate[np.isfinite(samples.rate)]
    if known.size < LEAST_PERIODS:
        raise DataError(
            f"a series must have at least {LEAST_PERIODS} known values",
            came=f"it has {known.size}",
            do="Give more history: fewer periods would prove nothing",
        )
    if np.unique(known).size < 3:
        raise DataError(
            "a series must vary",
            came=f"it takes {np.unique(known).size} value(s)",
            do="Choose another target",
        )


def _first_origin(samples: LevelSamples, study: LevelStudy) -> int:
    headline = samples.horizons.index(study.evaluate.headline)
    scored = np.flatnonzero(np.isfinite(samples.outcome[:, headline]))
    if study.evaluate.test_since:
        since = np.datetime64(study.evaluate.test_since, "D")
        first = int(np.searchsorted(samples.time, since))
    else:
        first = int(scored[-1] + 1 - np.ceil(DEFAULT_SHARE * samples.n)) if scored.size else samples.n
    count = int((scored >= max(first, 0)).sum())
    if first <= samples.first or count < LEAST_SHARE * samples.n:
        raise DataError(
            f"at least {LEAST_SHARE:.0%} of the periods must be scored, with history before them",
            came=f"{count} of {samples.n} would be, and inputs are complete from period {samples.first + 1}",
            do="Change evaluate.test_since, or give more history",
        )
    return first
