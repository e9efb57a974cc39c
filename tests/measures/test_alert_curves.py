"""Precision against recall, and a weighted Brier score, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from barograph.measures.alerts import precision_recall
from barograph.measures.classification import brier


def test_the_curve_is_that_of_an_independent_library_with_weights_and_ties():
    random = np.random.default_rng(2)
    label = (random.random(500) < 0.1).astype(float)
    score = np.round(label * 0.3 + random.random(500), 1)
    weight = random.integers(0, 4, 500).astype(float)
    recall, precision = precision_recall(label, score, weight=weight)
    kept = weight > 0
    theirs, found, _ = metrics.precision_recall_curve(label[kept], score[kept], sample_weight=weight[kept])
    assert recall == pytest.approx(found[::-1][1:])
    assert precision == pytest.approx(theirs[::-1][1:])
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    assert area == pytest.approx(metrics.average_precision_score(label, score, sample_weight=weight))


def test_without_a_fraud_there_is_no_curve():
    recall, precision = precision_recall([0, 0], [0.1, 0.2])
    assert recall.size == precision.size == 0


def test_a_weight_in_the_brier_score_is_a_repetition():
    label, p = np.array([1.0, 0.0, 0.0]), np.array([0.4, 0.1, 0.3])
    again = np.array([1, 3, 2])
    assert brier(label, p, weight=again) == pytest.approx(brier(np.repeat(label, again), np.repeat(p, again)))
    assert brier(label, p) == pytest.approx(metrics.brier_score_loss(label, p))
    assert np.isnan(brier(label, p, weight=np.zeros(3)))
