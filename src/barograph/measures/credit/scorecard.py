"""A weight-of-evidence scorecard as it is served: bins, log-odds, points, and points lost.

Siddiqi (2006), Credit Risk Scorecards, ch. 6: with ``factor = pdo / ln 2`` and ``offset = target score -
factor · ln(target odds)`` a score is ``offset + factor · ln(odds of good to bad)``. The column's share is
``offset / n - factor · (coefficient · WoE + intercept / n)`` where the model speaks of bad, so that points
over the n columns add up to the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted_records import ScorecardParameters
from barograph.core.record_table import TextArray


@dataclass(frozen=True, slots=True)
class Scaling:
    """How log-odds become points."""

    pdo: float = 20.0  # points that double the odds of good to bad
    target_score: float = 600.0
    target_odds: float = 50.0  # good to bad, at the target score

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return self.pdo / float(np.log(2.0))

    @property
    def offset(self) -> float:
        """Score at odds of one to one."""
        return self.target_score - self.factor * float(np.log(self.target_odds))

    def score(self, logit_of_bad: FloatArray) -> FloatArray:
        """``offset - factor · log-odds of bad`` [...]."""
        return self.offset - self.factor * np.asarray(logit_of_bad, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class PointsBin:
    """One line of a scorecard."""

    column: str
    kind: Literal["interval", "special", "group", "missing"]  # missing includes a category never seen
    low: float | None  # interval: above this; None for the lowest
    high: float | None  # interval: up to and including this; None for the highest
    values: tuple[str, ...]  # group: its categories; special: the code as text
    goods: float
    bads: float
    woe: float
    points: float


def bin_index(
    parameters: ScorecardParameters, numeric: Mapping[str, FloatArray], categorical: Mapping[str, TextArray]
) -> IntArray:
    """The bin of every record in every column of the scorecard.

    Parameters
    ----------
    parameters : ScorecardParameters
        Bins are numbered as written there: intervals or groups, special codes, missing (and unseen).
    numeric : mapping of str to FloatArray [n]
        NaN is missing.
    categorical : mapping of str to array [n] of str or None
        None is missing.

    Returns
    -------
    IntArray [n, n_columns]

    Raises
    ------
    DataError
        If a column of the scorecard is not among those given.
    """
    lacking = [
        name
        for name, is_numeric in zip(parameters.columns, parameters.numeric, strict=True)
        if name not in (numeric if is_numeric else categorical)
    ]
    if lacking:
        raise DataError(
            f"the scorecard needs the columns {', '.join(parameters.columns)}",
            came=f"missing or of another type: {', '.join(lacking)}",
            do="Pass every column under its name",
        )
    found = [
        numeric_bins(numeric[name], parameters.edges[i], parameters.specials[i])
        if parameters.numeric[i]
        else _categorical_bins(categorical[name], parameters.groups[i])
        for i, name in enumerate(parameters.columns)
    ]
    return np.stack(found, axis=1)


def scorecard_logit(parameters: ScorecardParameters, bins: IntArray) -> FloatArray:
    """Log-odds of bad [n], ``intercept + Σ coefficient · WoE(bin)``, from `bin_index` [n, n_columns]."""
    return parameters.intercept + _looked_up(parameters.woe, bins) @ parameters.coefficients


def points_table(
    parameters: ScorecardParameters, scaling: Scaling | None = None
) -> tuple[tuple[PointsBin, ...], ...]:
    """The scorecard as it is printed: per column, its bins with counts, WoE and points (not rounded)."""
    return tuple(
        tuple(
            PointsBin(name, *_label(parameters, i, place), *parameters.counts[i][place], woe, float(points))
            for place, (woe, points) in enumerate(zip(parameters.woe[i], worth, strict=True))
        )
        for i, (name, worth) in enumerate(
            zip(parameters.columns, _points(parameters, scaling or Scaling()), strict=True)
        )
    )


def score_points(
    parameters: ScorecardParameters, bins: IntArray, *, scaling: Scaling | None = None
) -> FloatArray:
    """Points [n, n_columns] of records; their sum over columns is ``offset - factor · log-odds of bad``."""
    return _looked_up(_points(parameters, scaling or Scaling()), bins)


def points_lost(
    parameters: ScorecardParameters,
    bins: IntArray,
    *,
    scaling: Scaling | None = None,
    against: Literal["best", "neutral"] = "best",
) -> FloatArray:
    """Points a record lies below each column's reference [n, n_columns]: the reason codes of a scorecard.

    ``best`` is the column's highest bin among those with training records; ``neutral`` the mean points of
    the training records (Siddiqi 2006, ch. 6), above which a column speaks for the applicant: negative here.
    """
    worth = _points(parameters, scaling or Scaling())
    sizes = [np.asarray(counts).sum(axis=1) for counts in parameters.counts]
    if against == "best":
        reference = [points[size > 0].max() for points, size in zip(worth, sizes, strict=True)]
    else:
        reference = [float(points @ size / size.sum()) for points, size in zip(worth, sizes, strict=True)]
    return np.asarray(reference) - _looked_up(worth, bins)


def reason_order(lost: FloatArray) -> IntArray:
    """Columns by points lost, most first [n, n_columns]; equal losses in the scorecard's order."""
    return np.argsort(-lost, axis=1, kind="stable").astype(np.int64)


def numeric_bins(values: FloatArray, edges: tuple[float, ...], specials: tuple[float, ...]) -> IntArray:
    """The bin of each number of a column, [n]: intervals, then special codes, then missing."""
    given = np.asarray(values, dtype=np.float64)
    bins = np.searchsorted(np.asarray(edges, dtype=np.float64), given, side="left").astype(np.int64)
    for place, code in enumerate(specials):
        bins[given == code] = len(edges) + 1 + place
    bins[np.isnan(given)] = len(edges) + 1 + len(specials)
    return bins


def group_numbers(groups: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    """The bin of each category of a column; a missing or new one has the next, ``len(groups)``."""
    return {value: number for number, group in enumerate(groups) for value in group}


def _categorical_bins(values: TextArray, groups: tuple[tuple[str, ...], ...]) -> IntArray:
    place = group_numbers(groups)
    return np.array([place.get(value, len(groups)) for value in values.tolist()], dtype=np.int64)


def _points(parameters: ScorecardParameters, scaling: Scaling) -> list[FloatArray]:
    """Points of every bin, per column."""
    count = len(parameters.columns)
    base = (scaling.offset - scaling.factor * parameters.intercept) / count
    return [
        base - scaling.factor * coefficient * np.asarray(woe)
        for woe, coefficient in zip(parameters.woe, parameters.coefficients, strict=True)
    ]


def _looked_up(per_bin: tuple[tuple[float, ...], ...] | list[FloatArray], bins: IntArray) -> FloatArray:
    """Values of bins [n, n_columns] from one table per column."""
    return np.stack([np.asarray(table)[bins[:, i]] for i, table in enumerate(per_bin)], axis=1)


def _label(
    parameters: ScorecardParameters, column: int, place: int
) -> tuple[Literal["interval", "special", "group", "missing"], float | None, float | None, tuple[str, ...]]:
    edges, specials = parameters.edges[column], parameters.specials[column]
    if not parameters.numeric[column]:
        groups = parameters.groups[column]
        return ("group", None, None, groups[place]) if place < len(groups) else ("missing", None, None, ())
    if place <= len(edges):
        low = edges[place - 1] if place else None
        return "interval", low, edges[place] if place < len(edges) else None, ()
    code = place - len(edges) - 1
    return (
        ("special", None, None, (f"{specials[code]:g}",))
        if code < len(specials)
        else ("missing", None, None, ())
    )
