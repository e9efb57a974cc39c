"""Back-tests of grades and of supervisory figures against scipy, with size and power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rejection_rates import REPETITIONS, band, rejection_rate
from scipy.stats import beta, binom, binomtest, norm, ttest_1samp

from barograph.core.errors import DataError
from barograph.measures.credit.grade_tests import (
    binomial_test,
    ecb_auc_test,
    grade_table,
    jeffreys_test,
    lgd_t_test,
    normal_approximation,
)

GRADE = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.floats(1e-4, 0.9)))


@given(GRADE)
def test_binomial_and_jeffreys_equal_scipy(grade):
    defaults, n, pd = grade
    assert binomial_test([defaults], [n], [pd])[0] == pytest.approx(
        binomtest(defaults, n, pd, alternative="greater").pvalue, abs=1e-12
    )
    posterior = beta(defaults + 0.5, n - defaults + 0.5)
    assert jeffreys_test([defaults], [n], [pd])[0] == pytest.approx(posterior.cdf(pd), abs=1e-12)


@given(GRADE)
def test_jeffreys_lies_between_the_chances_of_more_and_of_at_least_so_many(grade):
    defaults, n, pd = grade
    found = jeffreys_test([defaults], [n], [pd])[0]
    assert binom.sf(defaults, n, pd) - 1e-12 <= found <= binom.sf(defaults - 1, n, pd) + 1e-12


def test_the_normal_approximation_nears_the_exact_test_in_large_grades():
    z = normal_approximation([1050], [10_000], [0.1])[0]
    assert norm.sf(z) == pytest.approx(binomial_test([1050], [10_000], [0.1])[0], abs=0.005)
    assert np.isnan(normal_approximation([0, 0], [10, 0], [0.0, 0.1])).all()


def test_a_grade_that_may_not_default_at_all_is_rejected_by_its_first_default():
    assert binomial_test([0, 1], [50, 50], [0.0, 0.0]).tolist() == [1.0, 0.0]
    assert jeffreys_test([1], [50], [0.0]).tolist() == [0.0]


def test_the_table_counts_every_grade_and_keeps_their_order():
    grade = np.array(["B", "A", "B", "C", "A", "B"])
    table = grade_table([1, 0, 0, 1, 0, 1], [0.1, 0.01, 0.2, 0.5, 0.03, 0.3], grade)
    assert table.grade.tolist() == ["A", "B", "C"]
    assert table.n_obs.tolist() == [2, 3, 1]
    assert table.defaults.tolist() == [0, 2, 1]
    assert table.pd == pytest.approx([0.02, 0.2, 0.5])
    assert table.jeffreys == pytest.approx(jeffreys_test([0, 2, 1], [2, 3, 1], [0.02, 0.2, 0.5]))
    assert table.binomial[1] == pytest.approx(binom.sf(1, 3, 0.2))


def test_the_auc_test_is_one_sided():
    assert ecb_auc_test(0.8, 0.75, 0.03**2).p_value == pytest.approx(norm.sf(0.05 / 0.03))
    assert ecb_auc_test(0.75, 0.8, 0.03**2).p_value > 0.5
    assert "no variance" in ecb_auc_test(0.8, 0.8, math.nan).note


@given(st.lists(st.tuples(st.floats(0, 1, width=16), st.floats(0, 1, width=16)), min_size=2, max_size=30))
def test_the_lgd_test_equals_scipy(pairs):
    realised, estimated = np.array(pairs).T
    difference = realised - estimated
    found = lgd_t_test(realised, estimated)
    if np.ptp(difference) == 0:
        assert "never varies" in found.note
    else:
        expected = ttest_1samp(difference, 0.0, alternative="greater")
        assert found.statistic == pytest.approx(expected.statistic)
        assert found.p_value == pytest.approx(expected.pvalue)


def test_impossible_counts_are_refused():
    with pytest.raises(DataError, match="between 0 and its number of records"):
        binomial_test([5], [4], [0.1])
    with pytest.raises(DataError, match="pd must lie between 0 and 1"):
        jeffreys_test([1], [4], [10.0])
    assert "too few" in lgd_t_test([0.1], [0.2]).note


@REPETITIONS
def test_grade_tests_hold_their_size_and_find_a_pd_that_is_too_low(repetitions):
    def outcome(test, pd):
        return lambda random: float(test([random.binomial(800, 0.05)], [800], [pd])[0])

    for test in (jeffreys_test, binomial_test):
        assert rejection_rate(outcome(test, 0.05), repetitions) <= 0.05 + band(repetitions)
        assert rejection_rate(outcome(test, 0.03), repetitions) > 0.7
        assert rejection_rate(outcome(test, 0.08), repetitions) < 0.01
    assert rejection_rate(outcome(jeffreys_test, 0.05), repetitions) > 0.05 - band(repetitions)


@REPETITIONS
def test_the_lgd_test_holds_its_size_and_finds_an_lgd_that_is_too_low(repetitions):
    def estimated_too_low_by(gap):
        return lambda random: lgd_t_test(random.normal(gap, 0.3, size=60), np.zeros(60)).p_value

    assert abs(rejection_rate(estimated_too_low_by(0.0), repetitions) - 0.05) < band(repetitions)
    assert rejection_rate(estimated_too_low_by(0.12), repetitions) > 0.8
