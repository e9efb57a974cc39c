"""What would have changed a decision: the nearest records, few columns changed, that fall below a threshold.

Wachter, Mittelstadt and Russell (2018), Counterfactual explanations without opening the black box, Harvard
Journal of Law & Technology 31; searched here over values that occurred in training, so that what is
suggested exists. One column is tried first, then two, and so on: fewer changes come before nearer ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError

Changes = dict[str, Any]
"""Column -> new value."""
Figure = Callable[[Sequence[Changes]], FloatArray]
"""From changes to the record, each a set of columns, to the figure of every changed record, in one batch."""

FRONT = 4
"""Values of a column that are tried together with others, at most."""
BEAM = 24
"""Sets of changes that are extended by one more column, at most."""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A changed record that would have been below the threshold."""

    changes: Changes
    figure: float
    distance: float  # sum over changed columns, in standard deviations; a category counts as one


def counterfactuals(
    figure: Figure,
    record: Mapping[str, Any],
    candidates: Mapping[str, Sequence[Any]],
    *,
    threshold: float,
    spread: Mapping[str, float],
    frozen: Sequence[str] = (),
    max_changes: int = 2,
    limit: int = 2,
) -> tuple[Counterfactual, ...]:
    """The nearest changes to a record that bring its figure below a threshold.

    Parameters
    ----------
    figure : callable
        The served figure of the record with each set of changes applied.
    record : mapping
        The record's value in every candidate column; None or NaN where it is missing.
    candidates : mapping of str to sequence
        Values of each column to try, taken from training.
    threshold : float
        The figure must come out below it.
    spread : mapping of str to float
        Training standard deviation of each numeric column; a column without one is categorical.
    frozen : sequence of str
        Columns that nobody can change.
    max_changes : int
        Columns changed at once, at most.
    limit : int
        Counterfactuals wanted, at most.

    Returns
    -------
    tuple of Counterfactual
        Fewest changes first, then the nearest, no two of the same columns; empty where none was found, or
        where the record is below the threshold as it stands.

    Raises
    ------
    DataError
        If a column to change is not in the record.
    """
    lacking = sorted(set(candidates) - set(frozen) - set(record))
    if lacking:
        raise DataError(
            "every column to change must be in the record",
            came=f"missing: {', '.join(lacking)}",
            do="Pass the record's value, None where it is missing",
        )
    singles = [
        Counterfactual({column: value}, np.nan, _distance(record[column], value, spread.get(column)))
        for column, values in candidates.items()
        if column not in frozen
        for value in values
        if not _same(record[column], value)
    ]
    as_it_is, *tried = _asked(figure, [Counterfactual({}, np.nan, 0.0), *singles])
    if as_it_is.figure < threshold:
        return ()
    found = _best_per_columns(one for one in tried if one.figure < threshold)
    parts = [one for one in _fronts(tried, as_it_is.figure) if one.figure >= threshold]
    beam = sorted(parts, key=lambda one: one.figure)[:BEAM]
    for _ in range(1, max_changes):
        if len(found) >= limit or not beam:
            break
        tried = _asked(figure, _extended(beam, parts))
        found += _best_per_columns(one for one in tried if one.figure < threshold)
        beam = sorted((one for one in tried if one.figure >= threshold), key=lambda one: one.figure)[:BEAM]
    return tuple(found[:limit])


def _asked(figure: Figure, wanted: Sequence[Counterfactual]) -> list[Counterfactual]:
    """The same changes with their figures, from one batch; none are asked for nothing."""
    if not wanted:
        return []
    figures = figure([one.changes for one in wanted])
    return [
        Counterfactual(one.changes, float(value), one.distance)
        for one, value in zip(wanted, figures, strict=True)
    ]


def _best_per_columns(successes: Any) -> list[Counterfactual]:
    """The nearest success for every set of columns, nearest first."""
    nearest: dict[frozenset[str], Counterfactual] = {}
    for one in sorted(successes, key=lambda one: (one.distance, one.figure)):
        nearest.setdefault(frozenset(one.changes), one)
    return list(nearest.values())


def _fronts(tried: Sequence[Counterfactual], start: float) -> list[Counterfactual]:
    """Per column the changes that no nearer change of the column equals, thinned to `FRONT`."""
    kept: list[Counterfactual] = []
    by_column = sorted(tried, key=lambda one: (next(iter(one.changes)), one.distance))
    for _, group in itertools.groupby(by_column, key=lambda one: next(iter(one.changes))):
        lowest, front = start, []
        for one in group:
            if one.figure < lowest:
                lowest = one.figure
                front.append(one)
        places = np.unique(np.linspace(0, len(front) - 1, min(FRONT, len(front))).round().astype(int))
        kept += [front[place] for place in places]
    return kept


def _extended(beam: Sequence[Counterfactual], parts: Sequence[Counterfactual]) -> list[Counterfactual]:
    """Every set of the beam with one more column changed, each set once."""
    wider: dict[frozenset[tuple[str, str]], Counterfactual] = {}
    for one, part in itertools.product(beam, parts):
        if not part.changes.keys() & one.changes.keys():
            changes = one.changes | part.changes
            key = frozenset((column, repr(value)) for column, value in changes.items())
            wider.setdefault(key, Counterfactual(changes, np.nan, one.distance + part.distance))
    return list(wider.values())


def _distance(before: Any, after: Any, spread: float | None) -> float:
    """How far a value is moved, in standard deviations; one for a category, and to or from missing."""
    if spread is None or _missing(before) or _missing(after):
        return 1.0
    return abs(float(after) - float(before)) / max(float(spread), 1e-12)


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (_missing(one) and _missing(other))


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))
