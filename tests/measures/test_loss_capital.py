"""The standardised approach beyond its reference cases: brackets, options, thresholds, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError, SettingError
from barograph.measures.losses.standardised import (
    HIGHER_LOSS_THRESHOLD,
    Accounts,
    average_annual_loss,
    business_indicator,
    indicator_component,
    loss_multiplier,
    standardised_capital,
)

YEAR = Accounts(
    interest_income=900.0,
    interest_expense=500.0,
    interest_earning_assets=20_000.0,
    dividend_income=10.0,
    other_income=30.0,
    other_expense=20.0,
    fee_income=250.0,
    fee_expense=90.0,
    trading_result=-40.0,
    banking_result=15.0,
)


@given(st.floats(0.0, 200.0), st.floats(0.0, 200.0))
def test_the_component_rises_with_slopes_of_its_brackets(first: float, second: float) -> None:
    low, high = sorted((first, second))
    rise = indicator_component(high, billion=1.0) - indicator_component(low, billion=1.0)
    assert 0.12 * (high - low) - 1e-9 <= rise <= 0.18 * (high - low) + 1e-9
    in_euro = indicator_component(high * 1e9)
    assert in_euro == pytest.approx(1e9 * float(indicator_component(high, billion=1.0)))


def test_interest_is_capped_and_losses_of_the_books_do_not_offset_gains():
    mirrored = replace(YEAR, trading_result=40.0, banking_result=-15.0, interest_income=500.0)
    mirrored = replace(mirrored, interest_expense=900.0)
    found = business_indicator([YEAR, mirrored, YEAR])
    assert found.financial == pytest.approx(55.0)
    assert found.interest == pytest.approx(400.0 + 10.0)
    capped = business_indicator([replace(YEAR, interest_earning_assets=1000.0)] * 3)
    assert capped.interest == pytest.approx(22.5 + 10.0)
    assert found.total == pytest.approx(found.interest + found.services + found.financial)


def test_the_larger_side_of_services_is_taken_after_averaging():
    swapped = replace(YEAR, other_income=20.0, other_expense=33.0)
    found = business_indicator([YEAR, swapped, YEAR])
    assert found.services == pytest.approx(max(80.0, 73.0) / 3 + 250.0)


def test_three_known_years_are_asked_for():
    with pytest.raises(DataError, match="three years"):
        business_indicator([YEAR, YEAR])
    with pytest.raises(DataError, match="missing in fee_income"):
        business_indicator([YEAR, YEAR, replace(YEAR, fee_income=np.nan)])
    with pytest.raises(DataError, match="not be negative"):
        indicator_component(-1.0)


def test_the_average_counts_losses_that_reach_the_threshold_in_its_years():
    losses = np.array([19_999.0, 20_000.0, 150_000.0, 900_000.0, 70_000.0])
    years = np.array([2024, 2024, 2020, 2014, 2015])
    assert average_annual_loss(losses, years, last_year=2024) == pytest.approx(24_000.0)
    higher = average_annual_loss(losses, years, last_year=2024, threshold=HIGHER_LOSS_THRESHOLD)
    assert higher == pytest.approx(15_000.0)
    assert average_annual_loss(losses, years, last_year=2024, n_years=5) == pytest.approx(34_000.0)
    assert average_annual_loss([], [], last_year=2024) == 0.0
    with pytest.raises(SettingError, match="at least 5 years"):
        average_annual_loss(losses, years, last_year=2024, n_years=4)
    with pytest.raises(DataError, match="every net loss"):
        average_annual_loss([np.nan], [2024], last_year=2024)


@given(st.floats(0.0, 50.0), st.floats(0.01, 10.0))
def test_the_multiplier_rises_with_losses_from_its_floor(loss: float, component: float) -> None:
    found = float(loss_multiplier(loss, component))
    assert found >= np.log(np.e - 1.0) - 1e-12
    assert (found > 1.0) == (loss > component) or loss == pytest.approx(component)
    assert loss_multiplier(loss + 1.0, component) > found


def test_losses_matter_from_the_second_bracket_or_where_the_supervisor_says():
    small = {"indicator": 0.9, "annual_loss": 0.05, "billion": 1.0}
    assert standardised_capital(**small).multiplier == 1.0
    assert standardised_capital(**small, losses_in_first_bracket=True).multiplier > 1.0
    assert standardised_capital(1.0, 0.5, billion=1.0).requirement == pytest.approx(0.12)
    assert standardised_capital(1.001, 0.5, billion=1.0).multiplier > 1.0
    held = standardised_capital(5.0, 1.0, billion=1.0, multiplier_is_one=True)
    assert (held.multiplier, held.requirement) == (1.0, pytest.approx(0.72))
    assert held.risk_weighted_assets == pytest.approx(9.0)


def test_a_multiplier_needs_a_component_and_no_gains_for_losses():
    with pytest.raises(DataError, match="above 0"):
        loss_multiplier(1.0, 0.0)
    with pytest.raises(DataError, match="not be negative"):
        standardised_capital(5.0, -0.1, billion=1.0)
