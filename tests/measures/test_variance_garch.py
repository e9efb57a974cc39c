"""The GJR-GARCH recursion against the arch package, a linear filter, a plain loop and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from arch import arch_model
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from barograph.core.fitted import GarchParameters
from barograph.measures import garch

PARAMETERS = GarchParameters(
    mean=0.04, omega=0.02, alpha=0.03, gamma=0.12, beta=0.89, degrees_of_freedom=7.0, backcast=1.3
)


def some_returns(n: int = 700, seed: int = 0) -> np.ndarray:
    return 0.012 * np.random.default_rng(seed).standard_t(5, n)


def arch_vector(p: GarchParameters) -> list[float]:
    return [p.mean, p.omega, p.alpha, p.gamma, p.beta, p.degrees_of_freedom]


def arch_fixed(returns: np.ndarray) -> object:
    model = arch_model(100 * returns, mean="Constant", p=1, o=1, q=1, dist="t", rescale=False)
    return model.fix(arch_vector(PARAMETERS))


def test_the_recursion_equals_arch_once_the_start_is_forgotten() -> None:
    returns = some_returns()
    theirs = arch_fixed(returns).conditional_volatility ** 2
    ours = garch.next_variances(PARAMETERS, returns)
    # arch's fixed model starts from a backcast of its own; 0.98 ** 400 of that difference is left
    np.testing.assert_allclose(ours[400:-1], theirs[401:], rtol=1e-4)
    np.testing.assert_allclose(ours[600:-1], theirs[601:], rtol=1e-6)


def test_the_recursion_equals_arch_from_the_first_day_with_its_backcast() -> None:
    returns = some_returns()
    model = arch_model(100 * returns, mean="Constant", p=1, o=1, q=1, dist="t", rescale=False)
    fit = model.fit(disp="off", show_warning=False, backcast=1.7)
    mean, omega, alpha, gamma, beta, freedom = np.asarray(fit.params)
    ours = GarchParameters(mean, omega, alpha, gamma, beta, freedom, backcast=1.7)
    theirs = fit.conditional_volatility**2
    assert garch.start_variance(ours) == pytest.approx(theirs[0], rel=1e-10)
    np.testing.assert_allclose(garch.next_variances(ours, returns)[:-1], theirs[1:], rtol=1e-10)


def test_sums_over_days_equal_arch_forecasts() -> None:
    returns = some_returns()
    fixed = arch_fixed(returns)
    theirs = fixed.forecast(horizon=22, start=600).variance.to_numpy()
    ours = garch.multi_step(PARAMETERS, garch.next_variances(PARAMETERS, returns), (1, 5, 22))
    expected = np.stack([theirs[:, :h].sum(axis=1) for h in (1, 5, 22)], axis=-1)
    np.testing.assert_allclose(ours[600:], expected, rtol=1e-6)


def test_the_recursion_equals_a_linear_filter() -> None:
    returns = some_returns(3_000)
    surprise = 100 * returns - PARAMETERS.mean
    news = PARAMETERS.omega + (PARAMETERS.alpha + PARAMETERS.gamma * (surprise < 0)) * surprise**2
    start = [PARAMETERS.beta * garch.start_variance(PARAMETERS)]
    filtered, _ = lfilter([1.0], [1.0, -PARAMETERS.beta], news, zi=start)
    np.testing.assert_allclose(garch.next_variances(PARAMETERS, returns), filtered, rtol=1e-12)


@given(st.lists(st.floats(-0.3, 0.3) | st.just(float("nan")), min_size=1, max_size=50))
def test_stepping_day_by_day_equals_the_whole_history(values: list[float]) -> None:
    variance = garch.start_variance(PARAMETERS)
    path = []
    for value in values:
        variance = garch.step(PARAMETERS, variance, value)
        path.append(variance)
    np.testing.assert_allclose(garch.next_variances(PARAMETERS, np.array(values)), path, rtol=1e-12)


def test_an_unknown_return_leaves_the_variance_as_it_was() -> None:
    returns = some_returns(20)
    gap = np.insert(returns, 10, np.nan)
    with_gap, without = garch.next_variances(PARAMETERS, gap), garch.next_variances(PARAMETERS, returns)
    assert with_gap[10] == with_gap[9]
    np.testing.assert_array_equal(np.delete(with_gap, 10), without)


def test_a_fall_raises_variance_more_than_a_rise() -> None:
    fall, rise = (garch.step(PARAMETERS, 1.0, 0.01 * (0.04 + move)) for move in (-2.0, 2.0))
    assert fall - rise == pytest.approx(PARAMETERS.gamma * 4.0, rel=1e-12)


def test_sums_over_days_agree_with_simulation() -> None:
    rng = np.random.default_rng(5)
    n_paths, days, freedom = 60_000, 10, PARAMETERS.degrees_of_freedom
    variance = np.full(n_paths, 2.0)
    total = np.zeros(n_paths)
    for _ in range(days):
        total += variance
        shock = rng.standard_t(freedom, n_paths) * np.sqrt((freedom - 2) / freedom * variance)
        news = (PARAMETERS.alpha + PARAMETERS.gamma * (shock < 0)) * shock**2
        variance = PARAMETERS.omega + news + PARAMETERS.beta * variance
    expected = garch.multi_step(PARAMETERS, np.array([2.0]), (days,))[0, 0]
    assert total.mean() == pytest.approx(expected, abs=4 * total.std() / np.sqrt(n_paths))


def test_an_explosive_recursion_is_forecast_as_an_integrated_one() -> None:
    explosive = GarchParameters(0.0, 0.01, 0.2, 0.1, 0.9, 5.0, 1.0)
    assert garch.persistence(explosive) == pytest.approx(1.15)
    assert garch.long_run_variance(explosive) == np.inf
    sums = garch.multi_step(explosive, np.array([2.0]), (1, 250))[0]
    assert sums[0] == 2.0
    assert sums[1] == pytest.approx(250 * 2.0 + 0.01 * 250 * 249 / 2, rel=1e-12)


def test_the_published_update_of_a_day() -> None:
    """Hull, Options, Futures, and Other Derivatives: volatility 1.53 % after a return of 1 %."""
    hull = GarchParameters(0.0, 2e-6 * 1e4, 0.13, 0.0, 0.86, np.inf, 0.016**2 * 1e4)
    assert garch.step(hull, 0.016**2 * 1e4, 0.01) / 1e4 == pytest.approx(0.00023516, rel=1e-9)
