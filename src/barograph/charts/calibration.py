"""Figures of calibration: PIT histograms and reliability diagrams."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import INK, QUIET, axis, figure, mark, plain_name
from barograph.charts.thin import MOST_POINTS, evenly, short
from barograph.core.arrays import FloatArray


def pit_histogram(
    share: FloatArray,
    *,
    half_width: FloatArray,
    x_label: str,
    y_label: str,
    share_name: str,
    band_name: str,
) -> go.Figure:
    """Histogram of probability integral transforms, with the band expected of a calibrated forecast.

    Parameters
    ----------
    share : FloatArray
        Share of observations in each of equally wide bins of [0, 1], shape [n_bins]; sums to one.
    half_width : FloatArray
        Half width of the band about ``1 / n_bins``, shape [n_bins], in shares.
    x_label, y_label, share_name, band_name : str
        Words of the axes and the legend.
    """
    n_bins = share.size
    middle = (np.arange(n_bins) + 0.5) / n_bins
    level = 1.0 / n_bins
    x = axis(x_label, range=[0, 1], tickvals=[0, 0.25, 0.5, 0.75, 1])
    chart = figure(x=x, y=axis(y_label, rangemode="tozero", tickformat=".1%"), height=240)
    outline = {"color": INK, "width": 0.5}
    chart.add_bar(
        x=middle.tolist(),
        y=[float(f"{v:.4g}") for v in share],
        width=1.0 / n_bins,
        name=plain_name(share_name),
        marker={"color": "rgba(0,114,178,0.55)", "line": outline},
        hovertemplate="%{x:.3f}<br>%{y:.2%}",
    )
    for sign, shown in ((1.0, True), (-1.0, False)):
        chart.add_scatter(
            x=middle.tolist(),
            y=[float(f"{v:.4g}") for v in level + sign * half_width],
            mode="lines",
            name=plain_name(band_name),
            showlegend=shown,
            line={"color": mark(1).colour, "dash": "dash", "width": 1.3, "shape": "hvh"},
            hoverinfo="skip",
        )
    chart.update_layout(showlegend=True)
    return chart


SMALL = 0.08
"""Probabilities up to which whole percents would repeat along an axis."""


def reliability(
    curves: Mapping[str, tuple[FloatArray, FloatArray]],
    *,
    x_label: str,
    y_label: str,
    ideal_name: str,
    intervals: Mapping[str, tuple[FloatArray, FloatArray]] | None = None,
) -> go.Figure:
    """Observed frequency of an event against the probability forecast for it, beside the diagonal.

    Parameters
    ----------
    curves : Mapping[str, tuple[FloatArray, FloatArray]]
        Display name -> mean forecast probability and observed frequency of each bin, both shape [n_bins].
    x_label, y_label, ideal_name : str
        Words of the axes and of the diagonal.
    intervals : Mapping[str, tuple[FloatArray, FloatArray]], optional
        Display name -> lower and upper end of the interval of each observed frequency, both shape [n_bins].
    """
    drawn = [*curves.values(), *(intervals or {}).values()]
    top = max((float(np.nanmax(both)) for both in drawn), default=1.0)
    top = min(1.0, 1.05 * top)
    ticks = ".0%" if top >= SMALL else ".1%" if top >= 0.1 * SMALL else ".2%"  # no two ticks read alike
    chart = figure(
        x=axis(x_label, range=[0, top], tickformat=ticks), y=axis(y_label, range=[0, top], tickformat=ticks)
    )
    chart.add_scatter(
        x=[0, top],
        y=[0, top],
        mode="lines",
        name=plain_name(ideal_name),
        line={"color": QUIET, "width": 1},
        hoverinfo="skip",
    )
    hover = "%{x:.1%} → %{y:.1%}" if top >= SMALL else "%{x:.2%} → %{y:.2%}"
    for index, (name, (forecast, observed)) in enumerate(curves.items()):
        style = mark(index)
        chart.add_scatter(
            x=[float(f"{v:.4g}") for v in forecast],
            y=[float(f"{v:.4g}") for v in observed],
            mode="lines+markers",
            name=plain_name(name),
            line={"color": style.colour, "dash": style.dash, "width": 1.3},
            marker={"symbol": style.symbol, "size": 7},
            hovertemplate=hover,
            **_whiskers(observed, (intervals or {}).get(name), style.colour),
        )
    return chart


def _whiskers(
    observed: FloatArray, interval: tuple[FloatArray, FloatArray] | None, colour: str
) -> dict[str, object]:
    """Settings that draw an interval about each point; none without one."""
    if interval is None:
        return {}
    lower, upper = interval
    whiskers = {"type": "data", "symmetric": False, "color": colour, "thickness": 1, "width": 3}
    return {"error_y": {**whiskers, "array": short(upper - observed), "arrayminus": short(observed - lower)}}


def scatter(
    predicted: FloatArray,
    *,
    observed: FloatArray,
    points_name: str,
    ideal_name: str,
    x_label: str,
    y_label: str,
    limit: int = MOST_POINTS,
) -> go.Figure:
    """Observed against predicted shares, one faint point per record, beside the diagonal.

    Parameters
    ----------
    predicted, observed : FloatArray
        Shape [n], in [0, 1].
    points_name, ideal_name, x_label, y_label : str
        Words of the legend and the axes.
    limit : int
        Points at most, evenly spaced in the order given.
    """
    kept = evenly(predicted.size, limit)
    span = {"range": [-0.02, 1.02], "tickformat": ".0%"}
    chart = figure(x=axis(x_label, **span), y=axis(y_label, **span), height=360)
    chart.add_scatter(
        x=short(predicted[kept]),
        y=short(observed[kept]),
        mode="markers",
        name=plain_name(points_name),
        marker={"size": 4, "color": mark(0).colour, "opacity": 0.35},
        hovertemplate="%{x:.1%} → %{y:.1%}",
    )
    line = {"color": QUIET, "width": 1.5, "dash": "dash"}
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name=plain_name(ideal_name), line=line, hoverinfo="skip"
    )
    return chart
