"""Back-tests that see only the sequence of exceptions, against plain loops and other libraries."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import binom, chi2, chi2_contingency

from barograph.core.errors import DataError
from barograph.measures import backtests
from barograph.measures.backtests.duration import duration_ratios

hit_lists = st.lists(st.integers(0, 1), min_size=2, max_size=80)


def made_hits(n: int, alpha: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(n) < alpha


def test_an_exception_is_strictly_below_minus_the_value_at_risk() -> None:
    assert backtests.exceptions([-2.0, -2.0000001, 1.0], [2.0, 2.0, -0.5]).tolist() == [False, True, False]


@pytest.mark.parametrize("bad", [[0.1, float("nan")], [[0.1, 0.2]], [0.1, float("inf")]])
def test_a_series_with_a_hole_is_refused(bad: list[float]) -> None:
    with pytest.raises(DataError, match="returns must"):
        backtests.exceptions(bad, 1.0)


def test_a_sequence_of_other_numbers_than_hits_is_refused() -> None:
    with pytest.raises(DataError, match="0 or 1"):
        backtests.transitions([0, 2, 1])


def test_a_tail_probability_outside_the_unit_interval_is_refused() -> None:
    with pytest.raises(DataError, match="strictly between"):
        backtests.kupiec(1, 10, alpha=1.0)


@given(hit_lists)
def test_transitions_and_waiting_times_are_those_of_a_plain_loop(hits: list[int]) -> None:
    counts = {(i, j): 0 for i in (0, 1) for j in (0, 1)}
    for before, after in pairwise(hits):
        counts[before, after] += 1
    found = backtests.transitions(hits)
    assert (found.n00, found.n01, found.n10, found.n11) == tuple(counts.values())
    times, since = [], 0
    for hit in hits:
        since += 1
        if hit:
            times.append(since)
            since = 0
    assert backtests.waiting_times(hits).tolist() == times


@pytest.mark.parametrize(
    ("x", "n", "alpha"), [(0, 250, 0.01), (7, 250, 0.01), (250, 250, 0.05), (30, 1000, 0.025)]
)
def test_kupiec_is_the_difference_of_two_binomial_log_likelihoods(x: int, n: int, alpha: float) -> None:
    result = backtests.kupiec(x, n, alpha=alpha)
    oracle = 2 * (binom.logpmf(x, n, x / n) - binom.logpmf(x, n, alpha))
    assert result.statistic == pytest.approx(oracle, rel=1e-9)
    assert result.p_value == pytest.approx(chi2.sf(oracle, 1), rel=1e-9)


@given(st.integers(1, 400), st.sampled_from([0.01, 0.025, 0.05, 0.1]))
def test_a_count_is_inside_the_region_exactly_when_kupiec_does_not_reject_it(n: int, alpha: float) -> None:
    low, high = backtests.kupiec_region(n, alpha=alpha)
    accepted = {x for x in range(n + 1) if backtests.kupiec(x, n, alpha=alpha).p_value > 0.05}
    assert accepted == set(range(low + 1, high))


@pytest.mark.parametrize("first", [1, 2, 40, 500])
def test_the_time_until_first_failure_is_a_ratio_of_geometric_likelihoods(first: int) -> None:
    def likelihood(q: float) -> float:
        return math.log(q) + (first - 1) * (math.log(1 - q) if q < 1 else 0.0)

    found = backtests.time_until_first_failure(first, alpha=0.02)
    assert found.statistic == pytest.approx(2 * (likelihood(1 / first) - likelihood(0.02)), rel=1e-9)


@pytest.mark.parametrize("cells", [(200, 14, 14, 6), (40, 3, 3, 1), (90, 9, 10, 2)])
def test_independence_is_the_log_likelihood_statistic_of_the_contingency_table(
    cells: tuple[int, int, int, int],
) -> None:
    found = backtests.independence(backtests.Transitions(*cells))
    table = np.array(cells).reshape(2, 2)
    oracle = chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert found.statistic == pytest.approx(oracle.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-9)


def test_the_two_forms_of_conditional_coverage_differ_by_the_first_day_only() -> None:
    hits = np.array([1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    counts = backtests.transitions(hits)
    alone = backtests.independence(counts).statistic
    for convention, days in (("all_days", hits), ("after_first", hits[1:])):
        both = backtests.conditional_coverage(
            counts, int(hits.sum()), n_obs=15, alpha=0.1, convention=convention
        )
        coverage = backtests.kupiec(int(days.sum()), days.size, alpha=0.1).statistic
        assert both.statistic == pytest.approx(alone + coverage, rel=1e-12)


def test_the_mixed_test_adds_up_over_waiting_times_and_coverage() -> None:
    hits = made_hits(400, 0.05, 3)
    times = backtests.waiting_times(hits)
    parts = [backtests.time_until_first_failure(int(t), alpha=0.05).statistic for t in times]
    coverage = backtests.kupiec(int(hits.sum()), 400, alpha=0.05).statistic
    found = backtests.mixed_kupiec(times, 400, alpha=0.05)
    assert found.statistic == pytest.approx(sum(parts) + coverage, rel=1e-9)
    assert found.p_value == pytest.approx(chi2.sf(sum(parts) + coverage, len(parts) + 1), rel=1e-9)


@pytest.mark.parametrize("with_risk", [False, True])
def test_the_dynamic_quantile_statistic_is_the_explained_sum_of_squares_of_a_regression(
    with_risk: bool,
) -> None:
    alpha, lags = 0.05, 3
    hits = made_hits(500, alpha, 5)
    risk = 1.0 + np.random.default_rng(6).random(500)
    rows = range(lags, 500)
    design = [[1.0, *(hits[t - k] - alpha for k in range(1, lags + 1))] for t in rows]
    if with_risk:
        design = [[*row, risk[t]] for row, t in zip(design, rows, strict=True)]
    fit = sm.OLS(hits[lags:] - alpha, np.array(design)).fit()
    found = backtests.dynamic_quantile(hits, alpha=alpha, lags=lags, regressors=risk if with_risk else None)
    assert found.statistic == pytest.approx((fit.fittedvalues**2).sum() / (alpha * (1 - alpha)), rel=1e-8)
    assert found.p_value == pytest.approx(chi2.sf(found.statistic, len(design[0])), rel=1e-8)


@pytest.mark.parametrize("scale", [1e-6, -1.0, 1e6])
def test_the_dynamic_quantile_statistic_ignores_the_unit_and_sign_of_a_regressor(scale: float) -> None:
    hits, risk = made_hits(300, 0.05, 8), 1.0 + np.random.default_rng(9).random(300)
    plain = backtests.dynamic_quantile(hits, alpha=0.05, regressors=risk)
    scaled = backtests.dynamic_quantile(hits, alpha=0.05, regressors=scale * risk)
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-8)


def test_collinear_regressors_lower_the_degrees_of_freedom_and_are_named() -> None:
    found = backtests.dynamic_quantile(np.zeros(100), alpha=0.05)
    assert found.note.startswith("collinear regressors: 1 ")
    assert found.statistic == pytest.approx(96 * 0.05 / 0.95, rel=1e-9)
    assert found.p_value == pytest.approx(chi2.sf(found.statistic, 1), rel=1e-9)


def test_the_two_ways_to_the_dynamic_quantile_statistic_agree() -> None:
    for seed in range(5):
        hits = made_hits(600, 0.03, seed)
        slow = backtests.dynamic_quantile(hits, alpha=0.03).statistic
        fast = backtests.dynamic_quantile_p_value(hits, alpha=0.03, simulations=20).statistic
        assert fast == pytest.approx(slow, rel=1e-8)


def _weibull_loss(parameters: np.ndarray, hits: np.ndarray) -> float:
    """Minus the likelihood of spells with both ends censored, written day by day."""
    a, b = np.exp(parameters)
    spells, since, complete = [], 0, False
    for hit in hits:
        since += 1
        if hit:
            spells.append((since, complete))
            since, complete = 0, True
    total = -((a * since) ** b) if since else 0.0
    for index, (days, _) in enumerate(spells):
        total -= (a * days) ** b
        if index > 0 or hits[0]:
            total += math.log(b) + b * math.log(a) + (b - 1) * math.log(days)
    return -total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_duration_test_finds_the_maximum_of_the_weibull_likelihood(seed: int) -> None:
    hits = made_hits(400, 0.06, seed)
    hits[0], hits[-1] = False, False
    best = minimize(
        _weibull_loss, np.zeros(2) - 2, args=(hits,), method="Nelder-Mead", options={"xatol": 1e-9}
    )
    plain = minimize(lambda p: _weibull_loss(np.array([p[0], 0.0]), hits), [-2.0], method="Nelder-Mead")
    found = backtests.duration(hits)
    assert found.shape == pytest.approx(math.exp(best.x[1]), rel=1e-4)
    assert found.test.statistic == pytest.approx(2 * (plain.fun - best.fun), abs=1e-5)


@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.1, 0.4]))
def test_many_duration_statistics_at_once_are_those_one_by_one(seed: int, alpha: float) -> None:
    states = np.random.default_rng(seed).random((4, 60)) < alpha
    single = [backtests.duration(state).test.statistic for state in states]
    np.testing.assert_allclose(duration_ratios(states), single, atol=1e-8, equal_nan=True)


def test_clustered_exceptions_have_a_falling_hazard() -> None:
    clustered = np.tile(np.r_[np.ones(4), np.zeros(96)], 10)
    assert backtests.duration(clustered).shape < 0.7


@given(st.integers(0, 30), st.sampled_from([(250, 0.01), (1043, 0.05)]))
def test_the_traffic_light_reads_the_binomial_distribution(x: int, sample: tuple[int, float]) -> None:
    n, alpha = sample
    light = backtests.traffic_light(x, n, alpha=alpha)
    assert light.cumulative == pytest.approx(binom.cdf(x, n, alpha), rel=1e-9)
    assert light.at_least == pytest.approx(binom.sf(x - 1, n, alpha), rel=1e-9)


def test_multipliers_never_fall_with_more_exceptions_and_stay_within_their_regime() -> None:
    for table in (backtests.BASEL_1996, backtests.MAR99):
        for n, alpha in ((250, 0.01), (500, 0.01), (250, 0.025)):
            found = [
                backtests.multiplier(backtests.traffic_light(x, n, alpha=alpha), table=table)
                for x in range(n + 1)
            ]
            assert found == sorted(found)
            assert found[0] == table.base
            assert found[-1] == table.by_exceptions[-1]


def test_the_rule_outside_the_table_comes_near_the_table_on_its_own_ground() -> None:
    for x in range(5, 10):
        year = backtests.traffic_light(x, 250, alpha=0.01)
        tabled = backtests.multiplier(year, table=backtests.BASEL_1996)
        ruled = backtests.multiplier(
            backtests.TrafficLight(x, 250, 0.01 + 1e-12, year.cumulative, year.at_least, year.zone),
            table=backtests.BASEL_1996,
        )
        assert ruled == pytest.approx(tabled, abs=0.05)


def test_a_sample_that_cannot_carry_a_test_gets_nan_and_a_reason() -> None:
    none, one = np.zeros(50), np.r_[np.zeros(30), 1, np.zeros(19)]
    results = [
        backtests.kupiec(0, 0, alpha=0.01),
        backtests.time_until_first_failure(None, alpha=0.01, n_obs=50),
        backtests.independence(backtests.transitions(none)),
        backtests.conditional_coverage(backtests.transitions(none), 0, n_obs=50, alpha=0.01),
        backtests.time_between_failures([], alpha=0.01, n_obs=50),
        backtests.mixed_kupiec([], 50, alpha=0.01),
        backtests.mixed_kupiec_p_value(none, alpha=0.01),
        backtests.dynamic_quantile([0, 1, 0, 0], alpha=0.01),
        backtests.dynamic_quantile_p_value([0, 1, 0, 0], alpha=0.01),
        backtests.duration(none).test,
        backtests.duration(one).test,
        backtests.duration([1, 0, 1, 0, 1]).test,
        backtests.duration_p_value(one, alpha=0.01),
    ]
    for result in results:
        assert math.isnan(result.statistic), result
        assert math.isnan(result.p_value), result
        assert result.note, result


def test_a_rank_p_value_counts_the_ties_against_the_forecast() -> None:
    drawn = np.array([0.0, 1.0, 1.0, 2.0])
    assert backtests.monte_carlo_p_value(1.0, drawn) == pytest.approx(4 / 5)
    assert math.isnan(backtests.monte_carlo_p_value(float("nan"), drawn))
