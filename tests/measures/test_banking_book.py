"""Supervisory shocks, buckets, economic value and income: worked by hand or by a loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from barograph.core.scenario import RateShock
from barograph.core.shock_sizes import ShockSizes
from barograph.measures import curves

SIZES = ShockSizes(parallel=0.02, short=0.03, long=0.015)
money = arrays(np.float64, st.tuples(st.integers(1, 5), st.just(6)), elements=st.floats(-1e6, 1e6))


def test_shocks_meet_their_sizes_at_both_ends() -> None:
    now, far = curves.supervisory_shocks([0.0, 1e4], SIZES).T
    assert dict(zip(curves.SHOCKS, now.round(12), strict=True)) == {
        "parallel_up": 0.02,
        "parallel_down": -0.02,
        "steepener": -0.65 * 0.03,
        "flattener": 0.8 * 0.03,
        "short_up": 0.03,
        "short_down": -0.03,
    }
    np.testing.assert_allclose(far, [0.02, -0.02, 0.9 * 0.015, -0.6 * 0.015, 0.0, 0.0], atol=1e-12)


def test_a_floor_cuts_a_shock_and_lifts_no_rate() -> None:
    rate, years = np.array([0.01, -0.02, 0.03]), np.array([0.0, 1.0, 60.0])
    floor = curves.rising_floor(years, now=-0.015, slope=0.0003)
    np.testing.assert_allclose(floor, [-0.015, -0.0147, 0.0])
    cut = curves.floored(rate, np.array([[-0.04, -0.04, -0.02], [0.01, 0.01, 0.01]]), floor)
    np.testing.assert_allclose(cut, [[-0.025, 0.0, -0.02], [0.01, 0.01, 0.01]], atol=1e-15)


@given(st.lists(st.floats(0.001, 60.0), min_size=1, max_size=20))
def test_every_flow_is_in_the_bucket_that_its_date_names(years: list[float]) -> None:
    edges = [0.0028, 1 / 12, 3 / 12, 6 / 12, 9 / 12, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20]
    expected = [0.0] * 19
    for at in years:
        expected[next((i for i, edge in enumerate(edges) if at <= edge), 18)] += 2.0
    assert curves.slotted(years, [2.0] * len(years)).tolist() == expected


def test_each_midpoint_is_in_its_own_bucket() -> None:
    assert np.flatnonzero(curves.slotted(curves.MIDPOINTS, np.ones(19)) == 1.0).size == 19


def test_value_falls_for_an_asset_and_rises_for_a_liability_when_rates_rise() -> None:
    moves = curves.supervisory_shocks([5.0], SIZES)
    asset = curves.change_of_value([5.0], [100.0], [0.03], moves)
    assert asset[0] == pytest.approx(100.0 * (np.exp(-0.25) - np.exp(-0.15)))
    np.testing.assert_allclose(curves.change_of_value([5.0], [-100.0], [0.03], moves), -asset)


def test_income_changes_on_what_reprices_within_the_year() -> None:
    found = curves.change_of_income(
        [0.0, 0.25, 0.5, 2.0], [100.0, -40.0, 10.0, 1e6], [[0.01] * 4, [-0.02] * 4]
    )
    assert found.tolist() == pytest.approx([0.01 * (100 - 30 + 5), -0.02 * 75])


@given(money)
def test_losses_are_added_in_full_and_gains_by_their_share(changes: np.ndarray) -> None:
    for share in (0.0, 0.5, 1.0):
        expected = [sum(one if one < 0 else share * one for one in column) for column in changes.T.tolist()]
        found = curves.over_currencies(changes, gains_counted=share)
        assert found.tolist() == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(
        curves.over_currencies(changes, gains_counted=1.0), changes.sum(axis=0), atol=1e-6
    )


def test_the_worst_scenario_is_the_largest_loss_and_no_gain_is_one() -> None:
    assert curves.worst([1.0, -5.0, -2.0]) == (1, 5.0)
    assert curves.worst([1.0, 2.0]) == (0, 0.0)


def test_a_scenario_adds_shapes_and_points_to_one_curve() -> None:
    years = np.array([0.25, 2.0, 5.0, 40.0])
    shock = RateShock(parallel=0.01, short=0.02, long=-0.01, points=((1.0, 0.001), (5.0, 0.005)))
    found = curves.scenario_shift(years, shock)
    for at, move in zip(years, found, strict=True):
        fading = np.exp(-at / 4.0)
        line = 0.001 if at < 1.0 else 0.005 if at > 5.0 else 0.001 * at
        assert move == pytest.approx(0.01 + 0.02 * fading - 0.01 * (1.0 - fading) + line)
    sizes = ShockSizes(parallel=0.02, short=0.03, long=0.015)
    steepener = RateShock(short=-0.65 * 0.03, long=0.9 * 0.015)
    np.testing.assert_allclose(
        curves.scenario_shift(years, steepener), curves.supervisory_shocks(years, sizes)[2], atol=1e-15
    )
