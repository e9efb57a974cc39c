"""Which rows each fold trains on, looks back at for its tails, and is scored on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, IntArray
from barograph.core.errors import DataError
from barograph.core.records import Fold, Samples
from barograph.core.study import Study
from barograph.evaluate import plan

LEAST_FIT, LEAST_VALIDATION = 500, 50
"""Rows of all entities that the first fold's networks must have to fit on and to stop by."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldRows:
    """Row numbers of one fold; `fit` and `validation` are disjoint, with an embargo between them."""

    fold: Fold
    fit: IntArray
    validation: IntArray
    tail: IntArray  # the last training rows of each entity, whose residuals make the tails
    test: IntArray  # scored rows; empty for the refit on all data
    latest: IntArray  # the newest row of each entity, for the refit only: what the bundle must reproduce

    @property
    def training(self) -> IntArray:
        """Every row whose targets were known at the cut."""
        return np.concatenate([self.fit, self.validation])

    @property
    def needed(self) -> IntArray:
        """Rows on which every candidate must forecast: tail, then test, then latest."""
        return np.concatenate([self.tail, self.test, self.latest])


def refit_fold(samples: Samples, number: int) -> Fold:
    """The fold that is never scored: trained on everything up to the snapshot's end."""
    last = samples.time.max()
    after = last + np.timedelta64(1, "D")
    return Fold(number=number, cut=last, test_since=after, test_until=after)


def planned_rows(samples: Samples, study: Study, *, least_days: int = plan.LEAST_DAYS) -> list[FoldRows]:
    """The rows of every fold of the walk-forward plan, and last those of the refit that is never scored.

    Raises
    ------
    DataError
        Where the plan cannot be laid out or its first training window is too short to learn from.
    """
    scored = plan.walk_forward(
        samples,
        study.evaluate,
        refit_every=study.train.refit_every,
        least_days=least_days,
        least_history=study.train.join_days,
    )
    folds = rows_of_folds(samples, [*scored, refit_fold(samples, len(scored))], study)
    fit, validation = folds[0].fit.size, folds[0].validation.size
    if fit < LEAST_FIT or validation < LEAST_VALIDATION:
        raise DataError(
            f"the first training window needs {LEAST_FIT} rows to fit on and {LEAST_VALIDATION} to stop by",
            came=f"it holds {fit} and {validation}",
            do="Start the test block later (--set evaluate.test_since=YYYY-MM-DD) or give a longer history",
        )
    return folds


def rows_of_folds(samples: Samples, folds: Sequence[Fold], study: Study) -> list[FoldRows]:
    """The rows of every fold of the plan, the unscored refit included."""
    return [_rows(samples, fold, study) for fold in folds]


def _rows(samples: Samples, fold: Fold, study: Study) -> FoldRows:
    fit, validation = plan.split_validation(
        samples, fold, validation_days=study.train.validation_days, embargo=max(study.prepare.horizons)
    )
    joined = _entities_with_history(samples, fold, study.train.join_days)
    fit, validation = (rows[joined[samples.entity[rows]]] for rows in (fit, validation))
    training = np.sort(np.concatenate([fit, validation]))
    tail = [
        training[samples.entity[training] == entity][-study.train.tail_days :]
        for entity in range(len(samples.entities))
    ]
    test = plan.scored_rows(samples, fold, study.evaluate, least_history=study.train.join_days)
    test = test[joined[samples.entity[test]]]
    latest = _newest(samples, joined) if fold.cut == samples.time.max() else test[:0]
    return FoldRows(fold, fit, validation, np.concatenate(tail), test, latest)


def _entities_with_history(samples: Samples, fold: Fold, least: int) -> BoolArray:
    known = samples.time <= fold.cut
    counts = np.bincount(samples.entity[known], minlength=len(samples.entities))
    return counts >= least


def _newest(samples: Samples, joined: BoolArray) -> IntArray:
    last = np.flatnonzero(np.diff(samples.entity, append=-1))
    return last[samples.admissible[last] & joined[samples.entity[last]]].astype(np.int64)
