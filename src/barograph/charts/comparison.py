"""Figures that set models side by side: score differences, seeds, and shares of back-tests passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from barograph.charts.theme import ALARM, INK, QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import short
from barograph.core.arrays import FloatArray

_ROW = 30
_FRAME = 90


def score_differences(
    names: Sequence[str],
    *,
    difference: FloatArray,
    half_width: FloatArray,
    x_label: str,
    higher_is_better: bool = False,
    half_width_below: FloatArray | None = None,
) -> go.Figure:
    """Each model's score less the reference's, with an interval; for a loss left of zero = better.

    Parameters
    ----------
    names : Sequence[str]
        Display names, best first.
    difference, half_width : FloatArray
        Difference and half width of its interval, shape [n_models]; a NaN half width draws none.
    x_label : str
        Word of the axis.
    higher_is_better : bool
        Whether right of zero is better, as for AUC.
    half_width_below : FloatArray, optional
        How far the interval reaches to the left, shape [n_models], where it reaches otherwise to the right.
    """
    chart = figure(x=axis(x_label), y=axis(autorange="reversed"), height=_FRAME + _ROW * len(names))
    below = half_width if half_width_below is None else half_width_below
    chart.add_vline(x=0, line={"color": INK, "width": 1})
    for standing, style in ((True, mark(0)), (False, mark(1))):
        rows = [
            i
            for i, value in enumerate(difference)
            if bool((value > 0.0) if higher_is_better else (value < 0.0)) == standing
        ]
        chart.add_scatter(
            x=[float(f"{difference[i]:.4g}") for i in rows],
            y=[plain_name(names[i]) for i in rows],
            error_x={
                "type": "data",
                "array": short(half_width[rows]),
                "arrayminus": short(below[rows]),
                "symmetric": False,
                "color": style.colour,
                "thickness": 1.6,
                "width": 4,
            },
            mode="markers",
            marker={"color": style.colour, "symbol": style.symbol, "size": 9},
            hovertemplate="%{y}<br>%{x:.4f}",
            name="",
            showlegend=False,
        )
    chart.update_yaxes(categoryorder="array", categoryarray=[plain_name(n) for n in names])
    return chart


def seed_spread(
    members: Mapping[str, FloatArray],
    *,
    ensembles: Mapping[str, float],
    reference: float,
    seed_name: str,
    ensemble_name: str,
    reference_name: str,
    x_label: str,
) -> go.Figure:
    """The score of every seed of every network, of their ensembles, and of the reference; left = better.

    Parameters
    ----------
    members : Mapping[str, FloatArray]
        Display name of a network -> score of each seed, shape [n_seeds].
    ensembles : Mapping[str, float]
        Display name of a network -> score of its ensemble.
    reference : float
        Score of the reference model.
    seed_name, ensemble_name, reference_name, x_label : str
        Words of the legend and the axis.
    """
    chart = figure(x=axis(x_label), y=axis(autorange="reversed"), height=_FRAME + 44 * len(members))
    seeds = [(plain_name(name), float(f"{s:.5g}")) for name, scores in members.items() for s in scores]
    chart.add_scatter(
        x=[score for _, score in seeds],
        y=[name for name, _ in seeds],
        mode="markers",
        name=plain_name(seed_name),
        marker={"symbol": "circle-open", "size": 8, "color": mark(0).colour, "line": {"width": 1.4}},
        hovertemplate="%{y}<br>%{x:.4f}",
    )
    chart.add_scatter(
        x=[float(f"{ensembles[name]:.5g}") for name in members],
        y=[plain_name(name) for name in members],
        mode="markers",
        name=plain_name(ensemble_name),
        marker={"symbol": "diamond", "size": 11, "color": mark(1).colour},
        hovertemplate="%{y}<br>%{x:.4f}",
    )
    names = [plain_name(name) for name in members]
    chart.add_scatter(
        x=[float(f"{reference:.5g}")] * len(names),
        y=names,
        mode="lines+markers",
        name=plain_name(reference_name),
        line={"color": QUIET, "width": 1.5, "dash": "dash"},
        marker={"symbol": "line-ns", "size": 20, "line": {"color": QUIET, "width": 1.5}},
        hovertemplate="%{x:.4f}",
    )
    return chart


def passed_shares(
    models: Sequence[str],
    tests: Sequence[str],
    *,
    share: FloatArray,
    enough: float,
    blank: str,
) -> go.Figure:
    """Share of back-tests passed, a dot for each model and test; its area and its number are the share.

    Parameters
    ----------
    models, tests : Sequence[str]
        Display names of rows and columns.
    share : FloatArray
        Share passed in [0, 1], shape [n_models, n_tests]; NaN where nothing could be tested.
    enough : float
        Shares from here on are round and blue; smaller ones are diamonds in orange-red.
    blank : str
        What stands where nothing could be tested.
    """
    chart = figure(
        x=axis(side="top", showgrid=False),
        y=axis(autorange="reversed", showgrid=False),
        height=_FRAME + 44 * len(models),
    )
    cells = [(m, t, float(share[i, j])) for i, m in enumerate(models) for j, t in enumerate(tests)]
    known = [s == s for _, _, s in cells]
    chart.add_scatter(
        x=[plain_name(t) for _, t, _ in cells],
        y=[plain_name(m) for m, _, _ in cells],
        mode="markers+text",
        text=[f"{s:.0%}" if ok else plain_name(blank) for (_, _, s), ok in zip(cells, known, strict=True)],
        textposition="bottom center",
        marker={
            "opacity": 1.0,
            "size": [3 + 11 * s**0.5 if ok else 4 for (_, _, s), ok in zip(cells, known, strict=True)],
            "color": [mark(0).colour if s >= enough else ALARM for _, _, s in cells],
            "symbol": ["circle" if s >= enough else "diamond" for _, _, s in cells],
        },
        hovertemplate="%{y} · %{x}: %{text}<extra></extra>",
        showlegend=False,
    )
    return chart
