"""Costs, budgets, patterns and times to detection: by hand and by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from barograph.core.errors import DataError, SettingError
from barograph.measures.alerts import (
    Costs,
    budget_plan,
    budget_thresholds,
    by_pattern,
    cost_curve,
    detection_times,
    event_costs,
    known_cards,
    money_saved,
)

COSTS = Costs(review=3.0, recovered=0.8, friction=1.0)
EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 90), st.integers(1, 3)),
    min_size=1,
    max_size=50,
)  # label, score, amount, weight


def plain_cost(label, score, amount, weight, threshold):
    total = 0.0
    for bad, risk, money, times in zip(label, score, amount, weight, strict=True):
        if risk >= threshold:
            total += times * (3.0 + (0.2 * money if bad else 1.0))
        elif bad:
            total += times * money
    return total


@given(EVENTS)
def test_the_cost_curve_equals_its_definition_at_every_threshold(events):
    label, score, amount, weight = np.array(events).T
    curve = cost_curve(label, score, amount, costs=COSTS, weight=weight)
    assert curve.threshold.tolist() == [math.inf, *sorted({*score.tolist()}, reverse=True)]
    for threshold, alerts, cost in zip(curve.threshold, curve.alerts, curve.cost, strict=True):
        assert cost == pytest.approx(plain_cost(label, score, amount, weight, threshold))
        assert alerts == weight[score >= threshold].sum()
        saved = money_saved(label, score, amount, threshold=threshold, costs=COSTS, weight=weight)
        assert saved.cost == pytest.approx(cost)
        assert saved.saved == pytest.approx(curve.cost[0] - cost)
        assert saved.saved_against_everything == pytest.approx(curve.cost[-1] - cost)
    assert plain_cost(label, score, amount, weight, curve.best) == pytest.approx(curve.cost.min())


def test_money_by_hand():
    """Alerts on 100 and 20: 2 × 3 + .2 × 100 + 1; the fraud of 50 is missed."""
    label, score, amount = [1, 0, 1, 0], [0.9, 0.8, 0.3, 0.1], [100.0, 20.0, 50.0, 5.0]
    found = money_saved(label, score, amount, threshold=0.5, costs=COSTS)
    assert found.cost == pytest.approx(77.0)
    assert found.without == pytest.approx(150.0)
    assert found.everything == pytest.approx(4 * 3 + 0.2 * 150 + 2)
    assert cost_curve(label, score, amount, costs=COSTS).best == pytest.approx(0.3)
    assert event_costs(label, amount, [True, True, False, False], COSTS).sum() == pytest.approx(77.0)


def test_where_no_alert_pays_the_best_threshold_is_infinite():
    curve = cost_curve([1, 0], [0.9, 0.1], [2.0, 5.0], costs=COSTS)
    assert curve.best == math.inf
    assert money_saved([1, 0], [0.9, 0.1], [2.0, 5.0], threshold=curve.best, costs=COSTS).saved == 0.0
    nothing = cost_curve([0, 0], [0.1, 0.1], [1.0, 1.0], costs=COSTS)
    assert nothing.best == math.inf
    assert nothing.cost.tolist() == [0.0, 8.0]
    free = cost_curve([1, 0], [0.9, 0.1], [2.0, 5.0], costs=Costs(review=0.0))
    assert free.best == pytest.approx(0.9)  # the lower threshold costs the same and alerts more


@pytest.mark.parametrize("wrong", [{"review": -1}, {"review": 1, "recovered": 1.2}, {"review": math.nan}])
def test_an_impossible_cost_matrix_is_refused(wrong):
    with pytest.raises(SettingError, match="must"):
        Costs(**wrong)


def test_a_negative_or_missing_amount_is_refused():
    with pytest.raises(DataError, match="amount must be at least 0"):
        event_costs([1, 0], [1.0, -2.0], [True, False], COSTS)
    with pytest.raises(DataError, match="must be known"):
        cost_curve([1], [0.5], [math.nan], costs=COSTS)


@given(EVENTS, st.lists(st.integers(0, 60), min_size=1, max_size=4))
def test_a_budget_gets_the_lowest_threshold_that_keeps_it(events, budgets):
    _, score, _, weight = np.array(events).T
    thresholds = budget_thresholds(score, budgets, n_days=2, weight=weight)
    for budget, threshold in zip(budgets, thresholds, strict=True):
        assert weight[score >= threshold].sum() <= 2 * budget
        lower = score[score < threshold]
        if lower.size:
            assert weight[score >= lower.max()].sum() > 2 * budget


def test_weights_of_a_sampling_rate_fill_a_budget_in_spite_of_rounding():
    score, weight = np.arange(9, 0, -1.0), np.full(9, 0.1)  # 0.1 + 0.1 + 0.1 is above 0.3
    assert budget_thresholds(score, [0.3], n_days=1, weight=weight).tolist() == [7.0]


def test_the_plan_of_budgets_by_hand():
    label, score = [1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.1]
    amount, day = [100.0, 20.0, 50.0, 5.0, 5.0], np.array([1, 1, 2, 2, 2])
    thresholds = budget_thresholds([0.95, 0.75, 0.65, 0.2], [0, 1, 1.5], n_days=2)
    assert thresholds.tolist() == [math.inf, 0.75, 0.65]
    none, one, more = budget_plan(
        label, score, amount, day, budgets=[0, 1, 1.5], thresholds=thresholds, costs=COSTS
    )
    assert (none.alerts_per_day, none.recall, none.saved_per_day) == (0.0, 0.0, 0.0)
    assert math.isnan(none.precision)
    assert (one.alerts_per_day, one.busiest_day, one.precision, one.recall) == (1.0, 2.0, 0.5, 0.5)
    assert one.saved_per_day == pytest.approx((150 - 77) / 2)
    assert (more.alerts_per_day, more.precision, more.recall) == (1.5, pytest.approx(2 / 3), 1.0)


def test_patterns_stand_against_the_legitimate_alone():
    random = np.random.default_rng(0)
    pattern = random.choice(["cycle", "fan-in", "none"], size=400, p=[0.1, 0.1, 0.8])
    label = pattern != "none"
    score = random.normal(size=400).round(1) + (pattern == "cycle") + 2 * (pattern == "fan-in")
    weight = random.integers(1, 4, size=400)
    found = by_pattern(label, pattern, score, threshold=1.5, weight=weight)
    assert [one.pattern for one in found] == ["cycle", "fan-in"]
    for one in found:
        used = (pattern == one.pattern) | ~label
        truth, counted = label[used], {"sample_weight": weight[used]}
        alert = score[used] >= 1.5
        assert one.frauds == weight[pattern == one.pattern].sum()
        assert one.recall == pytest.approx(metrics.recall_score(truth, alert, **counted))
        assert one.precision == pytest.approx(metrics.precision_score(truth, alert, **counted))
        assert one.f1 == pytest.approx(metrics.f1_score(truth, alert, **counted))
        ap = metrics.average_precision_score(truth, score[used], **counted)
        assert one.average_precision == pytest.approx(ap)
    assert by_pattern([0, 0], np.array(["a", "b"]), [1, 2], threshold=1) == []
    with pytest.raises(DataError, match="pattern must have one value per event"):
        by_pattern([0, 1], np.array(["a"]), [1, 2], threshold=1)


@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.integers(0, 4), st.integers(0, 20)),
        min_size=1,
        max_size=40,
    )
)
def test_detection_times_equal_their_definition(events):
    label, alert, card, time = (np.array(column) for column in zip(*events, strict=True))
    found = detection_times(label, alert, card, time)
    expected = {}
    for one in sorted(set(card[label].tolist())):
        first = min(time[label & (card == one)])
        later = [when - first for when in time[alert & (card == one)] if when >= first]
        expected[one] = float(min(later, default=math.inf))
    assert dict(zip(found.entity.tolist(), found.delay.tolist(), strict=True)) == expected
    missed = [math.isinf(delay) for delay in expected.values()]
    assert found.never == pytest.approx(np.mean(missed) if missed else math.nan, nan_ok=True)


def test_dates_give_seconds_and_the_undetected_count_in_the_quantiles():
    time = np.array(["2024-01-01T00:00", "2024-01-01T01:00", "2024-01-02", "2024-01-03"], dtype="M8[s]")
    found = detection_times([1, 0, 1, 1], [False, True, True, False], np.array(["a", "a", "b", "c"]), time)
    assert found.delay.tolist() == [3600.0, 0.0, math.inf]
    assert found.never == pytest.approx(1 / 3)
    assert found.quantiles([0.3, 0.5, 0.9]).tolist() == [0.0, 3600.0, math.inf]
    nobody = detection_times([0], [True], np.array([1]), time[:1])
    assert math.isnan(nobody.never)
    assert np.isnan(nobody.quantiles()).all()
    with pytest.raises(DataError, match="time must be known"):
        detection_times([1], [True], np.array([1]), np.array(["NaT"], dtype="M8[s]"))


def test_a_card_is_known_from_the_day_after_its_label():
    """A fraud on day 3 with a delay of 7 days is known at the end of day 10."""
    card, day = np.array(["a", "a", "a", "b", "c"]), np.array([9, 10, 11, 30, 30])
    known = known_cards(card, day, fraud_card=np.array(["a", "a", "c"]), fraud_day=[3, 8, 23], delay=7)
    assert known.tolist() == [False, False, True, False, False]


@given(st.integers(0, 2**32 - 1), st.integers(0, 9))
def test_known_cards_equal_the_rule_row_by_row(seed, delay):
    random = np.random.default_rng(seed)
    card, day = random.integers(0, 6, 50), random.integers(0, 20, 50)
    fraud = random.random(50) < 0.2
    known = known_cards(card, day, fraud_card=card[fraud], fraud_day=day[fraud], delay=delay)
    for one, today, dropped in zip(card, day, known, strict=True):
        assert dropped == bool(np.any(fraud & (card == one) & (day <= today - delay - 1)))
