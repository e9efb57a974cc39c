"""Log returns, sums over rows, and range variances against loops, arithmetic and simulated prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.range_variance import (
    day_variance,
    garman_klass,
    overnight,
    parkinson,
    rogers_satchell,
)
from barograph.measures.returns import log_returns, sums_ahead, sums_behind

STEPS = 400  # prices seen within a simulated day
SIGMA = 0.02
# what a path seen at steps misses of its extremes (Broadie, Glasserman and Kou 1997, Mathematical Finance 7)
UNSEEN = 0.5826 * SIGMA / np.sqrt(STEPS)


def simulated_days(n_days: int, *, drift: float, seed: int) -> tuple[np.ndarray, ...]:
    """Open, high, low, close of independent Brownian days that open at 1."""
    noise = np.random.default_rng(seed).normal(drift / STEPS, SIGMA / np.sqrt(STEPS), (n_days, STEPS))
    path = np.exp(np.concatenate([np.zeros((n_days, 1)), np.cumsum(noise, axis=1)], axis=1))
    high, low = path.max(axis=1) * np.exp(UNSEEN), path.min(axis=1) * np.exp(-UNSEEN)
    return path[:, 0], high, low, path[:, -1]


def test_log_returns_add_up_to_the_whole_move() -> None:
    price = np.array([10.0, 12.0, 9.0, 9.5])
    returns = log_returns(price)
    assert np.isnan(returns[0])
    assert returns[1:].sum() == pytest.approx(np.log(9.5 / 10.0), rel=1e-14)


def test_a_missing_price_takes_two_returns_with_it() -> None:
    assert np.isnan(log_returns(np.array([1.0, np.nan, 2.0, 3.0]))).tolist() == [True, True, True, False]


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_a_price_without_logarithm_is_refused(bad: float) -> None:
    with pytest.raises(DataError, match="above zero"):
        log_returns(np.array([1.0, bad]))


@given(
    st.lists(st.floats(-1.0, 1.0) | st.just(float("nan")), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_sums_equal_a_loop(values: list[float], horizon: int) -> None:
    table = np.array(values)
    ahead, behind = sums_ahead(table, (horizon,))[:, 0], sums_behind(table, horizon)
    for row in range(table.size):
        later = table[row + 1 : row + 1 + horizon]
        earlier = table[max(row - horizon + 1, 0) : row + 1]
        assert ahead[row] == pytest.approx(later.sum() if later.size == horizon else np.nan, nan_ok=True)
        assert behind[row] == pytest.approx(earlier.sum() if earlier.size == horizon else np.nan, nan_ok=True)


def test_a_horizon_of_no_days_is_refused() -> None:
    with pytest.raises(DataError, match="at least one day"):
        sums_behind(np.ones(3), 0)


@pytest.mark.parametrize("drift", [0.0, 0.03])
def test_rogers_satchell_is_unbiased_with_and_without_drift(drift: float) -> None:
    opening, high, low, close = simulated_days(8_000, drift=drift, seed=1)
    estimate = rogers_satchell(opening, high, low, close)
    assert np.mean(estimate) == pytest.approx(SIGMA**2, rel=0.03)
    assert (estimate >= 0).all()


def test_ranges_are_unbiased_without_drift_and_far_less_noisy_than_squares() -> None:
    opening, high, low, close = simulated_days(8_000, drift=0.0, seed=2)
    square = np.log(close / opening) ** 2
    for estimate, gain in ((parkinson(high, low), 4.0), (garman_klass(opening, high, low, close), 5.5)):
        assert estimate.mean() == pytest.approx(SIGMA**2, rel=0.03)
        assert square.var() / estimate.var() > gain


def test_a_day_without_a_range_has_no_range_variance() -> None:
    flat = np.array([5.0, 5.0])
    for value in (parkinson(flat, flat), garman_klass(flat, flat, flat, flat)):
        assert value.tolist() == [0.0, 0.0]
    assert rogers_satchell(flat, flat, flat, flat).tolist() == [0.0, 0.0]


def test_day_variance_adds_the_night() -> None:
    opening, high, low, close = (
        np.array(column) for column in ([10.0, 11.0], [12.0, 12.0], [9.0, 10.0], [10.5, 11.5])
    )
    assert np.isnan(overnight(opening, close)[0])
    night = np.log(11.0 / 10.5) ** 2
    day = np.log(12 / 11.5) * np.log(12 / 11) + np.log(10 / 11.5) * np.log(10 / 11)
    assert day_variance(opening, high, low, close)[1] == pytest.approx(night + day, rel=1e-14)
