"""The live state: the same features as the table's to the bit, whatever arrives, and after every restart."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_events import table

from barograph.core.arrays import AnyArray
from barograph.core.errors import DataError
from barograph.core.event_table import Events
from barograph.core.fitted_events import DAY, HOUR, EventPlan
from barograph.prepare.events.after import state_after
from barograph.prepare.events.messages import Answer
from barograph.prepare.events.names import DUPLICATE, LATE, TOO_LATE
from barograph.prepare.events.replay import replay
from barograph.prepare.events.screen import known_labels, screen
from barograph.prepare.events.sequences import last_events
from barograph.prepare.events.snapshot import from_arrays, to_arrays
from barograph.prepare.events.state import EventState
from barograph.prepare.events.stream import live_events, stream

PLANS = (
    EventPlan(),
    EventPlan(delay=0, lateness=3 * DAY),
    EventPlan(most=5, delay=HOUR),
    EventPlan(keys=("counterparty",), new_counterparty=False),
    EventPlan(keys=("actor",), risk_windows=(), lateness=0),
)


def assert_same(one: dict[str, AnyArray], other: dict[str, AnyArray], *, but: str = "") -> None:
    """Arrays equal to the bit, type and shape included."""
    assert set(one) == set(other)
    for name in set(one) - {but}:
        assert (one[name].dtype, one[name].shape) == (other[name].dtype, other[name].shape), name
        assert one[name].tobytes() == other[name].tobytes(), name


def send(events: Events, state: EventState, rows: range) -> list[Answer]:
    """Rows through a state; each label is told as soon as it can matter, after whichever row that is."""
    labels, known_at = known_labels(events)
    arrived = live_events(events)
    answers = []
    for row in rows:
        answers.append(state.update(arrived[row]))
        if answers[-1].status in ("new", "late") and np.isfinite(labels[row]):
            state.learn(arrived[row].event_id, labels[row], int(known_at[row]))
    return answers


def matrix(answers: list[Answer], state: EventState) -> np.ndarray:
    return np.array([answer.row or (np.nan,) * state.width for answer in answers])


def test_a_hundred_thousand_events_one_at_a_time_are_the_table_to_the_bit() -> None:
    """With equal times, late events, duplicates, broken ones, and labels known early, late or never."""
    plan = EventPlan()
    events = table(100_000, seed=7, actors=600, counterparties=900, days=80, grid=60)
    state = EventState(plan)
    live = stream(events, state)
    judged = screen(events, plan)
    features = replay(events, plan, screening=judged)
    assert live.tobytes() == np.ascontiguousarray(features).tobytes()
    counts = np.bincount(judged.status, minlength=7)
    assert counts.tolist() == state.counts
    assert counts[[LATE, DUPLICATE, TOO_LATE]].min() > 500
    assert state.label_counts[0] > 50_000
    after = state_after(events, plan, features=features, screening=judged)
    assert_same(to_arrays(state), to_arrays(after), but="label_counts")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLANS))
def test_every_plan_live_is_the_table_to_the_bit(seed: int, plan: EventPlan) -> None:
    events = table(600, seed=seed, lateness=plan.lateness, grid=3600)
    state = EventState(plan)
    live = stream(events, state)
    assert live.tobytes() == np.ascontiguousarray(replay(events, plan)).tobytes()
    assert_same(to_arrays(state), to_arrays(state_after(events, plan)), but="label_counts")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLANS), st.lists(st.integers(0, 600), max_size=4))
def test_a_restart_from_a_snapshot_loses_nothing(seed: int, plan: EventPlan, cuts: list[int]) -> None:
    events = table(600, seed=seed, lateness=plan.lateness, grid=3600)
    whole = EventState(plan)
    expected = matrix(send(events, whole, range(600)), whole)
    state, answers = EventState(plan), []
    edges = [0, *sorted(cuts), 600]
    for begin, end in pairwise(edges):
        answers += send(events, state, range(begin, end))
        arrays = to_arrays(state)
        state = from_arrays(plan, arrays)
        assert_same(arrays, to_arrays(state))
    assert matrix(answers, state).tobytes() == expected.tobytes()
    assert_same(to_arrays(state), to_arrays(whole))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([plan for plan in PLANS if "actor" in plan.keys]))
def test_live_sequences_are_the_tables_to_the_bit(seed: int, plan: EventPlan) -> None:
    events = table(500, seed=seed, actors=12, lateness=plan.lateness, grid=3600)
    state, arrived = EventState(plan), live_events(events)
    steps = last_events(events, plan, 6)
    taken = 0
    for row in range(events.n):
        answer = send(events, state, range(row, row + 1))[0]
        if answer.status in ("new", "late"):
            got = state.steps(arrived[row], answer.row, length=6)
            assert got.tobytes() == steps[row].tobytes()
            taken += 1
    assert taken > 400


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_labels_told_in_any_order_ahead_or_late_count_from_when_they_were_known(seed: int) -> None:
    """All labels in one random order, before the events on which they can have an effect."""
    plan, random = EventPlan(), np.random.default_rng(seed)
    events = table(400, seed=seed, days=20, late=0, again=0, broken=0, delays=(15 * DAY, 40 * DAY))
    after = replace(table(200, seed=seed + 1, days=40, late=0, again=0, broken=0), label=np.full(200, np.nan))
    moved = after.time + np.timedelta64(20 * DAY, "s")
    after = replace(
        after, event_id=np.array([f"later {row}" for row in range(200)], dtype=object), time=moved
    )
    state = EventState(plan)
    for event in live_events(events):
        state.update(event)
    early = np.flatnonzero(np.isin(events.label, (0.0, 1.0)) & ~np.isnat(events.label_time))
    _, known_at = known_labels(events)
    for row in random.permutation(early).tolist():
        state.learn(events.event_id[row], events.label[row], int(known_at[row]))
    got = matrix(send(after, state, range(200)), state)
    both = _joined(events, after)
    assert got.tobytes() == np.ascontiguousarray(replay(both, plan)[400:]).tobytes()
    assert (got[:, -3] > 0).any()


def _joined(one: Events, other: Events) -> Events:
    """Two tables with the same names, one after the other; labels of the first known after it."""
    names = ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time")
    return replace(
        one, **{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in names}
    )


def test_a_snapshot_of_another_plan_or_cut_short_is_refused() -> None:
    state = EventState(EventPlan())
    stream(table(200, seed=0), state)
    arrays = to_arrays(state)
    with pytest.raises(DataError, match="another plan"):
        from_arrays(EventPlan(lateness=2 * DAY), arrays)
    for name in set(arrays) - {"plan", "watermark"}:
        with pytest.raises(DataError, match="this one is"):
            from_arrays(EventPlan(), {**arrays, name: arrays[name][:-1].reshape(-1)[:-1]})
    for name in arrays:
        with pytest.raises(DataError, match=rf"without {name}\."):
            from_arrays(EventPlan(), {key: value for key, value in arrays.items() if key != name})


def test_a_snapshot_is_plain_numbers() -> None:
    state = EventState(EventPlan())
    stream(table(200, seed=0), state)
    assert {array.dtype.kind for array in to_arrays(state).values()} <= {"i", "u", "f"}
