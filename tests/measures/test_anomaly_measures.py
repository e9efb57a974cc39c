"""Measures of unusual records against plain loops and other libraries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from scipy.spatial.distance import cdist, mahalanobis
from sklearn import covariance as sklearn_covariance

from barograph.core.errors import DataError, SettingError
from barograph.core.fitted import EwmaParameters
from barograph.measures import anomaly
from barograph.measures.anomaly.inputs import LIMIT
from barograph.measures.anomaly.isolation import usual_path_length
from barograph.measures.anomaly.neighbours import DISTANCES_AT_ONCE
from barograph.measures.anomaly.order import places
from barograph.measures.anomaly.tails import skewness

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(2, 40))
def test_normal_scores_of_distinct_training_values_are_those_of_their_ranks(seed: int, n: int) -> None:
    x = np.random.default_rng(seed).normal(size=(n, 3))
    expected = special.ndtri((stats.rankdata(x, axis=0) - 0.5) / n)
    np.testing.assert_allclose(anomaly.normal_scores(x, anomaly.normal_knots(x)), expected, atol=1e-12)


@given(seeds)
def test_normal_scores_of_tied_training_values_are_those_of_their_midranks(seed: int) -> None:
    x = np.random.default_rng(seed).integers(0, 4, size=(60, 2)).astype(float)
    expected = special.ndtri((stats.rankdata(x, axis=0) - 0.5) / 60)
    np.testing.assert_allclose(anomaly.normal_scores(x, anomaly.normal_knots(x)), expected, atol=1e-12)


@given(seeds)
def test_normal_scores_never_fall_and_stay_bounded_beyond_training(seed: int) -> None:
    stream = np.random.default_rng(seed)
    knots = anomaly.normal_knots(np.exp(stream.normal(size=(2500, 1))))
    assert knots.shape == (1000, 1)
    scores = anomaly.normal_scores(np.linspace(-50.0, 500.0, 3000)[:, None], knots)[:, 0]
    assert (np.diff(scores) >= 0.0).all()
    assert np.abs(scores).max() == LIMIT
    just_beyond = anomaly.normal_scores(knots[-1] + np.array([[0.0], [1e-3]]), knots)[:, 0]
    assert just_beyond[0] < just_beyond[1] < just_beyond[0] + 1e-2


def test_normal_scores_do_not_depend_on_scale_place_or_company() -> None:
    x = np.random.default_rng(0).standard_t(2, size=(5000, 2))
    knots = anomaly.normal_knots(x)
    scores = anomaly.normal_scores(x, knots)
    np.testing.assert_allclose(anomaly.normal_scores(3.0 * x + 7.0, 3.0 * knots + 7.0), scores, atol=1e-9)
    np.testing.assert_array_equal(anomaly.normal_scores(x[4321:4322], knots), scores[4321:4322])


def test_a_constant_column_has_score_zero_whatever_comes() -> None:
    knots = anomaly.normal_knots(np.ones((5, 1)))
    assert anomaly.normal_scores(np.array([[1.0], [0.0], [1e300]]), knots).tolist() == [[0.0]] * 3


@given(seeds, st.integers(1, 20), st.booleans())
def test_places_are_those_of_a_search_column_by_column(seed: int, count: int, counting_equal: bool) -> None:
    stream = np.random.default_rng(seed)
    knots = np.sort(stream.integers(0, 9, size=(count, 3)), axis=0).astype(float)
    values = stream.integers(-1, 10, size=(7, 3)).astype(float)
    side = "right" if counting_equal else "left"
    expected = np.stack([np.searchsorted(knots[:, j], values[:, j], side=side) for j in range(3)], axis=1)
    np.testing.assert_array_equal(places(values, knots, counting_equal=counting_equal), expected)


@given(seeds, st.integers(1, 12), st.integers(2, 60))
def test_shrinkage_is_that_of_scikit_learn(seed: int, n_columns: int, n_rows: int) -> None:
    stream = np.random.default_rng(seed)
    x = stream.normal(size=(n_rows, n_columns)) @ stream.normal(size=(n_columns, n_columns))
    ours, share = anomaly.ledoit_wolf(x)
    theirs, their_share = sklearn_covariance.ledoit_wolf(x)
    scale = float(np.trace(theirs))
    np.testing.assert_allclose(ours / scale, theirs / scale, atol=1e-10)
    if n_columns > 1:  # with one column the target is the estimate, and any share the same
        assert share == pytest.approx(float(their_share), abs=1e-8)


def test_the_shrunk_estimate_is_nearer_to_the_truth_than_the_sample() -> None:
    truth = 0.5 ** np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    stream = np.random.default_rng(1)
    x = stream.multivariate_normal(np.zeros(20), truth, size=30)
    shrunk = np.linalg.norm(anomaly.ledoit_wolf(x)[0] - truth)
    assert shrunk < 0.9 * np.linalg.norm(np.cov(x.T, bias=True) - truth)


@given(seeds)
def test_mahalanobis_is_the_textbook_distance(seed: int) -> None:
    stream = np.random.default_rng(seed)
    factor = stream.normal(size=(4, 4)) + 3.0 * np.eye(4)
    matrix, center, x = factor @ factor.T, stream.normal(size=4), stream.normal(size=(6, 4))
    expected = [mahalanobis(row, center, np.linalg.inv(matrix)) for row in x]
    np.testing.assert_allclose(anomaly.mahalanobis(x, center, anomaly.whitening(matrix)), expected, rtol=1e-8)


def test_without_any_variance_nothing_is_distant() -> None:
    matrix, share = anomaly.ledoit_wolf(np.full((5, 3), 2.0))
    assert (matrix == 0.0).all()
    assert share == 0.0
    assert anomaly.mahalanobis(np.ones((2, 3)), np.zeros(3), anomaly.whitening(matrix)).tolist() == [0.0, 0.0]


@given(seeds, st.integers(1, 9))
def test_neighbours_are_those_of_all_pairs(seed: int, neighbour: int) -> None:
    stream = np.random.default_rng(seed)
    points, reference = stream.normal(size=(13, 3)), stream.normal(size=(6, 3))
    expected = np.sort(cdist(points, reference), axis=1)[:, min(neighbour, 6) - 1]
    np.testing.assert_allclose(anomaly.neighbour_distance(points, reference, neighbour), expected, atol=1e-7)


def test_neighbours_do_not_depend_on_how_rows_are_cut() -> None:
    stream = np.random.default_rng(3)
    points, reference = stream.normal(size=(1100, 3)), stream.normal(size=(1000, 3))
    assert points.shape[0] * reference.shape[0] > 2 * DISTANCES_AT_ONCE
    whole = anomaly.neighbour_distance(points, reference, 2)
    parts = [anomaly.neighbour_distance(some, reference, 2) for some in np.array_split(points, 7)]
    np.testing.assert_allclose(whole, np.concatenate(parts), rtol=1e-9)


@given(st.integers(2, 100_000), st.integers(4, 500))
def test_kept_ranks_reach_both_ends_in_small_steps(n_rows: int, most: int) -> None:
    ranks = anomaly.tail_ranks(n_rows, most=most)
    assert ranks[0] == 1
    assert ranks[-1] == n_rows
    assert ranks.size <= most
    np.testing.assert_array_equal(n_rows + 1 - ranks[::-1], ranks)
    lower = ranks[ranks <= max(n_rows // 2, 1)]
    factor = (n_rows / 2) ** (1.0 / (most // 2 - 1))
    assert (lower[1:] <= factor * (lower[:-1] + 0.5) + 0.5 + 1e-6).all()


@given(seeds)
def test_ranks_are_shares_of_the_population_and_grow_beyond_it(seed: int) -> None:
    known = np.sort(np.random.default_rng(seed).exponential(size=50))
    shares = np.arange(1, 51) / 50
    np.testing.assert_allclose(anomaly.ranked(known, known, shares, n_rows=50), shares, atol=1e-12)
    beyond = anomaly.ranked(known[-1] * np.array([1.0, 1.1, 2.0, 1e9]), known, shares, n_rows=50)
    assert (np.diff(beyond) > 0.0).all()
    assert beyond[0] == 1.0
    assert beyond[-1] <= 1.0 + 1.0 / 50


def test_a_rank_among_zeros_is_defined() -> None:
    answer = anomaly.ranked(np.array([0.0, 0.5, 3.0]), np.zeros(4), np.arange(1, 5) / 4, n_rows=4)
    assert answer.tolist() == [1.0, 1.25, 1.25]


def test_the_usual_path_length_is_that_of_random_search_trees() -> None:
    """Exact mean depth of an unsuccessful search among n - 1 keys: 2 (H_n - 1); equation 1 takes H_(n-1)."""
    assert usual_path_length([0, 1, 2]).tolist() == [0.0, 0.0, 1.0]
    for n in (3, 10, 256):
        harmonic = float(np.sum(1.0 / np.arange(1, n)))
        assert float(usual_path_length(n)) == pytest.approx(
            2.0 * harmonic - 2.0 * (n - 1) / n, abs=1.0 / (n - 1)
        )


@given(seeds)
def test_skewness_is_that_of_scipy_up_to_the_divisor(seed: int) -> None:
    x = np.random.default_rng(seed).exponential(size=(30, 2))
    np.testing.assert_allclose(skewness(x), stats.skew(x) * (29 / 30) ** 1.5, rtol=1e-9)
    assert skewness(np.ones((4, 1))).tolist() == [0.0]


def test_a_value_of_another_kind_is_refused() -> None:
    with pytest.raises(SettingError, match=r"conventional anomaly model.*got 'ewma'"):
        anomaly.anomaly_score(EwmaParameters(0.9, 1.0), np.ones((1, 1)))


@pytest.mark.parametrize(
    "matrix", [np.ones(3), np.ones((3, 0)), np.ones((1, 2)), np.array([[1.0], [np.inf]])]
)
def test_what_is_no_table_of_numbers_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(DataError, match="an anomaly model needs"):
        anomaly.normal_knots(matrix)
