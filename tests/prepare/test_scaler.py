"""The scaler: standard scores, missing values, and a memory of its window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from barograph.core.contracts import Fitted, Transform
from barograph.core.errors import LeakError
from barograph.core.fitted import fitted_from_plain
from barograph.prepare.columns import cross_section_names, marked
from barograph.prepare.scaler import FittedTransform, Scaler, apply_one, apply_scaler, fit_scaler

DAYS = np.datetime64("2020-01-01") + np.arange(8)
MATRIX = arrays.arrays(np.float64, (8, 3), elements=st.floats(-1e6, 1e6) | st.just(np.nan))
NAMES = ("a", "b", "c")


@given(MATRIX)
def test_scores_are_the_textbooks_over_known_values_clipped_and_zero_where_missing(
    matrix: np.ndarray,
) -> None:
    fitted = fit_scaler(matrix, NAMES, times=DAYS, until=DAYS[-1], limit=1.5)
    scores = apply_scaler(fitted, matrix)
    for column in range(3):
        values = matrix[:, column]
        known = values[~np.isnan(values)]
        mean = known.mean() if known.size else 0.0
        spread = known.std() if known.size else 0.0
        scale = spread if spread > 1e-9 * max(abs(mean), 1.0) else 1.0
        if 1e-12 < spread / max(abs(mean), 1.0) <= 1e-9:
            continue  # rounding decides whether this column has spread
        expected = np.where(np.isnan(values), 0.0, np.clip((values - mean) / scale, -1.5, 1.5))
        np.testing.assert_allclose(scores[:, column], expected, rtol=1e-6, atol=1e-6)


@given(MATRIX)
def test_one_row_alone_is_scaled_as_in_company_to_the_bit(matrix: np.ndarray) -> None:
    fitted = fit_scaler(matrix, NAMES, times=DAYS, until=DAYS[-1], limit=6.0)
    scores = apply_scaler(fitted, matrix)
    for row, expected in zip(matrix, scores, strict=True):
        np.testing.assert_array_equal(apply_one(fitted, row), expected)


def test_a_scaler_keeps_its_scores_through_plain_data() -> None:
    matrix = np.random.default_rng(0).normal(size=(8, 3))
    fitted = fit_scaler(matrix, NAMES, times=DAYS, until=DAYS[-1], limit=6.0)
    again = fitted_from_plain(fitted.to_plain())
    np.testing.assert_array_equal(apply_scaler(again, matrix), apply_scaler(fitted, matrix))


@pytest.mark.parametrize("value", [0.0, 0.1, -9.3, 1e9])
def test_a_constant_column_has_scale_one_and_scores_zero(value: float) -> None:
    matrix = np.full((7, 1), value)
    fitted = fit_scaler(matrix, ("a",), times=DAYS[:7], until=DAYS[-1], limit=6.0)
    assert fitted.scale.tolist() == [1.0]
    np.testing.assert_allclose(apply_scaler(fitted, matrix), 0.0, atol=1e-6)


def test_an_entity_that_is_unknown_scores_zero_and_does_not_pull_the_mean() -> None:
    names = cross_section_names(["a", "b"])
    known = np.random.default_rng(1).normal(-9.0, 0.5, size=(8, 2))
    there = np.ones((8, 2))
    there[5:, 1] = 0.0
    matrix = np.concatenate([known * there, there], axis=1)
    fitted = fit_scaler(matrix, names, times=DAYS, until=DAYS[-1], limit=6.0)
    np.testing.assert_allclose(fitted.mean[:2], [known[:, 0].mean(), known[:5, 1].mean()])
    scores = apply_scaler(fitted, matrix)
    assert scores[5:, 1].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(scores[:5, 1].std(), 1.0)


def test_marking_leaves_a_column_alone_whose_indicator_is_not_there() -> None:
    matrix = np.array([[0.0, 0.0]])
    assert marked(matrix, ["state:a", "known:b"]).tolist() == [[0.0, 0.0]]
    assert np.isnan(marked(matrix, ["state:a", "known:a"])[0, 0])
    assert matrix[0, 0] == 0.0  # the caller's array is not touched


def test_fitting_across_the_window_raises() -> None:
    with pytest.raises(LeakError, match=r"fitted until 2020-01-05 was given 8 rows, 3 of them later"):
        fit_scaler(np.ones((8, 1)), ("a",), times=DAYS, until=DAYS[4], limit=6.0)
    unknown = np.array(["NaT"], dtype="datetime64[D]")
    with pytest.raises(LeakError):
        Scaler().fit(np.ones((1, 1)), ("a",), times=unknown, until=DAYS[4])
    with pytest.raises(LeakError, match="3 without a day"):
        Scaler().fit(np.ones((8, 1)), ("a",), times=DAYS[:5], until=DAYS[4])


def test_being_judged_inside_the_window_raises_and_outside_it_does_not() -> None:
    transform: Transform = Scaler(limit=3.0)
    fitted: Fitted = transform.fit(np.arange(5.0)[:, None], ("a",), times=DAYS[:5], until=DAYS[4])
    assert isinstance(fitted, FittedTransform)
    assert fitted.until == DAYS[4]
    later = np.array([[1.0], [7.0], [2.5]])
    np.testing.assert_array_equal(fitted.apply_for_evaluation(later, times=DAYS[5:]), fitted.apply(later))
    np.testing.assert_array_equal(fitted.apply_one(later[1]), fitted.apply(later)[1])
    with pytest.raises(LeakError, match=r"fitted until 2020-01-05 would be judged on 3 rows, 1 of them"):
        fitted.apply_for_evaluation(later, times=DAYS[4:7])


def test_a_matrix_of_another_width_is_refused() -> None:
    fitted = fit_scaler(np.ones((8, 1)), ("a",), times=DAYS, until=DAYS[-1], limit=6.0)
    with pytest.raises(ValueError, match="must have 1 columns"):
        apply_scaler(fitted, np.ones((2, 2)))
