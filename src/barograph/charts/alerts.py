"""Figures of alerts: precision against recall, what each number of alerts costs, shares by kind of fraud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import along, short
from barograph.core.arrays import FloatArray

_CURVE_POINTS = 250
_SHARE = {"range": [0, 1.02], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}


def precision_recall(
    curves: Mapping[str, tuple[FloatArray, FloatArray]],
    *,
    marks: Mapping[str, tuple[float, float]],
    x_label: str,
    y_label: str,
    mark_name: str,
) -> go.Figure:
    """Precision against recall, one line per model, and where its threshold puts it.

    Parameters
    ----------
    curves : Mapping[str, tuple[FloatArray, FloatArray]]
        Display name -> recall, ascending, and precision, both shape [n].
    marks : Mapping[str, tuple[float, float]]
        Display name -> recall and precision at the threshold; left out where either is NaN.
    x_label, y_label, mark_name : str
        Words of the axes, and what the marks are.
    """
    chart = figure(x=axis(x_label, **_SHARE), y=axis(y_label, **_SHARE), height=360)
    chart.update_layout(margin_r=24)
    for index, (name, (recall, precision)) in enumerate(curves.items()):
        kept = along(recall, precision, _CURVE_POINTS)
        _line(chart, index, name, recall[kept], precision[kept], "%{x:.1%} → %{y:.1%}")
        _mark(chart, index, f"{name} · {mark_name}", marks.get(name), "%{x:.1%} → %{y:.1%}")
    return chart


def cost_curve(
    curves: Mapping[str, tuple[FloatArray, FloatArray]],
    *,
    marks: Mapping[str, tuple[float, float]],
    without: float,
    x_label: str,
    y_label: str,
    mark_name: str,
    without_name: str,
) -> go.Figure:
    """Cost of a day against the alerts of a day on a logarithmic scale, with the threshold in use.

    Parameters
    ----------
    curves : Mapping[str, tuple[FloatArray, FloatArray]]
        Display name -> alerts per day, ascending and positive, and money per day, both shape [n].
    marks : Mapping[str, tuple[float, float]]
        Display name -> alerts and money per day at the threshold; left out where there are no alerts.
    without : float
        Money per day with no alert at all; costs above twice it are cut off.
    x_label, y_label, mark_name, without_name : str
        Words of the axes, of the marks and of the level line.
    """
    most = max((float(alerts[-1]) for alerts, _ in curves.values() if alerts.size), default=1.0)
    least = min((float(alerts[0]) for alerts, _ in curves.values() if alerts.size), default=0.1)
    top = 2.0 * without if without > 0.0 else None
    chart = figure(
        x=axis(x_label, type="log", dtick=1),
        y=axis(y_label, tickformat=",.3~s", **({"range": [0, top]} if top else {})),
        height=360,
    )
    chart.update_layout(margin_r=24)
    chart.add_scatter(
        x=short(np.array([least, most])),
        y=short(np.array([without, without])),
        mode="lines",
        name=plain_name(without_name),
        line={"color": QUIET, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    for index, (name, (alerts, cost)) in enumerate(curves.items()):
        shown = cost <= 2.0 * without if without > 0.0 else np.ones(cost.size, dtype=bool)
        x, y = alerts[shown], cost[shown]
        kept = along(np.log10(x), y / max(without, 1e-12), _CURVE_POINTS)
        _line(chart, index, name, x[kept], y[kept], "%{x:.3~g}: %{y:,.0f}")
        _mark(chart, index, f"{name} · {mark_name}", marks.get(name), "%{x:.3~g}: %{y:,.0f}")
    return chart


def shares_by_kind(kinds: Sequence[str], *, shares: Mapping[str, FloatArray], x_label: str) -> go.Figure:
    """A share of each kind of case as bars side by side, one colour and pattern per model.

    Parameters
    ----------
    kinds : Sequence[str]
        Display names, top to bottom.
    shares : Mapping[str, FloatArray]
        Display name of a model -> share of each kind, shape [n_kinds]; NaN draws none.
    x_label : str
        Word of the axis.
    """
    chart = figure(
        x=axis(x_label, range=[0, 1.02], tickformat=".0%"),
        y=axis(type="category", autorange="reversed", showgrid=False),
        height=90 + 22 * len(kinds) * max(len(shares), 1) + 8 * len(kinds),
    )
    for index, (name, values) in enumerate(shares.items()):
        chart.add_bar(
            x=short(values),
            y=[plain_name(kind) for kind in kinds],
            orientation="h",
            name=plain_name(name),
            marker={"color": mark(index).colour, "pattern": {"shape": ("", "/", "x", ".")[index % 4]}},
            hovertemplate="%{y}: %{x:.1%}",
        )
    chart.update_layout(barmode="group", showlegend=True)
    return chart


def _line(chart: go.Figure, index: int, name: str, x: FloatArray, y: FloatArray, hover: str) -> None:
    style = mark(index)
    chart.add_scatter(
        x=short(x),
        y=short(y),
        mode="lines",
        name=plain_name(name),
        line={"color": style.colour, "dash": style.dash, "width": 1.8},
        hovertemplate=hover,
    )


def _mark(chart: go.Figure, index: int, name: str, at: tuple[float, float] | None, hover: str) -> None:
    if at is None or not np.isfinite(at).all():
        return
    style = mark(index)
    chart.add_scatter(
        x=short(np.array([at[0]])),
        y=short(np.array([at[1]])),
        mode="markers",
        name=plain_name(name),
        marker={"color": style.colour, "symbol": style.symbol, "size": 11},
        hovertemplate=hover,
    )
