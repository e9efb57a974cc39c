"""Stability: is the population that is scored still the one the model was built on?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.measures.credit.checks import complete

Band = Literal["stable", "watch", "shifted", "unknown"]

FLOOR = 1e-4
"""Smallest share of a cell; an empty one would make the index infinite."""

WATCH, SHIFTED = 0.10, 0.25
"""Where the bands begin (Siddiqi 2006, Credit Risk Scorecards, chapter 8)."""


@dataclass(frozen=True, slots=True)
class Stability:
    """A stability index, what each cell adds to it, and its band."""

    index: float
    terms: FloatArray  # [n_cells]
    band: Band


def psi(expected_counts: npt.ArrayLike, actual_counts: npt.ArrayLike, *, floor: float = FLOOR) -> Stability:
    r"""Population stability index of two distributions over the same cells.

    .. math:: \mathrm{PSI} = \sum_i (a_i - e_i) \ln (a_i / e_i)

    where a and e are shares, none taken smaller than the floor. Symmetric; below 0.10 stable, from 0.25
    shifted. Sampling alone adds about (cells − 1)(1/n + 1/m), so small samples always look restless.

    Parameters
    ----------
    expected_counts, actual_counts : array_like [n_cells]
        Records of each cell when the model was built, and now.
    floor : float
        Smallest share that is used; shares are not rescaled after it.

    Returns
    -------
    Stability
        NaN and "unknown" where either side has no records.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards; sampling: Yurdakul and Naranjo (2020), Statistical properties of
    the population stability index, Journal of Risk Model Validation 14.

    Examples
    --------
    >>> psi([100, 100], [150, 50]).band
    'shifted'
    """
    before = complete("expected_counts", expected_counts)
    after = complete("actual_counts", actual_counts, before.size)
    if (before < 0.0).any() or (after < 0.0).any():
        raise DataError(
            "counts must not be negative",
            came="at least one is",
            do="Pass the number of records of each cell",
        )
    if not before.sum() or not after.sum():
        return Stability(math.nan, np.full(before.size, math.nan), "unknown")
    share = np.maximum(before / before.sum(), floor)
    now = np.maximum(after / after.sum(), floor)
    terms = (now - share) * np.log(now / share)
    index = float(terms.sum())
    return Stability(index, terms, "stable" if index < WATCH else "watch" if index < SHIFTED else "shifted")


def psi_of(
    expected_values: npt.ArrayLike,
    actual_values: npt.ArrayLike,
    edges: npt.ArrayLike,
    *,
    floor: float = FLOOR,
) -> Stability:
    """PSI of a number, over bins cut at given edges and one cell for missing values.

    Parameters
    ----------
    expected_values : array_like [n]
        When the model was built; NaN = missing.
    actual_values : array_like [m]
        Now.
    edges : array_like [n_edges]
        Ascending inner edges, chosen on the expected values alone; a value on an edge lies above it.
    floor : float
        As in `psi`.

    Returns
    -------
    Stability
        n_edges + 2 terms: from below the first edge to above the last, then missing.
    """
    cuts = complete("edges", edges)
    if np.any(np.diff(cuts) <= 0.0):
        raise DataError("edges must ascend", came=f"got {cuts.tolist()}", do="Sort them and drop repetitions")
    return psi(_binned(expected_values, cuts), _binned(actual_values, cuts), floor=floor)


def _binned(values: npt.ArrayLike, cuts: FloatArray) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    counts = np.bincount(np.searchsorted(cuts, known, side="right"), minlength=cuts.size + 1)
    return np.append(counts, numbers.size - known.size).astype(np.float64)


def csi(expected: Iterable[object], actual: Iterable[object], *, floor: float = FLOOR) -> Stability:
    """Characteristic stability index of a categorical column: `psi` over its categories.

    Parameters
    ----------
    expected, actual : iterable
        Categories when the model was built and now; None is one of its own, and so is a category that only
        one side has.
    floor : float
        As in `psi`.

    Returns
    -------
    Stability
        One term per category, in the order of their text.
    """
    before, after = Counter(expected), Counter(actual)
    cells = sorted(before.keys() | after.keys(), key=str)
    return psi([before[cell] for cell in cells], [after[cell] for cell in cells], floor=floor)
