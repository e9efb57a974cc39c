"""Scores against integrals, plain loops and printed values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad
from scipy.stats import norm, t

from barograph.measures.scores import (
    absolute_error,
    crps_ensemble,
    crps_from_quantiles,
    crps_normal,
    fz0,
    log_score_normal,
    mincer_zarnowitz,
    pinball,
    qlike,
    qlike_patton,
    squared_error,
)

FINE = np.linspace(0.0005, 0.9995, 1000)
RANDOM = np.random.default_rng(3)


def integrated_crps(distribution_function, outcome: float, low: float, high: float) -> float:
    below = quad(lambda x: distribution_function(x) ** 2, low, outcome, limit=500)[0]
    above = quad(lambda x: (1 - distribution_function(x)) ** 2, outcome, high, limit=500)[0]
    return below + above


def test_both_forms_of_qlike_differ_by_a_term_free_of_the_forecast():
    realised = RANDOM.exponential(size=50)
    gap = [qlike(realised, h) - qlike_patton(realised, h) for h in (np.full(50, 0.3), np.full(50, 7.0))]
    np.testing.assert_allclose(gap[0], gap[1], rtol=1e-12)
    assert np.all(qlike_patton(realised, realised) == 0.0)


def test_qlike_takes_a_day_without_a_price_change_and_patton_s_form_does_not():
    assert qlike(np.array(0.0), np.array(np.e)) == pytest.approx(1.0)
    assert np.isnan(qlike_patton(np.array(0.0), np.array(1.0)))


@pytest.mark.parametrize("variance", [0.0, -1.0, np.nan])
def test_a_variance_that_is_not_positive_has_no_loss(variance):
    assert np.isnan(qlike(np.array(1.0), np.array(variance)))
    assert np.isnan(qlike_patton(np.array(1.0), np.array(variance)))


def test_qlike_is_smallest_in_the_mean_at_the_true_variance():
    realised = 4.0 * RANDOM.normal(size=200_000) ** 2
    means = {h: qlike(realised, np.array(h)).mean() for h in (2.0, 3.5, 4.0, 4.5, 8.0)}
    assert min(means, key=means.get) == 4.0


def test_errors_are_squared_and_absolute_differences():
    assert squared_error(np.array([1.0, 2.0]), np.array([3.0, np.nan]))[0] == 4.0
    assert absolute_error(np.array([1.0, 2.0]), np.array([3.0, 5.0])).tolist() == [2.0, 3.0]


def test_mincer_zarnowitz_equals_the_least_squares_of_numpy():
    forecast = RANDOM.exponential(size=80)
    realised = 0.3 + 0.8 * forecast + RANDOM.normal(size=80)
    realised[5] = np.nan
    line = mincer_zarnowitz(realised, forecast)
    kept = np.isfinite(realised)
    slope, intercept = np.polyfit(forecast[kept], realised[kept], 1)
    assert (line.slope, line.intercept) == (pytest.approx(slope), pytest.approx(intercept))
    assert line.r_squared == pytest.approx(np.corrcoef(forecast[kept], realised[kept])[0, 1] ** 2)
    assert line.n_obs == 79
    assert np.isnan(mincer_zarnowitz(realised, np.ones(80)).slope)


def test_the_sample_quantile_minimises_the_mean_pinball_loss():
    values = RANDOM.normal(size=4001)
    grid = np.linspace(-2, 2, 401)
    best = grid[np.argmin([pinball(values, np.array(q), 0.2).mean() for q in grid])]
    assert best == pytest.approx(np.quantile(values, 0.2), abs=0.011)


@pytest.mark.parametrize("outcome", [-2.5, 0.0, 0.4, 3.0])
def test_crps_of_a_normal_is_the_integral_of_its_definition(outcome):
    expected = integrated_crps(lambda x: norm.cdf(x, 0.5, 2.0), outcome, -20, 20)
    found = crps_normal(np.array(outcome), np.array(0.5), np.array(2.0))
    assert found == pytest.approx(expected, abs=1e-7)


@given(arrays(float, 7, elements=st.floats(-5, 5)), st.floats(-6, 6))
def test_crps_of_an_ensemble_is_its_double_sum(draws, outcome):
    distance = np.mean([abs(x - outcome) for x in draws])
    pairs = sum(abs(x - y) for x in draws for y in draws)
    found = crps_ensemble(np.array([outcome]), draws[None, :])[0]
    fair = crps_ensemble(np.array([outcome]), draws[None, :], fair=True)[0]
    assert found == pytest.approx(distance - pairs / (2 * 49), abs=1e-9)
    assert fair == pytest.approx(distance - pairs / (2 * 42), abs=1e-9)


@given(arrays(float, 6, elements=st.floats(-3, 3)), st.floats(-4, 4))
def test_crps_of_a_quantile_grid_is_the_integral_over_its_distribution_function(points, outcome):
    quantiles, levels = np.sort(points), np.array([0.02, 0.1, 0.4, 0.6, 0.9, 0.99])
    x = np.linspace(-5, 5, 400_001)
    middle = (x[1:] + x[:-1]) / 2
    position = np.searchsorted(quantiles, middle, side="right")
    left, right = np.clip(position - 1, 0, 5), np.clip(position, 0, 5)
    width = np.where(quantiles[right] > quantiles[left], quantiles[right] - quantiles[left], 1.0)
    inside = levels[left] + (levels[right] - levels[left]) * (middle - quantiles[left]) / width
    cumulative = np.where(position == 0, 0.0, np.where(position == 6, 1.0, inside))
    expected = np.sum((cumulative - (middle >= outcome)) ** 2) * (x[1] - x[0])
    found = crps_from_quantiles(np.array([outcome]), quantiles[None, :], levels)[0]
    assert found == pytest.approx(expected, abs=2e-4)


def test_crps_of_a_fine_quantile_grid_is_that_of_the_distribution_itself():
    outcome = np.linspace(-4, 4, 17)
    normal = crps_from_quantiles(outcome, np.tile(norm.ppf(FINE), (17, 1)), FINE)
    np.testing.assert_allclose(normal, crps_normal(outcome, np.zeros(17), np.ones(17)), atol=3e-4)
    expected = integrated_crps(lambda x: t.cdf(x, 5), 1.0, -60, 60)
    found = crps_from_quantiles(np.array([1.0]), t.ppf(FINE, 5)[None, :], FINE)[0]
    assert found == pytest.approx(expected, abs=2e-4)


def test_crps_of_a_quantile_grid_is_twice_the_integral_of_its_pinball_losses():
    quantiles = norm.ppf(FINE)
    for outcome in (-1.3, 0.2):
        losses = pinball(np.array(outcome), quantiles, FINE)
        integral = 2 * np.sum((losses[1:] + losses[:-1]) / 2) * (FINE[1] - FINE[0])
        found = crps_from_quantiles(np.array([outcome]), quantiles[None, :], FINE)[0]
        assert found == pytest.approx(integral, abs=4e-3)


def test_a_point_forecast_s_crps_is_its_absolute_error():
    point = np.full((1, 3), 2.0)
    assert crps_from_quantiles(np.array([5.0]), point, [0.1, 0.5, 0.9])[0] == pytest.approx(3.0)
    assert np.isnan(crps_from_quantiles(np.array([np.nan]), point, [0.1, 0.5, 0.9])[0])
    assert np.isnan(crps_from_quantiles(np.array([1.0]), point * np.nan, [0.1, 0.5, 0.9])[0])


def test_log_score_is_minus_the_log_density():
    outcome = np.array([-1.0, 0.0, 5.0])
    found = log_score_normal(outcome, np.full(3, 0.5), np.full(3, 2.0))
    np.testing.assert_allclose(found, -norm.logpdf(outcome, 0.5, 2.0), rtol=1e-12)


def test_fz0_has_its_unit_values():
    """Patton, Ziegel and Chen (2019), evaluated by hand at v = -2, e = -2.5, alpha = 0.05."""
    found = fz0(np.array([-3.0, 1.0]), np.array(2.0), np.array(2.5), alpha=0.05)
    np.testing.assert_allclose(found, [8.716290731874157, 0.7162907318741552], rtol=1e-12)


def test_fz0_is_smallest_in_the_mean_at_the_true_value_at_risk_and_shortfall():
    returns = np.random.default_rng(1).normal(size=400_000)
    alpha = 0.025
    true_var, true_es = -norm.ppf(alpha), norm.pdf(norm.ppf(alpha)) / alpha
    best = fz0(returns, np.array(true_var), np.array(true_es), alpha=alpha).mean()
    for var, es in ((0.9, 1.0), (1.1, 1.0), (1.0, 0.9), (1.0, 1.1), (1.2, 1.2), (0.8, 0.8)):
        worse = fz0(returns, np.array(var * true_var), np.array(es * true_es), alpha=alpha).mean()
        assert worse > best


def test_fz0_needs_a_positive_shortfall_and_its_differences_are_free_of_the_unit():
    assert np.isnan(fz0(np.array(-1.0), np.array(1.0), np.array(0.0), alpha=0.01))
    returns = RANDOM.normal(size=100)
    for scale in (1.0, 100.0):
        first = fz0(scale * returns, np.array(scale * 1.5), np.array(scale * 2.0), alpha=0.05)
        second = fz0(scale * returns, np.array(scale * 1.7), np.array(scale * 2.1), alpha=0.05)
        if scale == 1.0:
            expected = first - second
    np.testing.assert_allclose(first - second, expected, rtol=1e-9)
