"""Forecast curves as small multiples of fans, and figures of tenor by horizon as cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import GRID, INK, MARKS, axis, figure, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray

_FILL = "rgba(0,114,178,{share:.2f})"
_GAP, _ROW_GAP = 0.03, 0.16
_PANEL_HEIGHT = 250


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """A forecast of a whole curve at one horizon; every array [n_tenors], NaN is a gap."""

    centre: FloatArray
    intervals: Sequence[tuple[FloatArray, FloatArray]]  # lower and upper ends, the widest first
    came: FloatArray | None = None  # what came of it, where known


def curve_fans(
    tenors: Sequence[str],
    fans: Mapping[str, Fan],
    *,
    now: FloatArray,
    interval_names: Sequence[str],
    now_name: str,
    centre_name: str,
    came_name: str,
    y_label: str,
    y_format: str = ".1%",
    columns: int = 3,
) -> go.Figure:
    """One panel per horizon on a common scale: the curve now, its forecast within intervals, what came.

    Parameters
    ----------
    tenors : Sequence[str]
        Display names, shortest first; evenly spaced, so that the short end can be read.
    fans : Mapping[str, Fan]
        Title of the panel -> forecast, in reading order.
    now : FloatArray [n_tenors]
        The curve at the origin; NaN is a gap.
    interval_names : Sequence[str]
        One per interval of a fan.
    now_name, centre_name, came_name, y_label : str
        Words of the legend and the axis.
    y_format : str
        d3 format of the values.
    columns : int
        Panels beside one another at most.
    """
    rows = -(-len(fans) // columns)
    chart = figure(x=axis(), y=axis(), height=80 + _PANEL_HEIGHT * rows)
    x = [plain_name(name) for name in tenors]
    for place, (title, fan) in enumerate(fans.items()):
        _panel(chart, place, title=title, columns=min(columns, len(fans)), rows=rows, tenors=len(x))
        on: dict[str, object] = {"x": x, "xaxis": _name("x", place), "yaxis": _name("y", place)}
        on |= {"hovertemplate": f"%{{x}}<br>%{{y:{y_format}}}"}
        shown = place == 0
        _intervals(chart, fan, interval_names, on, shown=shown)
        for name, values, colour, dash in (
            (now_name, now, INK, "dot"),
            (centre_name, fan.centre, MARKS[0].colour, "solid"),
        ):
            chart.add_scatter(
                y=short(values), mode="lines", line={"color": colour, "dash": dash, "width": 1.6},
                name=plain_name(name), showlegend=shown, **on,
            )  # fmt: skip
        if fan.came is not None:
            chart.add_scatter(
                y=short(fan.came), mode="markers", marker={"color": MARKS[1].colour, "size": 6},
                name=plain_name(came_name), showlegend=shown, **on,
            )  # fmt: skip
    _common_scale(chart, fans, now, y_label=y_label, y_format=y_format, columns=columns)
    return chart


def _intervals(
    chart: go.Figure, fan: Fan, names: Sequence[str], on: dict[str, object], *, shown: bool
) -> None:
    """Shaded bands, the widest first and palest."""
    common = on | {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "hovertemplate": None}
    for index, (name, (lower, upper)) in enumerate(zip(names, fan.intervals, strict=True)):
        chart.add_scatter(y=short(lower), showlegend=False, name=plain_name(name), **common)
        chart.add_scatter(
            y=short(upper), fill="tonexty", fillcolor=_FILL.format(share=0.14 * (index + 1)),
            name=plain_name(name), showlegend=shown, **common,
        )  # fmt: skip


def _name(letter: str, place: int) -> str:
    return letter if place == 0 else f"{letter}{place + 1}"


def _panel(chart: go.Figure, place: int, *, title: str, columns: int, rows: int, tenors: int) -> None:
    """Axes and title of one panel."""
    column, row = place % columns, place // columns
    width, height = (1.0 - _GAP * (columns - 1)) / columns, (1.0 - _ROW_GAP * (rows - 1)) / rows
    left, top = column * (width + _GAP), 1.0 - row * (height + _ROW_GAP)
    number = "" if place == 0 else str(place + 1)
    x = axis(type="category", domain=[left, left + width], anchor=_name("y", place), showgrid=False)
    x |= {"range": [-0.5, tenors - 0.5]}
    y = axis(domain=[top - height, top], anchor=_name("x", place))
    if column:
        y |= {"showticklabels": False}
    chart.update_layout({f"xaxis{number}": x, f"yaxis{number}": y})
    chart.add_annotation(
        x=left + 0.01, y=top, xref="paper", yref="paper", xanchor="left", yanchor="top", showarrow=False,
        text=f"<b>{plain_name(title)}</b>",
    )  # fmt: skip


def _common_scale(
    chart: go.Figure, fans: Mapping[str, Fan], now: FloatArray, *, y_label: str, y_format: str, columns: int
) -> None:
    """The same range on every panel; the axis is named in the first column."""
    ends = [end for fan in fans.values() for pair in fan.intervals for end in pair]
    centres = [fan.centre for fan in fans.values()] + [f.came for f in fans.values() if f.came is not None]
    every = np.concatenate([now, *ends, *centres])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    margin = 0.06 * (high - low) or 0.001
    for place in range(len(fans)):
        number = "" if place == 0 else str(place + 1)
        settings: dict[str, object] = {"range": [low - margin, high + 2 * margin], "tickformat": y_format}
        if place % columns == 0:
            settings |= {"title": {"text": y_label, "standoff": 8}}
        chart.update_layout({f"yaxis{number}": settings})
    chart.update_layout(legend={"y": 1.06}, margin={"t": 40})


def ratio_heat(
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    values: FloatArray,
    notes: Sequence[Sequence[str]] | None = None,
    middle: float = 1.0,
    reach: float = 0.1,
    digits: int = 3,
) -> go.Figure:
    """Ratios of rows by columns as cells: blue below the middle, orange above, deeper the farther away.

    Parameters
    ----------
    rows, columns : Sequence[str]
        Display names, such as tenors and horizons.
    values : FloatArray [n_rows, n_columns]
        NaN is left blank.
    notes : Sequence of Sequence of str, optional
        A sign behind each number, such as a star for significance.
    middle : float
        The value without a colour.
    reach : float
        Distance from the middle beyond which the shade does not deepen.
    digits : int
        Decimals written.
    """
    chart = figure(
        x=axis(type="category", side="top", showgrid=False),
        y=axis(type="category", autorange="reversed", showgrid=False),
        height=60 + 28 * len(rows),
    )
    signs = notes if notes is not None else [[""] * len(columns)] * len(rows)
    chart.add_heatmap(
        x=[plain_name(name) for name in columns],
        y=[plain_name(name) for name in rows],
        z=[short(row) for row in values],
        text=[
            [f"{v:.{digits}f}{plain_name(s)}" if np.isfinite(v) else "–" for v, s in zip(*pair, strict=True)]
            for pair in zip(values, signs, strict=True)
        ],
        texttemplate="%{text}",
        zmin=middle - reach,
        zmax=middle + reach,
        colorscale=[[0, "rgba(0,114,178,0.5)"], [0.5, "rgba(0,0,0,0)"], [1, "rgba(213,94,0,0.5)"]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
    )
    chart.update_xaxes(linecolor=GRID)
    return chart
