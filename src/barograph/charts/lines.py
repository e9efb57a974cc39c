"""Curves over a number: mean excess over thresholds, Hill's estimate over order statistics."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from barograph.charts.theme import axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray


def lines(
    x: FloatArray,
    curves: Mapping[str, FloatArray],
    *,
    x_label: str,
    y_label: str,
    band: tuple[str, FloatArray, FloatArray] | None = None,
) -> go.Figure:
    """Curves over one axis of numbers, with a shaded band.

    Parameters
    ----------
    x : FloatArray [n]
    curves : mapping
        Display name -> values [n]; NaN is a gap.
    x_label, y_label : str
        Words of the axes.
    band : tuple of name and two arrays [n], optional
        Lower and upper end of the band.
    """
    chart = figure(x=axis(x_label), y=axis(y_label), height=300)
    at = short(x)
    if band is not None:
        name, lower, upper = band
        common = {"mode": "lines", "line": {"width": 0}, "legendgroup": "band", "hoverinfo": "skip"}
        chart.add_scatter(x=at, y=short(lower), showlegend=False, name=plain_name(name), **common)
        chart.add_scatter(
            x=at, y=short(upper), fill="tonexty", fillcolor="rgba(0,114,178,0.14)", name=plain_name(name),
            **common,
        )  # fmt: skip
    for index, (name, values) in enumerate(curves.items()):
        style = mark(index)
        chart.add_scatter(
            x=at, y=short(values), mode="lines", name=plain_name(name),
            line={"color": style.colour, "dash": style.dash, "width": 1.8},
            hovertemplate="%{x:.4g}<br>%{y:.4g}",
        )  # fmt: skip
    return chart
