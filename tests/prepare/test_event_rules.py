"""A clear rule for each bad or late event and label, and a state that nothing corrupts or blows up."""

from __future__ import annotations

import gc
import linecache
import tracemalloc
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from barograph.core.compiled import has_compiler
from barograph.core.errors import DataError
from barograph.core.fitted_events import DAY, HOUR, SECOND, EventPlan
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.live import live_state
from barograph.prepare.events.memory import bytes_at_most
from barograph.prepare.events.messages import Answer, Event
from barograph.prepare.events.names import feature_names
from barograph.prepare.events.snapshot import from_arrays, to_arrays
from barograph.prepare.events.state import EXPIRE_EVERY

Make = Callable[[EventPlan], LiveState]
NOW = 1_600_000_000 * SECOND
NAMES = feature_names(EventPlan())


@pytest.fixture(params=["plain", "compiled"])
def make(request: pytest.FixtureRequest) -> Make:
    """Both ways of keeping a state."""
    if request.param == "compiled" and not has_compiler():
        pytest.skip("numba, the extra [fast], is not installed")
    return lambda plan: live_state(plan, compiled=request.param == "compiled")


def event(
    name: str, seconds: float, *, actor: str = "card", shop: str = "shop", amount: float = 10.0
) -> Event:
    return Event(name, NOW + int(seconds * SECOND), actor, shop, amount)


def feature(answer: Answer, name: str) -> float:
    return answer.row[NAMES.index(name)]


def same(one: LiveState, other: LiveState) -> bool:
    left, right = to_arrays(one), to_arrays(other)
    return all(left[name].tobytes() == right[name].tobytes() for name in left if "counts" not in name)


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (event("x", -DAY - 1), "too_late"),
        (Event("x", 0, "card", "shop", 1.0), "bad_time"),
        (Event("x", 3_786_912_000 * SECOND, "card", "shop", 1.0), "bad_time"),
        (Event("x", -(2**63), "card", "shop", 1.0), "bad_time"),
        (event("x", 1, amount=float("nan")), "bad_amount"),
        (event("x", 1, amount=float("inf")), "bad_amount"),
        (event("x", 1, amount=-1e11), "bad_amount"),
    ],
)
def test_what_is_refused_leaves_the_state_as_it_was_and_is_counted(
    make: Make, bad: Event, status: str
) -> None:
    state, untouched = make(EventPlan()), make(EventPlan())
    for one in (state, untouched):
        one.update(event("a", 0))
    answer = state.update(bad)
    assert (answer.status, answer.row) == (status, ())
    assert sum(state.counts) == 2
    assert same(state, untouched)


def test_a_service_may_refuse_what_lies_ahead_of_its_clock(make: Make) -> None:
    """One event from the far future would make everything after it too late."""
    state = make(EventPlan())
    state.latest = NOW + HOUR * SECOND
    assert state.update(event("a", 10 * DAY)).status == "bad_time"
    assert state.update(event("b", 0)).status == "new"


def test_a_late_event_is_answered_as_of_its_time_and_seen_by_those_after_it(make: Make) -> None:
    state = make(EventPlan())
    first, last = state.update(event("a", 0)), state.update(event("c", 1000))
    late = state.update(event("b", 500, amount=30.0))
    assert late.status == "late"
    assert feature(late, "actor_count_1h") == 1.0
    assert feature(late, "actor_recency") == 500.0
    following = state.update(event("d", 2000))
    assert feature(following, "actor_sum_1h") == 50.0
    assert state.update(event("c", 1000)).row == pytest.approx(last.row, nan_ok=True)
    assert feature(first, "actor_count_1h") == 0.0
    assert feature(state.update(event("e", 2000 - DAY)), "actor_count_30d") == 0.0


def test_a_duplicate_is_answered_as_the_first_time_and_counted_once(make: Make) -> None:
    state = make(EventPlan())
    state.update(event("a", 0))
    first = state.update(event("b", 60))
    state.update(event("c", 120))
    second = state.update(event("b", 3600, amount=99.0))
    assert second.status == "duplicate"
    assert np.array(second.row).tobytes() == np.array(first.row).tobytes()
    assert feature(state.update(event("d", 180)), "actor_count_1d") == 3.0


