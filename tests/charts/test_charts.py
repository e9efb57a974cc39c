from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from barograph import charts
from barograph.charts.theme import MARKS, plain_name

DAYS = np.datetime64("2015-01-01") + np.arange(4000)
RNG = np.random.default_rng(2)
RETURNS = RNG.standard_normal(4000)


def made_var(limit: int = 1500) -> go.Figure:
    return charts.value_at_risk(
        DAYS,
        RETURNS,
        limits={"first": np.full(4000, 2.0), "second": np.full(4000, 1.0)},
        return_name="return",
        exception_name="exception",
        y_label="percent",
        limit=limit,
    )


def made_volatility() -> go.Figure:
    realised = np.abs(RETURNS)
    realised[-22:] = np.nan
    return charts.volatility(
        DAYS,
        realised,
        forecasts={"a": realised + 1, "b": realised + 2},
        realised_name="realised",
        y_label="percent",
    )


def made_pit() -> go.Figure:
    return charts.pit_histogram(
        np.full(20, 0.05),
        half_width=np.full(20, 0.01),
        x_label="x",
        y_label="y",
        share_name="share",
        band_name="band",
    )


def made_reliability() -> go.Figure:
    curve = (np.array([0.1, 0.4]), np.array([0.12, 0.35]))
    return charts.reliability({"a": curve}, x_label="x", y_label="y", ideal_name="ideal")


def made_differences() -> go.Figure:
    return charts.score_differences(
        ["a", "b", "c"],
        difference=np.array([-0.2, -0.1, 0.1]),
        half_width=np.array([0.1, 0.2, 0.05]),
        x_label="difference",
    )


def made_seeds() -> go.Figure:
    return charts.seed_spread(
        {"a": np.array([1.0, 2.0]), "b": np.array([3.0])},
        ensembles={"a": 1.4, "b": 2.9},
        reference=2.5,
        seed_name="seed",
        ensemble_name="ensemble",
        reference_name="reference",
        x_label="loss",
    )


def made_passed() -> go.Figure:
    share = np.array([[1.0, 0.5], [np.nan, 0.8]])
    return charts.passed_shares(["a", "b"], ["t", "u"], share=share, enough=0.8, blank="–")


def made_path() -> go.Figure:
    difference = RNG.standard_normal(4000)
    return charts.cumulative_difference(DAYS, differences={"a": difference}, y_label="loss")


MAKERS = (
    made_var,
    made_volatility,
    made_pit,
    made_reliability,
    made_differences,
    made_seeds,
    made_passed,
    made_path,
)


@pytest.mark.parametrize("make", MAKERS)
def test_every_figure_is_plain_small_json_on_a_transparent_ground(make: Callable[[], go.Figure]) -> None:
    plain = make().to_plotly_json()
    text = json.dumps(plain, allow_nan=False)
    assert len(text) < 250_000
    assert plain["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert max(len(trace["x"]) for trace in plain["data"]) <= charts.MOST_POINTS


@pytest.mark.parametrize("make", MAKERS)
def test_every_trace_holds_points(make: Callable[[], go.Figure]) -> None:
    drawn = [trace for trace in make().data if len(trace.x)]
    assert drawn
    assert all(len(trace.x) == len(trace.y) for trace in drawn)


def test_exceptions_are_all_drawn_and_are_those_of_the_first_limit() -> None:
    exceptions = made_var(limit=100).data[-1]
    expected = [str(day) for day, value in zip(DAYS, RETURNS, strict=True) if value < -2.0]
    assert list(exceptions.x) == expected
    assert len(made_var(limit=100).data[0].x) <= 100


def test_value_at_risk_is_drawn_as_a_negative_return() -> None:
    assert set(made_var().data[1].y) == {-2.0}
    assert set(made_var().data[2].y) == {-1.0}


def test_days_without_an_outcome_are_gaps_not_zeros() -> None:
    realised, forecast = made_volatility().data[:2]
    assert realised.y[-1] is None
    assert forecast.y[-1] is None
    assert 0.0 not in realised.y


def test_models_differ_by_dash_and_symbol_and_not_by_colour_alone() -> None:
    for part in ("colour", "dash", "symbol"):
        assert len({getattr(mark, part) for mark in MARKS}) == len(MARKS)
    lines = [trace.line.dash for trace in made_volatility().data[1:]]
    assert len(set(lines)) == len(lines)


def test_better_and_worse_differences_differ_by_symbol() -> None:
    better, worse = made_differences().data
    assert list(better.y) == ["a", "b"]
    assert list(worse.y) == ["c"]
    assert better.marker.symbol != worse.marker.symbol
    assert list(better.error_x.array) == [0.1, 0.2]


def test_shares_are_printed_as_numbers_and_a_blank_as_blank() -> None:
    trace = made_passed().data[0]
    assert list(trace.text) == ["100%", "50%", "–", "80%"]
    assert [trace.marker.symbol[i] for i in (0, 1, 3)] == ["circle", "diamond", "circle"]


def test_the_cumulative_difference_is_the_running_sum_before_thinning() -> None:
    difference = np.arange(4000.0) % 7 - 3
    difference[10] = np.nan
    trace = charts.cumulative_difference(DAYS, differences={"a": difference}, y_label="y").data[0]
    total, at = 0.0, {}
    for day, value in zip(DAYS, difference, strict=True):
        total += 0.0 if np.isnan(value) else value
        at[str(day)] = total
    np.testing.assert_allclose(trace.y, [at[day] for day in trace.x], rtol=1e-3, atol=1e-9)


def test_markup_in_a_name_stays_text() -> None:
    assert plain_name("<a href='x'>&") == "&lt;a href='x'&gt;&amp;"
    figure = charts.reliability(
        {"<b>x</b>": (np.array([0.1]), np.array([0.1]))}, x_label="x", y_label="y", ideal_name="i"
    )
    assert figure.data[1].name == "&lt;b&gt;x&lt;/b&gt;"


@given(
    values=arrays(np.float64, st.integers(1, 400), elements=st.floats(-5, 5)),
    limit=st.integers(2, 60),
)
def test_thinning_keeps_order_bounds_and_the_largest_value(values: np.ndarray, limit: int) -> None:
    for kept in (charts.peaks(values, limit), charts.telling(values, limit)):
        assert kept.size <= max(limit, 1)
        assert (np.diff(kept) > 0).all()
        assert np.abs(values[kept]).max() == np.abs(values).max()
    even = charts.evenly(values.size, limit)
    assert even.size <= limit
    assert (even[0], even[-1]) == (0, values.size - 1)


def test_a_missing_value_never_stands_for_a_bucket_that_has_numbers() -> None:
    values = np.tile([np.nan, 0.0], 50)
    assert np.isfinite(values[charts.peaks(values, 10)]).all()
