"""What the measures of losses ask of their arguments, in one wording."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError


def amounts(losses: npt.ArrayLike, *, lower: float = 0.0, at_least: int = 2) -> FloatArray:
    """The losses as floats [n_losses]: finite, positive, none below a threshold, and enough of them."""
    array = np.asarray(losses, dtype=np.float64)
    if array.ndim != 1 or array.size < at_least:
        raise DataError(
            f"losses must be a list of at least {at_least} amounts",
            came=f"its shape is {array.shape}",
            do="Use a longer history or a lower threshold",
        )
    wrong = array[~(np.isfinite(array) & (array > 0.0) & (array >= lower))]
    if wrong.size:
        raise DataError(
            f"losses must be finite positive amounts, none below {lower:g}",
            came=f"{wrong.size} of {array.size} are not, the first is {wrong[0]:g}",
            do="Leave recoveries, unknown amounts and losses below the reporting threshold out",
        )
    return array


def counts_of(counts: npt.ArrayLike, *, at_least: int = 2) -> FloatArray:
    """The counts as floats [n_obs]: whole numbers, not negative, and enough of them."""
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim != 1 or array.size < at_least:
        raise DataError(
            f"counts must be a list of at least {at_least} whole numbers",
            came=f"its shape is {array.shape}",
            do="Pass one count per period",
        )
    wrong = array[~(np.isfinite(array) & (array >= 0.0) & (array == np.floor(array)))]
    if wrong.size:
        raise DataError(
            "counts must be whole numbers that are not negative",
            came=f"{wrong.size} of {array.size} are not, the first is {wrong[0]:g}",
            do="Leave periods out in which losses were not recorded",
        )
    return array


def positive(name: str, value: float) -> float:
    """The value, where it is finite and above zero."""
    return within(name, value, low=0.0, high=np.inf)


def within(name: str, value: float, *, low: float, high: float) -> float:
    """The value, where it lies strictly between two bounds."""
    if not low < value < high:
        raise SettingError(
            f"{name} must lie strictly between {low:g} and {high:g}",
            came=f"got {value:g}",
            do=f"Choose another {name}",
        )
    return float(value)
