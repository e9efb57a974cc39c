"""Curves over a number: what is handed in is drawn, under the names given."""

from __future__ import annotations

import numpy as np

from barograph.charts import lines


def test_curves_and_band_hold_their_numbers_and_a_gap_stays_a_gap() -> None:
    x = np.array([1.0, 2.0, 3.0])
    excess = np.array([0.5, np.nan, 1.5])
    chart = lines(
        x, {"mean <excess>": excess}, x_label="threshold", y_label="excess", band=("band", x, x + 1.0)
    )
    lower, upper, curve = chart.data
    assert list(curve.x) == [1.0, 2.0, 3.0]
    assert list(curve.y) == [0.5, None, 1.5]
    assert "<" not in curve.name
    assert (list(lower.y), list(upper.y), upper.fill) == ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], "tonexty")
    assert (lower.showlegend, upper.name) == (False, "band")
    assert chart.layout.xaxis.title.text == "threshold"


def test_without_a_band_there_are_curves_alone() -> None:
    chart = lines(np.arange(3.0), {"a": np.ones(3), "b": np.zeros(3)}, x_label="", y_label="")
    assert [trace.name for trace in chart.data] == ["a", "b"]
    assert chart.data[0].line.color != chart.data[1].line.color
