"""Figures of the master scale and of vintages by age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import MARKS, axis, figure, mark, plain_name
from barograph.charts.thin import MOST_POINTS, evenly, short
from barograph.core.arrays import FloatArray

_DECADES = (0.0001, 0.001, 0.01, 0.1, 1.0)


def master_scale(
    grades: Sequence[str],
    *,
    predicted: FloatArray,
    observed: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    share: FloatArray,
    predicted_name: str,
    observed_name: str,
    share_name: str,
    y_label: str,
) -> go.Figure:
    """Predicted and observed default rate of each grade on a logarithmic scale, over the share of records.

    Parameters
    ----------
    grades : Sequence[str]
        Names, safest first.
    predicted, observed, lower, upper : FloatArray
        Mean prediction, default rate and its interval, shape [n_grades]; NaN where a grade is empty. A rate
        of zero is an open mark at the foot of the scale.
    share : FloatArray
        Share of the records in each grade, shape [n_grades].
    predicted_name, observed_name, share_name, y_label : str
        Words of the legend and the axis.
    """
    names = [plain_name(grade) for grade in grades]
    foot, top = _span(np.concatenate([predicted, observed, upper]))
    chart = _ground(y_label, foot, top, float(share.max()))
    chart.add_bar(
        x=names,
        y=short(share),
        name=plain_name(share_name),
        yaxis="y2",
        marker={"color": "rgba(138,147,156,0.3)"},
        hovertemplate="%{x}: %{y:.1%}",
    )
    _points(chart, names, predicted, predicted_name, index=0, mode="lines+markers")
    height = np.where(observed == 0, foot, observed)
    whiskers = {
        "type": "data",
        "symmetric": False,
        "array": short(upper - height),
        "arrayminus": short(height - np.minimum(np.maximum(lower, foot), height)),
        "color": mark(1).colour,
        "thickness": 1.2,
        "width": 4,
    }
    _points(chart, names, height, observed_name, index=1, mode="markers", error_y=whiskers)
    chart.data[-1].marker.symbol = ["square-open" if rate == 0 else "square" for rate in observed]
    chart.data[-1].customdata = short(observed)
    chart.data[-1].hovertemplate = "%{x}: %{customdata:.2%}"
    return chart


def _span(rates: FloatArray) -> tuple[float, float]:
    """Ends of the logarithmic scale about all positive rates."""
    filled = rates[np.isfinite(rates) & (rates > 0)]
    return (0.6 * float(filled.min()), 1.5 * float(filled.max())) if filled.size else (1e-4, 1.0)


def _ground(y_label: str, foot: float, top: float, share: float) -> go.Figure:
    y = axis(
        y_label,
        type="log",
        tickvals=[d * k for d in _DECADES for k in (1, 2, 5)],
        tickformat="~%",
        range=[float(np.log10(foot)), float(np.log10(top))],
        overlaying="y2",
    )
    chart = figure(x=axis(type="category", showgrid=False), y=y, height=360)
    right = axis(side="right", tickformat=".0%", showgrid=False, nticks=4, range=[0, 2.5 * max(share, 1e-9)])
    chart.update_layout(yaxis2=right)
    return chart


def _points(
    chart: go.Figure, names: list[str], value: FloatArray, name: str, *, index: int, mode: str, **more: object
) -> None:
    style = mark(index)
    chart.add_scatter(
        x=names,
        y=short(value),
        mode=mode,
        name=plain_name(name),
        line={"color": style.colour, "width": 1.5},
        marker={"symbol": style.symbol, "size": 8, "color": style.colour},
        hovertemplate="%{x}: %{y:.2%}",
        **more,
    )


def ageing(curves: Mapping[str, tuple[FloatArray, FloatArray]], *, x_label: str, y_label: str) -> go.Figure:
    """Cumulative default rate by age, one line per vintage, each labelled at its end.

    Parameters
    ----------
    curves : Mapping[str, tuple[FloatArray, FloatArray]]
        Vintage -> age and cumulative rate, both shape [n].
    x_label, y_label : str
        Words of the axes.
    """
    chart = figure(x=axis(x_label), y=axis(y_label, tickformat=".0%", rangemode="tozero"), height=400)
    ends: list[tuple[str, float, float]] = []
    for index, (name, (age, rate)) in enumerate(curves.items()):
        kept = evenly(age.size, MOST_POINTS)
        colour = _shade(index / max(len(curves) - 1, 1))
        chart.add_scatter(
            x=short(age[kept]),
            y=short(rate[kept]),
            mode="lines",
            name=plain_name(name),
            line={"color": colour, "dash": MARKS[index % len(MARKS)].dash, "width": 1.6},
            hovertemplate=plain_name(name) + ", %{x}: %{y:.1%}<extra></extra>",
        )
        ends += [(name, float(age[-1]), float(rate[-1]))]
    _label_ends(chart, ends)
    return chart


_OLD, _MIDDLE, _NEW = (0, 158, 115), (0, 114, 178), (213, 94, 0)


def _shade(place: float) -> str:
    """From green over blue to orange-red, all of them readable on white and on near-black."""
    start, end, way = (_OLD, _MIDDLE, 2 * place) if place < 0.5 else (_MIDDLE, _NEW, 2 * place - 1)
    mixed = (round(a + (b - a) * way) for a, b in zip(start, end, strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _label_ends(chart: go.Figure, ends: list[tuple[str, float, float]]) -> None:
    """Names at the ends of the lines, from the highest down, leaving out those that would overlap."""
    if not ends:
        return
    gap = 0.045 * max(rate for _, _, rate in ends)
    placed: list[tuple[float, float]] = []
    for name, age, rate in sorted(ends, key=lambda end: -end[2]):
        if any(age == other and abs(rate - height) < gap for other, height in placed):
            continue
        placed.append((age, rate))
        chart.add_annotation(
            x=age, y=rate, text=plain_name(name), showarrow=False, xanchor="left", xshift=3, font={"size": 11}
        )
