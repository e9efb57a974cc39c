"""Discrimination against scikit-learn, scipy and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, ks_2samp
from sklearn import metrics

from barograph.core.errors import DataError
from barograph.measures.credit.discrimination import (
    TopRecords,
    auc,
    average_precision,
    convex_hull_auc,
    gini,
    h_measure,
    kolmogorov_smirnov,
    precision_recall_at,
    roc_points,
)

FIGURES = [auc, gini, kolmogorov_smirnov, convex_hull_auc, h_measure, average_precision]

# Records of both classes, the scores coarse enough to tie.
RECORDS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=4, max_size=80).filter(
    lambda records: len({label for label, _ in records}) == 2
)


def split(records):
    label, score = np.array(records, dtype=float).T
    return label, score


@given(RECORDS)
def test_auc_and_average_precision_equal_scikit_learn_with_ties(records):
    label, score = split(records)
    assert auc(label, score) == pytest.approx(metrics.roc_auc_score(label, score), abs=1e-12)
    assert average_precision(label, score) == pytest.approx(
        metrics.average_precision_score(label, score), abs=1e-12
    )
    assert gini(label, score) == pytest.approx(2 * metrics.roc_auc_score(label, score) - 1, abs=1e-12)


@given(RECORDS)
def test_kolmogorov_smirnov_equals_scipy(records):
    label, score = split(records)
    expected = ks_2samp(score[label == 1], score[label == 0], method="asymp").statistic
    assert kolmogorov_smirnov(label, score) == pytest.approx(expected, abs=1e-12)


@given(RECORDS)
def test_turning_the_score_around_mirrors_the_auc_and_keeps_the_ks(records):
    label, score = split(records)
    assert auc(label, -score) == pytest.approx(1 - auc(label, score))
    assert auc(1 - label, -score) == pytest.approx(auc(label, score))
    assert kolmogorov_smirnov(label, -score) == pytest.approx(kolmogorov_smirnov(label, score))


@given(RECORDS)
def test_only_the_order_of_the_scores_counts(records):
    label, score = split(records)
    for figure in FIGURES:
        assert figure(label, np.exp(score / 3)) == pytest.approx(figure(label, score), abs=1e-12)


@given(RECORDS)
def test_the_hull_lies_over_the_curve_and_the_diagonal(records):
    label, score = split(records)
    assert convex_hull_auc(label, score) >= max(auc(label, score), 0.5) - 1e-12
    assert -1e-12 <= h_measure(label, score) <= 1 + 1e-12


def test_the_roc_points_of_a_figure_lie_on_the_curve():
    random = np.random.default_rng(0)
    label = random.random(5000) < 0.1
    score = label + random.normal(size=5000).round(2)
    goods, bads = roc_points(label, score, n=200)
    all_goods, all_bads, _ = metrics.roc_curve(label, score, drop_intermediate=False)
    assert 100 < goods.size <= 200
    assert {*zip(goods, bads, strict=True)} <= {*zip(all_goods, all_bads, strict=True)}
    assert (goods[0], bads[0], goods[-1], bads[-1]) == (0, 0, 1, 1)
    assert metrics.auc(goods, bads) == pytest.approx(auc(label, score), abs=1e-3)


def h_by_quadrature(label, score, first, second):
    """The definition: at each cost the best of all thresholds, and the integral by the midpoint rule."""
    bad, good = score[label == 1], score[label == 0]
    share = label.mean()
    cost = (np.arange(20_000) + 0.5) / 20_000
    least = np.minimum(cost * (1 - share), (1 - cost) * share)
    trivial = least.copy()
    for threshold in np.unique(score):
        false_alarms, missed = np.mean(good >= threshold), np.mean(bad < threshold)
        least = np.minimum(least, cost * (1 - share) * false_alarms + (1 - cost) * share * missed)
    weight = beta.pdf(cost, first, second)
    return 1 - np.sum(least * weight) / np.sum(trivial * weight)


@pytest.mark.parametrize("seed", range(4))
def test_the_h_measure_equals_its_definition(seed):
    random = np.random.default_rng(seed)
    label = (random.random(150) < 0.2).astype(float)
    score = (0.7 * label + random.normal(size=150)).round(1)
    share = label.mean()
    found = h_measure(label, score)
    assert found == pytest.approx(h_by_quadrature(label, score, 2, 1 + (1 - share) / share), abs=1e-5)
    found = h_measure(label, score, severity_ratio=0.25)
    assert found == pytest.approx(h_by_quadrature(label, score, 2, 5), abs=1e-5)
    found = h_measure(label, score, beta=(1 + share, 2 - share))
    assert found == pytest.approx(h_by_quadrature(label, score, 1 + share, 2 - share), abs=1e-5)


def test_a_perfect_and_a_constant_score_are_at_the_ends_of_every_scale():
    label = np.repeat([0, 1], [70, 30])
    assert [figure(label, label) for figure in FIGURES] == pytest.approx([1.0] * 6)
    constant = [figure(label, np.zeros(100)) for figure in FIGURES]
    assert constant == pytest.approx([0.5, 0, 0, 0.5, 0, 0.3])


@pytest.mark.parametrize("label", [[0, 0, 0], [1, 1, 1], []])
def test_one_class_alone_gives_nan(label):
    score = np.arange(len(label), dtype=float)
    assert np.isnan([figure(label, score) for figure in FIGURES]).all()
    assert roc_points(label, score)[0].size == 0
    if label:
        assert np.isnan(precision_recall_at(label, score, 2).precision)


def test_what_cannot_be_scored_is_refused_with_a_reason():
    with pytest.raises(DataError, match="1 of 3 are NaN"):
        auc([0, 1, 1], [0.1, np.nan, 0.2])
    with pytest.raises(DataError, match="label must be 0 or 1; got 2"):
        auc([0, 1, 2], [0.1, 0.2, 0.3])
    with pytest.raises(DataError, match=r"label must be known.*NaN"):
        auc([0, 1, np.nan], [0.1, 0.2, 0.3])
    with pytest.raises(DataError, match="3 in all; its shape is"):
        auc([0, 1, 1], [0.1, 0.2])
    with pytest.raises(DataError, match="stated once"):
        h_measure([0, 1], [0, 1], severity_ratio=1.0, beta=(2, 2))
    with pytest.raises(DataError, match="between 1 and the 2 records; got 3"):
        precision_recall_at([0, 1], [0, 1], 3)


def test_the_top_records_are_counted_and_ties_shared():
    label, score = [1, 0, 1, 0, 0], [5, 4, 3, 3, 1]
    assert precision_recall_at(label, score, 2) == TopRecords(precision=0.5, recall=0.5, lift=1.25)
    assert precision_recall_at(label, score, 3) == TopRecords(precision=0.5, recall=0.75, lift=1.25)
    assert precision_recall_at(label, score, 5) == TopRecords(precision=0.4, recall=1.0, lift=1.0)


@given(RECORDS, st.integers(0, 2**31))
def test_ties_at_the_cut_count_by_their_mean_over_random_orders(records, seed):
    label, score = split(records)
    k = 1 + seed % label.size
    random = np.random.default_rng(seed)
    caught = []
    for _ in range(200):
        order = np.lexsort((random.random(label.size), -score))
        caught.append(label[order[:k]].mean())
    error = 5 * np.std(caught) / np.sqrt(200) + 1e-9
    assert precision_recall_at(label, score, k).precision == pytest.approx(np.mean(caught), abs=error)


def test_a_hundred_thousand_records_take_no_quadratic_time():
    random = np.random.default_rng(1)
    label = random.random(100_000) < 0.1
    score = label + random.normal(size=100_000)
    assert auc(label, score) == pytest.approx(metrics.roc_auc_score(label, score))
    assert 0.2 < h_measure(label, score) < 0.4
