"""Tests of direction, of advantage through time and of error ratios: plain loops, size and power."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from barograph.measures.comparison import error_ratio, fluctuation, pesaran_timmermann
from barograph.measures.comparison.fluctuation import CRITICAL, WINDOW_SHARES


def overlapping(random: np.random.Generator, n: int, horizon: int) -> np.ndarray:
    return np.convolve(random.normal(size=n + horizon - 1), np.ones(horizon), mode="valid")


def test_pesaran_timmermann_equals_its_formula_in_a_plain_loop():
    random = np.random.default_rng(0)
    came = random.normal(0.3, 1, size=80)
    said = came + random.normal(size=80)
    hits = sum((y > 0) == (x > 0) for y, x in zip(came, said, strict=True)) / 80
    up, call = sum(y > 0 for y in came) / 80, sum(x > 0 for x in said) / 80
    expected = up * call + (1 - up) * (1 - call)
    first = expected * (1 - expected) / 80
    second = ((2 * up - 1) ** 2 * call * (1 - call) + (2 * call - 1) ** 2 * up * (1 - up)) / 80
    second += 4 * up * call * (1 - up) * (1 - call) / 80**2
    found = pesaran_timmermann(came, said)
    assert found.statistic == pytest.approx((hits - expected) / np.sqrt(first - second))
    assert found.p_value < 0.01


def test_pesaran_timmermann_with_lags_equals_a_regression_with_robust_errors_under_independence():
    random = np.random.default_rng(1)
    came, said = overlapping(random, 4000, 5), overlapping(random, 4000, 5)
    y, x = (came > 0).astype(float), (said > 0).astype(float)
    fit = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 8, "use_correction": False}, use_t=False
    )
    assert pesaran_timmermann(came, said, lags=8).statistic == pytest.approx(fit.tvalues[1], abs=0.05)


@pytest.mark.parametrize("horizon", [1, 5])
def test_pesaran_timmermann_rejects_unrelated_signs_about_as_often_as_it_says(horizon):
    random, rejected = np.random.default_rng(2), 0
    for _ in range(600):
        came, said = overlapping(random, 400, horizon), overlapping(random, 400, horizon)
        rejected += pesaran_timmermann(came, said, lags=None if horizon == 1 else 8).p_value < 0.05
    assert 0.02 < rejected / 600 < 0.09


def test_overlapping_changes_fool_the_statistic_without_lags():
    random, rejected = np.random.default_rng(3), 0
    for _ in range(300):
        came, said = overlapping(random, 400, 12), overlapping(random, 400, 12)
        rejected += pesaran_timmermann(came, said).p_value < 0.05
    assert rejected / 300 > 0.15


@pytest.mark.parametrize("said", [np.ones(50), -np.ones(50), np.zeros(50)], ids=["up", "down", "zero"])
def test_a_forecast_without_a_direction_cannot_be_tested(said):
    found = pesaran_timmermann(np.random.default_rng(4).normal(size=50), said)
    assert np.isnan(found.p_value)
    assert found.note == "all signs are the same"


def test_fluctuation_equals_its_formula_in_a_plain_loop_and_skips_missing_rows():
    random = np.random.default_rng(5)
    values = random.normal(size=60)
    given = np.insert(values, 10, np.nan)
    found = fluctuation(given, window_share=0.5, lags=1)
    centred = values - values.mean()
    spread = (centred @ centred + 2 * 0.5 * sum(centred[i] * centred[i - 1] for i in range(1, 60))) / 60
    for i, value in enumerate(found.path):
        assert value == pytest.approx(sum(values[i : i + 30]) / np.sqrt(spread * 30))
    assert found.last[0] == 30
    assert found.last[-1] == 60
    assert found.path.size == 31


def test_fluctuation_keeps_its_size_and_finds_an_advantage_that_comes_and_goes():
    random = np.random.default_rng(6)
    noise = [fluctuation(random.normal(size=300)).rejected for _ in range(600)]
    assert 0.01 < np.mean(noise) < 0.08
    wave = np.where(np.arange(300) < 150, 0.5, -0.5)  # no advantage in the mean
    found = [fluctuation(wave + random.normal(size=300)).rejected for _ in range(100)]
    assert np.mean(found) > 0.9


def test_critical_values_are_quantiles_of_the_largest_scaled_increment_of_a_random_walk():
    random, n = np.random.default_rng(7), 1000
    walks = np.concatenate([np.zeros((4000, 1)), np.cumsum(random.normal(size=(4000, n)), axis=1)], axis=1)
    for place in (1, 4, 7):
        window = round(WINDOW_SHARES[place] * n)
        largest = np.abs(walks[:, window:] - walks[:, :-window]).max(axis=1) / np.sqrt(window)
        for size in (0.10, 0.05):
            assert np.mean(largest > CRITICAL[size][place]) == pytest.approx(size, abs=0.015)


def test_fluctuation_says_why_there_is_no_path():
    assert fluctuation(np.zeros(10)).note == "too few observations"
    assert fluctuation(np.zeros(100)).note == "the losses never differ"
    assert not fluctuation(np.zeros(100)).rejected
    with pytest.raises(ValueError, match=r"between 0\.1 and 0\.9"):
        fluctuation(np.ones(100), window_share=0.95)
    with pytest.raises(ValueError, match="size must be one of"):
        fluctuation(np.ones(100), size=0.2)


def test_an_error_ratio_is_what_it_says_and_its_interval_covers_the_truth():
    random, inside = np.random.default_rng(8), 0
    for repetition in range(200):
        errors, reference = random.normal(0, 0.9, size=300), random.normal(0, 1, size=300)
        found = error_ratio(
            errors, reference, generator=np.random.default_rng(repetition), block=5, resamples=300
        )
        assert found.ratio == pytest.approx(np.sqrt((errors**2).mean() / (reference**2).mean()))
        inside += found.lower <= 0.9 <= found.upper
    assert 0.82 < inside / 200 < 0.97


def test_a_forecaster_against_itself_has_a_ratio_of_one_without_doubt():
    errors = np.random.default_rng(9).normal(size=100)
    found = error_ratio(errors, errors, generator=np.random.default_rng(0), block=5)
    assert (found.ratio, found.lower, found.upper) == pytest.approx((1, 1, 1))


def test_too_few_rows_or_a_perfect_reference_have_no_error_ratio():
    random = np.random.default_rng(10)
    assert np.isnan(error_ratio(np.ones(5), np.ones(5), generator=random, block=3).ratio)
    assert np.isnan(error_ratio(np.ones(50), np.zeros(50), generator=random, block=3).ratio)
