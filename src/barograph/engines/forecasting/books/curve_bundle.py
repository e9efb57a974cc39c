"""From a bundle of curves to what a banking book asks of it: curves now, draws, and their past."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Literal

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.book import CURRENCY
from barograph.core.curve_forecast import CurveDraws, CurveForecast, CurveHistory
from barograph.core.errors import BundleError
from barograph.core.panel_study import Frequency
from barograph.engines.forecasting.panels.answer import PanelDraws, PanelPredictor
from barograph.engines.forecasting.panels.parts import HISTORY

DRAWS = 4000
"""Joint draws of all curves."""

PERIODS_A_YEAR: dict[Frequency, float] = {"days": 252.0, "months": 12.0, "quarters": 4.0}
LETTER: dict[Frequency, str] = {"days": "d", "months": "m", "quarters": "q"}


def curve_forecasts(
    predictor: PanelPredictor, *, currency: str, quoted: Literal["par", "zero"]
) -> dict[str, CurveForecast]:
    """The curves of a bundle by currency.

    Parameters
    ----------
    predictor : PanelPredictor
        Of a study of curves; a group whose name is a code of ISO 4217 is a currency's curve.
    currency : str
        Of the curve without a group.
    quoted : str
        What the yields are: par yields with two coupons a year, or continuous zero rates.

    Raises
    ------
    BundleError
        The bundle holds no curve of two tenors or more.
    """
    drawn = predictor.draws(DRAWS)
    found: dict[str, CurveForecast] = {}
    for group in dict.fromkeys(drawn.groups):
        code = group.upper() or currency
        columns = _columns(drawn, group)
        if CURRENCY.fullmatch(code) and columns.size >= 2:
            found[code] = _curve(predictor, drawn, columns, code=code, quoted=quoted)
    if not found:
        raise BundleError(
            "a banking book needs a bundle with a curve of at least two tenors, named by its currency",
            came=f"this one has {', '.join(drawn.series)}",
            do="Run rates/curve; with several curves in one file, call their groups USD, EUR …",
        )
    return found


def _columns(drawn: PanelDraws, group: str) -> IntArray:
    """A group's tenors that have a value and a forecast, the shortest first."""
    known = [
        place
        for place, (own, tenor) in enumerate(zip(drawn.groups, drawn.tenors, strict=True))
        if own == group and tenor is not None
    ]
    columns = np.array(known, dtype=np.int64)
    alive = np.isfinite(drawn.last[columns]) & np.isfinite(drawn.changes[:, :, columns]).all(axis=(0, 1))
    columns = columns[alive]
    return columns[np.argsort(_years(drawn, columns), kind="stable")]


def _years(drawn: PanelDraws, columns: IntArray) -> FloatArray:
    return np.array([float(drawn.tenors[place] or 0.0) / 12.0 for place in columns])


def _curve(
    predictor: PanelPredictor,
    drawn: PanelDraws,
    columns: IntArray,
    *,
    code: str,
    quoted: Literal["par", "zero"],
) -> CurveForecast:
    frequency = predictor.samples.frequency
    day: datetime.date = predictor.samples.time[-1].astype("datetime64[D]").item()
    horizons = tuple(
        CurveDraws(
            f"{horizon}{LETTER[frequency]}",
            horizon / PERIODS_A_YEAR[frequency],
            drawn.changes[place][:, columns],
        )
        for place, horizon in enumerate(drawn.horizons)
    )
    curve = CurveForecast(code, day, _years(drawn, columns), drawn.last[columns], quoted, horizons)
    return replace(curve, history=_history(predictor, columns))


def _history(predictor: PanelPredictor, columns: IntArray) -> CurveHistory | None:
    """Past forecasts of the shortest horizon; None where the bundle has none."""
    if not predictor.bundle.has(HISTORY):
        return None
    stored = predictor.bundle.arrays(HISTORY)
    days = [stored[name].astype("datetime64[D]") for name in ("time", "known_at")]
    parts = [stored[name][:, columns].astype(np.float64) for name in ("mean", "deviation", "change")]
    return CurveHistory(*days, *parts)
