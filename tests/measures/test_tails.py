"""Tails against scipy's distributions, numpy's quantiles, loops, and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from barograph.core.errors import DataError
from barograph.core.fitted import TailParameters
from barograph.core.forecast import ALPHAS, LEVELS
from barograph.measures.tails import (
    MINIMUM_RESIDUALS,
    distribution,
    filtered_tail,
    historical_distribution,
    student_tail,
)

CENTRE = LEVELS.index(0.5)


def t_shortfall(freedom: float, alpha: float) -> float:
    """Mean loss beyond the quantile of a t scaled to variance one, by numerical integration."""
    scaled = stats.t(freedom, scale=np.sqrt((freedom - 2) / freedom))
    return -float(scaled.expect(lambda x: x, ub=scaled.ppf(alpha), conditional=True))


@pytest.mark.parametrize("freedom", [2.5, 4.0, 9.0, 200.0])
def test_student_tail_equals_scipy(freedom: float) -> None:
    tail = student_tail(freedom, 3)
    scaled = stats.t(freedom, scale=np.sqrt((freedom - 2) / freedom))
    np.testing.assert_allclose(tail.quantiles, np.tile(scaled.ppf(LEVELS), (3, 1)), rtol=1e-9, atol=1e-12)
    expected = [t_shortfall(freedom, alpha) for alpha in ALPHAS]
    np.testing.assert_allclose(tail.shortfall, np.tile(expected, (3, 1)), rtol=1e-5)


def test_student_tail_tends_to_the_normal() -> None:
    tail = student_tail(1e6, 1)
    assert tail.shortfall[0, 1] == pytest.approx(stats.norm.pdf(stats.norm.ppf(0.025)) / 0.025, rel=1e-4)


def test_a_t_without_variance_is_refused() -> None:
    with pytest.raises(DataError, match="more than 2 degrees"):
        student_tail(2.0, 1)


def test_equal_weights_give_hazens_quantiles() -> None:
    residuals = np.random.default_rng(0).standard_t(4, (701, 2))
    tail = filtered_tail(residuals, half_life=None)
    expected = np.quantile(residuals, LEVELS, axis=0, method="hazen").T
    np.testing.assert_allclose(tail.quantiles, expected, rtol=1e-12)


def test_equal_weights_give_the_mean_of_the_worst() -> None:
    residuals = np.random.default_rng(1).standard_normal((1000, 1))
    worst = np.sort(residuals[:, 0])
    tail = filtered_tail(residuals, half_life=None)
    np.testing.assert_allclose(tail.shortfall[0], [-worst[:10].mean(), -worst[:25].mean()], rtol=1e-12)


def test_half_a_value_at_the_boundary_counts_by_half() -> None:
    residuals = np.random.default_rng(2).standard_normal((250, 1))
    worst = np.sort(residuals[:, 0])
    expected = -(worst[0] + worst[1] + 0.5 * worst[2]) / 2.5  # 1 % of 250 is two and a half
    assert filtered_tail(residuals, half_life=None).shortfall[0, 0] == pytest.approx(expected, rel=1e-12)


def test_weights_count_like_copies() -> None:
    """Ages of 0, 1 or 2 half-lives weigh 4, 2, 1: the same as so many copies, quantile steps aside."""
    rng = np.random.default_rng(3)
    old, mid, new = (np.full(400, 0.0) + rng.standard_normal(400) * s for s in (1.0, 2.0, 3.0))
    residuals = np.concatenate([old, mid, new])[:, np.newaxis]
    decayed = filtered_tail(residuals, half_life=400.0)
    weight = 0.5 ** (np.arange(1200)[::-1] / 400.0)
    draws = np.random.default_rng(4).choice(residuals[:, 0], 400_000, p=weight / weight.sum())
    np.testing.assert_allclose(decayed.quantiles[0], np.quantile(draws, LEVELS), atol=0.15)
    assert decayed.shortfall[0, 1] == pytest.approx(-np.sort(draws)[:10_000].mean(), rel=0.03)


def test_recent_residuals_weigh_more_when_weights_decay() -> None:
    rng = np.random.default_rng(5)
    residuals = np.concatenate([rng.standard_normal(1000), 3 * rng.standard_normal(500)])[:, np.newaxis]
    fresh, plain = (filtered_tail(residuals, half_life=h).quantiles[0, 1] for h in (100.0, None))
    assert fresh < 1.2 * plain < 0


def test_unknown_residuals_are_left_out() -> None:
    residuals = np.random.default_rng(6).standard_normal((600, 1))
    gaps = np.full((900, 1), np.nan)
    gaps[np.sort(np.random.default_rng(7).permutation(900)[:600])] = residuals
    np.testing.assert_allclose(
        filtered_tail(gaps, half_life=None).quantiles, filtered_tail(residuals, half_life=None).quantiles
    )


def test_too_few_residuals_are_refused_by_number() -> None:
    residuals = np.random.default_rng(8).standard_normal((400, 2))
    residuals[: 400 - MINIMUM_RESIDUALS + 1, 1] = np.nan
    with pytest.raises(DataError, match=f"at least {MINIMUM_RESIDUALS}.*got {MINIMUM_RESIDUALS - 1}"):
        filtered_tail(residuals, half_life=None)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(20, 2000) | st.none(), st.floats(2.1, 30))
def test_shortfall_is_never_less_than_value_at_risk(
    seed: int, half_life: float | None, freedom: float
) -> None:
    residuals = np.random.default_rng(seed).standard_t(freedom, (300, 1))
    tail = filtered_tail(residuals, half_life=half_life)
    assert (np.diff(tail.quantiles[0]) >= 0).all()
    for place, alpha in enumerate(ALPHAS):
        assert tail.shortfall[0, place] >= -tail.quantiles[0, LEVELS.index(alpha)] - 1e-12


def test_a_filtered_tail_covers_the_days_after_it() -> None:
    rng = np.random.default_rng(9)
    sigma = np.exp(0.5 * np.cumsum(0.02 * rng.standard_normal(12_000)))
    returns = 0.01 * sigma * rng.standard_t(5, 12_000) * np.sqrt(3 / 5)
    log_variance = 2 * np.log(0.01 * sigma)[:, np.newaxis]
    tail = filtered_tail((returns / (0.01 * sigma))[:2000, np.newaxis], half_life=None)
    later = distribution(log_variance[2000:], tail)
    for alpha in ALPHAS:
        beyond = returns[2000:] < -later.value_at_risk(alpha)[:, 0]
        n = beyond.size
        assert abs(beyond.mean() - alpha) < 3.5 * np.sqrt(alpha * (1 - alpha) * (1 / n + 1 / 2000))
        ratio = -returns[2000:][beyond].mean() / later.expected_shortfall(alpha)[beyond, 0].mean()
        assert ratio == pytest.approx(1.0, abs=0.12)


def test_a_distribution_is_sigma_times_its_tail() -> None:
    tail = student_tail(5.0, 2)
    log_variance = np.log(np.array([[1e-4, 4e-4], [9e-4, 16e-4]]))
    answer = distribution(log_variance, tail)
    np.testing.assert_allclose(answer.variance, np.exp(log_variance))
    np.testing.assert_allclose(answer.quantiles[1, 0], 0.03 * tail.quantiles[0])
    np.testing.assert_allclose(answer.expected_shortfall(0.01)[0], tail.shortfall[:, 0] * [0.01, 0.02])


def test_each_side_goes_with_its_multiplier() -> None:
    tail = student_tail(5.0, 1)
    plain = distribution(np.zeros((1, 1)), tail)
    scaled = distribution(np.zeros((1, 1)), tail, np.array([[[1.5, 0.8]]]))
    np.testing.assert_allclose(scaled.quantiles[0, 0, :CENTRE], 1.5 * plain.quantiles[0, 0, :CENTRE])
    np.testing.assert_allclose(scaled.quantiles[0, 0, CENTRE:], 0.8 * plain.quantiles[0, 0, CENTRE:])
    np.testing.assert_allclose(scaled.shortfall, 1.5 * plain.shortfall)
    np.testing.assert_array_equal(scaled.variance, plain.variance)


def test_quantiles_ascend_even_where_a_multiplier_passes_the_median() -> None:
    quantiles = np.array([stats.norm.ppf(LEVELS) + 0.4])  # a strong drift: the 45 % quantile is positive
    tail = TailParameters(quantiles, np.array([[2.2, 1.9]]))
    answer = distribution(np.zeros((3, 1)), tail, np.full((3, 1, 2), 3.0))
    assert (np.diff(answer.quantiles, axis=-1) >= 0).all()
    assert answer.value_at_risk(0.01)[0, 0] == pytest.approx(-3.0 * quantiles[0, LEVELS.index(0.01)])


def test_historical_simulation_equals_a_loop() -> None:
    returns = 0.01 * np.random.default_rng(10).standard_t(4, 420)
    rows, window = np.array([303, 350, 419]), 300
    answer = historical_distribution(returns, (1, 5), rows, window=window)
    for place, row in enumerate(rows):
        for column, horizon in enumerate((1, 5)):
            ends = range(row - window + 1, row + 1)
            sums = np.array([returns[end - horizon + 1 : end + 1].sum() for end in ends])
            expected = np.quantile(sums, LEVELS, method="hazen")
            np.testing.assert_allclose(answer.quantiles[place, column], expected, rtol=1e-10, atol=1e-15)
            assert answer.shortfall[place, column, 0] == pytest.approx(-np.sort(sums)[:3].mean(), rel=1e-10)
        square = (returns[row - window + 1 : row + 1] ** 2).mean()
        np.testing.assert_allclose(answer.variance[place], [square, 5 * square], rtol=1e-10)


def test_historical_simulation_does_not_see_the_future() -> None:
    returns = 0.01 * np.random.default_rng(11).standard_normal(400)
    rows = np.arange(330, 360)
    before = historical_distribution(returns, (1, 22), rows, window=300)
    spoilt = returns.copy()
    spoilt[351:] = 1e6
    after = historical_distribution(spoilt, (1, 22), rows, window=300)
    np.testing.assert_array_equal(after.quantiles[:21], before.quantiles[:21])
    np.testing.assert_array_equal(after.variance[:21], before.variance[:21])
    assert (after.quantiles[22, 0] != before.quantiles[22, 0]).any()


def test_historical_simulation_is_silent_until_its_window_is_full() -> None:
    returns = np.random.default_rng(12).standard_normal(310)
    answer = historical_distribution(returns, (5,), np.array([302, 303]), window=300)
    assert np.isnan(answer.quantiles[0]).all()
    assert np.isnan(answer.shortfall[0]).all()
    assert np.isfinite(answer.quantiles[1]).all()
    gap = returns.copy()
    gap[0] = np.nan
    beside = historical_distribution(gap, (5,), np.array([303, 304, 305]), window=300)
    assert np.isnan(beside.quantiles[0]).all()
    assert np.isnan(beside.shortfall[0]).all()
    assert np.isfinite(beside.quantiles[1:]).all()
