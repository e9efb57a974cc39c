"""Advantage through time: the path of a statistic within a band."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import MARKS, axis, date_axis, figure, plain_name
from barograph.charts.thin import MOST_POINTS, evenly, short
from barograph.core.arrays import DateArray, FloatArray


def fluctuation(
    time: DateArray,
    path: FloatArray,
    *,
    critical: float,
    path_name: str,
    band_name: str,
    y_label: str,
) -> go.Figure:
    """A statistic by day, and the band that equal forecasters stay in at all times.

    Parameters
    ----------
    time : DateArray [n]
        Last day of each window.
    path : FloatArray [n]
    critical : float
        The band is ± this.
    path_name, band_name, y_label : str
        Words of legend and axis.
    """
    kept = evenly(time.size, MOST_POINTS)
    days = time[kept].astype("datetime64[D]").astype(str).tolist()
    chart = figure(x=date_axis(), y=axis(y_label), height=260)
    common = {"mode": "lines", "line": {"width": 0}, "legendgroup": "band", "hoverinfo": "skip"}
    edge = np.full(len(days), critical)
    chart.add_scatter(x=days, y=short(-edge), showlegend=False, name=plain_name(band_name), **common)
    chart.add_scatter(
        x=days, y=short(edge), fill="tonexty", fillcolor="rgba(0,114,178,0.14)", name=plain_name(band_name),
        **common,
    )  # fmt: skip
    chart.add_scatter(
        x=days, y=short(path[kept]), mode="lines", name=plain_name(path_name),
        line={"color": MARKS[0].colour, "width": 1.8}, hovertemplate="%{x}<br>%{y:.2f}",
    )  # fmt: skip
    return chart
