"""From a series in levels to what models see at each origin, and what came of it."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError, unknown
from barograph.core.level_study import LevelsSection, Scale
from barograph.core.level_table import LevelSamples, LevelSeries
from barograph.measures.levels import to_scale


def build_levels(series: LevelSeries, section: LevelsSection) -> LevelSamples:
    """Inputs, sequence channels and outcomes of every origin.

    Inputs are the newest known values of the target, the estimates on the target's scale, and the exogenous
    columns. Nothing is standardised yet, and missing values stay NaN.

    Parameters
    ----------
    series : LevelSeries
    section : LevelsSection

    Raises
    ------
    SettingError
        Horizons or anchor do not fit the series.
    DataError
        The target or an estimate has no value on the scale.
    """
    _check_horizons(section.horizons, series.delay)
    for name in ("target", *series.estimates):
        _check_range(_column(series, name), name, section.scale)
    time = series.table["time"].to_numpy().astype("datetime64[D]")
    rate, size = _column(series, "target"), _column(series, "size")
    level = to_scale(rate, section.scale, size=size, floor=section.floor)
    known = moved(level, series.delay)
    lags = [moved(known, lag) for lag in range(section.lags)]
    estimates = [to_scale(_column(series, n), section.scale, floor=section.floor) for n in series.estimates]
    others = [_column(series, name) for name in series.exogenous]
    names = tuple(f"known_{lag}" for lag in range(section.lags))
    return LevelSamples(
        time=time,
        rate=rate,
        outcome=np.column_stack([moved(level, -h) for h in section.horizons]),
        outcome_rate=np.column_stack([moved(rate, -h) for h in section.horizons]),
        inputs=np.column_stack([*lags, *estimates, *others]),
        names=(*names, *series.estimates, *series.exogenous),
        lags=section.lags,
        anchor=_anchor(series, section),
        channels=np.column_stack([known, *estimates, *others]),
        horizons=section.horizons,
        delay=series.delay,
        window=section.window,
        scale=section.scale,
    )


def moved(values: FloatArray, periods: int) -> FloatArray:
    """Values so many rows later (earlier for a negative number), NaN where there are none.

    Examples
    --------
    >>> moved(np.array([1.0, 2.0, 3.0]), 1).tolist(), moved(np.array([1.0, 2.0, 3.0]), -2).tolist()
    ([nan, 1.0, 2.0], [3.0, nan, nan])
    """
    out = np.full(values.size, np.nan)
    if abs(periods) >= values.size:
        return out
    if periods >= 0:
        out[periods:] = values[: values.size - periods]
    else:
        out[:periods] = values[-periods:]
    return out


def _column(series: LevelSeries, name: str) -> FloatArray:
    return series.table[name].to_numpy().astype(np.float64)


def _check_horizons(horizons: tuple[int, ...], delay: int) -> None:
    if horizons[0] <= -delay:
        raise SettingError(
            f"prepare.horizons must be above {-delay}: older values are known already",
            came=f"got {horizons[0]} with a delay of {delay} periods",
            do="Leave it out",
        )


def _check_range(values: FloatArray, name: str, scale: Scale) -> None:
    """A share lies between 0 and 1, a level whose logarithm is taken is positive; NaN is allowed."""
    known = values[np.isfinite(values)]
    bad = {"logit": (known < 0.0) | (known > 1.0), "log": known <= 0.0, "level": np.zeros(known.size, bool)}
    if bad[scale].any():
        must = "lie between 0 and 1" if scale == "logit" else "be positive"
        hint = "Give shares as decimals (divide percentages by 100), or set" if scale == "logit" else "Set"
        wrong = known[bad[scale]]
        raise DataError(
            f"'{name}' must {must} for prepare.scale = {scale}",
            came=f"{wrong.size} of {known.size} values do not, the first is {wrong[0]:g}",
            do=f"{hint} prepare.scale to level",
        )


def _anchor(series: LevelSeries, section: LevelsSection) -> int:
    if not section.anchor:
        return 0
    if section.anchor not in series.estimates:
        raise unknown("prepare.anchor", section.anchor, series.estimates)
    return section.lags + series.estimates.index(section.anchor)
