"""Figures of alerts: small, plain, told apart without colour, and true to their numbers."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from barograph import charts

RECALL = np.linspace(0.001, 1.0, 5000)
ALERTS = np.geomspace(0.1, 5000.0, 5000)


def made_precision() -> go.Figure:
    curves = {"a": (RECALL, 1.0 - 0.9 * RECALL), "b": (RECALL, np.full(RECALL.size, 0.1))}
    marks = {"a": (0.5, 0.55), "b": (0.0, np.nan)}
    return charts.precision_recall(curves, marks=marks, x_label="x", y_label="y", mark_name="used")


def made_cost(without: float = 100.0) -> go.Figure:
    curves = {"a": (ALERTS, 60.0 + 0.5 * ALERTS), "<b>": (ALERTS, 90.0 + 0.1 * ALERTS)}
    words = {"x_label": "x", "y_label": "y", "mark_name": "used", "without_name": "none"}
    return charts.cost_curve(curves, marks={"a": (20.0, 70.0)}, without=without, **words)


def made_kinds() -> go.Figure:
    shares = {"a": np.array([0.2, np.nan]), "b": np.array([0.5, 1.0])}
    return charts.shares_by_kind(["fan-in", "<cycle>"], shares=shares, x_label="recall")


def made_intervals() -> go.Figure:
    value, lower = np.array([0.5, 0.2, 0.1]), np.array([0.4, np.nan, 0.05])
    groups = {"learns": [0], "<b>": [1, 2]}
    named = ("a", "<i>", "c")
    return charts.intervals(
        named, value=value, lower=lower, upper=value + 0.1, groups=groups, x_label="precision"
    )


MAKERS = (made_precision, made_cost, made_kinds, made_intervals)


def test_an_interval_reaches_as_far_as_it_was_given_on_either_side() -> None:
    first, second = made_intervals().data
    assert (list(first.x), list(first.error_x.array), list(first.error_x.arrayminus)) == ([0.5], [0.1], [0.1])
    assert "<i>" not in second.y
    assert second.error_x.arrayminus[1] == 0.05


@pytest.mark.parametrize("make", MAKERS)
def test_every_figure_is_plain_small_json_on_a_transparent_ground(make: Callable[[], go.Figure]) -> None:
    plain = make().to_plotly_json()
    assert len(json.dumps(plain, allow_nan=False)) < 60_000
    assert plain["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert max(len(trace["x"]) for trace in plain["data"]) <= charts.MOST_POINTS


def test_series_differ_without_colour() -> None:
    for make in (made_precision, made_cost):
        lines = [trace.line.dash for trace in make().data if trace.mode == "lines"]
        assert len(set(lines)) == len(lines)
    assert [bar.marker.pattern.shape for bar in made_kinds().data] == ["", "/"]


def test_a_mark_without_a_place_is_left_out() -> None:
    marks = [trace.name for trace in made_precision().data if trace.mode == "markers"]
    assert marks == ["a · used"]


def test_costs_far_above_those_without_a_system_are_cut_off() -> None:
    for trace in made_cost().data:
        assert max(trace.y) <= 200.0
    unlimited = made_cost(without=0.0)
    assert max(max(trace.y) for trace in unlimited.data) > 2000.0


def test_bars_stand_for_their_shares_and_a_missing_one_is_blank() -> None:
    first, second = made_kinds().data
    assert tuple(first.x) == (0.2, None)
    assert tuple(second.x) == (0.5, 1.0)
    assert tuple(first.y) == ("fan-in", "&lt;cycle&gt;")


def test_an_interval_may_reach_further_to_one_side() -> None:
    figure = charts.score_differences(
        ["a"], difference=np.array([0.2]), half_width=np.array([0.05]), half_width_below=np.array([0.07]),
        x_label="x", higher_is_better=True,
    )  # fmt: skip
    bars = next(trace.error_x for trace in figure.data if trace.x)
    assert (tuple(bars.array), tuple(bars.arrayminus)) == ((0.05,), (0.07,))
