"""The walk-forward plan: which days are scored, by models fitted on what.

Days are counted on the union calendar, all days on which any entity traded. The origin is the end of a day,
so the models of a block of origins may know everything up to the last day before the block, its `cut`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import DateArray, IntArray
from barograph.core.errors import DataError, SettingError
from barograph.core.records import Fold, Samples
from barograph.core.study import EvaluateSection

LEAST_DAYS = 1000
"""Scored days of an entity that suffice however long its history."""

LEAST_SHARE = 0.4
"""Share of an entity's history that, if scored, suffices however short."""

DEFAULT_SHARE = 0.45
"""Share of the union calendar that is scored where no first day is set."""

LEAST_HISTORY = 250
"""Days an entity must have behind it at a fold's cut to be scored in that fold: a trading year."""


def walk_forward(
    samples: Samples,
    section: EvaluateSection,
    *,
    refit_every: int,
    least_days: int = LEAST_DAYS,
    least_history: int = LEAST_HISTORY,
) -> tuple[Fold, ...]:
    """Folds from the first day that any entity scores to the last day of the samples.

    Parameters
    ----------
    samples : Samples
    section : EvaluateSection
        `test_since`, and `test_since_of` for single entities; names that the samples lack are passed over.
    refit_every : int
        Union-calendar days in a test block; the last block may be shorter.
    least_days : int
        Scored days required of every entity, unless 40 % of its history are.
    least_history : int
        As in `scored_rows`.

    Returns
    -------
    tuple of Fold
        Adjoining blocks, numbered from 0; the cut of each is the last union-calendar day before it.

    Raises
    ------
    DataError
        If nothing is scored, nothing can be learnt before the first block, or an entity has too few scored
        days.
    """
    _at_least_one("refit_every", refit_every)
    calendar = np.unique(samples.time)
    since = _since(samples, section).min()
    first = int(np.searchsorted(calendar, since))
    if first == 0 or first == calendar.shape[0]:
        raise DataError(
            "the first scored day must lie inside the sample, with days before it to learn from",
            came=f"the sample runs from {calendar[0]} to {calendar[-1]}, test_since is {since}",
            do="Set evaluate.test_since to a day inside the sample",
        )
    starts = range(first, calendar.shape[0], refit_every)
    folds = tuple(
        Fold(number, calendar[at - 1], calendar[at], calendar[min(at + refit_every, calendar.shape[0]) - 1])
        for number, at in enumerate(starts)
    )
    _check_training(samples, folds[0])
    scored = [scored_rows(samples, fold, section, least_history=least_history) for fold in folds]
    _check_scored(samples, np.concatenate(scored), least_days)
    return folds


def scored_rows(
    samples: Samples, fold: Fold, section: EvaluateSection, *, least_history: int = LEAST_HISTORY
) -> IntArray:
    """The fold's test rows that count: on or after the entity's own first day, with history at the cut.

    Rows whose target is not known yet are among them; they have a forecast and, at that horizon, no score.

    Parameters
    ----------
    samples : Samples
    fold : Fold
    section : EvaluateSection
    least_history : int
        Rows the entity must have at or before the cut.

    Returns
    -------
    array [n_scored]
        Row numbers, grouped by entity, ascending in time.
    """
    rows = fold.test_rows(samples)
    entity = samples.entity[rows]
    at_cut = np.bincount(samples.entity[samples.time <= fold.cut], minlength=len(samples.entities))
    keep = (samples.time[rows] >= _since(samples, section)[entity]) & (at_cut[entity] >= least_history)
    return np.asarray(rows[keep])


