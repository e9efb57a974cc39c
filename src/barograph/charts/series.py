"""Figures over time: volatility against what came, VaR with its exceptions, cumulative loss differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import ALARM, INK, QUIET, axis, date_axis, figure, mark, plain_name
from barograph.charts.thin import MOST_POINTS, evenly, short, telling
from barograph.core.arrays import DateArray, FloatArray, IntArray

_HOVER = "%{x|%Y-%m-%d}<br>%{y:.2f}"


def _days(time: DateArray) -> list[str]:
    return [str(day) for day in time.astype("datetime64[D]")]


def volatility(
    time: DateArray,
    realised: FloatArray,
    *,
    forecasts: Mapping[str, FloatArray],
    realised_name: str,
    y_label: str,
    limit: int = MOST_POINTS,
) -> go.Figure:
    """Volatility forecast by several models at each origin, against what was realised afterwards.

    Parameters
    ----------
    time : DateArray
        Origins, shape [n].
    realised : FloatArray
        Volatility realised over the forecast's horizon, shape [n], in the unit of `y_label`; NaN is a gap.
    forecasts : Mapping[str, FloatArray]
        Display name -> forecast, shape [n], same unit.
    realised_name, y_label : str
        Words of the legend and the axis.
    limit : int
        Points of a trace at most; longer series are thinned evenly.
    """
    kept = evenly(time.size, limit)
    chart = figure(x=date_axis(), y=axis(y_label, rangemode="tozero"))
    days = _days(time[kept])
    chart.add_scatter(
        x=days,
        y=short(realised[kept]),
        name=plain_name(realised_name),
        mode="lines",
        line={"color": QUIET, "width": 1},
        fill="tozeroy",
        fillcolor="rgba(138,147,156,0.18)",
        hovertemplate=_HOVER,
    )
    for index, (name, forecast) in enumerate(forecasts.items()):
        style = mark(index)
        chart.add_scatter(
            x=days,
            y=short(forecast[kept]),
            name=plain_name(name),
            mode="lines",
            line={"color": style.colour, "dash": style.dash, "width": 1.6},
            hovertemplate=_HOVER,
        )
    return chart


def _exceptions(chart: go.Figure, time: DateArray, returns: FloatArray, rows: IntArray, name: str) -> None:
    chart.add_scatter(
        x=_days(time[rows]),
        y=short(returns[rows]),
        name=plain_name(name),
        mode="markers",
        marker={"symbol": "x-thin", "size": 8, "color": ALARM, "line": {"color": ALARM, "width": 1.8}},
        hovertemplate=_HOVER,
    )


def value_at_risk(
    time: DateArray,
    returns: FloatArray,
    *,
    limits: Mapping[str, FloatArray],
    return_name: str,
    exception_name: str,
    y_label: str,
    limit: int = MOST_POINTS,
) -> go.Figure:
    """Returns, the VaR limits that stood before them, and the days on which the first limit was broken.

    Parameters
    ----------
    time, returns : arrays
        Days and the return that followed, shape [n], returns in the unit of `y_label`.
    limits : Mapping[str, FloatArray]
        Display name -> VaR, a positive loss, shape [n]; exceptions are those of the first.
    return_name, exception_name, y_label : str
        Words of the legend and the axis.
    limit : int
        Points of a trace at most. Of the returns half are evenly spaced, half the largest between; exceptions
        are never thinned.
    """
    first = next(iter(limits.values()))
    broken = np.flatnonzero(returns < -first)
    shown = telling(returns, limit)
    lines = evenly(time.size, limit)
    chart = figure(x=date_axis(), y=axis(y_label))
    chart.add_scatter(
        x=_days(time[shown]),
        y=short(returns[shown]),
        name=plain_name(return_name),
        mode="markers",
        marker={"size": 3, "color": QUIET, "opacity": 0.6},
        hovertemplate=_HOVER,
    )
    days = _days(time[lines])
    for index, (name, value) in enumerate(limits.items()):
        style = mark(index)
        chart.add_scatter(
            x=days,
            y=short(-value[lines]),
            name=plain_name(name),
            mode="lines",
            line={"color": style.colour, "dash": style.dash, "width": 1.5},
            hovertemplate=_HOVER,
        )
    _exceptions(chart, time, returns, broken, exception_name)
    return chart


def cumulative_difference(
    time: DateArray,
    *,
    differences: Mapping[str, FloatArray],
    y_label: str,
    limit: int = MOST_POINTS,
) -> go.Figure:
    """Running sum of a candidate's loss less an opponent's, one line per opponent; falling = winning.

    Parameters
    ----------
    time : DateArray
        Days, shape [n].
    differences : Mapping[str, FloatArray]
        Display name -> loss difference of each day, shape [n]; a day without one (NaN) adds nothing.
    y_label : str
        Word of the axis.
    limit : int
        Points of a trace at most, evenly spaced; the sum is taken before thinning.
    """
    kept = evenly(time.size, limit)
    days = _days(time[kept])
    chart = figure(x=date_axis(), y=axis(y_label))
    chart.add_hline(y=0, line={"color": INK, "width": 1})
    for index, (name, difference) in enumerate(differences.items()):
        style = mark(index)
        chart.add_scatter(
            x=days,
            y=short(np.nancumsum(difference)[kept]),
            name=plain_name(name),
            mode="lines",
            line={"color": style.colour, "dash": style.dash, "width": 1.8},
            hovertemplate=_HOVER,
        )
    chart.update_layout(showlegend=True)
    return chart
