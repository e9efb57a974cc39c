"""Bonds and key rates: finite differences, plain loops and identities as oracles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures import curves, portfolio

TENORS = np.array([0.25, 1.0, 2.0, 5.0, 10.0, 30.0])
ZERO = np.array([0.012, 0.018, 0.02, 0.027, 0.031, 0.033])
bonds = st.tuples(st.floats(0.0, 0.12), st.sampled_from([1, 2, 4]), st.floats(0.1, 30.0))


def flows(bond: tuple[float, int, float]) -> tuple[np.ndarray, np.ndarray]:
    coupon, frequency, years = bond
    return curves.coupon_flows(coupon, frequency=frequency, years=years)


@given(bonds, st.floats(-0.02, 0.3), st.sampled_from([0, 1, 2]))
def test_price_and_yield_turn_each_other_round(
    bond: tuple[float, int, float], rate: float, periods: int
) -> None:
    times, amounts = flows(bond)
    worth = float(curves.price(times, amounts, rate, compounding=periods))
    assert curves.yield_to_maturity(times, amounts, worth, compounding=periods) == pytest.approx(
        rate, abs=1e-9
    )


@given(st.floats(0.001, 0.12), st.sampled_from([1, 2, 4]), st.integers(1, 30))
def test_a_bond_that_yields_its_coupon_is_at_par(coupon: float, frequency: int, years: int) -> None:
    times, amounts = curves.coupon_flows(coupon, frequency=frequency, years=years)
    assert float(curves.price(times, amounts, coupon, compounding=frequency)) == pytest.approx(100.0)


@given(bonds, st.floats(-0.02, 0.2), st.sampled_from([0, 1, 2]))
def test_durations_and_convexity_are_the_derivatives_of_the_price(
    bond: tuple[float, int, float], rate: float, periods: int
) -> None:
    times, amounts = flows(bond)
    found = curves.sensitivity(times, amounts, rate, compounding=periods)
    step = 1e-4
    low, high = (
        float(curves.price(times, amounts, rate + move, compounding=periods)) for move in (-step, step)
    )
    assert found.modified == pytest.approx((low - high) / (2 * step * found.price), rel=1e-5)
    assert found.convexity == pytest.approx(
        (low + high - 2 * found.price) / (step**2 * found.price), rel=1e-3
    )
    assert found.dv01 == pytest.approx((low - high) / 2, rel=1e-5)
    period = 0.0 if periods == 0 else 1.0 / periods
    assert found.macaulay == pytest.approx(found.modified * (1.0 + rate * period))


def test_a_payment_at_the_end_has_its_term_as_duration() -> None:
    found = curves.sensitivity([7.0], [100.0], 0.04)
    assert (found.macaulay, found.modified, found.convexity) == (7.0, 7.0, 49.0)


def test_coupons_go_back_from_the_maturity() -> None:
    assert curves.coupon_times(1.7, 2).round(10).tolist() == [0.2, 0.7, 1.2, 1.7]
    assert curves.coupon_times(1.0, 4).tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curves.coupon_times(0.3, 1).tolist() == [0.3]
    for years, frequency in ((0.0, 2), (-1.0, 2), (1.0, 0)):
        with pytest.raises(DataError, match="mature after now"):
            curves.coupon_times(years, frequency)


@pytest.mark.parametrize(
    ("amounts", "price"), [([5.0, -105.0], 90.0), ([5.0, 105.0], 0.0), ([0.0, 0.0], 1.0)]
)
def test_a_price_without_a_yield_is_refused(amounts: list[float], price: float) -> None:
    with pytest.raises(DataError, match="a yield needs"):
        curves.yield_to_maturity([1.0, 2.0], amounts, price)


def worth(times: np.ndarray, amounts: np.ndarray, zero: np.ndarray) -> float:
    total = 0.0
    for at, paid in zip(times, amounts, strict=True):
        total += paid * float(np.exp(-np.interp(at, TENORS, zero) * at))
    return total


@given(bonds)
def test_key_rates_are_bumps_and_add_up_to_the_parallel_shift(bond: tuple[float, int, float]) -> None:
    times, amounts = flows(bond)
    values = curves.key_rate_values(times, amounts, zero=ZERO, tenors=TENORS)
    for place in range(TENORS.size):
        bump = np.zeros(TENORS.size)
        bump[place] = 0.5e-4
        moved = worth(times, amounts, ZERO - bump) - worth(times, amounts, ZERO + bump)
        assert values[place] == pytest.approx(moved, rel=1e-6, abs=1e-12)
    durations = curves.key_rate_durations(times, amounts, zero=ZERO, tenors=TENORS)
    parallel = worth(times, amounts, ZERO - 0.5e-4) - worth(times, amounts, ZERO + 0.5e-4)
    assert values.sum() == pytest.approx(parallel, rel=1e-6)
    assert durations.sum() == pytest.approx(parallel / worth(times, amounts, ZERO) * 1e4, rel=1e-6)


def test_a_share_of_nothing_is_refused_but_its_money_is_not() -> None:
    times, amounts = np.array([1.0, 2.0]), np.array([np.exp(0.018), -np.exp(0.04)])
    with pytest.raises(DataError, match="share of the price"):
        curves.key_rate_durations([1.0], [0.0], zero=ZERO, tenors=TENORS)
    with pytest.raises(DataError, match="share of the price"):
        curves.sensitivity([1.0], [0.0], 0.02)
    assert curves.key_rate_values(times, amounts, zero=ZERO, tenors=TENORS).sum() == pytest.approx(-1e-4)


def test_a_ladder_profits_as_a_plain_loop_says() -> None:
    generator = np.random.default_rng(5)
    times, amounts = np.array([0.02, 0.5, 3.0, 9.5]), np.array([4.0, 10.0, -20.0, 100.0])
    changes, elapsed = generator.normal(0.0, 0.004, (50, TENORS.size)), 22 / 252
    found = curves.simulated_profits(
        times, amounts, zero=ZERO, tenors=TENORS, changes=changes, elapsed=elapsed
    )
    for profit, change in zip(found, changes, strict=True):
        after = 0.0
        for at, paid in zip(times, amounts, strict=True):
            left = at - elapsed
            rate = np.interp(max(left, 0.0), TENORS, ZERO + change)
            after += paid * (float(np.exp(-rate * left)) if left > 0 else 1.0)
        assert profit == pytest.approx(after - worth(times, amounts, ZERO), abs=1e-11)


def test_small_shocks_at_once_cost_their_basis_point_values() -> None:
    times, amounts = curves.coupon_flows(0.04, frequency=2, years=10.0)
    generator = np.random.default_rng(6)
    changes = generator.normal(0.0, 1e-6, (5000, TENORS.size))
    profits = curves.simulated_profits(times, amounts, zero=ZERO, tenors=TENORS, changes=changes)
    values = curves.key_rate_values(times, amounts, zero=ZERO, tenors=TENORS)
    np.testing.assert_allclose(profits, -changes @ values * 1e4, atol=1e-7)
    normal = 2.326348 * 1e-2 * float(np.sqrt(values @ values))
    assert float(portfolio.value_at_risk(profits, 0.01)) == pytest.approx(normal, rel=0.1)


def test_without_draws_there_are_no_profits() -> None:
    assert curves.simulated_profits(
        [1.0], [1.0], zero=ZERO, tenors=TENORS, changes=np.zeros((0, 6))
    ).shape == (0,)
