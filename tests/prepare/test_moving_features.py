"""`measures.features` against slices, one row at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from barograph.core.errors import SettingError
from barograph.measures.features import (
    exponential_weights,
    median_of_known,
    rolling_means,
    semivariances,
    weighted_mean,
)

VALUES = arrays.arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e3, 1e3, width=32))
WINDOWS = st.lists(st.integers(1, 12), min_size=1, max_size=4)


@given(VALUES, WINDOWS)
def test_a_rolling_mean_is_the_mean_of_a_slice(values: np.ndarray, windows: list[int]) -> None:
    means = rolling_means(values, windows)
    assert set(means) == set(windows)
    for window, got in means.items():
        expected = [
            np.mean(values[t - window + 1 : t + 1]) if t >= window - 1 else np.nan for t in range(values.size)
        ]
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-10)


@given(VALUES, st.integers(1, 12), st.integers(0, 39))
def test_a_row_does_not_depend_on_where_the_series_begins_or_ends(
    values: np.ndarray, window: int, at: int
) -> None:
    if not window - 1 <= at < values.size:
        return
    alone = values[at - window + 1 : at + 1]
    weights = exponential_weights(0.9, window)
    assert rolling_means(values, [window])[window][at] == rolling_means(alone, [window])[window][-1]
    assert weighted_mean(values, weights)[at] == weighted_mean(alone, weights)[-1]


@given(VALUES, st.integers(1, 12))
def test_a_weighted_mean_is_numpys_average_with_the_newest_value_first(
    values: np.ndarray, window: int
) -> None:
    weights = exponential_weights(0.8, window)
    got = weighted_mean(values, weights)
    for t in range(values.size):
        if t < window - 1:
            assert np.isnan(got[t])
        else:
            expected = np.average(values[t - window + 1 : t + 1][::-1], weights=weights)
            assert got[t] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_missing_value_empties_exactly_the_windows_that_hold_it() -> None:
    values = np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    np.testing.assert_array_equal(rolling_means(values, [2])[2], [np.nan, 1.5, np.nan, np.nan, 4.5, 5.5])


@given(VALUES)
def test_the_two_semivariances_add_up_to_the_square_and_one_of_them_is_zero(values: np.ndarray) -> None:
    down, up = semivariances(values)
    np.testing.assert_array_equal(down + up, values**2)
    assert not (down[values >= 0]).any()
    assert not (up[values <= 0]).any()


@given(arrays.arrays(np.float64, (6, 5), elements=st.floats(-9, 9) | st.just(np.nan)))
def test_the_median_of_known_values_is_numpys_median_without_the_missing(values: np.ndarray) -> None:
    for row, got in zip(values, median_of_known(values), strict=True):
        known = row[~np.isnan(row)]
        np.testing.assert_allclose(got, np.median(known) if known.size else np.nan, rtol=1e-15)


@pytest.mark.parametrize("windows", [[], [0], [3, -1]])
def test_a_window_below_one_row_is_refused(windows: list[int]) -> None:
    with pytest.raises(SettingError, match="windows must be"):
        rolling_means(np.ones(3), windows)
