"""Two models compared over blocks: calibration gap and mean loss, with size and power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rejection_rates import REPETITIONS, band, rejection_rate
from scipy.special import expit
from scipy.stats import ttest_1samp

from barograph.measures.credit.paired_tests import calibration_gap, paired_gap_test, paired_loss_test


def vintages(random, misses_a, misses_b, size=120):
    """Outcomes of vintages, and two models whose level is missed by so much in each."""
    n = len(misses_a)
    block = np.repeat(np.arange(n), size)
    truth = np.clip(expit(-2 + 0.8 * random.normal(size=n * size)), 0.08, 0.9)
    label = random.random(n * size) < truth
    return label, truth + np.repeat(misses_a, size), truth + np.repeat(misses_b, size), block


def test_the_gap_is_a_plain_loop_over_vintages():
    label, a, _, block = vintages(np.random.default_rng(0), [0.02, -0.05, 0.0], [0, 0, 0])
    keep = np.arange(label.size) < 300  # the last vintage is smaller
    label, a, block = label[keep], a[keep], block[keep]
    total = 0.0
    for g in range(3):
        inside = block == g
        total += inside.sum() * (a[inside].mean() - label[inside].mean()) ** 2
    assert calibration_gap(label, a, block) == pytest.approx(math.sqrt(total / 300))


def test_misses_of_opposite_sign_do_not_cancel():
    label, block = np.tile([0, 1], 100), np.repeat([0, 1], 100)
    assert calibration_gap(label, np.where(block == 0, 0.4, 0.6), block) == pytest.approx(0.1)
    assert calibration_gap(label, np.where(block == 0, 0.4, 0.6), np.zeros(200)) == pytest.approx(0.0)
    assert math.isnan(calibration_gap([], [], []))


def test_the_gap_test_reports_the_gaps_and_mirrors_when_the_models_swap():
    label, a, b, block = vintages(np.random.default_rng(1), [0.02] * 3, [0.06] * 3)
    found = paired_gap_test(label, a, b, block, draws=499, rng=np.random.default_rng(0))
    turned = paired_gap_test(label, b, a, block, draws=499, rng=np.random.default_rng(0))
    gaps = calibration_gap(label, a, block), calibration_gap(label, b, block)
    assert found.figures == pytest.approx(gaps)
    assert found.difference == pytest.approx(gaps[0] - gaps[1])
    assert found.interval[0] < found.difference < found.interval[1]
    assert turned.test.p_value == found.test.p_value
    assert turned.interval == pytest.approx((-found.interval[1], -found.interval[0]))


def test_the_interval_is_that_of_a_plain_bootstrap_loop():
    label, a, b, block = vintages(np.random.default_rng(2), [0.02, 0.03], [0.04, -0.08])
    random, drawn = np.random.default_rng(8), []
    for _ in range(1000):
        rows = np.concatenate([random.choice(np.flatnonzero(block == g), size=120) for g in range(2)])
        drawn.append(
            calibration_gap(label[rows], a[rows], block[rows])
            - calibration_gap(label[rows], b[rows], block[rows])
        )
    found = paired_gap_test(label, a, b, block, draws=1000, rng=np.random.default_rng(9))
    assert found.interval == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.3 * np.std(drawn))
    assert found.difference / found.test.statistic == pytest.approx(np.std(drawn), rel=0.1)


def test_models_that_say_the_same_cannot_be_compared():
    label, a, _, block = vintages(np.random.default_rng(3), [0.0] * 2, [0.0] * 2)
    same = paired_gap_test(label, a, a, block, draws=99, rng=np.random.default_rng(0))
    assert same.difference == 0.0
    assert "never varies" in same.test.note
    assert "never varies" in paired_loss_test(a, a, block).test.note
    assert "no records" in paired_gap_test([], [], [], [], draws=9, rng=np.random.default_rng(0)).test.note
    assert "no block" in paired_loss_test([], [], []).test.note


def test_with_one_block_the_loss_test_is_the_paired_t_test():
    random = np.random.default_rng(4)
    a, b = random.random(80), random.random(80)
    found, expected = paired_loss_test(a, b, np.zeros(80)), ttest_1samp(a - b, 0.0)
    assert found.test.statistic == pytest.approx(expected.statistic)
    assert found.test.p_value == pytest.approx(expected.pvalue)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()))
    assert found.figures == pytest.approx((a.mean(), b.mean()))


def test_what_all_records_of_a_vintage_share_is_no_noise():
    random = np.random.default_rng(5)
    block = np.repeat(np.arange(4), 50)
    difference = 0.1 * random.normal(size=200) + 0.1
    level = np.array([-3.0, 1.0, 4.0, -2.0])[block]  # moves both losses' difference, by 0 on average
    plain = paired_loss_test(difference, np.zeros(200), block)
    moved = paired_loss_test(difference + level, np.zeros(200), block)
    assert moved.test.statistic == pytest.approx(plain.test.statistic)
    assert abs(ttest_1samp(difference + level, 0.0).statistic) < 1


def test_blocks_of_one_record_are_left_out_and_said_to_be():
    a, b = np.random.default_rng(6).random((2, 41))
    found = paired_loss_test(a, b, np.append(np.zeros(40), 7))
    assert found.test.n_obs == 40
    assert found.difference == pytest.approx((a - b)[:40].mean())
    assert "left out: 1" in found.test.note


def test_repeating_records_in_repetitions_adds_no_certainty_with_clusters():
    a, b = np.random.default_rng(7).random((2, 60))
    once = paired_loss_test(a, b, np.zeros(60)).test.statistic
    repetition, record = np.repeat([0, 1, 2], 60), np.tile(np.arange(60), 3)
    thrice = paired_loss_test(np.tile(a, 3), np.tile(b, 3), repetition, cluster=record)
    assert thrice.test.statistic == pytest.approx(once)


@REPETITIONS
@pytest.mark.parametrize(
    ("misses_a", "misses_b"),
    [([0.05] * 4, [-0.05] * 4), ([0.06, 0.0, 0.06, 0.0], [0.0, 0.06, 0.0, -0.06])],
    ids=["opposite", "other vintages"],
)
def test_the_gap_test_holds_its_size(misses_a, misses_b, repetitions):
    def equal(random):
        sample = vintages(random, misses_a, misses_b)
        return paired_gap_test(*sample, draws=199, rng=random).test.p_value

    assert abs(rejection_rate(equal, repetitions) - 0.05) < band(repetitions)


@REPETITIONS
def test_the_gap_test_is_cautious_where_both_are_calibrated_and_finds_a_worse_one(repetitions):
    def both_right(random):
        label, a, b, block = vintages(random, [0.0] * 4, [0.0] * 4)
        blurred = np.clip(b + 0.03 * random.normal(size=b.size), 0.0, 1.0)
        return paired_gap_test(label, a, blurred, block, draws=199, rng=random).test.p_value

    def one_wrong(random):
        sample = vintages(random, [0.01] * 4, [0.08] * 4)
        return paired_gap_test(*sample, draws=199, rng=random).test.p_value

    assert rejection_rate(both_right, repetitions) <= 0.05 + band(repetitions)
    assert rejection_rate(one_wrong, repetitions) > 0.6


@REPETITIONS
def test_the_loss_test_holds_its_size_and_finds_a_smaller_loss(repetitions):
    def compared(random, gain):
        block = np.repeat([0, 1], [50, 100])
        a, b = random.exponential(size=(2, 150)) + 3 * block
        return paired_loss_test(a, b + gain, block).test.p_value

    assert abs(rejection_rate(lambda random: compared(random, 0.0), repetitions) - 0.05) < band(repetitions)
    assert rejection_rate(lambda random: compared(random, 0.5), repetitions) > 0.8
