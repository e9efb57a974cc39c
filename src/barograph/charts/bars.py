"""Bars: signed amounts one under the other, shares side by side, counts on top of one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from barograph.charts.theme import ALARM, INK, MARKS, QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray

_PATTERNS = ("", "/", "x", ".")


def amounts(
    names: Sequence[str],
    values: FloatArray,
    *,
    x_label: str,
    x_format: str = ",.3~r",
    limits: Mapping[str, float] | None = None,
    raising: str = "",
    lowering: str = "",
) -> go.Figure:
    """One bar per name, to the right what raises and to the left what lowers.

    Parameters
    ----------
    names : Sequence[str]
        Display names, top to bottom.
    values : FloatArray [n]
        NaN draws none.
    x_label, raising, lowering : str
        Words of the axis, and of bars above and below zero; where the latter are empty no legend is shown.
    x_format : str
        d3 format of the values.
    limits : Mapping[str, float], optional
        Display name -> place of a line across the bars.
    """
    chart = figure(
        x=axis(x_label, tickformat=x_format),
        y=axis(type="category", autorange="reversed", showgrid=False),
        height=(110 if raising or limits else 80) + 26 * max(len(names), 1),
    )
    shown = [plain_name(name) for name in names]
    for name, above, colour, pattern in (
        (raising, True, MARKS[1 if raising else 0].colour, ""),
        (lowering, False, MARKS[0].colour, "/"),
    ):
        kept = [one if one is not None and (one >= 0.0) == above else None for one in short(values)]
        if any(value is not None for value in kept):
            chart.add_bar(
                x=kept, y=shown, orientation="h", name=plain_name(name), showlegend=bool(name),
                marker={"color": colour, "pattern": {"shape": pattern}},
                hovertemplate=f"%{{y}}: %{{x:{x_format}}}<extra></extra>",
            )  # fmt: skip
    for index, (name, place) in enumerate((limits or {}).items()):
        chart.add_scatter(
            x=[place, place], y=[shown[0], shown[-1]] if shown else [], mode="lines", name=plain_name(name),
            line={"color": ALARM if index else INK, "dash": ("dot", "dash")[index % 2], "width": 1.2},
            hoverinfo="skip",
        )  # fmt: skip
    chart.add_vline(x=0, line={"color": QUIET, "width": 1})
    chart.update_layout(barmode="relative", bargap=0.35)
    chart.update_yaxes(categoryorder="array", categoryarray=shown)
    return chart


def then_and_now(
    cells: Sequence[str], then: FloatArray, now: FloatArray, *, then_name: str, now_name: str, x_label: str
) -> go.Figure:
    """Shares of records in each cell, in training and now, side by side.

    Parameters
    ----------
    cells : Sequence[str]
        Display names, left to right.
    then, now : FloatArray [n_cells]
        Shares, each summing to one.
    then_name, now_name, x_label : str
        Words of the legend and the axis.
    """
    chart = figure(
        x=axis(x_label, type="category", showgrid=False),
        y=axis(tickformat=".0%", rangemode="tozero"),
        height=300,
    )
    shown = [plain_name(cell) for cell in cells]
    for name, values, colour, pattern in (
        (then_name, then, QUIET, "/"),
        (now_name, now, MARKS[0].colour, ""),
    ):
        chart.add_bar(
            x=shown, y=short(values), name=plain_name(name), hovertemplate="%{x}: %{y:.1%}",
            marker={"color": colour, "pattern": {"shape": pattern}},
        )  # fmt: skip
    chart.update_layout(barmode="group", bargap=0.25, showlegend=True)
    return chart


def stacked(blocks: Sequence[str], parts: Mapping[str, Sequence[int]], *, y_label: str) -> go.Figure:
    """Counts of each block on top of one another, told apart by colour and pattern.

    Parameters
    ----------
    blocks : Sequence[str]
        Display names, left to right.
    parts : Mapping[str, Sequence[int]]
        Display name -> count in each block, from the bottom up.
    y_label : str
        Word of the axis.
    """
    chart = figure(
        x=axis(type="category", showgrid=False), y=axis(y_label, rangemode="tozero", tickformat=",d")
    )
    for index, (name, counts) in enumerate(parts.items()):
        pattern = {"shape": _PATTERNS[index % len(_PATTERNS)]}
        chart.add_bar(
            x=[plain_name(block) for block in blocks], y=list(counts), name=plain_name(name),
            marker={"color": mark(index).colour, "pattern": pattern}, hovertemplate="%{x}: %{y:,}",
        )  # fmt: skip
    chart.update_layout(barmode="stack", showlegend=True)
    return chart
