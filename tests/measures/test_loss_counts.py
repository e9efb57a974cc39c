"""Loss counts against scipy, direct sums, simulated data, and their own definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rejection_rates import REPETITIONS, band, rejection_rate
from scipy import stats

from barograph.core.errors import DataError, SettingError
from barograph.measures.losses import counts
from barograph.measures.losses.count_fit import cameron_trivedi_test, fit_dispersion, likelihood_ratio_test
from barograph.measures.losses.frequency import Frequency, fit_frequency

MEANS = st.floats(0.01, 2000.0)
DISPERSIONS = st.one_of(st.just(0.0), st.floats(1e-3, 10.0))


def oracle(mean, dispersion):
    if dispersion == 0.0:
        return stats.poisson(mean)
    return stats.nbinom(1.0 / dispersion, 1.0 / (1.0 + dispersion * mean))


@given(MEANS, DISPERSIONS)
def test_probabilities_are_those_of_scipy(mean: float, dispersion: float) -> None:
    k = np.unique(np.linspace(0, 3 * mean + 10, 40).astype(int))
    other = oracle(mean, dispersion)
    found = counts.log_probability(k, mean, dispersion=dispersion)
    np.testing.assert_allclose(found, other.logpmf(k), rtol=1e-8, atol=1e-9)
    cumulative = counts.cumulative(k, mean, dispersion=dispersion)
    np.testing.assert_allclose(cumulative, other.cdf(k), rtol=1e-8, atol=1e-13)


@given(MEANS, DISPERSIONS, st.floats(1e-6, 1.0 - 1e-6))
def test_the_quantile_is_the_first_count_to_reach_the_level(mean, dispersion, level):
    k = counts.quantile(level, mean, dispersion=dispersion)
    assert counts.cumulative(k, mean, dispersion=dispersion) >= level
    assert counts.cumulative(k - 1.0, mean, dispersion=dispersion) < level


@given(st.floats(0.01, 100.0), st.one_of(st.just(0.0), st.floats(1e-12, 2.0)), st.integers(0, 200))
def test_the_score_is_its_sum_over_all_counts(mean: float, dispersion: float, outcome: int) -> None:
    far = int(counts.quantile(1.0 - 1e-15, mean, dispersion=dispersion)) + outcome + 50
    k = np.arange(3 * far)
    direct = ((counts.cumulative(k, mean, dispersion=dispersion) - (k >= outcome)) ** 2).sum()
    assert counts.crps(outcome, mean, dispersion=dispersion) == pytest.approx(direct, rel=1e-7, abs=1e-10)


def test_a_vanishing_dispersion_is_poisson_to_the_last_digits():
    k = np.arange(0, 60)
    for function in (counts.log_probability, counts.cumulative, counts.crps):
        np.testing.assert_allclose(function(k, 20.0, dispersion=1e-13), function(k, 20.0), rtol=1e-9)


def test_every_function_broadcasts_and_answers_nan_where_nothing_is_defined():
    mean = np.array([1.0, -1.0, np.nan, 2.0, 3.0])
    dispersion = np.array([0.0, 0.0, 0.0, -0.1, np.nan])
    for function in (counts.log_probability, counts.cumulative, counts.crps, counts.probability_transform):
        found = function(1, mean, dispersion=dispersion)
        assert np.isfinite(found[0])
        assert np.isnan(found[1:]).all()
        assert np.isnan(function([0.5, np.nan], 1.0)).all()
    assert np.isnan(counts.quantile([0.0, 1.0, np.nan], 2.0)).all()
    assert np.isneginf(counts.log_probability(-1, 2.0))
    assert counts.cumulative(-1, 2.0) == 0.0


def test_the_randomised_transform_is_uniform_and_the_middle_one_has_mean_one_half():
    random = np.random.default_rng(0)
    mean = random.uniform(0.2, 5.0, 4000)
    drawn = random.poisson(random.gamma(1 / 0.7, 0.7 * mean))
    right = counts.probability_transform(drawn, mean, dispersion=0.7, share=random.random(4000))
    wrong = counts.probability_transform(drawn, mean, share=random.random(4000))
    assert stats.kstest(right, "uniform").pvalue > 0.01
    assert stats.kstest(wrong, "uniform").pvalue < 1e-6
    assert counts.probability_transform(drawn, mean, dispersion=0.7).mean() == pytest.approx(0.5, abs=0.02)


def test_the_right_forecast_scores_best_on_average():
    drawn = np.random.default_rng(1).poisson(np.random.default_rng(2).gamma(2.0, 5.0, 3000))
    scores = {
        (mean, dispersion): counts.crps(drawn, mean, dispersion=dispersion).mean()
        for mean in (8.0, 10.0, 12.0)
        for dispersion in (0.0, 0.5, 2.0)
    }
    assert min(scores, key=scores.get) == (10.0, 0.5)


def test_the_dispersion_is_recovered_and_at_the_peak_of_the_likelihood():
    random = np.random.default_rng(3)
    mean = random.uniform(2.0, 20.0, 4000)
    drawn = random.poisson(random.gamma(1 / 0.4, 0.4 * mean))
    found = fit_dispersion(drawn, mean)
    assert found == pytest.approx(0.4, rel=0.08)
    around = [counts.log_probability(drawn, mean, dispersion=found * by).sum() for by in (0.999, 1, 1.001)]
    assert around[1] > max(around[0], around[2])


def test_counts_that_vary_less_than_poisson_have_no_dispersion():
    even = [10, 10, 11, 9, 10, 10]
    assert fit_dispersion(even) == 0.0
    assert likelihood_ratio_test(even).p_value == 1.0
    assert cameron_trivedi_test(even).p_value > 0.99
    assert "never vary" in cameron_trivedi_test([4, 4, 4]).note


@REPETITIONS
@pytest.mark.parametrize("test", [likelihood_ratio_test, cameron_trivedi_test])
def test_poisson_counts_are_rarely_rejected_and_dispersed_ones_often(test, repetitions):
    size = rejection_rate(lambda random: test(random.poisson(8.0, 200)).p_value, repetitions)
    assert size <= 0.05 + band(repetitions)
    power = rejection_rate(lambda random: test(random.negative_binomial(5, 5 / 13, 200)).p_value, repetitions)
    assert power > 0.95


def test_half_of_poisson_samples_have_no_dispersion_as_the_boundary_law_says():
    random = np.random.default_rng(4)
    none = np.mean([fit_dispersion(random.poisson(20.0, 300)) == 0.0 for _ in range(200)])
    assert none == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize("wrong", [[1.5, 2.0], [-1, 2], [np.nan, 1], [3], [[1, 2]]])
def test_what_is_no_list_of_counts_is_refused(wrong):
    with pytest.raises(DataError, match="whole numbers"):
        fit_dispersion(wrong)


def test_means_must_be_positive_and_as_many_as_counts():
    for means in (0.0, [1.0, 2.0, 3.0], [1.0, np.nan]):
        with pytest.raises(DataError, match="mean count above 0"):
            fit_dispersion([1, 2], means)
    with pytest.raises(DataError, match="without any loss"):
        fit_frequency([0, 0, 0])


def test_a_year_s_frequency_draws_what_it_says():
    random = np.random.default_rng(5)
    for frequency in (Frequency(30.0), Frequency(30.0, 0.2)):
        drawn = frequency.draw(random, 40_000)
        assert drawn.mean() == pytest.approx(30.0, rel=0.01)
        assert drawn.var() == pytest.approx(frequency.variance, rel=0.03)
        z = np.array([0.9, 0.5 + 0.1j])
        k = np.arange(600)
        pmf = np.exp(counts.log_probability(k, 30.0, dispersion=frequency.dispersion))
        np.testing.assert_allclose(np.exp(frequency.log_generating(z)), (z[:, None] ** k) @ pmf, rtol=1e-9)
    assert fit_frequency(drawn[:500]).dispersion == pytest.approx(0.2, abs=0.05)
    assert fit_frequency(drawn[:500], poisson=True).dispersion == 0.0
    with pytest.raises(SettingError, match="must not be negative"):
        Frequency(3.0, -0.1)
