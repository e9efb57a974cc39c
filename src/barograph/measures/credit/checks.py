"""What every measure of labelled records asks of its arguments, in one wording."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError


def complete(name: str, values: npt.ArrayLike, n_obs: int | None = None) -> FloatArray:
    """The values as floats [n_obs]; a NaN, a second axis or another length is refused."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or (n_obs is not None and array.size != n_obs):
        raise DataError(
            f"{name} must have one value per record" + ("" if n_obs is None else f", {n_obs} in all"),
            came=f"its shape is {array.shape}",
            do="Pass one-dimensional arrays of equal length",
        )
    missing = int(np.isnan(array).sum())
    if missing:
        raise DataError(
            f"{name} must be known for every record",
            came=f"{missing} of {array.size} are NaN",
            do="Leave those records out, or score them first",
        )
    return array


def defaulted(label: npt.ArrayLike) -> BoolArray:
    """Which records are bad: the labels 0 and 1 as booleans [n_obs]; any other label is refused."""
    values = complete("label", label)
    other = np.unique(values[(values != 0.0) & (values != 1.0)])
    if other.size:
        raise DataError(
            "label must be 0 or 1",
            came=f"got {', '.join(f'{value:g}' for value in other[:5])}",
            do="Code the event as 1 and everything else as 0",
        )
    return np.asarray(values == 1.0)


def probability(name: str, values: npt.ArrayLike, n_obs: int | None = None) -> FloatArray:
    """The values as probabilities [n_obs]; one outside [0, 1] is refused."""
    array = complete(name, values, n_obs)
    outside = array[(array < 0.0) | (array > 1.0)]
    if outside.size:
        raise DataError(
            f"{name} must lie between 0 and 1",
            came=f"{outside.size} of {array.size} do not, the first is {outside[0]:g}",
            do="Pass probabilities, not scores or percentages",
        )
    return array


def codes_of(block: AnyArray, n_obs: int) -> IntArray:
    """Number of each record's block (vintage, fold, grade), from 0 in ascending order of the blocks."""
    values = np.asarray(block)
    if values.shape != (n_obs,):
        raise DataError(
            f"block must have one value per record, {n_obs} in all",
            came=f"its shape is {values.shape}",
            do="Pass one-dimensional arrays of equal length",
        )
    return np.unique(values, return_inverse=True)[1]


def blocks_of(block: AnyArray, n_obs: int) -> list[IntArray]:
    """Row numbers of each block, numbered as in `codes_of`."""
    code = codes_of(block, n_obs)
    order = np.argsort(code, kind="stable")
    return np.split(order, np.cumsum(np.bincount(code))[:-1]) if n_obs else []
