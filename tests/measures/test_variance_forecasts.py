"""Variance forecasts of every kind of fitted value: plain loops, causality, live state against history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.errors import DataError, SettingError
from barograph.core.fitted import (
    EwmaParameters,
    FittedValue,
    GarchParameters,
    HarParameters,
    HistoricalParameters,
    TailParameters,
)
from barograph.measures import variance
from barograph.measures.moving_variance import ewma_update, har_means, moving_mean

HORIZONS = (1, 5, 22)
FITTED: dict[str, FittedValue] = {
    "garch": GarchParameters(0.05, 0.02, 0.03, 0.1, 0.9, 6.0, 1.5),
    "ewma": EwmaParameters(0.94, 2e-4),
    "har": HarParameters(
        np.array([[1e-6, 0.3, 0.3, 0.3], [9e-6, 1.0, 2.0, 1.5], [5e-5, 2.0, 5.0, 9.0]]),
        floor=np.array([2e-5, 1e-4, 5e-4]),
        cap=np.array([1e-3, 5e-3, 2e-2]),
    ),
    "historical": HistoricalParameters(40),
}


def history(n: int = 160, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Returns and a proxy with a few unknown days, the first among them."""
    rng = np.random.default_rng(seed)
    returns = 0.012 * rng.standard_t(5, n)
    proxy = returns**2 * rng.uniform(0.3, 2.0, n)
    returns[[0, 30, 31]] = np.nan
    proxy[[0, 30, 31, 70]] = np.nan
    return returns, proxy


@pytest.mark.parametrize("kind", FITTED)
def test_live_state_answers_what_history_answers(kind: str) -> None:
    fitted, (returns, proxy) = FITTED[kind], history()
    whole = variance.log_variance(fitted, returns, proxy, HORIZONS)
    state = variance.start(fitted, returns[:50], proxy[:50])
    np.testing.assert_allclose(variance.forecast(state, HORIZONS), whole[49], rtol=1e-10)
    for row in range(50, returns.size):
        state = variance.advance(state, float(returns[row]), float(proxy[row]))
        np.testing.assert_allclose(variance.forecast(state, HORIZONS), whole[row], rtol=1e-10)


@pytest.mark.parametrize("kind", FITTED)
def test_live_state_may_start_with_nothing(kind: str) -> None:
    fitted, (returns, proxy) = FITTED[kind], history()
    whole = variance.log_variance(fitted, returns, proxy, HORIZONS)
    state = variance.start(fitted, returns[:0], proxy[:0])
    for row in range(60):
        state = variance.advance(state, float(returns[row]), float(proxy[row]))
        np.testing.assert_allclose(variance.forecast(state, HORIZONS), whole[row], rtol=1e-10)


@pytest.mark.parametrize("kind", FITTED)
@pytest.mark.parametrize("garbage", [np.nan, 1e3, 0.0])
def test_the_future_leaves_no_trace(kind: str, garbage: float) -> None:
    fitted, (returns, proxy) = FITTED[kind], history()
    before = variance.log_variance(fitted, returns, proxy, HORIZONS)
    for origin in (5, 21, 22, 90):
        spoilt_returns, spoilt_proxy = returns.copy(), proxy.copy()
        spoilt_returns[origin + 1 :], spoilt_proxy[origin + 1 :] = garbage, garbage**2
        after = variance.log_variance(fitted, spoilt_returns, spoilt_proxy, HORIZONS)
        np.testing.assert_array_equal(after[: origin + 1], before[: origin + 1])


@pytest.mark.parametrize("kind", FITTED)
def test_an_unknown_day_repeats_the_forecast_before_it(kind: str) -> None:
    fitted, (returns, proxy) = FITTED[kind], history()
    whole = variance.log_variance(fitted, returns, proxy, HORIZONS)
    np.testing.assert_array_equal(whole[30], whole[29])
    np.testing.assert_array_equal(whole[31], whole[29])


@pytest.mark.parametrize("kind", FITTED)
def test_a_halted_series_still_has_a_logarithm(kind: str) -> None:
    still = np.zeros(600)
    assert np.isfinite(variance.log_variance(FITTED[kind], still, still, HORIZONS)).all()


@pytest.mark.parametrize("kind", ["garch", "ewma", "historical"])
def test_longer_horizons_have_more_variance(kind: str) -> None:
    returns, proxy = history()
    logs = variance.log_variance(FITTED[kind], returns, proxy, (1, 2, 5, 22))
    assert (np.diff(logs[1:], axis=1) > 0).all()


