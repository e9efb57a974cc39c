"""Forecast intervals through time, and what came."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from barograph.charts.theme import INK, MARKS, axis, date_axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import DateArray, FloatArray

_FILL = "rgba(0,114,178,{share})"


def bands(
    time: DateArray,
    came: FloatArray,
    *,
    centre: FloatArray,
    intervals: Mapping[str, tuple[FloatArray, FloatArray]],
    lines: Mapping[str, FloatArray],
    came_name: str,
    centre_name: str,
    y_label: str,
    y_format: str = ".1%",
) -> go.Figure:
    """Central forecast within its intervals, other forecasts as lines, and the outcomes as points.

    Parameters
    ----------
    time : DateArray [n]
        The periods that were forecast.
    came : FloatArray [n]
        Outcomes; NaN where not known.
    centre : FloatArray [n]
        Median of the forecast that the intervals belong to.
    intervals : mapping
        Display name -> lower and upper end, each [n]; the widest first.
    lines : mapping
        Display name -> another forecast [n].
    came_name, centre_name, y_label : str
        Words of the legend and the axis.
    y_format : str
        d3 format of the values.
    """
    chart = figure(x=date_axis(), y=axis(y_label, tickformat=y_format, rangemode="tozero"), height=380)
    days = [str(day) for day in time.astype("datetime64[D]")]
    hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{y_format}}}"
    for index, (name, (lower, upper)) in enumerate(intervals.items()):
        common = {"mode": "lines", "line": {"width": 0}, "legendgroup": name, "hoverinfo": "skip"}
        chart.add_scatter(x=days, y=short(lower), showlegend=False, name=plain_name(name), **common)
        colour = _FILL.format(share=0.14 * (index + 1))
        chart.add_scatter(
            x=days, y=short(upper), fill="tonexty", fillcolor=colour, name=plain_name(name), **common
        )
    blue = MARKS[0].colour
    chart.add_scatter(
        x=days, y=short(centre), mode="lines", line={"color": blue, "width": 2},
        name=plain_name(centre_name), hovertemplate=hover,
    )  # fmt: skip
    for index, (name, values) in enumerate(lines.items(), start=1):
        style = mark(index)
        chart.add_scatter(
            x=days, y=short(values), mode="lines", name=plain_name(name), hovertemplate=hover,
            line={"color": style.colour, "dash": style.dash, "width": 1.4},
        )  # fmt: skip
    chart.add_scatter(
        x=days, y=short(came), mode="markers", marker={"color": INK, "size": 6},
        name=plain_name(came_name), hovertemplate=hover,
    )  # fmt: skip
    return chart
