"""Figures of decisions: what a threshold costs, and what made up one applicant's probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import ALARM, QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray


def thresholds(
    threshold: FloatArray,
    *,
    lines: Mapping[str, FloatArray],
    stated: float | None,
    stated_name: str,
    x_label: str,
    y_label: str,
) -> go.Figure:
    """Shares such as precision and recall at every threshold, the stated one marked.

    Parameters
    ----------
    threshold : FloatArray
        Probabilities, shape [n], ascending.
    lines : Mapping[str, FloatArray]
        Display name -> share at each threshold, shape [n]; NaN is a gap.
    stated : float, optional
        The threshold in use.
    stated_name, x_label, y_label : str
        Words of the legend and the axes.
    """
    chart = figure(x=axis(x_label, tickformat=".0%"), y=axis(y_label, tickformat=".0%", range=[0, 1.02]))
    for index, (name, value) in enumerate(lines.items()):
        style = mark(index)
        chart.add_scatter(
            x=short(threshold),
            y=short(value),
            mode="lines+markers",
            name=plain_name(name),
            line={"color": style.colour, "dash": style.dash, "width": 1.8},
            marker={"symbol": style.symbol, "size": 6},
            hovertemplate="%{x:.1%}: %{y:.1%}",
        )
    if stated is not None:
        chart.add_scatter(
            x=[stated, stated],
            y=[0, 1],
            mode="lines",
            name=plain_name(stated_name),
            line={"color": ALARM, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    return chart


def waterfall(
    names: Sequence[str],
    *,
    effect: FloatArray,
    base: float,
    base_name: str,
    total_name: str,
    x_label: str,
) -> go.Figure:
    """From a starting probability over each column's effect to the probability served, top to bottom.

    Parameters
    ----------
    names : Sequence[str]
        What each step is, in the order drawn.
    effect : FloatArray
        What each step adds, shape [n_steps], in the unit of `base`.
    base : float
        Where the steps start.
    base_name, total_name, x_label : str
        Words of the first row, of the last, and of the axis.
    """
    after = base + np.cumsum(effect)
    start = np.concatenate([[0.0], [base], after[:-1], [0.0]])
    length = np.concatenate([[base], effect, [after[-1] if effect.size else base]])
    colours = [QUIET, *(mark(1).colour if e > 0 else mark(0).colour for e in effect), QUIET]
    patterns = ["", *("/" if e > 0 else "" for e in effect), ""]
    rows = [plain_name(name) for name in (base_name, *names, total_name)]
    said = [f"{base:.1%}", *(f"{100 * e:+.1f}".replace("-", "−") for e in effect), f"{length[-1]:.1%}"]
    text = [f"\u00a0{one}" for one in said]
    tip = start + np.maximum(length, 0.0)
    chart = figure(
        x=axis(x_label, tickformat=".0%", range=[0, 1.15 * float(tip.max())]),
        y=axis(type="category", autorange="reversed", showgrid=False, tickmode="array"),
        height=70 + 26 * len(rows),
    )
    places = list(range(len(rows)))
    chart.update_yaxes(type="linear", tickvals=places, ticktext=rows)
    chart.add_bar(
        x=short(length),
        y=places,
        base=short(start),
        orientation="h",
        marker={"color": colours, "pattern": {"shape": patterns, "size": 5, "solidity": 0.25}},
        hovertext=rows,
        customdata=text,
        hovertemplate="%{hovertext}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    _told(chart, tip, places, text)
    return chart


def _told(chart: go.Figure, tip: FloatArray, places: list[int], text: list[str]) -> None:
    """What each step adds, written right of its bar."""
    chart.add_scatter(
        x=short(tip),
        y=places,
        mode="text",
        text=text,
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
    )