def test_garch_counts_the_mean_into_a_sum_of_squared_returns() -> None:
    fitted = FITTED["garch"]
    assert isinstance(fitted, GarchParameters)
    logs = variance.log_variance(fitted, np.array([fitted.mean / 100]), np.array([1e-4]), (1, 2))
    start = fitted.omega + 0.98 * fitted.backcast  # persistence .03 + .05 + .9
    first = fitted.omega + fitted.beta * start
    second = first + fitted.omega + 0.98 * first
    expected = np.array([first, second]) + fitted.mean**2 * np.array([1, 2])
    np.testing.assert_allclose(np.exp(logs[0]), expected / 1e4, rtol=1e-12)


def test_ewma_equals_its_sum() -> None:
    returns, proxy = history(90)
    known = returns[np.isfinite(returns)]
    weights = 0.06 * 0.94 ** np.arange(known.size)[::-1]
    expected = 0.94**known.size * 2e-4 + weights @ known**2
    assert np.exp(variance.log_variance(FITTED["ewma"], returns, proxy, (1,))[-1, 0]) == pytest.approx(
        expected
    )


def test_the_published_ewma_update() -> None:
    """Hull, Options, Futures, and Other Derivatives: 1.14 % a day after a return of 2 %."""
    assert ewma_update(0.9, 0.01**2, 0.02) == pytest.approx(0.00013, rel=1e-12)


def test_har_is_its_line_held_between_floor_and_cap() -> None:
    fitted, (returns, proxy) = FITTED["har"], history()
    assert isinstance(fitted, HarParameters)
    logs = variance.log_variance(fitted, returns, proxy, HORIZONS)
    known = proxy[np.isfinite(proxy)]
    means = [known[-days:].mean() for days in (1, 5, 22)]
    for column in range(3):
        constant, *slopes = fitted.coefficients[column]
        line = constant + np.dot(slopes, means)
        expected = min(max(line, fitted.floor[column]), fitted.cap[column])
        assert np.exp(logs[-1, column]) == pytest.approx(expected, rel=1e-12)
    storm = variance.log_variance(fitted, np.full(30, 0.5), np.full(30, 0.25), HORIZONS)
    np.testing.assert_allclose(np.exp(storm[-1]), fitted.cap, rtol=1e-12)


def test_historical_is_the_mean_square_of_its_window() -> None:
    returns, proxy = history()
    logs = variance.log_variance(FITTED["historical"], returns, proxy, HORIZONS)
    last = returns[np.isfinite(returns)][-40:]
    np.testing.assert_allclose(np.exp(logs[-1]), (last**2).mean() * np.array(HORIZONS), rtol=1e-12)


@settings(max_examples=60)
@given(
    st.lists(st.floats(0, 1e3) | st.just(float("nan")), min_size=1, max_size=60),
    st.integers(1, 30),
)
def test_moving_means_equal_a_loop(values: list[float], window: int) -> None:
    table = np.array(values)
    means = moving_mean(table, window)
    for row in range(table.size):
        seen = table[: row + 1][np.isfinite(table[: row + 1])][-window:]
        assert means[row] == pytest.approx(seen.mean() if seen.size else np.nan, nan_ok=True)


def test_the_month_contains_the_week_and_the_week_the_day() -> None:
    proxy = np.arange(1.0, 31.0)
    assert har_means(proxy)[-1].tolist() == [30.0, 28.0, 19.5]


def test_a_fitted_value_of_another_trade_is_refused() -> None:
    stranger = TailParameters(np.zeros((1, 25)), np.zeros((1, 2)))
    with pytest.raises(SettingError, match="variance model"):
        variance.log_variance(stranger, np.zeros(3), np.zeros(3), (1,))
    with pytest.raises(SettingError, match="variance model"):
        variance.start(stranger, np.zeros(3), np.zeros(3))


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(DataError, match="one length"):
        variance.log_variance(FITTED["ewma"], np.zeros(3), np.zeros(4), (1,))


def test_har_refuses_horizons_it_was_not_fitted_for() -> None:
    with pytest.raises(SettingError, match="fitted for 3, asked for 2"):
        variance.log_variance(FITTED["har"], np.zeros(3), np.zeros(3), (1, 5))
