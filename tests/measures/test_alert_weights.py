"""Weighted figures: scikit-learn, rows written out as often as they weigh, and a sample made whole again."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from barograph.core.errors import DataError
from barograph.measures.alerts import (
    daily_average_precision,
    operating_point,
    recall_at_alert_rate,
    sampling_weights,
    transaction_precision_at,
    undo_sampling,
)
from barograph.measures.classification import confusion, log_loss
from barograph.measures.credit.calibration_tests import (
    brier_decomposition,
    calibration_line,
    reliability_curve,
)
from barograph.measures.credit.discrimination import auc, average_precision
from barograph.measures.credit.paired_tests import calibration_gap

# label, coarse score (ties), weight (zero included); a weight above zero in both classes
ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 3)), min_size=4, max_size=60
).filter(lambda rows: {label for label, _, weight in rows if weight} == {0, 1})


def columns(rows):
    label, score, weight = np.array(rows, dtype=float).T
    return label, score / 6, weight


def written_out(label, score, weight):
    times = weight.astype(int)
    return np.repeat(label, times), np.repeat(score, times)


@given(ROWS)
def test_weighted_average_precision_and_auc_equal_scikit_learn(rows):
    label, score, weight = columns(rows)
    assert average_precision(label, score, weight=weight) == pytest.approx(
        metrics.average_precision_score(label, score, sample_weight=weight), abs=1e-12
    )
    assert auc(label, score, weight=weight) == pytest.approx(
        metrics.roc_auc_score(label, score, sample_weight=weight), abs=1e-12
    )


@given(ROWS, st.integers(0, 6), st.sampled_from([0.01, 0.2, 0.5, 1.0]))
def test_a_weight_is_as_many_rows(rows, cut, rate):
    label, score, weight = columns(rows)
    many, scores = written_out(label, score, weight)
    point = operating_point(label, score, threshold=cut / 6, weight=weight)
    plain = operating_point(many, scores, threshold=cut / 6)
    for name in ("alert_rate", "loss", "accuracy", "precision", "recall", "f1"):
        assert getattr(point, name) == pytest.approx(getattr(plain, name), abs=1e-12, nan_ok=True)
    assert recall_at_alert_rate(label, score, rate=rate, weight=weight) == pytest.approx(
        recall_at_alert_rate(many, scores, rate=rate), abs=1e-12
    )
    day = np.zeros(label.size)
    top = transaction_precision_at(label, score, day, k=3, weight=weight)
    assert top.mean == pytest.approx(
        transaction_precision_at(many, scores, np.zeros(many.size), k=3).mean, abs=1e-12
    )


def test_the_operating_point_equals_scikit_learn():
    random = np.random.default_rng(0)
    label = (random.random(500) < 0.1).astype(int)
    p = np.clip(0.1 + 0.3 * label + 0.1 * random.normal(size=500), 0.01, 0.99)
    weight = random.random(500)
    found = operating_point(label, p, threshold=0.25, weight=weight)
    alert = p >= 0.25
    assert found.loss == pytest.approx(metrics.log_loss(label, p, sample_weight=weight))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(label, alert, sample_weight=weight))
    assert found.precision == pytest.approx(metrics.precision_score(label, alert, sample_weight=weight))
    assert found.recall == pytest.approx(metrics.recall_score(label, alert, sample_weight=weight))
    assert found.f1 == pytest.approx(metrics.f1_score(label, alert, sample_weight=weight))
    assert found.alert_rate == pytest.approx(weight[alert].sum() / weight.sum())


def test_weights_undo_a_sample_of_the_legitimate_events():
    random = np.random.default_rng(1)
    label = random.random(200_000) < 0.02
    score = random.normal(size=label.size) + 2.0 * label
    kept = label | (random.random(label.size) < 0.2)
    whole = average_precision(label, score)
    weight = sampling_weights(label[kept], 0.2)
    assert average_precision(label[kept], score[kept], weight=weight) == pytest.approx(whole, abs=0.01)
    assert average_precision(label[kept], score[kept]) > whole + 0.1
    assert weight.sum() == pytest.approx(label.size, rel=0.01)


def test_probabilities_of_a_sample_are_brought_back_to_the_population():
    """Bayes by hand: two Gaussian classes, the fitted odds being those of the sample."""
    score = np.linspace(-3, 5, 41)
    ratio = np.exp(2 * score - 2)  # likelihood ratio of N(2, 1) over N(0, 1)
    prior, rate = 0.01, 0.05
    sampled_odds = ratio * prior / ((1 - prior) * rate)
    true_odds = ratio * prior / (1 - prior)
    back = undo_sampling(sampled_odds / (1 + sampled_odds), rate)
    assert back == pytest.approx(true_odds / (1 + true_odds), rel=1e-12)
    assert undo_sampling([0.0, 1.0, 0.3], 1.0) == pytest.approx([0.0, 1.0, 0.3])
    assert undo_sampling([0.0, 1.0], 0.1).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, math.nan])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises(DataError, match="rate must lie above 0"):
        undo_sampling([0.5], rate)
    with pytest.raises(DataError, match="rate must lie above 0"):
        sampling_weights([1], rate)
    with pytest.raises(DataError, match="rate must lie above 0"):
        recall_at_alert_rate([1, 0], [1, 0], rate=rate)


@pytest.mark.parametrize("weight", [[1.0, -1.0], [1.0, math.nan], [math.inf, 1.0], [1.0], [[1.0, 1.0]]])
def test_an_impossible_weight_is_refused_everywhere(weight):
    label, score, yes = [0, 1], [0.1, 0.9], np.array([True, False])
    for use in (
        lambda: average_precision(label, score, weight=weight),
        lambda: auc(label, score, weight=weight),
        lambda: confusion(yes, yes, weight=weight),
        lambda: log_loss(np.array(label), np.array(score), weight=weight),
        lambda: daily_average_precision(label, score, label, weight=weight),
    ):
        with pytest.raises(DataError, match="weight must"):
            use()


def test_weights_that_are_all_zero_leave_nothing_to_say():
    label, score, nothing = [0, 1, 1], [0.1, 0.9, 0.2], [0.0, 0.0, 0.0]
    assert math.isnan(average_precision(label, score, weight=nothing))
    assert math.isnan(auc(label, score, weight=nothing))
    assert math.isnan(log_loss(np.array(label), np.array(score), weight=nothing))
    assert math.isnan(recall_at_alert_rate(label, score, weight=nothing))
    assert math.isnan(operating_point(label, score, threshold=0.5, weight=nothing).alert_rate)
    assert math.isnan(average_precision(label, score, weight=[1.0, 0.0, 0.0]))  # no fraud left


@pytest.mark.parametrize("seed", range(3))
def test_calibration_by_weight_is_that_of_so_many_equal_records(seed: int) -> None:
    random = np.random.default_rng(seed)
    label = (random.random(400) < 0.3).astype(float)
    p = np.clip(random.beta(1 + label, 3 - label), 0.01, 0.99)
    weight, block = random.integers(1, 6, 400), random.integers(0, 4, 400)
    rows = np.repeat(np.arange(400), weight)
    found = calibration_line(label, p, weight=weight)
    assert (found.slope, found.intercept, found.in_the_large) == pytest.approx(
        (lambda one: (one.slope, one.intercept, one.in_the_large))(calibration_line(label[rows], p[rows])),
        abs=1e-8,
    )
    assert calibration_gap(label, p, block, weight=weight) == pytest.approx(
        calibration_gap(label[rows], p[rows], block[rows])
    )
    group = (10 * p).astype(int)
    by_weight, plain = (
        brier_decomposition(label, p, group, weight=weight),
        brier_decomposition(label[rows], p[rows], group[rows]),
    )
    assert dataclasses.astuple(by_weight) == pytest.approx(dataclasses.astuple(plain))


def test_a_reliability_curve_of_a_sample_has_the_rates_and_intervals_of_the_whole() -> None:
    """Goods are kept at a fifth: the whole's rate lies in 95 % of the intervals, and the mean is right."""
    random, inside, observed = np.random.default_rng(7), [], []
    for _ in range(300):
        p = random.beta(1.0, 12.0, 2_000)
        label = (random.random(2_000) < p).astype(float)
        kept = (label == 1.0) | (random.random(2_000) < 0.2)
        weight = np.where(label == 1.0, 1.0, 5.0)
        curve = reliability_curve(label[kept], p[kept], bins=5, weight=weight[kept])
        truth = curve.predicted  # labels are drawn from p itself
        inside.append((curve.lower <= truth) & (truth <= curve.upper))
        observed.append(curve.observed - truth)
    assert 0.92 < np.mean(inside) < 0.98
    assert np.abs(np.mean(observed, axis=0)).max() < 0.004
    plain = reliability_curve(label[kept], p[kept], bins=5)
    assert (plain.observed > curve.observed).all(), "without weights the sample's own rates"
