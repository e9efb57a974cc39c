"""A book's VaR and ES and their split: closed forms, plain loops, and what must hold for every book."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from barograph.core.arrays import FloatArray
from barograph.core.forecast import ALPHAS, LEVELS
from barograph.measures import portfolio
from barograph.measures.portfolio import contributions
from barograph.measures.tails import filtered_tail

VALUES = st.lists(st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 1.0), min_size=3, max_size=3).map(np.array)
SEEDS = st.integers(0, 10_000)


def heavy_returns(n: int, k: int, *, seed: int) -> FloatArray:
    """Simple returns with a common factor and Student-t tails."""
    random = np.random.default_rng(seed)
    common = random.standard_t(4, size=(n, 1))
    return np.asarray(0.01 * (0.6 * common + random.standard_t(4, size=(n, k))))


@pytest.mark.parametrize("alpha", [0.01, 0.025])
def test_two_gaussian_assets_have_the_closed_form(alpha: float) -> None:
    sigma, rho, values, n = np.array([1e-4, 2e-4]), 0.4, np.array([3e6, -1e6]), 200_000
    covariance = np.outer(sigma, sigma) * np.array([[1.0, rho], [rho, 1.0]])
    raw = np.random.default_rng(5).multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=n)
    found = contributions(values, portfolio.simple_returns(raw, sigma), alpha=alpha)
    deviation = np.sqrt(values @ covariance @ values)
    quantile = -stats.norm.ppf(alpha)
    error = deviation * np.sqrt(alpha * (1 - alpha) / n) / stats.norm.pdf(quantile)
    assert found.value_at_risk == pytest.approx(quantile * deviation, abs=4 * error)
    shortfall = stats.norm.pdf(quantile) / alpha
    assert found.expected_shortfall == pytest.approx(shortfall * deviation, rel=0.015)
    share = values * (covariance @ values) / deviation**2
    spread = np.abs(values) * sigma / np.sqrt(n * alpha)  # of a mean over the days near the VaR
    assert np.abs(found.component_value_at_risk - share * quantile * deviation).max() < 4 * spread.max()
    assert np.abs(found.component_expected_shortfall - share * shortfall * deviation).max() < 4 * spread.max()
    alone = quantile * np.abs(values) * sigma
    np.testing.assert_allclose(found.stand_alone_value_at_risk, alone, rtol=0.015)


@given(SEEDS, VALUES, st.sampled_from([0.01, 0.025, 0.05]), st.integers(250, 700))
def test_components_add_up_exactly(seed: int, values: FloatArray, alpha: float, n: int) -> None:
    found = contributions(values, heavy_returns(n, 3, seed=seed), alpha=alpha)
    scale = float(np.abs(values).sum())
    assert abs(found.component_value_at_risk.sum() - found.value_at_risk) <= 1e-12 * scale
    assert abs(found.component_expected_shortfall.sum() - found.expected_shortfall) <= 1e-12 * scale


@given(SEEDS, VALUES)
def test_a_doubled_book_has_double_the_risk(seed: int, values: FloatArray) -> None:
    returns = heavy_returns(400, 3, seed=seed)
    once, twice = (contributions(factor * values, returns, alpha=0.01) for factor in (1.0, 2.0))
    assert twice.value_at_risk == 2.0 * once.value_at_risk
    assert twice.expected_shortfall == 2.0 * once.expected_shortfall
    np.testing.assert_allclose(twice.component_value_at_risk, 2.0 * once.component_value_at_risk, rtol=1e-12)
    np.testing.assert_allclose(twice.marginal_value_at_risk, once.marginal_value_at_risk, rtol=1e-12)


@given(SEEDS, VALUES, st.sampled_from([0.01, 0.025, 0.1]))
def test_expected_shortfall_is_subadditive_and_not_below_value_at_risk(
    seed: int, values: FloatArray, alpha: float
) -> None:
    found = contributions(values, heavy_returns(300, 3, seed=seed), alpha=alpha)
    slack = 1e-12 * float(np.abs(values).sum())
    assert found.expected_shortfall <= found.stand_alone_expected_shortfall.sum() + slack
    assert found.expected_shortfall >= found.value_at_risk - slack


def test_a_hedged_book_has_no_risk() -> None:
    one = heavy_returns(500, 1, seed=3)
    found = contributions(np.array([1e6, -1e6]), np.hstack([one, one]), alpha=0.01)
    assert found.value_at_risk == pytest.approx(0.0, abs=1e-6)
    assert found.expected_shortfall == pytest.approx(0.0, abs=1e-6)
    assert found.component_value_at_risk.sum() == pytest.approx(0.0, abs=1e-6)
    assert found.diversification == pytest.approx(found.stand_alone_value_at_risk.sum())
    assert found.stand_alone_value_at_risk.min() > 1e4


@given(
    arrays(np.float64, st.integers(40, 200), elements=st.floats(-1e3, 1e3)),
    st.sampled_from([0.01, 0.025, 0.05, 0.3]),
)
def test_quantile_and_shortfall_equal_plain_counting(profits: FloatArray, alpha: float) -> None:
    expected = -np.quantile(profits, alpha, method="hazen")
    assert portfolio.value_at_risk(profits, alpha) == pytest.approx(expected, abs=1e-9)
    copies = np.repeat(np.sort(profits), 200)  # alpha times the number of copies is whole
    worst = copies[: round(alpha * copies.size)]
    assert portfolio.expected_shortfall(profits, alpha) == pytest.approx(-worst.mean(), abs=1e-9)


def test_the_rules_are_those_of_the_tail_wrapper() -> None:
    residuals = np.random.default_rng(1).standard_t(5, size=(777, 1))
    tail = filtered_tail(residuals, half_life=None)
    for place, alpha in enumerate(ALPHAS):
        one = portfolio.value_at_risk(residuals[:, 0], alpha)
        assert one == pytest.approx(-tail.quantiles[0, LEVELS.index(alpha)])
        assert portfolio.expected_shortfall(residuals[:, 0], alpha) == pytest.approx(tail.shortfall[0, place])


def test_marginal_figures_are_derivatives() -> None:
    """ES is piecewise linear in the values, so a small step shows its slope; so is VaR if all move as one."""
    values, returns = np.array([2e5, 1e5, -5e4]), heavy_returns(600, 3, seed=8)
    found = contributions(values, returns, alpha=0.025)
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1e-2
        after = contributions(values + step, returns, alpha=0.025)
        slope = (after.expected_shortfall - found.expected_shortfall) / 1e-2
        assert slope == pytest.approx(found.marginal_expected_shortfall[place], rel=1e-5)
    as_one = returns[:, :1] * np.array([1.0, 2.0, 0.5])
    together = contributions(values, as_one, alpha=0.01)
    expected = portfolio.value_at_risk(as_one[:, 0], 0.01) * np.array([1.0, 2.0, 0.5])
    np.testing.assert_allclose(together.marginal_value_at_risk, expected, rtol=1e-9)


def test_incremental_figures_leave_one_position_out() -> None:
    values, returns = np.array([2e5, 1e5, -5e4]), heavy_returns(600, 3, seed=9)
    found = contributions(values, returns, alpha=0.01)
    for place in range(3):
        others = [i for i in range(3) if i != place]
        profits = sum(values[i] * returns[:, i] for i in others)
        without = -np.quantile(profits, 0.01, method="hazen")
        assert found.incremental_value_at_risk[place] == pytest.approx(found.value_at_risk - without)


def test_a_single_position_is_its_own_component() -> None:
    found = contributions(np.array([-3e4]), heavy_returns(300, 1, seed=2), alpha=0.025)
    assert found.component_value_at_risk[0] == pytest.approx(found.value_at_risk)
    assert found.stand_alone_value_at_risk[0] == found.value_at_risk == found.incremental_value_at_risk[0]
    assert found.diversification == 0.0


def test_bootstrap_errors_agree_with_the_normal_theory() -> None:
    n, alpha = 4000, 0.05
    profits = np.random.default_rng(4).normal(size=n)
    generator = np.random.default_rng(0)
    found = portfolio.standard_errors(profits, alpha, generator=generator, resamples=400)
    quantile = stats.norm.ppf(alpha)
    assert found[0] == pytest.approx(np.sqrt(alpha * (1 - alpha) / n) / stats.norm.pdf(quantile), rel=0.25)
    draws = -portfolio.expected_shortfall(np.random.default_rng(6).normal(size=(400, n)), alpha)
    assert found[1] == pytest.approx(draws.std(), rel=0.25)


def test_a_scenario_is_arithmetic() -> None:
    """Long 100, short 40; minus 20 % and plus 50 %; then 80 and -60 at twice the volatility."""
    residuals = np.random.default_rng(7).normal(size=(300, 2))
    sigma = np.array([0.01, 0.02])
    after = portfolio.shocked(
        np.array([100.0, -40.0]),
        np.array([-0.2, 0.5]),
        returns=portfolio.simple_returns(residuals, 2.0 * sigma),
        alphas=(0.025, 0.01),
    )
    assert after.profits.tolist() == [-20.0, -20.0]
    assert after.total == -40.0
    profits = [80 * (np.exp(0.02 * a) - 1) - 60 * (np.exp(0.04 * b) - 1) for a, b in residuals]
    for place, alpha in enumerate((0.025, 0.01)):
        expected = -np.quantile(profits, alpha, method="hazen")
        assert after.value_at_risk[place] == pytest.approx(expected)
        assert after.expected_shortfall[place] > after.value_at_risk[place]
