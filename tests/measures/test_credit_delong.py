"""DeLong's tests against double loops, and their size and power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rejection_rates import REPETITIONS, band, rejection_rate
from scipy.stats import norm, ttest_ind

from barograph.core.errors import DataError
from barograph.measures.credit.delong import (
    delong,
    delong_interval,
    delong_paired,
    delong_unpaired,
    stratified_auc,
    stratified_delong,
)
from barograph.measures.credit.discrimination import auc

RECORDS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 9), st.integers(0, 9)), min_size=8, max_size=60
).filter(lambda records: 2 <= sum(record[0] for record in records) <= len(records) - 2)


def by_double_loop(label, scores):
    """Areas and covariance from the kernel of every pair of a bad and a good record."""
    pairs = []
    for score in scores:
        bad, good = score[label == 1], score[label == 0]
        pairs.append(np.array([[(b > g) + 0.5 * (b == g) for g in good] for b in bad]))
    of_bads = np.array([kernel.mean(axis=1) for kernel in pairs])
    of_goods = np.array([kernel.mean(axis=0) for kernel in pairs])
    covariance = np.cov(of_bads) / of_bads.shape[1] + np.cov(of_goods) / of_goods.shape[1]
    return of_bads.mean(axis=1), covariance


def scored(random, n, *, bads=0.2, gains=(1.0, 1.0), noise=0.7):
    """Labels and two correlated scores that see the same signal with their own noise."""
    signal = random.normal(size=n)
    label = signal + random.normal(size=n) > norm.ppf(1 - bads) * math.sqrt(2)
    return label, [gain * signal + noise * random.normal(size=n) for gain in gains]


@given(RECORDS)
def test_areas_and_covariance_equal_a_double_loop_with_ties(records):
    label, *scores = np.array(records, dtype=float).T
    found = delong(label, scores)
    aucs, covariance = by_double_loop(label, scores)
    np.testing.assert_allclose(found.aucs, aucs, atol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-12)


def test_the_paired_test_is_the_contrast_over_its_standard_error_and_swaps_with_the_scores():
    label, (a, b) = scored(np.random.default_rng(0), 300)
    aucs, covariance = by_double_loop(label.astype(float), [a, b])
    error = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    found, turned = delong_paired(label, a, b), delong_paired(label, b, a)
    assert found.difference == pytest.approx(aucs[0] - aucs[1])
    assert found.test.statistic == pytest.approx(found.difference / error)
    assert found.test.p_value == pytest.approx(2 * norm.sf(abs(found.test.statistic)))
    assert found.interval == pytest.approx(norm.interval(0.95, found.difference, error))
    assert turned.difference == -found.difference
    assert turned.test.p_value == pytest.approx(found.test.p_value)
    assert found.aucs == pytest.approx((auc(label, a), auc(label, b)))
    assert found.test.n_obs == 300


def test_the_unpaired_test_has_welchs_degrees_of_freedom():
    random = np.random.default_rng(1)
    (one, (first, _)), (two, (second, _)) = scored(random, 200), scored(random, 500)
    found = delong_unpaired((one, first), (two, second))
    variances = [delong(one, [first]).covariance[0, 0], delong(two, [second]).covariance[0, 0]]
    assert found.test.statistic == pytest.approx(found.difference / math.sqrt(sum(variances)))
    # Two samples of 200 and 500 numbers whose means have these variances have the same degrees of freedom.
    numbers = [
        values / values.std(ddof=1) * math.sqrt(variance * size)
        for values, variance, size in zip(
            (random.normal(size=200), random.normal(size=500)), variances, (200, 500), strict=True
        )
    ]
    assert found.freedom == pytest.approx(ttest_ind(*numbers, equal_var=False).df)


def test_an_undefined_comparison_says_why():
    a = np.arange(6.0)
    assert "never varies" in delong_paired([0, 1, 0, 1, 0, 1], a, 2 * a).test.note
    single = delong_paired([0, 0, 0, 0, 0, 1], a, -a)
    assert single.aucs == (1.0, 0.0)
    assert "too few" in single.test.note
    one_class = delong_paired(np.zeros(6), a, -a)
    assert math.isnan(one_class.difference)
    assert math.isnan(one_class.test.p_value)
    assert np.isnan(delong_interval(np.zeros(6), a)).all()
    with pytest.raises(DataError, match="score must be known"):
        delong_paired([0, 1], [0.1, np.nan], [0.1, 0.2])


def test_the_interval_of_one_auc_stays_inside_the_unit_interval():
    label = np.repeat([0, 1], [20, 5])
    score = np.append(np.arange(20.0), [18.5, 21, 22, 23, 24])
    low, high = delong_interval(label, score)
    assert 0.5 < low < auc(label, score)
    assert high == 1.0
    assert delong_interval(label, score, level=0.5)[0] > low


def vintages(random, sizes, **world):
    parts = [scored(random, n, **world) for n in sizes]
    label = np.concatenate([part[0] for part in parts])
    a, b = (np.concatenate([part[1][which] for part in parts]) for which in (0, 1))
    return label, a, b, np.repeat(np.arange(len(sizes)), sizes)


def test_the_stratified_test_weighs_the_tests_of_the_blocks_by_their_records():
    label, a, b, block = vintages(np.random.default_rng(2), [150, 300, 80])
    parts = [delong_paired(label[block == g], a[block == g], b[block == g]) for g in range(3)]
    weights = np.array([150, 300, 80]) / 530
    difference = sum(w * part.difference for w, part in zip(weights, parts, strict=True))
    error = math.sqrt(
        sum((w * part.difference / part.test.statistic) ** 2 for w, part in zip(weights, parts, strict=True))
    )
    found = stratified_delong(label, a, b, block)
    assert found.difference == pytest.approx(difference)
    assert found.test.statistic == pytest.approx(difference / error)
    assert found.difference == pytest.approx(
        stratified_auc(label, a, block) - stratified_auc(label, b, block)
    )
    assert (found.blocks, found.left_out, found.test.n_obs) == (3, 0, 530)


def test_one_block_is_the_paired_test():
    label, (a, b) = scored(np.random.default_rng(3), 200)
    one, all_in_one = delong_paired(label, a, b), stratified_delong(label, a, b, np.zeros(200))
    assert all_in_one.test.statistic == pytest.approx(one.test.statistic)
    assert all_in_one.interval == pytest.approx(one.interval)


def test_telling_vintages_apart_earns_nothing_within_them():
    random = np.random.default_rng(4)
    block = np.repeat([2004, 2007], 2000)
    label = random.random(4000) < np.where(block == 2007, 0.4, 0.05)
    assert auc(label, block) > 0.65
    assert stratified_auc(label, block, block) == 0.5


def test_blocks_without_two_of_each_class_are_left_out_and_counted():
    label, a, b, block = vintages(np.random.default_rng(5), [200, 30, 30])
    label[block == 1] = False
    label[block == 2] = np.arange(30) == 0
    found, rest = stratified_delong(label, a, b, block), block == 0
    assert found.difference == pytest.approx(delong_paired(label[rest], a[rest], b[rest]).difference)
    assert (found.blocks, found.left_out, found.test.n_obs) == (1, 2, 200)
    assert "left out" in found.test.note
    nothing = stratified_delong(np.zeros(60), a[:60], b[:60], block[:60])
    assert math.isnan(nothing.difference)
    assert math.isnan(nothing.test.p_value)


def test_repeating_every_record_in_another_repetition_adds_no_certainty_with_clusters():
    label, (a, b) = scored(np.random.default_rng(6), 200)
    once = delong_paired(label, a, b)
    repetition, record = np.repeat([0, 1, 2], 200), np.tile(np.arange(200), 3)
    thrice = np.tile(label, 3), np.tile(a, 3), np.tile(b, 3), repetition
    assert stratified_delong(*thrice, cluster=record).test.statistic == pytest.approx(once.test.statistic)
    naive = stratified_delong(*thrice).test.statistic
    assert naive == pytest.approx(once.test.statistic * math.sqrt(3))


@REPETITIONS
def test_delong_holds_its_size_and_finds_a_better_score(repetitions):
    def equal(random):
        label, (a, b) = scored(random, 200)
        return delong_paired(label, a, b).test.p_value

    def better(random):
        label, (a, b) = scored(random, 200, gains=(1.0, 0.3))
        return delong_paired(label, a, b).test.p_value

    assert abs(rejection_rate(equal, repetitions) - 0.05) < band(repetitions)
    assert rejection_rate(better, repetitions) > 0.5


@REPETITIONS
def test_stratified_delong_holds_its_size_and_finds_a_better_score(repetitions):
    def equal(random):
        return stratified_delong(*vintages(random, [60, 120, 90])).test.p_value

    def better(random):
        return stratified_delong(*vintages(random, [60, 120, 90], gains=(1.0, 0.3))).test.p_value

    assert abs(rejection_rate(equal, repetitions) - 0.05) < band(repetitions)
    assert rejection_rate(better, repetitions) > 0.5


@REPETITIONS
def test_with_repetitions_only_the_clustered_test_holds_its_size(repetitions):
    def repeated(random):
        label, (a, b) = scored(random, 150)
        noise = 0.1 * random.normal(size=(2, 4, 150))
        block, record = np.repeat(np.arange(4), 150), np.tile(np.arange(150), 4)
        return np.tile(label, 4), (a + noise[0]).ravel(), (b + noise[1]).ravel(), block, record

    def clustered(random):
        *sample, record = repeated(random)
        return stratified_delong(*sample, cluster=record).test.p_value

    def as_if_independent(random):
        *sample, _ = repeated(random)
        return stratified_delong(*sample).test.p_value

    assert abs(rejection_rate(clustered, repetitions) - 0.05) < band(repetitions)
    assert rejection_rate(as_if_independent, repetitions) > 0.2


@REPETITIONS
def test_the_interval_covers_the_true_area(repetitions):
    true = norm.cdf(1 / math.sqrt(2))  # goods N(0, 1), bads N(1, 1)

    def missed(random):
        label = np.repeat([0, 1], [150, 50])
        low, high = delong_interval(label, label + random.normal(size=200))
        return 1.0 if low <= true <= high else 0.0

    assert abs(rejection_rate(missed, repetitions) - 0.05) < band(repetitions)
