"""Calibration against scikit-learn, statsmodels and exact arithmetic, with size and power of its tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from rejection_rates import REPETITIONS, band, rejection_rate
from scipy.special import expit, logit
from scipy.stats import beta, chi2
from sklearn.metrics import brier_score_loss

from barograph.core.errors import DataError
from barograph.measures.credit.calibration_tests import (
    brier_decomposition,
    calibration_line,
    hosmer_lemeshow,
    reliability_curve,
    risk_groups,
    spiegelhalter,
)

RECORDS = st.lists(
    st.tuples(st.integers(0, 1), st.floats(0, 1, width=32), st.integers(0, 3)), min_size=1, max_size=60
)


def calibrated(random, n=400, shift=0.0, stretch=1.0):
    """Outcomes, and what is said of them: log-odds moved and stretched away from the truth."""
    odds = -1.5 + random.normal(size=n)
    return random.random(n) < expit(odds), expit(shift + stretch * odds)


@given(RECORDS)
def test_the_five_parts_add_up_to_the_brier_score_of_scikit_learn(records):
    label, p, group = np.array(records).T
    parts = brier_decomposition(label, p, group)
    total = parts.reliability - parts.resolution + parts.uncertainty
    total += parts.within_variance - parts.within_covariance
    assert parts.brier == pytest.approx(brier_score_loss(label, p, labels=[0, 1]), abs=1e-12)
    assert total == pytest.approx(parts.brier, abs=1e-12)
    assert min(parts.reliability, parts.resolution, parts.within_variance) >= 0.0


@given(RECORDS)
def test_probabilities_constant_in_each_group_leave_nothing_within(records):
    label, _, group = np.array(records).T
    parts = brier_decomposition(label, group / 4)
    assert (parts.within_variance, parts.within_covariance) == pytest.approx((0.0, 0.0), abs=1e-15)
    assert parts == brier_decomposition(label, group / 4, group)


def test_the_skill_is_zero_for_the_overall_rate_and_undefined_for_one_class():
    label = np.repeat([0, 1], [75, 25])
    assert brier_decomposition(label, np.full(100, 0.25)).skill == pytest.approx(0.0)
    assert math.isnan(brier_decomposition(np.zeros(10), np.full(10, 0.25)).skill)
    assert math.isnan(brier_decomposition([], []).reliability)


@pytest.mark.parametrize(("shift", "stretch"), [(0, 1), (1, 1), (-0.5, 2), (0.3, 0.4)])
def test_the_calibration_line_equals_statsmodels(shift, stretch):
    label, p = calibrated(np.random.default_rng(0), 800, shift, stretch)
    found = calibration_line(label, p)
    odds = logit(p)
    line = sm.Logit(label.astype(float), sm.add_constant(odds)).fit(disp=False, tol=1e-12)
    level = sm.GLM(label.astype(float), np.ones(800), family=sm.families.Binomial(), offset=odds).fit(
        tol=1e-12
    )
    assert [found.intercept, found.slope] == pytest.approx(line.params, rel=1e-6)
    assert found.in_the_large == pytest.approx(level.params[0], rel=1e-6)


def test_a_fit_without_a_finite_maximum_is_nan_and_no_number():
    separated = calibration_line(np.repeat([0, 1], 20), np.repeat([0.2, 0.8], 20))
    assert math.isnan(separated.slope)
    assert math.isfinite(separated.in_the_large)
    constant = calibration_line(np.repeat([0, 1], 20), np.full(40, 0.2))
    assert math.isnan(constant.slope)
    assert constant.in_the_large == pytest.approx(logit(0.5) - logit(0.2))
    assert math.isnan(calibration_line(np.zeros(5), np.full(5, 0.2)).in_the_large)


def test_predictions_of_zero_and_one_do_not_break_the_line():
    label, p = calibrated(np.random.default_rng(1), 500)
    p[:3], p[3:6] = 0.0, 1.0
    found = calibration_line(label, p)
    assert math.isfinite(found.slope)
    assert found.slope < calibration_line(label[6:], p[6:]).slope


def test_risk_groups_are_quantiles_that_keep_ties_together():
    p = np.random.default_rng(2).random(1000)
    codes = risk_groups(p, 10)
    assert np.bincount(codes).tolist() == [100] * 10
    assert all(p[codes == g].max() < p[codes == g + 1].min() for g in range(9))
    graded = np.repeat([0.01, 0.05, 0.2], [700, 200, 100])
    assert np.unique(risk_groups(graded, 10)).tolist() == [0, 1, 2]
    assert risk_groups(np.full(7, 0.1)).tolist() == [0] * 7


def test_the_reliability_curve_has_rates_means_and_jeffreys_intervals():
    label, p = calibrated(np.random.default_rng(3), 600)
    curve, codes = reliability_curve(label, p, bins=5), risk_groups(p, 5)
    for g in range(5):
        inside = label[codes == g]
        law = beta(inside.sum() + 0.5, (~inside).sum() + 0.5)
        assert curve.predicted[g] == pytest.approx(p[codes == g].mean())
        assert curve.observed[g] == pytest.approx(inside.mean())
        assert (curve.lower[g], curve.upper[g]) == pytest.approx(law.ppf([0.025, 0.975]))
    ends = reliability_curve(np.repeat([0, 1], 20), np.repeat([0.1, 0.9], 20), bins=2)
    assert (ends.lower[0], ends.upper[1]) == (0.0, 1.0)
    assert ends.upper[0] < 0.2


def test_hosmer_lemeshow_is_a_chi_square_over_both_classes_of_every_group():
    label, p = calibrated(np.random.default_rng(4), 500)
    codes, statistic = risk_groups(p, 8), 0.0
    for g in range(8):
        for observed, expected in ((label, p), (~label, 1 - p)):
            said = expected[codes == g].sum()
            statistic += (observed[codes == g].sum() - said) ** 2 / said
    outside = hosmer_lemeshow(label, p, groups=8)
    assert outside.statistic == pytest.approx(statistic)
    assert outside.p_value == pytest.approx(chi2.sf(statistic, 8))
    assert hosmer_lemeshow(label, p, groups=8, in_sample=True).p_value == pytest.approx(chi2.sf(statistic, 6))


def test_certainty_is_held_to_its_word():
    label, p = np.repeat([0, 0, 1], 10), np.repeat([0.0, 0.3, 1.0], 10)
    assert math.isfinite(hosmer_lemeshow(label, p).statistic)
    label[0] = 1
    assert hosmer_lemeshow(label, p).p_value == 0.0
    assert "too few groups" in hosmer_lemeshow(label, np.full(30, 0.5), in_sample=True).note
    assert "every probability" in spiegelhalter(label, np.repeat([0.0, 0.5, 1.0], 10)).note


def test_spiegelhalter_is_the_standardised_brier_score():
    label, p = calibrated(np.random.default_rng(5), 300)
    random = np.random.default_rng(6)
    drawn = np.mean(((random.random((2000, 300)) < p) - p) ** 2, axis=1)
    z = (brier_score_loss(label, p) - drawn.mean()) / drawn.std()
    assert spiegelhalter(label, p).statistic == pytest.approx(z, abs=0.1)


def test_what_is_no_probability_is_refused():
    with pytest.raises(DataError, match=r"p must lie between 0 and 1; 1 of 2 do not, the first is 1\.5"):
        calibration_line([0, 1], [0.5, 1.5])
    with pytest.raises(DataError, match="NaN"):
        hosmer_lemeshow([0, 1], [0.5, np.nan])
    with pytest.raises(DataError, match="block must have one value per record"):
        brier_decomposition([0, 1], [0.5, 0.5], np.zeros(3))


@REPETITIONS
def test_hosmer_lemeshow_and_spiegelhalter_hold_their_size(repetitions):
    for test in (hosmer_lemeshow, spiegelhalter):
        rate = rejection_rate(lambda random, test=test: test(*calibrated(random)).p_value, repetitions)
        assert abs(rate - 0.05) < band(repetitions)


@REPETITIONS
def test_two_degrees_fewer_are_right_for_a_model_fitted_in_sample(repetitions):
    def fitted(random):
        inputs = sm.add_constant(random.normal(size=(400, 2)))
        label = random.random(400) < expit(inputs @ [-1.5, 0.7, 0.4])
        p = sm.GLM(label.astype(float), inputs, family=sm.families.Binomial()).fit().fittedvalues
        return hosmer_lemeshow(label, p, in_sample=True).p_value

    assert abs(rejection_rate(fitted, repetitions) - 0.05) < band(repetitions)


@REPETITIONS
@pytest.mark.parametrize("wrong", [{"shift": 0.6}, {"stretch": 1.6}], ids=["level", "extremes"])
def test_a_wrong_level_and_extreme_predictions_are_found(wrong, repetitions):
    for test in (hosmer_lemeshow, spiegelhalter):
        found = rejection_rate(
            lambda random, test=test: test(*calibrated(random, **wrong)).p_value, repetitions
        )
        assert found > 0.5
