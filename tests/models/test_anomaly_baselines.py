"""One set of checks on every conventional anomaly model, and each against an oracle."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import skew
from sklearn.ensemble import IsolationForest

from barograph.core.errors import BundleError, DataError, SettingError
from barograph.core.fitted_anomaly import ANOMALY_KINDS, anomaly_arrays, anomaly_from_arrays
from barograph.core.fitted_value import FittedValue
from barograph.measures.anomaly import anomaly_score, normal_scores
from barograph.measures.credit.ranks import share_below
from barograph.models.baselines.anomaly import (
    ANOMALY_BASELINES,
    fit_anomaly_baseline,
    fit_ecod,
    fit_isolation_forest,
    fit_neighbours,
    fit_pca,
)

every_model = pytest.mark.parametrize("key", ANOMALY_BASELINES)
seeds = st.integers(0, 2**32 - 1)


def usual(n: int, seed: int = 0) -> np.ndarray:
    """Skewed columns that depend on three factors, a count, and a constant."""
    stream = np.random.default_rng(seed)
    factors = stream.normal(size=(n, 3)) @ np.random.default_rng(99).normal(size=(3, 6))
    skewed = np.exp(0.5 * factors) + 0.05 * stream.normal(size=(n, 6))
    return np.column_stack([skewed, stream.poisson(2.0, size=n), np.ones(n)])


def strangers(n: int) -> np.ndarray:
    return np.column_stack([usual(n, seed=7)[:, :6] + 12.0, np.full(n, 9.0), np.ones(n)])


def fitted(key: str, matrix: np.ndarray | None = None, *, seed: int = 1) -> FittedValue:
    return fit_anomaly_baseline(key, usual(600) if matrix is None else matrix, seed=seed)


def auc(value: FittedValue, outliers: np.ndarray) -> float:
    others = anomaly_score(value, usual(300, seed=5))
    return float(share_below(anomaly_score(value, outliers), others).mean())


@every_model
def test_planted_strangers_are_found(key: str) -> None:
    assert auc(fitted(key), strangers(60)) > 0.95


@pytest.mark.parametrize(("key", "low", "high"), [("knn", 0.9, 1), ("pca", 0.9, 1), ("ecod", 0, 0.65)])
def test_who_finds_records_that_are_unusual_only_in_combination(key: str, low: float, high: float) -> None:
    broken = np.random.default_rng(2).permuted(usual(300, seed=6), axis=0)
    assert low < auc(fitted(key), broken) <= high


@every_model
def test_a_row_scores_alike_alone_and_in_company(key: str) -> None:
    value, rows = fitted(key), usual(40, seed=3)
    together = anomaly_score(value, rows)
    assert together.shape == (40,)
    np.testing.assert_allclose(anomaly_score(value, rows[17:18]), together[17:18], rtol=1e-10)
    assert anomaly_score(value, rows[:0]).shape == (0,)


@every_model
def test_scores_survive_the_way_through_json_and_npz(key: str) -> None:
    value, rows = fitted(key), usual(40, seed=3)
    expected = anomaly_score(value, rows)
    plain = json.loads(json.dumps(value.to_plain(), allow_nan=False))
    np.testing.assert_array_equal(anomaly_score(type(value).from_plain(plain), rows), expected)
    buffer = io.BytesIO()
    np.savez(buffer, **anomaly_arrays(value))
    buffer.seek(0)
    with np.load(buffer, allow_pickle=False) as arrays:
        again = anomaly_from_arrays(arrays)
    assert type(again) is type(value) is ANOMALY_KINDS[value.kind]
    np.testing.assert_array_equal(anomaly_score(again, rows), expected)


@every_model
def test_a_constant_column_says_nothing_ever(key: str) -> None:
    value, rows = fitted(key), usual(40, seed=3)
    other = rows.copy()
    other[:, 7] = 1e6
    np.testing.assert_array_equal(anomaly_score(value, other), anomaly_score(value, rows))


@every_model
def test_copied_columns_and_rows_leave_finite_scores_and_the_same_strangers(key: str) -> None:
    def twice(rows: np.ndarray) -> np.ndarray:
        return np.concatenate([rows, rows], axis=1)

    value = fitted(key, np.repeat(twice(usual(300)), 2, axis=0))
    away, near = (anomaly_score(value, twice(rows)) for rows in (strangers(60), usual(300, seed=5)))
    assert np.isfinite(np.concatenate([away, near])).all()
    assert share_below(away, near).mean() > 0.95


@every_model
def test_rows_that_are_all_alike_score_alike(key: str) -> None:
    value = fitted(key, np.ones((5, 3)))
    scores = anomaly_score(value, np.array([[1.0, 1.0, 1.0], [0.0, 5.0, 1.0]]))
    assert np.isfinite(scores).all()
    assert scores[0] == scores[1]


@every_model
def test_two_rows_are_enough_and_one_is_not(key: str) -> None:
    value = fitted(key, np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert np.isfinite(anomaly_score(value, np.array([[0.5, 9.0]]))).all()
    with pytest.raises(DataError, match="at least 2 rows"):
        fitted(key, np.ones((1, 2)))


@every_model
def test_numbers_of_any_size_leave_finite_scores(key: str) -> None:
    value = fitted(key, usual(200) * 1e30)
    odd = np.array([[1e300] * 8, [-1e300] * 8, [0.0] * 8])
    assert np.isfinite(anomaly_score(value, odd)).all()


@every_model
def test_lacking_columns_and_missing_values_are_refused(key: str) -> None:
    value, rows = fitted(key), usual(5)
    with pytest.raises(DataError, match=r"table with 8 columns.*\(5, 7\)"):
        anomaly_score(value, rows[:, :7])
    rows[2, 3] = np.nan
    with pytest.raises(DataError, match="finite numbers; 1 of 40 are not"):
        anomaly_score(value, rows)
    with pytest.raises(DataError, match="finite numbers"):
        fitted(key, rows)


@every_model
def test_the_seed_decides_every_draw(key: str) -> None:
    big, rows = usual(6000), usual(40, seed=3)
    first, again, other = (anomaly_score(fitted(key, big, seed=seed), rows) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (key in ("ecod", "pca"))  # which draw nothing


@pytest.mark.parametrize("key", ["ecod", "knn", "pca"])  # a forest draws its cuts by column number
def test_the_order_of_columns_does_not_matter(key: str) -> None:
    order = np.random.default_rng(0).permutation(8)
    rows = usual(40, seed=3)
    straight, mixed = fitted(key), fitted(key, usual(600)[:, order])
    np.testing.assert_allclose(anomaly_score(mixed, rows[:, order]), anomaly_score(straight, rows), rtol=1e-6)


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    with pytest.raises(SettingError, match="'isolation_forest'"):
        fitted("isolation_tree")


def test_a_damaged_file_is_refused() -> None:
    arrays = anomaly_arrays(fitted("pca"))
    with pytest.raises(BundleError, match="center is lacking"):
        anomaly_from_arrays({name: one for name, one in arrays.items() if name != "center"})
    with pytest.raises(BundleError, match="got 'pcb'"):
        anomaly_from_arrays(arrays | {"kind": np.asarray("pcb")})


@pytest.mark.parametrize("n_rows", [2, 3, 40, 700])
def test_the_forest_scores_like_scikit_learn(n_rows: int) -> None:
    matrix = usual(n_rows)
    matrix[:, 4] = np.float32(1) + np.arange(n_rows) % 3 * np.finfo(np.float32).eps  # neighbouring float32
    ours = fit_isolation_forest(matrix, seed=3, trees=300)
    assert ours.roots.size == 300
    theirs = IsolationForest(n_estimators=300, max_samples=min(256, n_rows), random_state=3)
    theirs.fit(matrix.astype(np.float32))
    rows = np.concatenate([matrix, usual(200, seed=4), strangers(20)])
    expected = -theirs.score_samples(rows.astype(np.float32))
    np.testing.assert_allclose(anomaly_score(ours, rows), expected, rtol=0, atol=1e-12)


def brute_ecod(training: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Algorithm 1 of Li et al. (2022) by plain loops; half a row where no training row is as far out."""
    answer = []
    for row in rows:
        sums = [0.0, 0.0, 0.0]
        for column, x in zip(training.T, row, strict=True):
            if column.min() == column.max():
                continue
            left = -np.log(max(sum(v <= x for v in column), 0.5) / column.size)
            right = -np.log(max(sum(v >= x for v in column), 0.5) / column.size)
            sums = [sums[0] + left, sums[1] + right, sums[2] + (left if skew(column) < 0 else right)]
        answer.append(max(sums))
    return np.array(answer)


