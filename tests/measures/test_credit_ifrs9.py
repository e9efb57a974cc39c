"""Expected credit losses against simulated loans, loops and the standard's own words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.credit import ifrs9

HAZARDS = st.lists(st.floats(0.0, 0.6), min_size=1, max_size=8)


@given(HAZARDS, st.floats(0.0, 0.2))
def test_lifetime_loss_equals_a_loop_over_the_years(hazards: list[float], rate: float) -> None:
    exposure = 1000.0 * (1.0 - np.arange(len(hazards)) / len(hazards))
    alive, total = 1.0, 0.0
    for year, (hazard, outstanding) in enumerate(zip(hazards, exposure, strict=True), start=1):
        total += alive * hazard * 0.4 * outstanding / (1 + rate) ** year
        alive *= 1 - hazard
    found = ifrs9.lifetime_loss(hazards, lgd=0.4, ead=exposure, rate=rate)
    assert found.lifetime == pytest.approx(total, rel=1e-10, abs=1e-12)
    assert found.cumulative == pytest.approx(1 - alive, abs=1e-12)
    assert found.marginal.sum() == pytest.approx(1 - alive, abs=1e-12)
    assert found.twelve_month <= found.lifetime + 1e-12
    first = ifrs9.twelve_month_loss(hazards[0], lgd=0.4, ead=1000.0, rate=rate)
    assert found.twelve_month == pytest.approx(float(first), rel=1e-12)


def test_many_loans_at_once_are_each_loan_alone() -> None:
    rng = np.random.default_rng(0)
    hazards, lgd = rng.uniform(0, 0.2, (5, 4)), rng.uniform(0.2, 0.8, (5, 1))
    ead = rng.uniform(10, 20, (5, 4))
    together = ifrs9.lifetime_loss(hazards, lgd=lgd, ead=ead, rate=0.03).lifetime
    alone = [
        float(ifrs9.lifetime_loss(hazards[i], lgd=float(lgd[i, 0]), ead=ead[i], rate=0.03).lifetime)
        for i in range(5)
    ]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_a_simulated_book_loses_what_is_expected() -> None:
    rng = np.random.default_rng(1)
    hazards, exposure = np.array([0.05, 0.1, 0.02]), np.array([100.0, 70.0, 30.0])
    draws = rng.random((200_000, 3)) < hazards
    first = np.where(draws.any(axis=1), draws.argmax(axis=1), 3)
    discounted = np.append(0.5 * exposure / 1.04 ** np.arange(1, 4), 0.0)
    expected = ifrs9.lifetime_loss(hazards, lgd=0.5, ead=exposure, rate=0.04).lifetime
    assert float(expected) == pytest.approx(discounted[first].mean(), rel=0.02)


@given(st.floats(0.0001, 0.5), st.floats(0.3, 12.0))
def test_a_level_term_structure_keeps_the_first_years_pd(pd: float, years: float) -> None:
    conditional = ifrs9.level_term_structure([pd], years=years)[0]
    assert conditional.shape == (int(np.ceil(years)),)
    if years >= 1.0:
        assert conditional[0] == pytest.approx(pd, rel=1e-12)
    assert np.prod(1 - conditional) == pytest.approx((1 - pd) ** years, rel=1e-9)


def test_straight_line_repayment() -> None:
    found = ifrs9.straight_line_exposure([100.0, 50.0], years=2.5)
    np.testing.assert_allclose(found, [[100.0, 60.0, 20.0], [50.0, 30.0, 10.0]])


def test_scenarios_weigh_losses() -> None:
    losses = [[1.0, 10.0], [3.0, 20.0]]
    np.testing.assert_allclose(ifrs9.scenario_weighted(losses, [0.25, 0.75]), [2.5, 17.5])


@pytest.mark.parametrize("weights", [[0.5, 0.6], [1.5, -0.5], [1.0], [0.5, float("nan")]])
def test_weights_that_are_no_probabilities_are_refused(weights: list[float]) -> None:
    with pytest.raises(DataError, match="one weight each"):
        ifrs9.scenario_weighted([[1.0], [2.0]], weights)


@pytest.mark.parametrize(
    ("now", "before", "days", "expected"),
    [
        (0.01, 0.01, 0, 1),
        (0.01, 0.01, 30, 1),  # more than 30 days past due, says the standard
        (0.01, 0.01, 31, 2),
        (0.01, 0.01, 89, 2),
        (0.01, 0.01, 90, 3),
        (0.021, 0.01, 0, 2),
        (0.02, 0.01, 0, 1),  # doubled, not more
        (0.004, 0.001, 0, 1),  # four times, but 0.3 points
        (0.30, 0.20, 0, 1),  # ten points, but not doubled
    ],
)
def test_stages(now: float, before: float, days: float, expected: int) -> None:
    assert int(ifrs9.stage(now, before, days)) == expected


def test_stage_rules_can_be_set() -> None:
    assert int(ifrs9.stage(0.015, 0.01, 0, ratio=1.4, increase=0.001)) == 2
    assert int(ifrs9.stage(0.01, 0.01, 20, watch_days=15)) == 2
    assert int(ifrs9.stage(0.01, 0.01, 65, default_days=60)) == 3


def test_no_stage_is_guessed() -> None:
    for values in ((np.nan, 0.1, 0.0), (0.1, np.nan, 0.0), (0.1, 0.1, np.nan)):
        with pytest.raises(DataError, match="missing values"):
            ifrs9.stage(*values)
    with pytest.raises(DataError, match="within 0 and 1"):
        ifrs9.stage(2.0, 0.1, 0.0)


def test_the_stage_chooses_the_loss() -> None:
    found = ifrs9.loss_by_stage([1, 2, 3], twelve_month=1.0, lifetime=[4.0, 5.0, 6.0], defaulted=40.0)
    np.testing.assert_allclose(found, [1.0, 5.0, 40.0])


def test_a_loan_without_a_life_is_refused() -> None:
    with pytest.raises(DataError, match="must be positive"):
        ifrs9.level_term_structure([0.1], years=0.0)
