"""Person-periods see nothing after the cut and estimate hazards without bias; survival is a product."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.credit.hazard import (
    add_months,
    cumulative_default,
    default_curve,
    person_periods,
)

NEVER = np.datetime64("NaT", "D")


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def book(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Days of loans from 2000 to 2005, and of their defaults, up to 2010; a third never."""
    rng = np.random.default_rng(seed)
    made = day("2000-01-01") + rng.integers(0, 2000, n).astype("timedelta64[D]")
    failed = made + rng.integers(1, 1700, n).astype("timedelta64[D]")
    return made, np.where(rng.random(n) < 1 / 3, NEVER, failed)


def test_periods_of_one_loan_by_hand() -> None:
    made = np.array([day("2003-01-15")] * 5)
    failed = np.array([NEVER, day("2003-07-15"), day("2003-07-16"), day("2004-02-01"), day("2005-01-01")])
    event, at_risk = person_periods(made, failed, day("2004-03-01"), months_per_period=6, periods=3)
    assert at_risk.tolist() == [[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 0]]
    assert event.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]
    event, at_risk = person_periods(made, failed, day("2004-07-15"), months_per_period=6, periods=3)
    assert at_risk.tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]]
    assert event.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]


@given(st.integers(0, 10_000), st.integers(0, 3000), st.integers(1, 12), st.integers(1, 8))
def test_what_happens_after_the_cut_changes_nothing(seed: int, until: int, months: int, periods: int) -> None:
    made, failed = book(seed)
    cut = day("2000-06-01") + np.timedelta64(until, "D")
    rng = np.random.default_rng(seed + 1)
    later = ~(failed <= cut)
    garbage = cut + rng.integers(1, 4000, made.size).astype("timedelta64[D]")
    corrupted = np.where(later, np.where(rng.random(made.size) < 0.5, garbage, NEVER), failed)
    size = {"months_per_period": months, "periods": periods}
    for before, after in zip(
        person_periods(made, failed, cut, **size), person_periods(made, corrupted, cut, **size), strict=True
    ):
        np.testing.assert_array_equal(before, after)


@given(st.integers(0, 10_000), st.integers(0, 3000), st.integers(1, 12), st.integers(1, 8))
def test_a_loan_is_at_risk_without_gaps_until_its_one_event(
    seed: int, until: int, months: int, periods: int
) -> None:
    made, failed = book(seed)
    cut = day("2000-06-01") + np.timedelta64(until, "D")
    event, at_risk = person_periods(made, failed, cut, months_per_period=months, periods=periods)
    assert np.all(np.diff(at_risk, axis=1) <= 0)
    assert event.sum(axis=1).max() <= 1
    happened = event.sum(axis=1) == 1
    np.testing.assert_array_equal(event.argmax(axis=1)[happened], at_risk.sum(axis=1)[happened] - 1)
    assert np.all(failed[happened] <= cut)


def test_the_share_of_events_among_those_at_risk_is_the_hazard() -> None:
    """Exponential defaults, loans made evenly, most still running at the cut. To let a running period's
    defaults in without its survivors would overstate the hazard: here it is estimated right."""
    rng = np.random.default_rng(5)
    n, monthly = 40_000, 0.01
    made = day("2000-01-01") + rng.integers(0, 700, n).astype("timedelta64[D]")
    failed = made + np.ceil(rng.exponential(30.4 / monthly, n)).astype("timedelta64[D]")
    cut = day("2001-12-31")
    event, at_risk = person_periods(made, failed, cut, months_per_period=6, periods=3)
    estimate = event.sum(axis=0) / at_risk.sum(axis=0)
    truth = -np.expm1(-6 * monthly)
    error = np.sqrt(truth * (1 - truth) / at_risk.sum(axis=0))
    assert np.all(np.abs(estimate - truth) < 4 * error)
    starts = np.stack([add_months(made, 6 * j) for j in range(3)], axis=1)
    ends = np.stack([add_months(made, 6 * (j + 1)) for j in range(3)], axis=1)
    early = (failed[:, None] > starts) & (failed[:, None] <= np.minimum(ends, cut)) & (ends > cut)
    eager = (event + early).sum(axis=0) / (at_risk + early).sum(axis=0)
    assert np.all(eager > truth + 4 * error)


def test_month_ends_are_clipped() -> None:
    days = np.array(["2003-08-31", "2004-02-29", "2003-12-15"], dtype="datetime64[D]")
    assert add_months(days, 6).astype(str).tolist() == ["2004-02-29", "2004-08-29", "2004-06-15"]
    assert add_months(days, 12).astype(str).tolist() == ["2004-08-31", "2005-02-28", "2004-12-15"]


@given(st.lists(st.floats(-8.0, 8.0), min_size=1, max_size=10))
def test_default_by_the_end_of_each_period_is_one_less_survival(logits: list[float]) -> None:
    hazard = 1 / (1 + np.exp(-np.array(logits)))
    expected = 1 - np.cumprod(1 - hazard)
    np.testing.assert_allclose(default_curve(logits), expected, rtol=1e-9, atol=1e-15)
    assert cumulative_default(logits) == pytest.approx(expected[-1], rel=1e-9)


def test_tiny_hazards_keep_their_digits() -> None:
    assert cumulative_default([-40.0, -40.0]) == pytest.approx(2 * np.exp(-40.0), rel=1e-12)


@pytest.mark.parametrize("change", [{"periods": 0}, {"months_per_period": 0}])
def test_a_hazard_needs_periods_and_days(change: dict[str, int]) -> None:
    size = {"months_per_period": 6, "periods": 2, **change}
    with pytest.raises(DataError, match="day for every loan"):
        person_periods(np.array([day("2003-01-01")]), np.array([NEVER]), day("2004-01-01"), **size)
    with pytest.raises(DataError, match="1 loans without a day"):
        person_periods(
            np.array([NEVER]), np.array([NEVER]), day("2004-01-01"), months_per_period=6, periods=2
        )
