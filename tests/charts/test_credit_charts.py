from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph import charts
from barograph.charts.thin import along, short

SHARE = np.linspace(0, 1, 5000)
BLOCKS = ["2004", "2005", "2006"]


def made_roc() -> go.Figure:
    ideal = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 1.0, 1.0]))
    return charts.share_curves(
        {"a": (SHARE, np.sqrt(SHARE)), "b": (SHARE, SHARE)},
        x_label="x", y_label="y", chance_name="chance", ideal=ideal, ideal_name="perfect",
    )  # fmt: skip


def made_distribution() -> go.Figure:
    return charts.score_distribution(
        np.array([0.0, 0.1, 0.2]), goods=np.array([0.8, 0.2]), bads=np.array([0.3, 0.7]),
        goods_name="good", bads_name="bad", x_label="x", y_label="y", threshold=0.05, threshold_name="t",
    )  # fmt: skip


def made_cycle() -> go.Figure:
    return charts.by_block(
        BLOCKS, lines={"a": np.array([0.1, np.nan, 0.3]), "b": np.array([0.2, 0.2, 0.2])},
        y_label="rate", y_format=".0%", bars=np.array([0.1, 0.2, 0.4]), bars_name="seen",
        limits={"watch": 0.25}, from_zero=True,
    )  # fmt: skip


def made_heat() -> go.Figure:
    return charts.heat(["a", "b"], BLOCKS, values=np.array([[0.01, 0.2, 0.5], [np.nan, 0.1, 0.0]]))


def made_scale(observed: tuple[float, ...] = (0.0, 0.02, np.nan)) -> go.Figure:
    return charts.master_scale(
        ["1", "2", "3"], predicted=np.array([0.005, 0.02, np.nan]), observed=np.array(observed),
        lower=np.array([0.0, 0.01, np.nan]), upper=np.array([0.004, 0.04, np.nan]),
        share=np.array([0.6, 0.4, 0.0]), predicted_name="p", observed_name="o", share_name="s", y_label="y",
    )  # fmt: skip


def made_ageing() -> go.Figure:
    age = np.arange(0.0, 61.0)
    return charts.ageing(
        {str(y): (age, age / 600 * k) for k, y in enumerate(range(1999, 2007), 1)}, x_label="x", y_label="y"
    )


def made_scatter() -> go.Figure:
    names = {"points_name": "p", "ideal_name": "i", "x_label": "x", "y_label": "y"}
    return charts.scatter(SHARE, observed=SHARE[::-1], **names)


def made_thresholds() -> go.Figure:
    lines = {"precision": np.array([0.1, 0.3, np.nan]), "recall": np.array([1.0, 0.5, 0.0])}
    words = {"stated_name": "used", "x_label": "x", "y_label": "y"}
    return charts.thresholds(np.array([0.01, 0.1, 0.5]), lines=lines, stated=0.05, **words)


def made_waterfall() -> go.Figure:
    words = {"base_name": "mean", "total_name": "this", "x_label": "x"}
    return charts.waterfall(["a = 1", "b = <x>"], effect=np.array([0.05, -0.02]), base=0.06, **words)


def made_intervals() -> go.Figure:
    curve = (np.array([0.1, 0.4]), np.array([0.12, 0.35]))
    ends = {"a": (np.array([0.10, 0.3]), np.array([0.15, 0.45]))}
    return charts.reliability({"a": curve}, x_label="x", y_label="y", ideal_name="ideal", intervals=ends)