def test_an_id_is_refused_once_its_answer_is_gone_and_free_again_when_forgotten(make: Make) -> None:
    plan = EventPlan()
    state = make(plan)
    state.update(event("a", 0))
    state.update(event("b", DAY + 1))
    assert state.update(event("a", DAY + 2)).status == "used_id"
    state.update(event("c", plan.memory / SECOND))
    assert state.update(event("a", plan.memory / SECOND)).status == "used_id"
    state.update(event("d", plan.memory / SECOND + 1))
    assert state.update(event("a", plan.memory / SECOND + 2)).status == "new"


def test_unknown_keys_and_none_at_all_are_answered(make: Make) -> None:
    state = make(EventPlan())
    first = state.update(event("a", 0))
    assert feature(first, "new_counterparty") == 1.0
    assert feature(state.update(event("b", 1)), "new_counterparty") == 0.0
    nobody = state.update(event("c", 2, shop=""))
    assert nobody.status == "new"
    assert feature(nobody, "actor_count_1h") == 2.0
    assert {NAMES[place] for place in np.flatnonzero(np.isnan(nobody.row))} == {
        name for name in NAMES if name.startswith(("counterparty", "new", "risk"))
    }


def risk(state: LiveState, days: float) -> tuple[float, float]:
    """Known labels and frauds of the shop in the last 7 days that count, asked by a card of its own."""
    answer = state.update(event(f"asked {days}", days * DAY, actor=f"asker {days}"))
    return feature(answer, "risk_known_7d"), feature(answer, "risk_frauds_7d")


def test_a_label_counts_only_after_the_delay_and_after_it_was_known(make: Make) -> None:
    state = make(EventPlan())
    state.update(event("early", 0))
    state.update(event("late", 1))
    assert state.learn("early", 1, NOW + HOUR * SECOND) == "learned"
    assert state.learn("late", 1, NOW + 9 * DAY * SECOND) == "learned"
    assert risk(state, 6.9) == (0.0, 0.0)
    assert risk(state, 7.0) == (0.0, 0.0)
    assert risk(state, 7.5) == (1.0, 1.0)
    assert risk(state, 9.0) == (1.0, 1.0)
    assert risk(state, 9.5) == (2.0, 2.0)
    assert risk(state, 14.0) == (2.0, 2.0)
    assert risk(state, 14.5)[1] == 0.0


def test_a_label_is_counted_once_and_a_correction_takes_the_first_one_back(make: Make) -> None:
    state = make(EventPlan())
    state.update(event("a", 0))
    state.update(event("b", 1))
    known = NOW + DAY * SECOND
    assert [state.learn("a", 0, known), state.learn("a", 0, known), state.learn("b", 0, known)] == [
        "learned",
        "repeated",
        "learned",
    ]
    assert risk(state, 8) == (2.0, 0.0)
    assert state.learn("a", 1, NOW + 8 * DAY * SECOND) == "corrected"
    assert risk(state, 8.5) == (2.0, 1.0)
    assert state.learn("a", 0, NOW + 9 * DAY * SECOND) == "corrected"
    assert risk(from_arrays(state.plan, to_arrays(state)), 9.5) == (2.0, 0.0)
    assert risk(state, 9.5) == (2.0, 0.0)


def test_labels_of_unknown_ids_or_from_impossible_times_are_counted_and_change_nothing(make: Make) -> None:
    state, untouched = make(EventPlan()), make(EventPlan())
    for one in (state, untouched):
        one.update(event("a", 0))
    assert state.learn("nobody", 1, NOW) == "unknown"
    assert state.learn("a", 1, 0) == "bad_time"
    assert state.label_counts == [0, 0, 0, 1, 1]
    with pytest.raises(DataError, match="must be 1"):
        state.learn("a", float("nan"), NOW)
    assert same(state, untouched)


def test_a_label_of_an_event_without_counterparty_harms_nothing(make: Make) -> None:
    state = make(EventPlan())
    state.update(event("a", 0, shop=""))
    assert state.learn("a", 1, NOW) == "learned"
    assert risk(state, 8) == (0.0, 0.0)


