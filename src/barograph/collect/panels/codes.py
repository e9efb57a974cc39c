"""FRED-MD's transformation codes: how each series of an economy is made stationary, and so forecast."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import polars as pl

from barograph.core.errors import SettingError
from barograph.core.panel_table import SeriesFact

CODES: Final[dict[int, tuple[Literal["level", "log"], Literal[0, 1, 2]]]] = {
    1: ("level", 0),
    2: ("level", 1),
    3: ("level", 2),
    4: ("log", 0),
    5: ("log", 1),
    6: ("log", 2),
    7: ("log", 2),
}
"""Code -> the scale worked on and the order of differencing. Code 7 (change of the growth rate) is taken as 6
(change of the log growth): the two differ by the square of a growth rate.

Source: McCracken and Ng (2016), FRED-MD: A monthly database for macroeconomic research, J. Business &
Economic Statistics 34, appendix."""

GROWS = 2.0
"""Largest over smallest value from which a positive series is taken for one that grows."""


def coded(name: str, code: int, *, delay: int, unit: str = "") -> SeriesFact:
    """The facts of a series by its code; raises `SettingError` for a number that is none."""
    if code not in CODES:
        raise SettingError(
            f"the transformation code of '{name}' must be 1 to 7",
            came=f"got {code}",
            do="See FRED-MD's table",
        )
    scale, order = CODES[code]
    return SeriesFact(name, scale=scale, order=order, delay=delay, unit=unit)


def usual_code(values: pl.Series) -> int:
    """A code for a series that has none: 5 (growth) for positive values that grow, else 2 (changes).

    Examples
    --------
    >>> usual_code(pl.Series([100.0, 150.0, 240.0])), usual_code(pl.Series([5.0, 4.0, 6.0]))
    (5, 2)
    """
    known = values.drop_nulls().to_numpy().astype(np.float64)
    grows = known.size > 0 and known.min() > 0.0 and known.max() >= GROWS * known.min()
    return 5 if grows and known[-1] > known[0] * np.sqrt(GROWS) else 2
