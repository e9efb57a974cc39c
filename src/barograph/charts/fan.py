"""A forecast as a fan that opens from what is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import INK, MARKS, axis, date_axis, figure, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import DateArray, FloatArray

_FILL = "rgba(0,114,178,{share:.2f})"


def fan(
    time: DateArray,
    centre: FloatArray,
    *,
    intervals: Mapping[str, tuple[FloatArray, FloatArray]],
    origin: tuple[np.datetime64, float],
    origin_name: str,
    centre_name: str,
    y_label: str,
    y_format: str = ",.4~r",
    past: tuple[DateArray, FloatArray] | None = None,
    past_name: str = "",
) -> go.Figure:
    """Central forecast and its intervals at several horizons, opening at the newest value known.

    Parameters
    ----------
    time : DateArray [n_horizons]
        The days that are forecast.
    centre : FloatArray [n_horizons]
        Median of the forecast.
    intervals : mapping
        Display name -> lower and upper end, each [n_horizons]; the widest first.
    origin : day and value
        The newest value known, from which the fan opens.
    origin_name, centre_name, y_label, past_name : str
        Words of the legend and the axis.
    y_format : str
        d3 format of the values.
    past : days and values, both [n], optional
        What came before the origin.
    """
    chart = figure(
        x=date_axis() | {"tickformat": "%Y-%m-%d", "nticks": 6},
        y=axis(y_label, tickformat=y_format),
        height=360,
    )
    days = [str(day) for day in np.concatenate([[origin[0]], time]).astype("datetime64[D]")]
    hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{y_format}}}"
    start = np.array([origin[1]])
    _bands(chart, days, start, intervals, hover)
    chart.add_scatter(
        x=days, y=short(np.concatenate([start, centre])), mode="lines+markers",
        line={"color": MARKS[0].colour, "width": 2}, marker={"size": 5},
        name=plain_name(centre_name), hovertemplate=hover,
    )  # fmt: skip
    if past is not None:
        chart.add_scatter(
            x=[str(day) for day in past[0].astype("datetime64[D]")], y=short(past[1]), mode="lines",
            line={"color": INK, "width": 1.4}, name=plain_name(past_name), hovertemplate=hover,
        )  # fmt: skip
    chart.add_scatter(
        x=days[:1], y=short(start), mode="markers", marker={"color": INK, "size": 7},
        name=plain_name(origin_name), hovertemplate=hover,
    )  # fmt: skip
    return chart


def _bands(
    chart: go.Figure,
    days: list[str],
    start: FloatArray,
    intervals: Mapping[str, tuple[FloatArray, FloatArray]],
    hover: str,
) -> None:
    """Shaded intervals that open at the newest value, the widest first and palest."""
    for index, (name, (lower, upper)) in enumerate(intervals.items()):
        common = {"mode": "lines", "line": {"width": 0}, "legendgroup": name, "hovertemplate": hover}
        low, high = short(np.concatenate([start, lower])), short(np.concatenate([start, upper]))
        chart.add_scatter(x=days, y=low, showlegend=False, name=plain_name(name), **common)
        fill = _FILL.format(share=0.13 * (index + 1))
        chart.add_scatter(x=days, y=high, fill="tonexty", fillcolor=fill, name=plain_name(name), **common)
