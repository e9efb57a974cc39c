"""From a panel to the arrays of each entity: days, closes, log returns and a daily variance proxy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, DateArray, FloatArray
from barograph.core.errors import DataError
from barograph.core.records import Panel
from barograph.measures.range_variance import day_variance, overnight, parkinson
from barograph.measures.returns import log_returns

VARIANCE_FLOOR = 1e-12
"""Smallest variance of a day whose logarithm we take (decimals squared; a move of .01 basis points)."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One entity's days. The first price has no return, so there is one row fewer than prices."""

    entity: str
    time: DateArray  # [n] datetime64[D], ascending
    close: FloatArray  # [n] price level
    returns: FloatArray  # [n] log decimals
    proxy: FloatArray  # [n] decimals squared: range variance where the day has one, else the squared return
    parkinson: FloatArray  # [n] decimals squared: Parkinson plus the night, else the squared return
    has_range: BoolArray  # [n] open, high and low were there


def series_of(panel: Panel, entity: str) -> Series:
    """The arrays of one entity.

    The proxy is `measures.range_variance.day_variance` (Rogers-Satchell plus squared overnight return, at
    least `VARIANCE_FLOOR`) on days with open, high and low, and the squared return on all others; the
    squared return may be zero. Rogers-Satchell is zero on a day that only rose or only fell; Parkinson's
    range is not, and stands beside it.

    Parameters
    ----------
    panel : Panel
        Columns other than `close` may be missing or null.
    entity : str
        One that has no rows gives a series of length zero.

    Raises
    ------
    DataError
        If a close is missing or not above zero, or the days do not ascend.
    """
    table = panel.of(entity)
    time = table["time"].to_numpy().astype("datetime64[D]")
    close = _column(table, "close")
    _check(entity, time, close)
    returns = log_returns(close)
    bars = np.stack([_column(table, name) for name in ("open", "high", "low")])
    has_range: BoolArray = np.logical_and.reduce(np.isfinite(bars) & (bars > 0), axis=0)
    opening, high, low = np.where(has_range, bars, np.nan)
    range_variance = day_variance(opening, high, low, close)
    proxy = np.where(has_range, np.maximum(range_variance, VARIANCE_FLOOR), returns**2)
    spread = np.where(has_range, parkinson(high, low) + overnight(opening, close), returns**2)
    return Series(entity, time[1:], close[1:], returns[1:], proxy[1:], spread[1:], has_range[1:])


def _column(table: pl.DataFrame, name: str) -> FloatArray:
    """A column as floats, NaN where null or where the panel does not carry it."""
    if name not in table.columns:
        return np.full(table.height, np.nan)
    return np.asarray(table[name].cast(pl.Float64).fill_null(np.nan).to_numpy(), dtype=np.float64)


def _check(entity: str, time: DateArray, close: FloatArray) -> None:
    wrong = np.flatnonzero(~(np.isfinite(close) & (close > 0)))
    if wrong.size:
        raise DataError(
            f"every day of '{entity}' must have a close above zero",
            came=f"{wrong.size} of {close.size} do not, the first on {time[wrong[0]]}",
            do="Remove these days or fill them before the run",
        )
    backwards = np.flatnonzero(np.diff(time) <= np.timedelta64(0, "D"))
    if backwards.size:
        raise DataError(
            f"the days of '{entity}' must ascend, each once",
            came=f"{time[backwards[0] + 1]} comes after {time[backwards[0]]}",
            do="Sort the table by entity and time and remove repeated days",
        )
