"""Figures of the dashboard: fans, bars and guarded figures say what they were given."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from barograph.charts import amounts, fan, guarded, stacked, then_and_now
from barograph.charts.theme import MARKS

DAYS = np.array(["2027-03-04", "2027-03-10"], dtype="datetime64[D]")


def a_fan(**more: Any) -> go.Figure:
    wide, narrow = (
        (np.array([80.0, 60.0]), np.array([120.0, 150.0])),
        (np.array([95.0, 90.0]), np.array([105.0, 111.0])),
    )
    return fan(
        DAYS, np.array([100.0, 101.0]), intervals={"90 %": wide, "50 %": narrow},
        origin=(np.datetime64("2027-03-03"), 99.0), origin_name="known", centre_name="median",
        y_label="price", **more,
    )  # fmt: skip


def test_a_fan_opens_at_what_is_known() -> None:
    chart = a_fan()
    lines = {trace.name: trace for trace in chart.data}
    assert list(lines["median"].x) == ["2027-03-03", "2027-03-04", "2027-03-10"]
    assert list(lines["median"].y) == [99.0, 100.0, 101.0]
    ends = [list(trace.y) for trace in chart.data if trace.name == "90 %"]
    assert ends == [[99.0, 80.0, 60.0], [99.0, 120.0, 150.0]]
    assert [trace.fill for trace in chart.data if trace.name == "90 %"] == [None, "tonexty"]
    assert list(lines["known"].x) == ["2027-03-03"]


def test_a_fan_shows_what_came_before() -> None:
    past = (np.array(["2027-03-01", "2027-03-02"], dtype="datetime64[D]"), np.array([97.0, np.nan]))
    chart = a_fan(past=past, past_name="so far")
    (before,) = (trace for trace in chart.data if trace.name == "so far")
    assert list(before.y) == [97.0, None]


def test_amounts_are_parted_by_their_sign_and_a_missing_one_draws_none() -> None:
    values = np.array([2.0, -1.0, np.nan, 0.0])
    chart = amounts(
        ["a", "b", "<c>", "d"], values, x_label="x", raising="up", lowering="down", limits={"near": 1.5}
    )
    up, down, line = chart.data
    assert (list(up.x), list(down.x)) == ([2.0, None, None, 0.0], [None, -1.0, None, None])
    assert list(up.y)[2] == "&lt;c&gt;"
    assert up.marker.color != down.marker.color
    assert up.marker.pattern.shape != down.marker.pattern.shape
    assert list(line.x) == [1.5, 1.5]
    plain = amounts(["a"], np.array([1.0]), x_label="x")
    assert plain.data[0].marker.color == MARKS[0].colour
    assert plain.data[0].showlegend is False


def test_training_and_now_stand_side_by_side() -> None:
    chart = then_and_now(
        ["low", "high"],
        np.array([0.5, 0.5]),
        np.array([0.1, 0.9]),
        then_name="then",
        now_name="now",
        x_label="x",
    )
    assert [(bar.name, list(bar.y)) for bar in chart.data] == [("then", [0.5, 0.5]), ("now", [0.1, 0.9])]
    assert chart.layout.barmode == "group"


def test_counts_are_stacked_in_their_order() -> None:
    chart = stacked(["2027-01", "2027-02"], {"right": [3, 0], "wrong": [1, 2]}, y_label="alerts")
    assert [(bar.name, list(bar.y)) for bar in chart.data] == [("right", [3, 0]), ("wrong", [1, 2])]
    assert chart.layout.barmode == "stack"


def test_bounds_are_lines_even_across_a_single_reading() -> None:
    time = np.array(["2027-03-03T14:05"], dtype="datetime64[s]")
    chart = guarded({"a": (time, np.array([0.04]))}, bounds={"soft": 0.03, "hard": 0.06}, y_label="var_99")
    readings, soft, hard = chart.data
    assert list(readings.y) == [0.04]
    assert soft.x[0] < "2027-03-03T14:05" < soft.x[1]
    assert (list(soft.y), list(hard.y)) == ([0.03, 0.03], [0.06, 0.06])
    assert soft.line.dash != hard.line.dash


def test_a_limit_without_readings_draws_no_bounds() -> None:
    chart = guarded({}, bounds={"hard": 0.06}, y_label="var_99")
    assert list(chart.data[0].x) == []
