"""Comparison tests against plain loops, other libraries, and their own size and power."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.stats.multitest import multipletests

from barograph.measures.comparison import (
    automatic_lags,
    clark_west,
    clark_west_adjusted,
    diebold_mariano,
    giacomini_white,
    holm,
    long_run_variance,
    panel_diebold_mariano,
)

REPETITIONS = pytest.mark.parametrize(
    "repetitions", [400, pytest.param(4000, marks=pytest.mark.soak)], ids=["cut", "long"]
)


def band(repetitions: int) -> float:
    """Four standard errors of a rejection rate of 5 %."""
    return 4 * np.sqrt(0.05 * 0.95 / repetitions)


def autoregression(random: np.random.Generator, n: int, coefficient: float) -> np.ndarray:
    shocks, series = random.normal(size=n), np.zeros(n)
    for i in range(1, n):
        series[i] = coefficient * series[i - 1] + shocks[i]
    return series


def moving_sum(random: np.random.Generator, n: int, horizon: int) -> np.ndarray:
    shocks = random.normal(size=n + horizon - 1)
    return np.convolve(shocks, np.ones(horizon), mode="valid")


@pytest.mark.parametrize("lags", [0, 1, 5])
def test_long_run_variance_equals_a_double_loop(lags):
    values = np.random.default_rng(0).normal(size=60)
    centred = values - values.mean()
    for kernel in ("bartlett", "rectangular"):
        total = 0.0
        for i in range(60):
            for j in range(60):
                gap = abs(i - j)
                if gap <= lags:
                    weight = 1 - gap / (lags + 1) if kernel == "bartlett" else 1.0
                    total += weight * centred[i] * centred[j] / 60
        assert long_run_variance(values, lags=lags, kernel=kernel) == pytest.approx(total)


def test_bartlett_variance_equals_statsmodels():
    values = autoregression(np.random.default_rng(1), 150, 0.5)
    fit = sm.OLS(values, np.ones(150)).fit(cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": False})
    assert long_run_variance(values, lags=6) / 150 == pytest.approx(fit.cov_params()[0, 0])


@given(st.integers(1, 5000), st.integers(1, 60))
def test_automatic_lags_stay_inside_the_sample_and_cover_the_overlap(n, horizon):
    lags = automatic_lags(n, horizon=horizon)
    assert 0 <= lags <= n - 1
    assert lags >= min(horizon - 1, n - 1)


def test_diebold_mariano_equals_its_formula_in_a_plain_loop():
    difference = np.random.default_rng(2).normal(0.2, 1, size=50)
    n, horizon = 50, 3
    mean = sum(difference) / n
    variance = 0.0
    for lag in range(-horizon + 1, horizon):
        variance += sum(
            (difference[i] - mean) * (difference[i + lag] - mean) for i in range(n) if 0 <= i + lag < n
        )
    statistic = mean / np.sqrt(variance / n / n)
    statistic *= np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    found = diebold_mariano(difference, horizon=horizon)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(2 * t.sf(abs(statistic), n - 1))


def test_the_two_sides_of_diebold_mariano_add_up_and_swap_with_the_models():
    difference = np.random.default_rng(3).normal(0.1, 1, size=80)
    less, greater = (diebold_mariano(difference, alternative=side).p_value for side in ("less", "greater"))
    assert less + greater == pytest.approx(1.0)
    assert diebold_mariano(-difference, alternative="less").p_value == pytest.approx(greater)
    assert diebold_mariano(difference).p_value == pytest.approx(2 * min(less, greater))


def test_an_undefined_diebold_mariano_says_why():
    assert "never differ" in diebold_mariano(np.zeros(50)).note
    assert "never varies" in diebold_mariano(np.full(50, 0.1)).note
    assert "too few" in diebold_mariano(np.ones(3), horizon=5).note
    seesaw = np.tile([1.0, -1.0], 20) + 0.01
    negative = diebold_mariano(seesaw, horizon=2)
    assert "Bartlett" in negative.note
    assert np.isnan(negative.p_value)
    assert np.isfinite(diebold_mariano(seesaw, horizon=2, kernel="bartlett").statistic)


def test_rows_without_both_losses_are_left_out():
    difference = np.random.default_rng(4).normal(size=60)
    holed = np.insert(difference, [5, 20], np.nan)
    assert diebold_mariano(holed) == diebold_mariano(difference)


@REPETITIONS
@pytest.mark.parametrize("horizon", [1, 5])
def test_diebold_mariano_rejects_equal_forecasters_about_as_often_as_it_says(horizon, repetitions):
    random = np.random.default_rng(5)
    rejected = 0
    for _ in range(repetitions):
        difference = moving_sum(random, 400, horizon)
        lags = automatic_lags(400, horizon=horizon)
        rejected += diebold_mariano(difference, horizon=horizon, lags=lags, kernel="bartlett").p_value < 0.05
    assert 0.015 < rejected / repetitions < 0.05 + band(repetitions) + 0.025


def test_diebold_mariano_finds_a_planted_difference():
    random = np.random.default_rng(6)
    found = [diebold_mariano(random.normal(-0.25, 1, 300)) for _ in range(100)]
    assert np.mean([test.p_value < 0.05 and test.statistic < 0 for test in found]) > 0.95


def panel(random: np.random.Generator, n_dates: int, n_series: int, *, shared: float, mean: float = 0.0):
    common = shared * random.normal(size=n_dates)
    values = mean + common[:, None] + np.sqrt(1 - shared**2) * random.normal(size=(n_dates, n_series))
    dates = np.repeat(np.datetime64("2020-01-01") + np.arange(n_dates), n_series)
    return values.ravel(), dates


def test_the_panel_test_equals_a_plain_loop_on_an_unbalanced_panel():
    random = np.random.default_rng(7)
    values, dates = panel(random, 60, 4, shared=0.5, mean=0.1)
    values[random.random(values.size) < 0.3] = np.nan
    known = np.isfinite(values)
    mean = values[known].mean()
    sums = [
        sum(values[i] - mean for i in np.flatnonzero((dates == day) & known))
        for day in np.unique(dates[known])
    ]
    n, lags = len(sums), 3
    variance = 0.0
    for i in range(n):
        for j in range(n):
            variance += max(0.0, 1 - abs(i - j) / (lags + 1)) * sums[i] * sums[j]
    statistic = mean / np.sqrt(variance / known.sum() ** 2) * np.sqrt((n - 1) / n)
    found = panel_diebold_mariano(values, dates, lags=lags)
    assert found.statistic == pytest.approx(statistic)
    assert found.n_obs == known.sum()


def test_the_panel_test_of_one_series_is_diebold_mariano():
    values = np.random.default_rng(8).normal(0.1, 1, size=100)
    days = np.arange(100)
    pooled = panel_diebold_mariano(values, days, lags=4)
    single = diebold_mariano(values, lags=4, kernel="bartlett")
    assert (pooled.statistic, pooled.p_value) == (pytest.approx(single.statistic), single.p_value)


def test_the_panel_test_does_not_depend_on_the_order_of_its_rows():
    values, dates = panel(np.random.default_rng(9), 50, 3, shared=0.4)
    order = np.random.default_rng(0).permutation(values.size)
    assert panel_diebold_mariano(values[order], dates[order]).statistic == pytest.approx(
        panel_diebold_mariano(values, dates).statistic
    )


@REPETITIONS
def test_the_panel_test_keeps_its_size_where_series_move_together_and_pooling_by_row_would_not(repetitions):
    random = np.random.default_rng(10)
    clustered = pooled = 0
    for _ in range(repetitions):
        values, dates = panel(random, 250, 8, shared=0.8)
        clustered += panel_diebold_mariano(values, dates).p_value < 0.05
        pooled += diebold_mariano(values).p_value < 0.05
    assert 0.01 < clustered / repetitions < 0.05 + band(repetitions) + 0.015
    assert pooled / repetitions > 0.25


def test_the_panel_test_finds_what_no_single_series_can_show():
    random = np.random.default_rng(11)
    found = [panel_diebold_mariano(*panel(random, 250, 8, shared=0.2, mean=-0.1)) for _ in range(60)]
    assert np.mean([test.p_value < 0.05 and test.statistic < 0 for test in found]) > 0.85


def test_clark_west_equals_a_regression_on_a_constant():
    random = np.random.default_rng(12)
    realised, small = random.normal(size=90), np.zeros(90)
    large = 0.3 * random.normal(size=90)
    adjusted = clark_west_adjusted(realised, small, large)
    np.testing.assert_allclose(adjusted, 2 * realised * large, atol=1e-12)
    plain = sm.OLS(adjusted, np.ones(90)).fit()
    robust = sm.OLS(adjusted, np.ones(90)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": False}
    )
    assert clark_west(realised, small, large).statistic == pytest.approx(plain.tvalues[0])
    assert clark_west(realised, small, large, lags=4).statistic == pytest.approx(robust.tvalues[0])
    assert "never differ" in clark_west(realised, small, small).note


def estimated_forecast(random: np.random.Generator, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """Outcome, and the forecast of a regression refitted on the last 60 days at each of 200 origins."""
    x = random.normal(size=261)
    y = slope * x + random.normal(size=261)
    forecast = [
        np.dot(x[i - 60 : i], y[i - 60 : i]) / np.dot(x[i - 60 : i], x[i - 60 : i]) * x[i]
        for i in range(60, 261)
    ]
    return y[60:], np.array(forecast)


@REPETITIONS
def test_clark_west_keeps_its_size_under_estimation_and_has_power(repetitions):
    random = np.random.default_rng(13)
    rejected = found = naive = 0
    for _ in range(repetitions):
        realised, forecast = estimated_forecast(random, 0.0)
        rejected += clark_west(realised, np.zeros(201), forecast).p_value < 0.05
        naive += diebold_mariano(forecast**2 - 2 * realised * forecast, alternative="less").p_value < 0.05
        realised, forecast = estimated_forecast(random, 0.3)
        found += clark_west(realised, np.zeros(201), forecast).p_value < 0.05
    assert 0.005 < rejected / repetitions < 0.05 + band(repetitions)
    assert naive < rejected
    assert found / repetitions > 0.9


def test_giacomini_white_equals_the_regression_of_one_on_the_weighted_instruments():
    difference = np.random.default_rng(14).normal(0.1, 1, size=80)
    terms = np.column_stack([difference[1:], difference[:-1] * difference[1:]])
    fit = sm.OLS(np.ones(79), terms).fit()
    found = giacomini_white(difference)
    assert found.statistic == pytest.approx(79 * (1 - fit.ssr / 79))
    assert found.n_obs == 79


def test_giacomini_white_with_a_constant_is_an_unconditional_test():
    difference = np.random.default_rng(15).normal(0.1, 1, size=80)
    found = giacomini_white(difference, instruments=np.ones((80, 1)))
    assert found.statistic == pytest.approx(80 * difference.mean() ** 2 / np.mean(difference**2))
    assert "singular" in giacomini_white(difference, instruments=np.ones((80, 2))).note
    assert "too few" in giacomini_white(difference[:2]).note


@REPETITIONS
@pytest.mark.parametrize("horizon", [1, 3])
def test_giacomini_white_keeps_its_size_and_finds_what_the_mean_hides(horizon, repetitions):
    random = np.random.default_rng(16)
    rejected = found = unconditional = 0
    for _ in range(repetitions):
        equal = moving_sum(random, 300, horizon)
        rejected += giacomini_white(equal, horizon=horizon).p_value < 0.05
        predictable = autoregression(random, 300, 0.7)
        found += giacomini_white(predictable, horizon=horizon).p_value < 0.05
        unconditional += diebold_mariano(predictable, lags=12, kernel="bartlett").p_value < 0.05
    assert 0.01 < rejected / repetitions < 0.05 + band(repetitions) + 0.04
    assert found / repetitions > 0.6
    assert unconditional / repetitions < 0.25


@pytest.mark.parametrize("seed", range(20))
def test_holm_equals_statsmodels(seed):
    random = np.random.default_rng(seed)
    p_values = np.round(random.random(1 + seed % 12) ** 3, 2)  # rounded, so that ties occur
    expected = multipletests(p_values, method="holm")[1]
    np.testing.assert_allclose(holm(p_values), expected, atol=1e-12)


def test_holm_does_not_count_a_test_that_was_not_made():
    found = holm(np.array([0.01, np.nan, 0.04]))
    assert found[[0, 2]].tolist() == [0.02, 0.04]
    assert np.isnan(found[1])
    assert np.isnan(holm(np.full(3, np.nan))).all()
