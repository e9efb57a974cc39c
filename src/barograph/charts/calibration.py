"""Figures of calibration: PIT histograms and reliability diagrams."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import INK, QUIET, axis, figure, mark, plain_name
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


def reliability(
    curves: Mapping[str, tuple[FloatArray, FloatArray]],
    *,
    x_label: str,
    y_label: str,
    ideal_name: str,
) -> go.Figure:
    """Observed frequency of an event against the probability forecast for it, beside the diagonal.

    Parameters
    ----------
    curves : Mapping[str, tuple[FloatArray, FloatArray]]
        Display name -> mean forecast probability and observed frequency of each bin, both shape [n_bins].
    x_label, y_label, ideal_name : str
        Words of the axes and of the diagonal.
    """
    top = max((float(np.nanmax(both)) for both in curves.values()), default=1.0)
    top = min(1.0, 1.05 * top)
    chart = figure(
        x=axis(x_label, range=[0, top], tickformat=".0%"), y=axis(y_label, range=[0, top], tickformat=".0%")
    )
    chart.add_scatter(
        x=[0, top],
        y=[0, top],
        mode="lines",
        name=plain_name(ideal_name),
        line={"color": QUIET, "width": 1},
        hoverinfo="skip",
    )
    for index, (name, (forecast, observed)) in enumerate(curves.items()):
        style = mark(index)
        chart.add_scatter(
            x=[float(f"{v:.4g}") for v in forecast],
            y=[float(f"{v:.4g}") for v in observed],
            mode="lines+markers",
            name=plain_name(name),
            line={"color": style.colour, "dash": style.dash, "width": 1.3},
            marker={"symbol": style.symbol, "size": 7},
            hovertemplate="%{x:.1%} → %{y:.1%}",
        )
    return chart
