"""How many records a fold must have, and the refusal of one that has too few."""

from __future__ import annotations

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.scored import RecordFold
from barograph.core.scoring_study import ScoringStudy

LEAST_ROWS = 100
"""Rows to fit on that every part of a fold must have."""

LEAST_HELD = 40
"""Rows to calibrate on that a fold must have."""

LEAST_CLASS = 20
"""Good and bad records each among both; a loss study has no classes."""


def both_classes(label: FloatArray, study: ScoringStudy, *, least: int) -> bool:
    """Whether labels (none NaN) hold so many good and bad ones; of a loss study, so many at all."""
    bad = int((label == 1.0).sum())
    if study.model.head == "hurdle_beta":
        return label.size >= least
    return min(bad, label.size - bad) >= least


def checked(fold: RecordFold, label: FloatArray, study: ScoringStudy) -> RecordFold:
    """The fold itself, if each of its parts has enough to fit on, and all of it enough to calibrate on.

    Raises
    ------
    DataError
        If not; the message counts what is there.
    """
    for part in fold.parts:
        _check("fit on", fold, part.fit_rows, label, study, least=LEAST_ROWS)
    _check("calibrate on", fold, fold.calibration_rows, label, study, least=LEAST_HELD)
    return fold


def _check(
    purpose: str, fold: RecordFold, rows: IntArray, label: FloatArray, study: ScoringStudy, *, least: int
) -> None:
    if rows.size >= least and both_classes(label[rows], study, least=LEAST_CLASS):
        return
    loss = study.model.head == "hurdle_beta"
    asked = (
        f"at least {least} records" if loss else f"at least {least} records, {LEAST_CLASS} of either class,"
    )
    found = (
        f"there are {rows.size}" if loss else f"there are {rows.size}, {int(label[rows].sum())} of them bad"
    )
    timed = fold.protocol != "cross_validation"
    later = "test later vintages (evaluate.origins, evaluate.retrospective)"
    fewer = "set evaluate.folds or train.bag lower"
    raise DataError(
        f"{asked} must be there to {purpose} for {_said(fold)}",
        came=found,
        do=f"Give more records, or {later if timed else fewer}",
    )


def _said(fold: RecordFold) -> str:
    if fold.test_rows.size == 0:
        return "the bundle"
    kind = {"origin": "vintage", "retrospective": "retrospective test", "cross_validation": "repetition"}
    return f"{kind[fold.protocol]} {fold.block if fold.protocol == 'origin' else fold.block + 1}"
