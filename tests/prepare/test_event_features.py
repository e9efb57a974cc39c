"""Event features against plain loops; and what none may depend on: the future, and the order of ties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_events import by_hand, corrupted_after, table, tidy

from barograph.core.errors import SettingError
from barograph.core.fitted_events import DAY, HOUR, EventPlan
from barograph.prepare.events.grouped import grouped
from barograph.prepare.events.medians import range_medians
from barograph.prepare.events.names import STATUSES, feature_names
from barograph.prepare.events.replay import replay
from barograph.prepare.events.screen import screen
from barograph.prepare.events.sequences import last_events

PLANS = {
    "default": EventPlan(),
    "labels outrun arrivals": EventPlan(delay=0, lateness=3 * DAY),
    "few events": EventPlan(most=5, delay=HOUR),
    "counterparties": EventPlan(keys=("counterparty",), new_counterparty=False, utc_offset=8 * HOUR),
    "actors": EventPlan(keys=("actor",), risk_windows=(), windows=(DAY,), night_ends=0),
}


@pytest.mark.parametrize("name", PLANS)
def test_features_agree_with_loops_over_all_earlier_events(name: str) -> None:
    plan = PLANS[name]
    events = table(700, seed=1, actors=12, counterparties=8, days=45, lateness=plan.lateness)
    statuses, rows = by_hand(events, plan)
    features = replay(events, plan)
    names = feature_names(plan)
    assert [STATUSES[status] for status in screen(events, plan).status] == statuses
    for got, expected in zip(features, rows, strict=True):
        if expected is None:
            assert np.isnan(got).all()
        else:
            assert set(expected) == set(names)
            np.testing.assert_allclose(got, [expected[name] for name in names], rtol=1e-13, atol=1e-13)


def test_the_loops_met_every_status() -> None:
    statuses, _ = by_hand(table(700, seed=1, actors=12, counterparties=8, days=45), PLANS["default"])
    assert set(statuses) == set(STATUSES)


def test_the_cap_on_events_was_met_and_drops_whole_groups_of_equal_times() -> None:
    events = tidy(table(700, seed=1, actors=12, counterparties=8, days=45, grid=6 * HOUR))
    counts = [
        replay(events, replace(PLANS["few events"], most=most))[:, 15] for most in (5, 4096)
    ]  # actor_count_30d
    assert feature_names(PLANS["few events"])[15] == "actor_count_30d"
    assert counts[1].max() > 5 == counts[0].max()
    over = counts[1] > 5
    assert counts[0][over].min() < 5
    np.testing.assert_array_equal(counts[0][~over], counts[1][~over])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["default", "labels outrun arrivals", "few events"]))
def test_the_order_of_equal_times_changes_nothing(seed: int, name: str) -> None:
    plan, random = PLANS[name], np.random.default_rng(seed)
    events = tidy(table(400, seed=seed, grid=6 * HOUR, days=40))
    assert np.unique(events.time).size < events.n / 2
    order = np.lexsort((random.permutation(events.n), events.time))
    shuffled = events.take(order)
    np.testing.assert_array_equal(replay(events, plan)[order], replay(shuffled, plan))
    np.testing.assert_array_equal(last_events(events, plan, 5)[order], last_events(shuffled, plan, 5))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 399), st.sampled_from(["default", "labels outrun arrivals"]))
def test_garbage_after_a_moment_changes_nothing_at_or_before_it(seed: int, row: int, name: str) -> None:
    plan = PLANS[name]
    events = table(400, seed=seed, days=40)
    moment = events.time[: row + 1][events.time[: row + 1] < np.datetime64("2050-01-01")].max()
    before = np.flatnonzero(
        np.cumsum(events.time > moment) == 0
    )  # late rows after the first later one move too
    assert before.size > 0
    garbage = corrupted_after(events, moment, seed)
    np.testing.assert_array_equal(replay(events, plan)[before], replay(garbage, plan)[before])
    np.testing.assert_array_equal(last_events(events, plan, 5)[before], last_events(garbage, plan, 5)[before])


def test_garbage_before_a_moment_does_change_features() -> None:
    """So the test above can fail."""
    events = tidy(table(400, seed=0, days=40))
    moment = events.time[100]
    garbage = corrupted_after(events, moment, 0)
    changed = ~np.isclose(replay(events, EventPlan()), replay(garbage, EventPlan()), equal_nan=True)
    assert changed.any(axis=1)[events.time > moment].mean() > 0.9


def test_a_window_is_closed_on_the_left_and_open_at_the_event() -> None:
    events = tidy(table(4, seed=0, late=0, again=0, broken=0))
    start = np.datetime64("2021-01-01T12:00:00", "us")
    moments = start + np.array([0, 3600, 3600, 3600]).astype("timedelta64[s]") + np.array([0, 0, 0, 1])
    events = replace(events, time=moments, actor=np.zeros(4, dtype=np.int64))
    count = feature_names(EventPlan()).index("actor_count_1h")
    assert replay(events, EventPlan())[:, count].tolist() == [0.0, 1.0, 1.0, 2.0]


def test_refunds_and_zero_amounts_count() -> None:
    events = tidy(table(3, seed=0, late=0, again=0, broken=0))
    events = replace(events, amount=np.array([-20.0, 0.0, 5.0]), actor=np.zeros(3, dtype=np.int64))
    plan = EventPlan(windows=(90 * DAY,))
    row = dict(zip(feature_names(plan), replay(events, plan)[2].tolist(), strict=True))
    assert (row["actor_count_90d"], row["actor_sum_90d"], row["actor_mean_90d"]) == (2.0, -20.0, -10.0)
    assert np.isnan(row["actor_ratio"])
    logs = replay(events, plan)[:, 1]
    np.testing.assert_allclose(logs, [-np.log(21.0), 0.0, np.log(6.0)], rtol=1e-15)


def test_an_amount_that_has_no_cents_is_refused_as_too_large() -> None:
    events = tidy(table(4, seed=0, late=0, again=0, broken=0))
    found = replay(replace(events, amount=np.array([1.0, 1.7e308, -1.7e308, 2.0])), EventPlan())
    assert np.isnan(found).all(axis=1).tolist() == [False, True, True, False]


def test_amounts_are_rounded_to_cents_half_to_even() -> None:
    events = tidy(table(4, seed=0, late=0, again=0, broken=0))
    events = replace(events, amount=np.array([0.125, 0.375, -0.125, 1.004]))
    assert replay(events, EventPlan())[:, 0].tolist() == [0.12, 0.38, -0.12, 1.0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 8))
def test_medians_of_ranges_are_numpys(seed: int, n: int, distinct: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(-distinct, distinct, n)
    segment = np.maximum.accumulate(np.where(random.random(n) < 0.2, np.arange(n), 0))
    high = np.minimum(np.arange(n), random.integers(0, n + 1, n))
    high = np.maximum(high, segment)
    low = random.integers(segment, high + 1)
    got = range_medians(values, segment, low, high)
    for row in range(n):
        some = values[low[row] : high[row]]
        np.testing.assert_equal(got[row], np.median(some) if some.size else np.nan)


def test_windows_are_found_where_all_keys_and_times_together_do_not_fit_into_64_bits() -> None:
    key = np.repeat(np.arange(20_000), 3)
    time = np.tile(np.array([0, 5 * 10**14, 5 * 10**14 + 10**7]), 20_000)  # sixteen years, then ten seconds
    rows = grouped(key, time)
    (low,) = rows.lows((10,), 100)
    np.testing.assert_array_equal(low, np.arange(60_000) - np.tile([0, 0, 1], 20_000))
    assert int(key.max()) * int(time.max()) > 2**63


def test_an_empty_table_and_one_without_accepted_rows_have_their_columns() -> None:
    events = table(20, seed=0)
    none = events.take(np.arange(0))
    assert replay(none, EventPlan()).shape == (0, len(feature_names(EventPlan())))
    refused = replace(events, amount=np.full(20, np.nan))
    assert np.isnan(replay(refused, EventPlan())).all()
    assert np.isnan(last_events(refused, EventPlan(), 4)).all()


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_a_plan_survives_json(plan: EventPlan) -> None:
    assert EventPlan.from_plain(plan.to_plain()).to_plain() == plan.to_plain()


@pytest.mark.parametrize(
    "change",
    [
        {"windows": ()},
        {"windows": (DAY, HOUR)},
        {"windows": (0, HOUR)},
        {"risk_windows": (DAY, DAY)},
        {"keys": ()},
        {"keys": ("counterparty", "actor")},
        {"keys": ("counterparty",)},
        {"delay": -1},
        {"lateness": -1},
        {"most": 0},
        {"largest": 1e15},
        {"earliest": "yesterday"},
        {"latest": "1999-01-01"},
        {"night_ends": 25},
    ],
)
def test_settings_that_no_rule_covers_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(SettingError, match="got"):
        EventPlan(**change)


def test_sequences_need_the_actor() -> None:
    with pytest.raises(SettingError, match="actor"):
        last_events(table(5, seed=0), PLANS["counterparties"])
