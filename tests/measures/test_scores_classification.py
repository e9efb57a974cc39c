"""Yes-or-no figures against scikit-learn and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics

from barograph.measures.classification import (
    Confusion,
    accuracy,
    brier,
    confusion,
    f1,
    log_loss,
    precision,
    recall,
)

RANDOM = np.random.default_rng(0)
EVENT = RANDOM.random(500) < 0.1
PROBABILITY = np.clip(0.1 + 0.3 * EVENT + 0.1 * RANDOM.normal(size=500), 0.01, 0.99)


def test_all_figures_agree_with_scikit_learn():
    alarm = PROBABILITY >= 0.2
    counts = confusion(EVENT, alarm)
    table = metrics.confusion_matrix(EVENT, alarm)
    assert [[counts.true_negative, counts.false_positive], [counts.false_negative, counts.true_positive]] == (
        table.tolist()
    )
    assert counts.n_obs == 500
    assert accuracy(counts) == pytest.approx(metrics.accuracy_score(EVENT, alarm))
    assert precision(counts) == pytest.approx(metrics.precision_score(EVENT, alarm))
    assert recall(counts) == pytest.approx(metrics.recall_score(EVENT, alarm))
    assert f1(counts) == pytest.approx(metrics.f1_score(EVENT, alarm))
    assert log_loss(EVENT, PROBABILITY) == pytest.approx(metrics.log_loss(EVENT, PROBABILITY))
    assert brier(EVENT, PROBABILITY) == pytest.approx(metrics.brier_score_loss(EVENT, PROBABILITY))


def test_a_ratio_without_a_denominator_is_not_a_number():
    silent = Confusion(true_positive=0, false_positive=0, false_negative=2, true_negative=8)
    assert math.isnan(precision(silent))
    assert recall(silent) == 0.0
    assert f1(silent) == 0.0
    nothing = Confusion(0, 0, 0, 5)
    assert math.isnan(recall(nothing))
    assert math.isnan(f1(nothing))
    assert math.isnan(accuracy(Confusion(0, 0, 0, 0)))


def test_pairs_with_a_nan_are_left_out_and_nothing_left_is_not_a_number():
    event, probability = np.array([1.0, np.nan, 0.0]), np.array([0.8, 0.5, np.nan])
    assert brier(event, probability) == pytest.approx(0.04)
    assert log_loss(event, probability) == pytest.approx(-math.log(0.8))
    assert math.isnan(brier(event[1:], probability[1:]))
    assert math.isnan(log_loss(event[1:], probability[1:]))


def test_a_certain_error_costs_a_large_but_finite_loss():
    assert log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(-math.log(1e-12))