MAKERS = (
    made_roc, made_distribution, made_cycle, made_heat, made_scale, made_ageing, made_scatter,
    made_thresholds, made_waterfall, made_intervals,
)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS)
def test_every_figure_is_plain_small_json_on_a_transparent_ground(make: Callable[[], go.Figure]) -> None:
    plain = make().to_plotly_json()
    assert len(json.dumps(plain, allow_nan=False)) < 120_000
    assert plain["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert max(len(trace["x"]) for trace in plain["data"]) <= charts.MOST_POINTS


@pytest.mark.parametrize("make", MAKERS)
def test_every_trace_holds_points_and_lines_differ_without_colour(make: Callable[[], go.Figure]) -> None:
    drawn = make().data
    assert all(len(trace.x) for trace in drawn)
    dashes = [
        t.line.dash for t in drawn if t.type == "scatter" and t.mode.startswith("lines") and t.line.dash
    ]
    assert len(dashes) < 3 or len(set(dashes)) > 1


def test_a_steep_curve_keeps_its_points_where_it_bends() -> None:
    spent, reached = SHARE, np.minimum(1.0, SHARE * 50)
    kept = along(spent, reached, 50)
    assert kept.size <= 50
    assert (kept[0], kept[-1]) == (0, SHARE.size - 1)
    assert (reached[kept] < 1).sum() > 20


@given(st.lists(st.floats(0, 1), min_size=2, max_size=300), st.integers(3, 40))
def test_thinning_a_curve_keeps_its_ends_and_its_order(steps: list[float], limit: int) -> None:
    x = np.sort(np.array(steps))
    kept = along(x, np.cumsum(x), limit)
    assert kept.size <= max(limit, 2)
    assert (kept[0], kept[-1]) == (0, x.size - 1)
    assert (np.diff(kept) > 0).all()


def test_a_missing_value_is_a_gap_on_a_line_and_a_dash_in_a_cell() -> None:
    bars, limit, first, _ = made_cycle().data
    assert bars.type == "bar"
    assert set(limit.y) == {0.25}
    assert first.y[1] is None
    assert short(np.array([np.nan, 0.123456])) == [None, 0.1235]
    cells = made_heat().data[0]
    assert cells.text[1][0] == "–"
    assert cells.text[0][2] == "0.50"


def test_a_grade_without_defaults_is_an_open_mark_at_the_foot_and_an_empty_one_a_gap() -> None:
    seen = made_scale().data[-1]
    assert tuple(seen.marker.symbol) == ("square-open", "square", "square")
    foot = 10 ** made_scale().layout.yaxis.range[0]
    assert seen.y[0] == pytest.approx(foot, rel=1e-3)
    assert seen.y[2] is None
    assert seen.customdata[0] == 0.0
    assert all(value is None or value >= 0 for value in seen.error_y.arrayminus)


def test_a_waterfall_starts_where_the_step_before_ended_and_adds_up() -> None:
    bars, labels = made_waterfall().data
    ends = [start + length for start, length in zip(bars.base, bars.x, strict=True)]
    assert bars.base[1] == bars.x[0] == 0.06
    assert bars.base[2] == pytest.approx(ends[1])
    assert bars.x[-1] == pytest.approx(ends[2]) == pytest.approx(0.09)
    assert [text.strip() for text in labels.text] == ["6.0%", "+5.0", "−2.0", "9.0%"]
    assert made_waterfall().layout.yaxis.ticktext[2] == "b = &lt;x&gt;"
    assert bars.marker.pattern.shape[1] != bars.marker.pattern.shape[2]


def test_labels_at_line_ends_never_overlap() -> None:
    heights = sorted(note.y for note in made_ageing().layout.annotations)
    assert len(heights) > 3
    assert min(np.diff(heights)) >= 0.045 * max(heights) * 0.999


def test_an_interval_reaches_as_far_as_it_was_given_and_fits_the_axis() -> None:
    figure = made_intervals()
    points = figure.data[1]
    np.testing.assert_allclose(np.array(points.y) + points.error_y.array, [0.15, 0.45])
    np.testing.assert_allclose(np.array(points.y) - points.error_y.arrayminus, [0.10, 0.3])
    assert figure.layout.yaxis.range[1] >= 0.45


def test_for_a_score_right_of_zero_is_better() -> None:
    better, worse = charts.score_differences(
        ["a", "b"],
        difference=np.array([0.1, -0.1]),
        half_width=np.array([0.05, np.nan]),
        x_label="x",
        higher_is_better=True,
    ).data
    assert list(better.y) == ["a"]
    assert list(worse.y) == ["b"]
    assert worse.error_x.array[0] is None


@pytest.mark.parametrize("top", [0.9, 0.03, 0.004])
def test_no_two_ticks_of_a_reliability_chart_read_alike(top: float) -> None:
    curve = (np.array([top / 9, top]), np.array([top / 8, top]))
    shown = charts.reliability({"a": curve}, x_label="x", y_label="y", ideal_name="ideal")
    digits = int(shown.layout.xaxis.tickformat[1])
    ticks = np.arange(0.0, top, top / 6)  # about as many as fit
    assert len({f"{100 * tick:.{digits}f}" for tick in ticks}) == ticks.size
