"""Rates turned into one another, and the zero curve below par yields: plain loops as oracles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from barograph.core.errors import DataError
from barograph.measures import curves

TREASURY = np.array([1 / 12, 0.25, 0.5, 1, 2, 3, 5, 7, 10, 20, 30])
SIX = np.array([0.25, 0.75, 1.0, 2.3, 5.0, 10.0])
FLAT_OR_STEEP = st.floats(-0.01, 0.12)


@given(st.floats(-0.2, 0.5), st.floats(0.01, 40.0), st.sampled_from([0, 1, 2, 4, 12]))
def test_a_discount_factor_gives_its_rate_back(rate: float, years: float, periods: int) -> None:
    discount = curves.discount_factor(rate, years, compounding=periods)
    grown = np.exp(-rate * years) if periods == 0 else (1.0 + rate / periods) ** (-periods * years)
    assert discount == pytest.approx(grown, rel=1e-11)
    assert curves.zero_rate(discount, years, compounding=periods) == pytest.approx(rate, abs=1e-11)


@given(st.floats(-0.2, 0.5), st.sampled_from([1, 2, 4, 12]))
def test_a_rate_survives_the_way_through_continuous_compounding(rate: float, periods: int) -> None:
    continuous = curves.continuous_rate(rate, compounding=periods)
    assert curves.rate_from_continuous(continuous, compounding=periods) == pytest.approx(rate, abs=1e-12)


def test_rolling_over_the_forwards_is_holding_to_the_end() -> None:
    zero, years = np.array([0.02, 0.025, 0.021, 0.04]), np.array([0.5, 1.0, 3.0, 10.0])
    forward = curves.forward_rate(zero, years)
    rolled = np.cumprod(np.exp(-forward * np.diff(years, prepend=0.0)))
    np.testing.assert_allclose(rolled, np.exp(-zero * years), rtol=1e-14)


@pytest.mark.parametrize("call", [
    lambda: curves.discount_factor(-2.5, 1.0, compounding=2),
    lambda: curves.discount_factor(0.01, 1.0, compounding=-1),
    lambda: curves.zero_rate(0.0, 1.0),
    lambda: curves.zero_rate(0.9, 0.0),
])  # fmt: skip
def test_what_has_no_rate_is_refused(call: object) -> None:
    with pytest.raises(DataError):
        call()  # type: ignore[operator]


def test_between_tenors_is_a_line_and_beyond_them_it_is_flat() -> None:
    zero = curves.zero_at([0.01, 0.03], [1.0, 3.0], [0.1, 1.0, 1.5, 3.0, 50.0])
    np.testing.assert_allclose(zero, [0.01, 0.01, 0.015, 0.03, 0.03], rtol=1e-14)
    assert curves.tents(np.linspace(0.0, 40.0, 200), TREASURY).sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("tenors", [[2.0, 1.0], [1.0, 1.0], [0.0, 1.0], [np.nan, 1.0]])
def test_tenors_out_of_order_are_refused(tenors: list[float]) -> None:
    with pytest.raises(DataError, match="ascending"):
        curves.tents([1.0], tenors)


def repriced(par: float, tenor: float, zero: np.ndarray, tenors: np.ndarray) -> float:
    """What a bond with the par yield as coupon is worth beyond its face, by a plain loop."""
    if tenor <= 0.5:
        return (1.0 + par * tenor) * float(np.exp(-np.interp(tenor, tenors, zero) * tenor)) - 1.0
    worth, at, first = 0.0, tenor, tenor
    while at > 1e-9:
        worth += par / 2.0 * float(np.exp(-np.interp(at, tenors, zero) * at))
        first, at = at, at - 0.5
    accrued = par * (0.5 - first)
    return worth + float(np.exp(-np.interp(tenor, tenors, zero) * tenor)) - 1.0 - accrued


@settings(max_examples=40)
@given(arrays(np.float64, 6, elements=FLAT_OR_STEEP))
def test_every_bond_at_its_par_yield_is_worth_its_face(par: np.ndarray) -> None:
    zero = curves.bootstrap(par, SIX)
    for rate, tenor in zip(par, SIX, strict=True):
        assert repriced(rate, tenor, zero, SIX) == pytest.approx(0.0, abs=1e-11)
    np.testing.assert_allclose(curves.par_yield(zero, SIX, SIX), par, atol=1e-11)


def test_days_are_bootstrapped_alone_and_a_missing_tenor_lies_on_the_line() -> None:
    level = 0.03 + 0.01 * np.log1p(TREASURY) / np.log(31.0)
    days = np.stack([level, level + 0.01, level])
    days[1, 3] = days[1, 0] = days[2, 10] = np.nan
    zero = curves.bootstrap(days, TREASURY)
    alone = np.stack([curves.bootstrap(day, TREASURY) for day in days])
    np.testing.assert_array_equal(zero, alone)
    assert np.isfinite(zero[0]).all()
    assert np.isnan(zero[1, 0])
    assert np.isnan(zero[2, 10])
    assert zero[1, 3] == pytest.approx(np.interp(1.0, [0.5, 2.0], zero[1, [2, 4]]), rel=1e-13)
    quoted = np.isfinite(days[1])
    np.testing.assert_array_equal(zero[1, quoted], curves.bootstrap(days[1, quoted], TREASURY[quoted]))
    assert np.isnan(curves.bootstrap(np.full(11, np.nan), TREASURY)).all()


def test_a_flat_par_curve_is_a_flat_zero_curve_of_the_same_yield() -> None:
    zero = curves.bootstrap(np.full(7, 0.05), [0.5, 1, 2, 3, 5, 10, 30])
    np.testing.assert_allclose(zero, 2.0 * np.log(1.025), rtol=1e-12)


def test_negative_par_yields_have_a_zero_curve_too() -> None:
    par = np.array([-0.008, -0.006, -0.002])
    zero = curves.bootstrap(par, [0.5, 2.0, 10.0])
    np.testing.assert_allclose(curves.par_yield(zero, [0.5, 2.0, 10.0], [0.5, 2.0, 10.0]), par, atol=1e-12)


def test_a_curve_of_two_tenors_is_bootstrapped() -> None:
    zero = curves.bootstrap([0.02, 0.03], [2.0, 10.0])
    np.testing.assert_allclose(curves.par_yield(zero, [2.0, 10.0], [2.0, 10.0]), [0.02, 0.03], atol=1e-13)


def test_yields_in_percent_and_of_another_number_are_refused_with_the_reason() -> None:
    with pytest.raises(DataError, match="Divide yields in percent by 100"):
        curves.bootstrap([4.0, 0.5], [1.0, 30.0])
    with pytest.raises(DataError, match="one yield per tenor, 2"):
        curves.bootstrap([0.04], [1.0, 2.0])
