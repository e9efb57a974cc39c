"""Tests of whole distributions, and where outcomes fall in them, against other libraries and loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import integrate, stats
from scipy.optimize import minimize
from statsmodels.stats.diagnostic import acorr_ljungbox

from barograph.core.errors import DataError
from barograph.core.forecast import LEVELS
from barograph.measures import backtests, distributions, tail
from barograph.measures.distributions import pit_from_quantiles


@pytest.fixture
def uniform() -> np.ndarray:
    return np.random.default_rng(0).random(237)


def test_the_distance_to_uniform_is_that_of_scipy(uniform: np.ndarray) -> None:
    found, oracle = (
        backtests.kolmogorov_smirnov(uniform),
        stats.kstest(uniform, "uniform", method="asymp"),
    )
    assert (found.statistic, found.p_value) == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-9)


@pytest.mark.parametrize("bins", [5, 10])
def test_the_test_of_equal_bins_is_that_of_scipy(uniform: np.ndarray, bins: int) -> None:
    found = backtests.uniform_bins(uniform, bins=bins)
    counts = [sum(k / bins <= u < (k + 1) / bins for u in uniform) for k in range(bins)]
    oracle = stats.chisquare(counts)
    assert (found.statistic, found.p_value) == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-9)


@pytest.mark.parametrize("lags", [1, 5, 20])
def test_the_portmanteau_is_that_of_statsmodels(uniform: np.ndarray, lags: int) -> None:
    found, oracle = backtests.ljung_box(uniform, lags=lags), acorr_ljungbox(uniform, lags=[lags])
    assert found.statistic == pytest.approx(oracle["lb_stat"].iloc[0], rel=1e-9)
    assert found.p_value == pytest.approx(oracle["lb_pvalue"].iloc[0], rel=1e-9)


def _autoregressive(parameters: np.ndarray, z: np.ndarray) -> float:
    """Minus the exact log-likelihood of a stationary AR(1), from its whole covariance matrix."""
    mean, log_sd, angle = parameters
    rho = math.tanh(angle)
    lags = np.abs(np.subtract.outer(np.arange(z.size), np.arange(z.size)))
    covariance = math.exp(2 * log_sd) / (1 - rho**2) * rho**lags
    return -float(stats.multivariate_normal.logpdf(z, np.full(z.size, mean), covariance))


def test_the_exact_berkowitz_form_maximises_the_joint_normal_likelihood() -> None:
    z = np.random.default_rng(3).normal(0.2, 1.2, 60)
    best = minimize(
        _autoregressive, np.zeros(3), args=(z,), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}
    )
    standard = stats.norm.logpdf(z).sum()
    assert backtests.berkowitz_exact(z).statistic == pytest.approx(2 * (-best.fun - standard), abs=1e-6)


def test_the_conditional_berkowitz_form_is_a_regression_against_white_noise() -> None:
    z = np.random.default_rng(4).normal(0.1, 0.9, 120)
    line = stats.linregress(z[:-1], z[1:])
    residuals = z[1:] - line.intercept - line.slope * z[:-1]
    best = stats.norm.logpdf(residuals, scale=residuals.std()).sum()
    found = backtests.berkowitz(z)
    assert found.statistic == pytest.approx(2 * (best - stats.norm.logpdf(z[1:]).sum()), rel=1e-9)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 3), rel=1e-9)


def test_the_tail_form_finds_no_better_parameters_nearby() -> None:
    z = np.random.default_rng(5).normal(-0.3, 1.4, 400)
    cut = stats.norm.ppf(0.1)

    def likelihood(mean: float, sd: float) -> float:
        inside = stats.norm.logpdf(z[z < cut], mean, sd).sum()
        return float(inside + (z >= cut).sum() * stats.norm.logsf(cut, mean, sd))

    test, mean, sd = backtests.berkowitz_tail(z, alpha=0.1)
    best = likelihood(mean, sd)
    assert test.statistic == pytest.approx(2 * (best - likelihood(0.0, 1.0)), rel=1e-9)
    for step in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert likelihood(mean + step[0], sd + step[1]) < best


def test_scores_that_cannot_be_tested_get_nan_and_a_reason() -> None:
    few, flat = np.array([0.1, 0.2, 0.3]), np.full(50, 0.5)
    results = [
        backtests.kolmogorov_smirnov([]),
        backtests.uniform_bins([]),
        backtests.ljung_box(flat),
        backtests.ljung_box(few),
        backtests.berkowitz(few),
        backtests.berkowitz(flat),
        backtests.berkowitz_mean_variance(flat),
        backtests.berkowitz_exact(few),
        backtests.berkowitz_tail(flat, alpha=0.05)[0],
    ]
    for result in results:
        assert math.isnan(result.p_value)
        assert result.note


def test_numbers_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(DataError, match=r"\[0, 1\]"):
        backtests.kolmogorov_smirnov([0.5, 1.2])


def test_inside_the_grid_the_pit_is_linear_interpolation() -> None:
    levels = np.array(LEVELS)
    random = np.random.default_rng(6)
    grid = np.sort(random.normal(size=(200, levels.size)), axis=1)
    values = np.array([random.uniform(row[0], row[-1]) for row in grid])
    oracle = [np.interp(v, row, levels) for v, row in zip(values, grid, strict=True)]
    np.testing.assert_allclose(pit_from_quantiles(values, grid, levels), oracle, atol=1e-12)


def test_outside_the_grid_an_exponential_tail_is_recovered_exactly() -> None:
    levels = np.array(LEVELS)
    laplace = stats.laplace(scale=0.01)
    values = laplace.ppf([1e-7, 1e-4, 0.004, 0.996, 0.9999, 1 - 1e-7])
    found = pit_from_quantiles(values, np.tile(laplace.ppf(levels), (6, 1)), levels)
    np.testing.assert_allclose(found, laplace.cdf(values), rtol=1e-6)
    np.testing.assert_allclose(1 - found[3:], laplace.sf(values[3:]), rtol=1e-6)


@given(
    hnp.arrays(float, 7, elements=st.floats(-5, 5, width=32)),
    hnp.arrays(float, 12, elements=st.floats(-8, 8, width=32)),
)
def test_the_pit_never_falls_in_the_outcome_and_stays_a_probability(
    grid: np.ndarray, values: np.ndarray
) -> None:
    levels = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    ordered = np.sort(values)
    found = pit_from_quantiles(ordered, np.tile(np.sort(grid), (12, 1)), levels)
    assert (np.diff(found) >= -1e-12).all()
    assert ((found > 0) & (found < 1)).all()


def test_quantiles_that_coincide_with_the_outcome_give_the_middle_of_their_levels() -> None:
    found = pit_from_quantiles(
        [0.0, 3.0], [[-1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]], [0.1, 0.3, 0.5, 0.7]
    )
    assert found.tolist() == pytest.approx([0.4, 1.0])


def test_a_missing_outcome_or_quantile_gives_a_missing_pit() -> None:
    found = pit_from_quantiles([np.nan, 0.0, 0.0], [[-1.0, 1.0], [np.nan, 1.0], [-1.0, 1.0]], [0.25, 0.75])
    assert np.isnan(found).tolist() == [True, True, False]


def test_a_grid_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match="one row per value"):
        pit_from_quantiles([0.0], [[0.0, 1.0]], [0.1, 0.5, 0.9])


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.3])
def test_expected_shortfall_is_the_mean_of_value_at_risk_beyond(alpha: float) -> None:
    figures = {"shape": 0.2, "scale": 0.8, "threshold": 2.0, "n_obs": 100, "n_exceedances": 40}
    pairs = [
        (
            distributions.normal_value_at_risk,
            distributions.normal_expected_shortfall,
            {"mean": 0.1, "sd": 2.0},
        ),
        (
            distributions.student_value_at_risk,
            distributions.student_expected_shortfall,
            {"degrees_of_freedom": 4.5, "mean": -0.2, "sd": 1.5},
        ),
        (tail.pareto_value_at_risk, tail.pareto_expected_shortfall, figures),
        (tail.pareto_value_at_risk, tail.pareto_expected_shortfall, figures | {"shape": 0.0}),
        (tail.pareto_value_at_risk, tail.pareto_expected_shortfall, figures | {"shape": -0.3}),
    ]
    for value_at_risk, shortfall, settings in pairs:
        # with u = alpha * exp(-t) the integral has no singularity at the far end
        mean, _ = integrate.quad(
            lambda t, f=value_at_risk, s=settings: f(alpha * math.exp(-t), **s) * math.exp(-t), 0, 60
        )
        assert shortfall(alpha, **settings) == pytest.approx(mean, rel=1e-6)


def test_the_unit_variance_student_quantile_is_that_of_scipy() -> None:
    oracle = -stats.t(7).ppf(0.01) / stats.t(7).std()
    assert distributions.student_value_at_risk(0.01, degrees_of_freedom=7) == pytest.approx(oracle, rel=1e-9)


def test_a_student_without_variance_is_refused() -> None:
    with pytest.raises(DataError, match="more than 2"):
        distributions.student_value_at_risk(0.01, degrees_of_freedom=2.0)


def test_a_pareto_quantile_is_that_of_scipy_and_refused_below_the_threshold() -> None:
    figures = {"shape": 0.3, "scale": 1.2, "threshold": 5.0, "n_obs": 1000, "n_exceedances": 50}
    oracle = 5.0 + stats.genpareto(0.3, scale=1.2).isf(0.01 * 1000 / 50)
    assert tail.pareto_value_at_risk(0.01, **figures) == pytest.approx(oracle, rel=1e-9)
    with pytest.raises(DataError, match="beyond the threshold"):
        tail.pareto_value_at_risk(0.1, **figures)
    assert tail.pareto_expected_shortfall(0.01, **(figures | {"shape": 1.0})) == math.inf


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=60), st.sampled_from([0.01, 0.1, 0.25]))
def test_empirical_figures_are_those_of_a_sorted_list(values: list[float], alpha: float) -> None:
    worst = sorted(values)[: max(1, math.ceil(len(values) * alpha - 1e-9))]
    assert distributions.empirical_value_at_risk(values, alpha) == -worst[-1]
    shortfall = distributions.empirical_expected_shortfall([*values, math.nan], alpha)
    assert shortfall == pytest.approx(-sum(worst) / len(worst), abs=1e-9)


def test_an_empty_sample_has_no_risk_figures() -> None:
    assert math.isnan(distributions.empirical_value_at_risk([], 0.01))
    assert math.isnan(distributions.empirical_expected_shortfall([math.nan], 0.01))


def test_a_book_of_perfectly_correlated_positions_has_no_diversification() -> None:
    together = distributions.variance_covariance([100.0, 50.0], [0.02, 0.01], correlation=1.0, days=10)
    apart = distributions.variance_covariance([100.0, 50.0], [0.02, 0.01], correlation=np.eye(2), days=10)
    assert together.diversification == pytest.approx(0.0, abs=1e-9)
    assert apart.total == pytest.approx(math.hypot(*apart.single))
    hedged = distributions.variance_covariance([100.0, -200.0], [0.02, 0.01], correlation=1.0)
    assert hedged.total == pytest.approx(0.0, abs=1e-9)