@given(seeds)
def test_ecod_is_the_paper_s_algorithm(seed: int) -> None:
    stream = np.random.default_rng(seed)
    training = np.column_stack(
        [stream.normal(size=20), -stream.exponential(size=20), stream.poisson(1.0, 20)]
    )
    rows = np.concatenate([training[:4], 3.0 * stream.normal(size=(3, 3)).round(1)])
    np.testing.assert_allclose(anomaly_score(fit_ecod(training), rows), brute_ecod(training, rows), atol=1e-9)


def test_ecod_on_kept_order_statistics_is_near_to_the_whole_distribution() -> None:
    matrix, rows = usual(20_000), np.concatenate([usual(300, seed=4), strangers(20)])
    some, whole = (fit_ecod(matrix, most_knots=most) for most in (1000, 20_000))
    assert some.knots.shape[0] <= 1000 < whole.knots.shape[0]
    np.testing.assert_allclose(anomaly_score(some, rows), anomaly_score(whole, rows), atol=0.15)


def test_ecod_does_not_feel_a_rising_map_that_keeps_the_side_of_the_skew() -> None:
    matrix, rows = usual(500), usual(50, seed=4)
    plain, mapped = fit_ecod(matrix), fit_ecod(3.0 * matrix - 1.0)
    np.testing.assert_allclose(anomaly_score(mapped, 3.0 * rows - 1.0), anomaly_score(plain, rows), atol=1e-9)


