"""Figures over test blocks in order: default rates through the cycle, scores and stability by vintage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import GRID, INK, QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray


def by_block(
    blocks: Sequence[str],
    *,
    lines: Mapping[str, FloatArray],
    y_label: str,
    y_format: str,
    bars: FloatArray | None = None,
    bars_name: str = "",
    limits: Mapping[str, float] | None = None,
    from_zero: bool = False,
) -> go.Figure:
    """One line per model over test blocks in order; what came may stand behind them as bars.

    Parameters
    ----------
    blocks : Sequence[str]
        Names of the blocks.
    lines : Mapping[str, FloatArray]
        Display name -> value at each block, shape [n_blocks]; NaN is a gap.
    y_label, y_format : str
        Word and d3 format of the axis, such as ".1%".
    bars : FloatArray, optional
        What was observed, shape [n_blocks].
    bars_name : str
        Its word.
    limits : Mapping[str, float], optional
        Display name -> height of a dashed line across.
    from_zero : bool
        Whether the axis starts at zero.
    """
    chart = figure(
        x=axis(type="category", showgrid=False),
        y=axis(y_label, tickformat=y_format, **({"rangemode": "tozero"} if from_zero else {})),
    )
    names = [plain_name(block) for block in blocks]
    if bars is not None:
        chart.add_bar(
            x=names,
            y=short(bars),
            name=plain_name(bars_name),
            marker={"color": "rgba(138,147,156,0.35)", "line": {"color": QUIET, "width": 1}},
            hovertemplate=f"%{{x}}: %{{y:{y_format}}}",
        )
    _limits(chart, names, limits or {})
    for index, (name, value) in enumerate(lines.items()):
        style = mark(index)
        chart.add_scatter(
            x=names,
            y=short(value),
            mode="lines+markers",
            name=plain_name(name),
            line={"color": style.colour, "dash": style.dash, "width": 1.8},
            marker={"symbol": style.symbol, "size": 8},
            hovertemplate=f"%{{x}}: %{{y:{y_format}}}",
        )
    chart.update_layout(showlegend=True)
    return chart


def _limits(chart: go.Figure, names: Sequence[str], limits: Mapping[str, float]) -> None:
    """Dashed lines across, one per limit."""
    for index, (name, height) in enumerate(limits.items()):
        chart.add_scatter(
            x=list(names),
            y=[height] * len(names),
            mode="lines",
            name=plain_name(name),
            line={"color": INK, "dash": ("dot", "dash")[index % 2], "width": 1},
            hoverinfo="skip",
        )


_DEEPEST = 0.30


def heat(
    rows: Sequence[str], columns: Sequence[str], *, values: FloatArray, deepest: float = _DEEPEST
) -> go.Figure:
    """Values of every row and column as shaded cells with their number; the shade deepens up to `deepest`.

    Parameters
    ----------
    rows, columns : Sequence[str]
        Display names.
    values : FloatArray
        Shape [n_rows, n_columns], not negative; NaN is left blank.
    deepest : float
        Value from which the shade does not deepen further.
    """
    chart = figure(
        x=axis(type="category", side="top", showgrid=False),
        y=axis(type="category", autorange="reversed", showgrid=False),
        height=60 + 24 * len(rows),
    )
    known = np.isfinite(values)
    chart.add_heatmap(
        x=[plain_name(name) for name in columns],
        y=[plain_name(name) for name in rows],
        z=[short(row) for row in values],
        text=[
            [f"{v:.2f}" if ok else "–" for v, ok in zip(row, found, strict=True)]
            for row, found in zip(values, known, strict=True)
        ],
        texttemplate="%{text}",
        zmin=0.0,
        zmax=deepest,
        colorscale=[[0, "rgba(213,94,0,0)"], [1, "rgba(213,94,0,0.45)"]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
    )
    chart.update_xaxes(linecolor=GRID)
    return chart
