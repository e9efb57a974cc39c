"""A figure under a limit: its readings through time, and the bounds that it is held to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from barograph.charts.theme import ALARM, INK, axis, figure, mark, plain_name
from barograph.charts.thin import evenly, short
from barograph.core.arrays import DateArray, FloatArray


def guarded(
    readings: Mapping[str, tuple[DateArray, FloatArray]],
    *,
    bounds: Mapping[str, float],
    y_label: str,
    y_format: str = ",.4~r",
) -> go.Figure:
    """Readings of a figure, a line for each entity, and its bounds across.

    Parameters
    ----------
    readings : Mapping
        Display name -> instants and values, both [n]; NaN is a gap.
    bounds : Mapping[str, float]
        Display name -> height, the softer first.
    y_label : str
        Word of the axis.
    y_format : str
        d3 format of the values.
    """
    chart = figure(
        x=axis(type="date", hoverformat="%Y-%m-%d %H:%M", nticks=6), y=axis(y_label, tickformat=y_format)
    )
    ends = [time[place] for time, _ in readings.values() for place in (0, -1) if time.size]
    for index, (name, (time, values)) in enumerate(readings.items()):
        kept, style = evenly(time.size), mark(index)
        shown = [str(one) for one in time[kept].astype("datetime64[s]")]
        chart.add_scatter(
            x=shown, y=short(values[kept]), name=plain_name(name), mode="lines+markers",
            line={"color": style.colour, "dash": style.dash, "width": 1.6},
            marker={"symbol": style.symbol, "size": 6}, hovertemplate=f"%{{x}}<br>%{{y:{y_format}}}",
        )  # fmt: skip
    hour = np.timedelta64(1, "h")  # so that the bounds of a single reading are lines
    across = [str(one) for one in (min(ends) - hour, max(ends) + hour)] if ends else []
    for index, (name, height) in enumerate(bounds.items()):
        last = index == len(bounds) - 1
        chart.add_scatter(
            x=across, y=[height] * len(across), mode="lines", name=plain_name(name), hoverinfo="skip",
            line={"color": ALARM if last else INK, "dash": "dash" if last else "dot", "width": 1.4},
        )  # fmt: skip
    chart.update_layout(showlegend=True)
    return chart
