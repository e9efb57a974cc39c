"""Figures of several models with their intervals, one under the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from barograph.charts.theme import axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray

_ROW, _FRAME = 30, 100


def intervals(
    names: Sequence[str],
    *,
    value: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    groups: Mapping[str, Sequence[int]],
    x_label: str,
) -> go.Figure:
    """Each model's figure as a mark with its interval; groups told apart by colour and shape.

    Parameters
    ----------
    names : Sequence[str]
        Display names, top to bottom.
    value, lower, upper : FloatArray [n_models]
        The figure and the ends of its interval; NaN ends draw none.
    groups : Mapping[str, Sequence[int]]
        Display name of a group -> places of its models.
    x_label : str
        Word of the axis, which begins at zero.
    """
    chart = figure(
        x=axis(x_label, rangemode="tozero"),
        y=axis(autorange="reversed"),
        height=_FRAME + _ROW * len(names),
    )
    for index, (group, places) in enumerate(groups.items()):
        style, at = mark(index), list(places)
        chart.add_scatter(
            x=short(value[at]),
            y=[plain_name(names[place]) for place in at],
            error_x={
                "type": "data",
                "array": short(upper[at] - value[at]),
                "arrayminus": short(value[at] - lower[at]),
                "symmetric": False,
                "color": style.colour,
                "thickness": 1.6,
                "width": 4,
            },
            mode="markers",
            marker={"color": style.colour, "symbol": style.symbol, "size": 9},
            name=plain_name(group),
            hovertemplate="%{y}: %{x:.4f}",
        )
    chart.update_yaxes(categoryorder="array", categoryarray=[plain_name(name) for name in names])
    return chart
