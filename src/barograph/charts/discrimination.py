"""Figures of discriminatory power: ROC, cumulative gains, and where goods and bads score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import ALARM, QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import along, short
from barograph.core.arrays import FloatArray

_CURVE_POINTS = 200
_SHARE = {"range": [0, 1], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}


def share_curves(
    curves: Mapping[str, tuple[FloatArray, FloatArray]],
    *,
    x_label: str,
    y_label: str,
    chance_name: str,
    ideal: tuple[FloatArray, FloatArray] | None = None,
    ideal_name: str = "",
) -> go.Figure:
    """A share reached against a share spent, one line per model: ROC, cumulative gains, loss capture.

    Parameters
    ----------
    curves : Mapping[str, tuple[FloatArray, FloatArray]]
        Display name -> shares spent and reached, both shape [n], ascending from 0 to 1.
    x_label, y_label, chance_name : str
        Words of the axes and of the diagonal.
    ideal : tuple[FloatArray, FloatArray], optional
        The line of a perfect model.
    ideal_name : str
        Its word.
    """
    chart = figure(x=axis(x_label, **_SHARE), y=axis(y_label, **_SHARE), height=360)
    chart.update_layout(margin_r=24)
    plain = {"color": QUIET, "width": 1}
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name=plain_name(chance_name), line=plain, hoverinfo="skip"
    )
    if ideal is not None:
        chart.add_scatter(
            x=short(ideal[0]),
            y=short(ideal[1]),
            mode="lines",
            name=plain_name(ideal_name),
            line={**plain, "dash": "dot"},
            hoverinfo="skip",
        )
    for index, (name, (spent, reached)) in enumerate(curves.items()):
        style = mark(index)
        kept = along(spent, reached, _CURVE_POINTS)
        chart.add_scatter(
            x=short(spent[kept]),
            y=short(reached[kept]),
            mode="lines",
            name=plain_name(name),
            line={"color": style.colour, "dash": style.dash, "width": 1.8},
            hovertemplate="%{x:.1%} → %{y:.1%}",
        )
    return chart


def score_distribution(
    edges: FloatArray,
    *,
    goods: FloatArray,
    bads: FloatArray,
    goods_name: str,
    bads_name: str,
    x_label: str,
    y_label: str,
    threshold: float | None = None,
    threshold_name: str = "",
) -> go.Figure:
    """Shares of goods and of bads in bins of the predicted probability, as two outlines.

    Parameters
    ----------
    edges : FloatArray
        Edges of the bins, shape [n_bins + 1], ascending.
    goods, bads : FloatArray
        Share of each class in each bin, shape [n_bins]; each sums to one.
    goods_name, bads_name, x_label, y_label : str
        Words of the legend and the axes.
    threshold : float, optional
        Drawn as a vertical line.
    threshold_name : str
        Its word.
    """
    top = 1.1 * float(max(goods.max(), bads.max()))
    chart = figure(
        x=axis(x_label, tickformat=".0%", range=[float(edges[0]), float(edges[-1])]),
        y=axis(y_label, tickformat=".0%", range=[0, top]),
    )
    shown = ((goods, goods_name, "rgba(0,114,178,0.25)", 0), (bads, bads_name, "rgba(213,94,0,0.25)", 1))
    for share, name, fill, index in shown:
        chart.add_scatter(
            x=short(np.repeat(edges, 2)),
            y=short(np.concatenate([[0.0], np.repeat(share, 2), [0.0]])),
            mode="lines",
            name=plain_name(name),
            line={"color": mark(index).colour, "dash": mark(index).dash, "width": 1.5},
            fill="tozeroy",
            fillcolor=fill,
            hovertemplate="%{x:.1%}: %{y:.1%}",
        )
    if threshold is not None:
        chart.add_scatter(
            x=[threshold, threshold],
            y=[0, top],
            mode="lines",
            name=plain_name(threshold_name),
            line={"color": ALARM, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    return chart