def test_dead_keys_ids_and_labels_are_forgotten(make: Make) -> None:
    plan = EventPlan()
    state = make(plan)
    for number in range(500):
        state.update(event(f"old {number}", number, actor=f"card {number}", shop=f"shop {number}"))
        state.learn(f"old {number}", number % 2, NOW)
    for number in range(10_000):
        state.update(event(f"new {number}", 50 * DAY + number, actor=f"card {number % 3}", shop="shop"))
    assert (len(state.actors), len(state.counterparties)) == (3, 1)
    assert len(state.ledger.ids) == len(state.ledger.arrived) == state.ledger.rows == 10_000


def test_keys_cannot_pile_up_even_where_every_event_brings_new_ones(make: Make) -> None:
    state = make(EventPlan(windows=(HOUR,), risk_windows=(HOUR,), delay=0, lateness=HOUR))
    for number in range(60_000):
        state.update(event(f"{number}", 10 * number, actor=f"card {number}", shop=f"shop {number}"))
    alive = 2 * HOUR / 10
    assert len(state.actors) < 4 * alive
    assert len(state.counterparties) < 4 * alive
    assert len(state.ledger.ids) < 1.2 * alive


def test_a_hot_key_keeps_no_more_than_it_may_look_back_on(make: Make) -> None:
    plan = EventPlan(most=50, lateness=HOUR)
    state = make(plan)
    for number in range(4000):
        state.update(event(f"{number}", 60 * number))
    (kept,) = state.actor_events()
    assert len(kept[1]) <= 2 * (50 + 61) + EXPIRE_EVERY


def bytes_of(
    make: Make, events: Iterable[Event], plan: EventPlan, *, labels: bool = False
) -> tuple[int, LiveState]:
    """Bytes allocated and not freed while a state took events in, their names and ids included.

    Another state took some in before, so that what is made once for all states is not counted; nor is the
    interpreter's own table of interned names, whose size depends on every name in the process.
    """
    before = make(plan)
    for number in range(300):
        before.update(event(f"before {number}", number, actor=f"card {number}", shop=f"shop {number}"))
        before.learn(f"before {number}", 0, number * SECOND)
    del before
    gc.collect()
    tracemalloc.start()
    state = make(plan)
    for one in events:
        state.update(one)
        if labels:
            state.learn(one.event_id, 0, one.time + 7 * DAY * SECOND)
    del one
    gc.collect()
    lines = tracemalloc.take_snapshot().statistics("lineno")
    tracemalloc.stop()
    return sum(line.size for line in lines if not _interns(line.traceback[0])), state


def _interns(frame: tracemalloc.Frame) -> bool:
    return "intern(" in linecache.getline(frame.filename, frame.lineno)


@pytest.mark.parametrize("number", [2_000, 5_500, 11_000])
def test_a_new_key_takes_no_more_than_stated(make: Make, number: int) -> None:
    """So a million new cards at as many new shops: at most a million times what is stated for one of each."""
    new = (event(f"event {i:09}", i, actor=f"card {i:09}", shop=f"shop {i:09}") for i in range(number))
    taken, state = bytes_of(make, new, EventPlan())
    assert (len(state.actors), len(state.counterparties)) == (number, number)
    assert taken <= bytes_at_most(state)
    assert taken > 0.5 * bytes_at_most(state)
    assert bytes_at_most(state) / number < 3200


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("plan", [EventPlan(), EventPlan(lateness=0)], ids=["rows kept", "no rows kept"])
def test_an_event_and_a_label_take_no_more_than_stated(make: Make, plan: EventPlan, labels: bool) -> None:
    old = (
        event(f"event {i:09}", i, actor=f"card {i % 50}", shop=f"shop {i % 70}", amount=300.0 + i)
        for i in range(6_000)
    )
    taken, state = bytes_of(make, old, plan, labels=labels)
    assert taken <= bytes_at_most(state)
    assert taken > 0.4 * bytes_at_most(state)


def test_sums_of_huge_amounts_stay_exact_and_fit(make: Make) -> None:
    state = make(EventPlan(largest=1e10, most=4096, lateness=0, windows=(HOUR,)))
    answer = state.update(event("a", 0))
    for number in range(3000):
        answer = state.update(event(f"{number}", 60 + number, amount=1e10 if number else 0.01))
    assert feature_names(state.plan)[7] == "actor_sum_1h"
    assert answer.row[7] == 2998 * 1e10 + 10.01
