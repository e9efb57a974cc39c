"""The walk-forward plan by year: which years are held out, and what may be learnt before each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.errors import DataError
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import PARTS, LedgerPart, LedgerSamples, Part
from barograph.prepare.ledgers import first_monday

DEFAULT_SHARE = 0.45
LEAST_SHARE = 0.40
"""Share of the years that must be held out."""
LEAST_TRAINING_YEARS = 2
LEAST_ROWS = 40
"""Weeks, and losses, to fit on before the first held-out year."""
LEAST_HELD_OUT = 30
"""Losses to judge by."""


@dataclass(frozen=True, slots=True, eq=False)
class PartRows:
    """Rows of one part of the ledger in one fold."""

    fit: IntArray
    validation: IntArray  # the last of the training rows
    test: IntArray  # empty for the refit

    @property
    def training(self) -> IntArray:
        """What conventional models are fitted on."""
        return np.concatenate([self.fit, self.validation])


@dataclass(frozen=True, slots=True, eq=False)
class LedgerFold:
    """One refit of everything; training rows begin before `cut` and are over by then."""

    number: int
    year: int  # held out; 0 for the refit
    cut: np.datetime64  # first Monday of the year; for the refit, the day after the records
    parts: dict[Part, PartRows]


def planned_years(samples: LedgerSamples, study: LedgerStudy) -> tuple[LedgerFold, ...]:
    """The held-out years, and last the refit on everything.

    Raises
    ------
    DataError
        Too little is held out, or there is too little to learn from before it.
    """
    share = study.train.validation_share
    years = _held_out(samples, study)
    cuts = [first_monday(year) for year in years]
    end = samples.ledger.until + 1
    folds = []
    for number, (year, cut) in enumerate(zip(years, cuts, strict=True)):
        until = cuts[number + 1] if number + 1 < len(cuts) else end
        rows = {name: _rows(samples.part(name), cut, until, share, name) for name in PARTS}
        folds.append(LedgerFold(number, year, cut, rows))
    judged = sum(fold.parts["severities"].test.size for fold in folds)
    if judged < LEAST_HELD_OUT:
        raise DataError(
            f"the held-out years must hold at least {LEAST_HELD_OUT} losses",
            came=f"{years[0]} and after hold {judged}",
            do="Set evaluate.test_since earlier, or give a longer history",
        )
    last = {name: _rows(samples.part(name), end, end, share, name) for name in PARTS}
    return (*folds, LedgerFold(len(folds), 0, end, last))


def _held_out(samples: LedgerSamples, study: LedgerStudy) -> list[int]:
    complete = sorted(samples.ledger.years())
    known = study.evaluate.test_since
    first = known if known is not None else complete[-max(2, int(np.ceil(DEFAULT_SHARE * len(complete))))]
    held = [year for year in complete if year >= first]
    if len(held) < LEAST_SHARE * len(complete) or first - complete[0] < LEAST_TRAINING_YEARS:
        raise DataError(
            f"at least {LEAST_SHARE:.0%} of the complete years must be held out, with "
            f"{LEAST_TRAINING_YEARS} years before them",
            came=f"{len(held)} of {len(complete)} would be, from {first} on",
            do="Change evaluate.test_since, or give a longer history",
        )
    return held


def _rows(part: LedgerPart, cut: np.datetime64, until: np.datetime64, share: float, name: Part) -> PartRows:
    # a week that begins before a Monday is over by then; a loss of an earlier day is known
    training = np.flatnonzero(part.time < cut)
    if training.size < LEAST_ROWS:
        raise DataError(
            f"at least {LEAST_ROWS} {'weeks' if name == 'counts' else 'losses'} are needed to fit on",
            came=f"there are {training.size} before {cut}",
            do="Set evaluate.test_since later, or give a longer history",
        )
    held = max(8, round(share * training.size))
    test = np.flatnonzero((part.time >= cut) & (part.time < until))
    return PartRows(training[:-held], training[-held:], test)