def test_all_principal_components_together_are_the_mahalanobis_distance() -> None:
    stream = np.random.default_rng(0)
    matrix = stream.normal(size=(500, 1)) + 0.2 * stream.normal(size=(500, 4))  # one major, three minor
    value = fit_pca(matrix)
    assert value.directions.shape == (4, 4)
    scores = normal_scores(matrix, value.knots)
    away = scores - scores.mean(axis=0)
    inverse = np.linalg.inv(np.cov(scores.T, bias=True))
    expected = np.einsum("ij,jk,ik->i", away, inverse, away)
    np.testing.assert_allclose(anomaly_score(value, matrix), expected, rtol=1e-8)


def test_components_that_are_neither_major_nor_minor_do_not_count() -> None:
    independent = np.random.default_rng(0).normal(size=(2000, 8))
    value = fit_pca(independent)
    assert value.directions.shape == (8, 4)  # half of the variance, and no small eigenvalue
    mean = anomaly_score(value, independent).mean()
    assert mean == pytest.approx(4.0, rel=1e-6)  # each contributes its variance over its eigenvalue


def test_neighbours_are_counted_among_a_bounded_sample_of_normal_scores() -> None:
    matrix, rows = usual(900), usual(30, seed=4)
    value = fit_neighbours(matrix, seed=0, neighbour=3, most_rows=200)
    every = normal_scores(matrix, value.knots)
    assert value.reference.shape == (200, 8)
    assert (cdist(value.reference, every).min(axis=1) < 1e-12).all()
    expected = np.sort(cdist(normal_scores(rows, value.knots), value.reference), axis=1)[:, 2]
    np.testing.assert_allclose(anomaly_score(value, rows), expected, atol=1e-6)
