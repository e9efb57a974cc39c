"""The compiled live state: the bits of the plain one and of the table, whatever arrives and in what parts."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_events import table
from test_event_live import PLANS, assert_same

from barograph.core.arrays import FloatArray
from barograph.core.event_table import Events
from barograph.core.fitted_events import DAY, EventPlan
from barograph.prepare.events.after import state_after
from barograph.prepare.events.compiled.orderly import FEWEST, orderly
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.live import live_state
from barograph.prepare.events.messages import Answer, Event
from barograph.prepare.events.replay import replay
from barograph.prepare.events.screen import known_labels, screen
from barograph.prepare.events.snapshot import restore, to_arrays
from barograph.prepare.events.state import EventState
from barograph.prepare.events.stream import live_events, stream

pytest.importorskip("numba", reason="numba, the extra [fast], is not installed")


def fast(plan: EventPlan) -> LiveState:
    return live_state(plan, compiled=True)


def said(answers: list[Answer]) -> list[tuple[str, bytes]]:
    return [(one.status, np.array(one.row).tobytes()) for one in answers]


def test_the_compiled_state_is_taken_where_it_can_be() -> None:
    assert type(live_state(EventPlan())) is type(fast(EventPlan()))
    assert isinstance(live_state(EventPlan(), compiled=False), EventState)


def test_a_hundred_thousand_events_compiled_are_the_table_to_the_bit() -> None:
    """`test_event_live` says the same of the plain state on the same events."""
    plan = EventPlan()
    events = table(100_000, seed=7, actors=600, counterparties=900, days=80, grid=60)
    state = fast(plan)
    live = stream(events, state)
    judged = screen(events, plan)
    features = replay(events, plan, screening=judged)
    assert live.tobytes() == np.ascontiguousarray(features).tobytes()
    assert np.bincount(judged.status, minlength=7).tolist() == state.counts
    after = state_after(events, plan, features=features, screening=judged)
    assert_same(to_arrays(state), to_arrays(after), but="label_counts")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLANS))
def test_every_plan_compiled_is_the_plain_state_to_the_bit(seed: int, plan: EventPlan) -> None:
    """Few keys, so that late events, equal times, crowded windows and forgetting meet in one key."""
    events = table(1_500, seed=seed, actors=7, counterparties=5, lateness=plan.lateness, grid=3600)
    plain, compiled = EventState(plan), fast(plan)
    assert stream(events, plain).tobytes() == stream(events, compiled).tobytes()
    assert_same(to_arrays(plain), to_arrays(compiled))


def told(events: Events, state: LiveState, sizes: list[int]) -> list[Answer]:
    """Events in parts of these sizes in turn, each label after the part that its event is in."""
    labels, known_at = known_labels(events)
    arrived, answers = live_events(events), []
    while len(answers) < events.n:
        begin = len(answers)
        part = arrived[begin : begin + sizes[begin % len(sizes)]]
        answers += state.update_many(part)
        for row, event in enumerate(part, begin):
            if answers[row].status in ("new", "late") and np.isfinite(labels[row]):
                state.learn(event.event_id, labels[row], int(known_at[row]))
    return answers


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLANS), st.lists(st.integers(1, 200), min_size=1, max_size=5))
def test_parts_of_any_size_are_one_event_after_the_other(
    seed: int, plan: EventPlan, sizes: list[int]
) -> None:
    events = table(800, seed=seed, actors=9, lateness=plan.lateness, grid=3600, again=0.1)
    plain, compiled = EventState(plan), fast(plan)
    assert said(told(events, compiled, sizes)) == said(told(events, plain, sizes))
    assert_same(to_arrays(compiled), to_arrays(plain))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLANS), st.lists(st.integers(0, 600), max_size=4))
def test_a_snapshot_of_either_way_goes_on_in_the_other(seed: int, plan: EventPlan, cuts: list[int]) -> None:
    events = table(600, seed=seed, actors=9, lateness=plan.lateness, grid=3600)
    whole = EventState(plan)
    expected = said(told(events, whole, [1]))
    state: LiveState = fast(plan)
    answers: list[Answer] = []
    for turn, (begin, end) in enumerate(pairwise([0, *sorted(cuts), 600])):
        answers += told(events.take(np.arange(begin, end)), state, [1])
        following: LiveState = fast(plan) if turn % 2 else EventState(plan)
        restore(following, to_arrays(state))
        assert_same(to_arrays(following), to_arrays(state))
        state = following
    assert said(answers) == expected
    assert_same(to_arrays(state), to_arrays(whole))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([plan for plan in PLANS if "actor" in plan.keys]))
def test_compiled_steps_are_the_plain_ones_to_the_bit(seed: int, plan: EventPlan) -> None:
    events = table(500, seed=seed, actors=9, lateness=plan.lateness, grid=3600)
    plain, compiled = EventState(plan), fast(plan)

    def step(state: LiveState, event: Event) -> FloatArray | None:
        answer = state.update(event)
        return state.steps(event, answer.row, length=6) if answer.status in ("new", "late") else None

    for event in live_events(events):
        one, other = step(plain, event), step(compiled, event)
        assert (one is None) == (other is None)
        assert one is None or other is None or one.tobytes() == other.tobytes()


def test_an_actor_without_a_name_is_an_actor_and_no_counterparty_is_none() -> None:
    plan = EventPlan()
    arrived = live_events(table(80, seed=5, late=0, again=0, broken=0))
    nameless = [
        one._replace(actor="" if n % 3 else one.actor, counterparty="" if n % 2 else one.counterparty)
        for n, one in enumerate(arrived)
    ]
    compiled, plain = fast(plan), EventState(plan)
    assert said(compiled.update_many(nameless)) == said(plain.update_many(nameless))
    assert_same(to_arrays(compiled), to_arrays(plain))


def test_a_part_that_breaks_off_leaves_what_came_before_it_taken_in() -> None:
    plan = EventPlan()
    arrived = live_events(table(60, seed=1, late=0, again=0, broken=0))
    broken = [*arrived[:30], arrived[30]._replace(amount=None)]  # type: ignore[arg-type]
    compiled, plain = fast(plan), EventState(plan)
    for state in (compiled, plain):
        with pytest.raises(TypeError):
            state.update_many(broken)
    assert said(compiled.update_many(arrived[30:])) == said(plain.update_many(arrived[30:]))
    assert_same(to_arrays(compiled), to_arrays(plain))


def test_a_part_is_judged_at_once_only_where_every_event_is_new_in_order_and_payable() -> None:
    plan = EventPlan()
    state = fast(plan)
    arrived = live_events(table(40, seed=1, late=0, again=0, broken=0))
    state.update_many(arrived[:10])
    part, limit = arrived[10:30], plan.largest * 100.0
    found = orderly(part, state, limit)
    assert found is not None
    assert found.numbers[:, 0].tolist() == [arrived[9].time, *(one.time for one in part[:-1])]
    assert found.numbers[:, 1:].tolist() == [[one.time, round(one.amount * 100)] for one in part]
    assert orderly(part[: FEWEST - 1], state, limit) is None
    for place, change in (
        (3, {"event_id": part[2].event_id}),
        (3, {"event_id": arrived[0].event_id}),
        (0, {"time": arrived[9].time - 1}),
        (7, {"time": part[6].time - 1}),
        (-1, {"time": plan.latest_time}),
        (5, {"amount": plan.largest + 0.01}),
        (5, {"amount": float("nan")}),
        (5, {"amount": 1.7e308}),
        (5, {"amount": None}),
        (5, {"amount": "12.00"}),
        (5, {"time": 1.5}),
    ):
        other = list(part)
        other[place] = other[place]._replace(**change)
        assert orderly(other, state, limit) is None, change


@pytest.mark.soak
def test_a_million_new_cards_take_what_is_stated_and_make_room_for_the_next_million() -> None:
    state = fast(EventPlan())

    def million(kind: str, start: int) -> int:
        for begin in range(0, 1_000_000, 1_000):
            state.update_many(
                [
                    Event(f"{kind} {i}", start + 80_000 * i, f"{kind} card {i}", f"shop {i % 5_000}", 10.0)
                    for i in range(begin, begin + 1_000)
                ]
            )
        return state.key_bytes()

    start = 1_600_000_000_000_000
    first = million("first", start)
    assert first < 1_000 * 1_005_000  # 875 a card measured, what the array keeps in reserve included
    assert million("next", start + 60 * DAY * 1_000_000) < 1.2 * first
    assert len(state.actors) < 1_100_000
    assert not any(name.startswith("first") for name in list(state.actors)[-900_000:])


def test_where_numba_is_missing_the_plain_state_is_taken_and_the_compiled_one_says_what_it_lacks() -> None:
    """In an interpreter that finds no numba."""
    program = """
import sys
from importlib.abc import MetaPathFinder
class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numba":
            raise ModuleNotFoundError(name)
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numba" else found(name, *rest)
sys.meta_path.insert(0, Hidden())
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.live import live_state
print(type(live_state(EventPlan())).__name__)
try:
    live_state(EventPlan(), compiled=True)
except ImportError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["EventState", "numba"]
