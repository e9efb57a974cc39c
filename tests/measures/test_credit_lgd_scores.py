"""Scores of loss given default against scikit-learn, scipy and plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr
from sklearn import metrics

from barograph.core.errors import DataError
from barograph.measures.credit.discrimination import gini
from barograph.measures.credit.loss_given_default import (
    loss_capture_ratio,
    mean_absolute_error,
    r_squared,
    spearman,
)
from barograph.measures.credit.ranks import midranks

LOSSES = st.lists(
    st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(1, 100)), min_size=3, max_size=50
).filter(lambda rows: len({row[0] for row in rows}) > 1 and len({row[1] for row in rows}) > 1)


def split(rows):
    lgd, predicted, exposure = np.array(rows, dtype=float).T
    return lgd / 10, predicted / 10, exposure


@given(LOSSES)
def test_the_scores_equal_scikit_learn_and_scipy_with_ties(rows):
    lgd, predicted, _ = split(rows)
    assert r_squared(lgd, predicted) == pytest.approx(metrics.r2_score(lgd, predicted))
    assert mean_absolute_error(lgd, predicted) == pytest.approx(metrics.mean_absolute_error(lgd, predicted))
    assert spearman(lgd, predicted) == pytest.approx(spearmanr(lgd, predicted).statistic, abs=1e-12)
    np.testing.assert_allclose(midranks(predicted), rankdata(predicted))


def area_by_loop(lgd, key, exposure):
    """Trapezoids of the loss capture curve, records of one key taken together."""
    area = x = y = 0.0
    for value in sorted(set(key), reverse=True):
        tied = key == value
        wide, high = exposure[tied].sum() / exposure.sum(), (lgd * exposure)[tied].sum() / (lgd @ exposure)
        area += wide * (y + high / 2)
        x, y = x + wide, y + high
    assert (x, y) == pytest.approx((1, 1))
    return area


@given(LOSSES)
def test_the_loss_capture_ratio_equals_a_plain_loop_and_stays_within_one(rows):
    lgd, predicted, exposure = split(rows)
    found = loss_capture_ratio(lgd, predicted, exposure)
    best = area_by_loop(lgd, lgd, exposure)
    assert found == pytest.approx((area_by_loop(lgd, predicted, exposure) - 0.5) / (best - 0.5), abs=1e-9)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    assert loss_capture_ratio(lgd, -predicted, exposure) == pytest.approx(-found, abs=1e-9)
    assert loss_capture_ratio(lgd, lgd, exposure) == pytest.approx(1.0)


@given(LOSSES)
def test_for_all_or_nothing_losses_it_is_the_accuracy_ratio(rows):
    _, predicted, _ = split(rows)
    label = np.arange(predicted.size) % 2
    assert loss_capture_ratio(label, predicted) == pytest.approx(gini(label, predicted), abs=1e-9)


def test_a_record_of_twice_the_exposure_counts_as_two():
    lgd, predicted = np.array([0.9, 0.2, 0.6, 0.1]), np.array([0.5, 0.4, 0.7, 0.1])
    doubled = loss_capture_ratio(lgd, predicted, np.array([1.0, 2.0, 1.0, 1.0]))
    assert doubled == pytest.approx(loss_capture_ratio(np.insert(lgd, 1, 0.2), np.insert(predicted, 1, 0.4)))


def test_what_never_varies_cannot_be_ranked():
    flat, rising = np.full(4, 0.3), np.arange(4) / 4
    assert all(math.isnan(figure(flat, rising)) for figure in (r_squared, spearman, loss_capture_ratio))
    assert math.isnan(spearman(rising, flat))
    assert loss_capture_ratio(rising, flat) == pytest.approx(0.0)
    assert math.isnan(mean_absolute_error([], []))
    assert mean_absolute_error(flat, rising) == pytest.approx(0.25)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(DataError, match="predicted must be known"):
        r_squared([0.1, 0.2], [0.1, np.nan])
    with pytest.raises(DataError, match="exposure must be positive; the smallest is 0"):
        loss_capture_ratio([0.1, 0.2], [0.1, 0.2], [1.0, 0.0])