def split_validation(
    samples: Samples, fold: Fold, *, validation_days: int, embargo: int
) -> tuple[IntArray, IntArray]:
    """Part the fold's training rows in time order: rows to fit on, then rows to stop and choose by.

    Validation holds the origins of the last `validation_days` days. Rows to fit on are those whose every
    target was known before the first of them, and whose origin lies at least `embargo` union-calendar days
    before it.

    Parameters
    ----------
    samples : Samples
    fold : Fold
    validation_days : int
        Distinct origin days.
    embargo : int
        The longest horizon. On one common calendar the targets alone already require it.

    Returns
    -------
    (array [n_fit], array [n_validation])
        Row numbers, grouped by entity, ascending in time.

    Raises
    ------
    DataError
        If the training window is too short to leave anything to fit on.
    """
    _at_least_one("validation_days", validation_days)
    training = fold.training_rows(samples)
    days = np.unique(samples.time[training])
    since = days[-validation_days] if days.shape[0] >= validation_days else samples.time.min()
    calendar = np.unique(samples.time)
    place = int(np.searchsorted(calendar, since)) - embargo
    early = samples.time[training] <= calendar[max(place, 0)]
    known = samples.known_at[training].max(axis=1) < since
    fit = training[known & early]
    if fit.size == 0 or place < 0:
        raise DataError(
            f"a training window must be longer than {validation_days} validation days and {embargo} between",
            came=f"the one until {fold.cut} has {days.shape[0]} days",
            do="Set evaluate.test_since later or train.validation_days smaller, or give more history",
        )
    return fit, training[samples.time[training] >= since]


def refit_days(samples: Samples, folds: Sequence[Fold], *, every: int) -> DateArray:
    """Days at whose end the baselines are refitted: every fold's cut, and every so many days of its block.

    So they are fitted at least as often as the networks, whatever the two numbers.

    Parameters
    ----------
    samples : Samples
    folds : sequence of Fold
        As `walk_forward` gives them; one without a test block adds its cut.
    every : int
        Union-calendar days between refits inside a block.

    Returns
    -------
    array [n_refits] of datetime64[D]
        Ascending. The refit that serves an origin is the last one before its day.
    """
    _at_least_one("train.baseline_refit_every", every)
    calendar = np.unique(samples.time)
    days: list[np.datetime64] = []
    for fold in folds:
        block = calendar[(calendar >= fold.test_since) & (calendar <= fold.test_until)]
        days.append(fold.cut)
        days.extend(block[every - 1 : -1 : every])
    return np.unique(np.array(days, dtype="datetime64[D]"))


def _since(samples: Samples, section: EvaluateSection) -> DateArray:
    """First scored day of each entity, [n_entities]."""
    calendar = np.unique(samples.time)
    usual = section.test_since or str(calendar[-int(np.ceil(DEFAULT_SHARE * calendar.shape[0]))])
    days = [section.test_since_of.get(entity, usual) for entity in samples.entities]
    try:
        return np.array(days, dtype="datetime64[D]")
    except ValueError as error:
        raise SettingError(
            "evaluate.test_since and evaluate.test_since_of must be ISO days",
            came=f"got {', '.join(sorted(set(days)))}",
            do="Write them like 2015-01-01",
        ) from error


def _check_training(samples: Samples, fold: Fold) -> None:
    if fold.training_rows(samples).size == 0:
        days = int((np.unique(samples.time) <= fold.cut).sum())
        raise DataError(
            "the first fold must have rows to learn from, with full windows and known targets",
            came=f"there are {days} days until {fold.cut}, and none of their rows qualifies",
            do="Set evaluate.test_since later or give more history",
        )


def _check_scored(samples: Samples, scored: IntArray, least_days: int) -> None:
    """Every entity must be scored on enough days."""
    have = np.bincount(samples.entity[scored], minlength=len(samples.entities))
    total = np.bincount(samples.entity, minlength=len(samples.entities))
    need = np.minimum(least_days, np.ceil(LEAST_SHARE * total)).astype(np.int64)
    short = np.flatnonzero((have < need) | (have == 0))
    if short.size:
        worst = int(short[0])
        raise DataError(
            f"every series must be scored on at least {max(int(need[worst]), 1)} days"
            f" ({LEAST_SHARE:.0%} of its history, or {least_days} days)",
            came=f"'{samples.entities[worst]}' has {have[worst]} of {total[worst]} days scored"
            + (f", and {short.size - 1} further series too few" if short.size > 1 else ""),
            do="Set evaluate.test_since earlier, give more history, or leave the series out",
        )


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise SettingError(f"{name} must be at least 1 day", came=f"got {value}", do="Give a number of days")
