"""The live graph state: late and repeated transfers, restarts, forgetting, and input it must refuse."""

from __future__ import annotations

import io

import numpy as np
import pytest
from graph_oracle import START_US, Paid, arriving, events_of, row
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.core.fitted_graph import DAY, SECOND, GraphPlan
from barograph.prepare.events_graph.columns import feature_names
from barograph.prepare.events_graph.replay import replay_graph, state_after
from barograph.prepare.events_graph.snapshot import from_arrays, to_arrays
from barograph.prepare.events_graph.state import STATUSES, Answer, GraphState
from barograph.prepare.events_graph.transfers import Transfer

ARRIVAL = st.tuples(
    st.sampled_from([f"t{i}" for i in range(40)]),
    st.builds(
        Paid,
        st.integers(-6, 8),  # seconds after the one before
        st.sampled_from(["a", "b", "c", "d", ""]),
        st.sampled_from("abcd"),
        st.sampled_from([100, 105, 250, -3]),
    ),
)


def send(state: GraphState, event_id: str, paid: Paid) -> Answer:
    return state.update(arriving(event_id, paid))


def restarted(state: GraphState) -> GraphState:
    """The state after a round trip through a file."""
    file = io.BytesIO()
    np.savez(file, **to_arrays(state))
    file.seek(0)
    return from_arrays(np.load(file, allow_pickle=False))


def everything(state: GraphState) -> dict[str, bytes]:
    """All that a later answer could depend on."""
    return {name: values.tobytes() for name, values in to_arrays(state).items() if name != "counts"}


def packed(answer: Answer) -> bytes:
    return np.array(answer.row, dtype=np.float64).tobytes()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(ARRIVAL, min_size=1, max_size=60),
    st.sampled_from([0, 3, 10]),
    st.sampled_from([(7,), (3, 12)]),
    st.sets(st.integers(0, 59), max_size=3),
)
def test_a_stream_with_everything_wrong_follows_the_stated_rules_live_replayed_and_restarted(
    arrivals: list[tuple[str, Paid]], lateness: int, windows: tuple[int, ...], restarts: set[int]
) -> None:
    check_stream(arrivals, GraphPlan(windows=windows, lateness=lateness, fan=4), restarts)


@pytest.mark.parametrize("seed", range(6))
def test_long_streams_follow_the_stated_rules_too(seed: int) -> None:
    random = np.random.default_rng(seed)
    arrivals = [
        (f"t{random.integers(30)}", Paid(int(step), *random.choice(list("abcd"), 2).tolist(), 100))
        for step in random.integers(-6, 9, 250)
    ]
    plan = GraphPlan(windows=(4, 12, 40), lateness=int(random.choice([3, 10])))
    check_stream(arrivals, plan, set(random.integers(0, 250, 3).tolist()))


def check_stream(arrivals: list[tuple[str, Paid]], plan: GraphPlan, restarts: set[int]) -> None:
    state, clock, newest = GraphState(plan), 100, -(10**9)
    taken: list[Paid] = []
    answers: dict[str, tuple[int, bytes]] = {}
    stream: list[Paid] = []
    rows: list[bytes] = []
    nothing = np.full(len(feature_names(plan)), np.nan).tobytes()
    for i, (event_id, step) in enumerate(arrivals):
        clock = max(clock + step.time, 0)
        paid = step._replace(time=clock)
        stream.append(paid)
        if i in restarts:
            state = restarted(state)
        before = everything(state)
        got = send(state, event_id, paid)
        if event_id in answers and answers[event_id][0] >= newest - plan.lateness:
            assert (got.status, packed(got)) == ("duplicate", answers[event_id][1])
        elif not paid.source or paid.cents < 0 or paid.time < newest - plan.lateness:
            refused = "bad_account" if not paid.source else "bad_amount" if paid.cents < 0 else "too_late"
            assert got == (refused, ())
        else:
            assert got.status == ("late" if paid.time < newest else "new")
            assert packed(got) == np.array(row(paid, taken, plan), dtype=np.float64).tobytes()
            taken.append(paid)
            answers[event_id] = (paid.time, packed(got))
            newest = max(newest, paid.time)
        if got.status not in ("new", "late"):
            assert everything(state) == before
        rows.append(packed(got) or nothing)
    events = events_of(stream, ids=[event_id for event_id, _ in arrivals])
    features = replay_graph(events, plan)
    assert features.tobytes() == b"".join(rows)
    assert state_after(events, features, plan).counts == state.counts


@settings(max_examples=60, deadline=None)
@given(st.lists(ARRIVAL, min_size=2, max_size=60), st.integers(1, 59), st.booleans())
def test_a_state_made_from_a_replay_goes_on_as_the_live_one(
    arrivals: list[tuple[str, Paid]], cut: int, tidy: bool
) -> None:
    plan = GraphPlan(windows=(3, 12), lateness=5)
    steps = np.array([step.time for _, step in arrivals])
    clock = 200 + np.cumsum(np.abs(steps) if tidy else steps)
    stream = [step._replace(time=int(time)) for (_, step), time in zip(arrivals, clock, strict=True)]
    ids = [f"t{i}" if tidy else event_id for i, (event_id, _) in enumerate(arrivals)]
    live = GraphState(plan)
    for event_id, paid in zip(ids[:cut], stream[:cut], strict=True):
        send(live, event_id, paid)
    events = events_of(stream[:cut], ids=ids[:cut])
    made = state_after(events, replay_graph(events, plan), plan)
    assert to_arrays(made).keys() == to_arrays(live).keys()
    assert everything(made) == everything(live)
    for event_id, paid in zip(ids[cut - 1 :], stream[cut - 1 :], strict=True):
        mine, theirs = send(made, event_id, paid), send(live, event_id, paid)
        assert (mine.status, packed(mine)) == (theirs.status, packed(theirs))


def test_a_late_transfer_sees_what_has_arrived_before_its_own_time_and_is_seen_after() -> None:
    plan, state = GraphPlan(lateness=100), GraphState(GraphPlan(lateness=100))
    three = feature_names(plan).index("cycles_3_1d")
    send(state, "one", Paid(0, "a", "b", 5))
    send(state, "two", Paid(90, "b", "c", 5))
    late = send(state, "three", Paid(40, "c", "a", 5))
    assert (late.status, late.row[three]) == ("late", 0)  # b → c came before it, but happened after
    assert send(state, "four", Paid(91, "d", "a", 5)).row[three] == 0
    count = feature_names(plan).index("target_in_count_1d")
    assert send(state, "five", Paid(92, "d", "a", 5)).row[count] == 2
    assert send(state, "six", Paid(-9, "c", "a", 5)) == ("too_late", ())


def test_a_late_transfer_to_a_partner_met_since_does_not_age_the_partner() -> None:
    state = GraphState(GraphPlan(windows=(4,)))
    degree = feature_names(state.plan).index("source_out_degree_4s")
    send(state, "one", Paid(10, "a", "b", 5))
    assert send(state, "two", Paid(11, "a", "c", 5)).row[degree] == 1
    send(state, "late", Paid(7, "a", "b", 5))
    assert send(state, "three", Paid(13, "a", "c", 5)).row[degree] == 2


def test_forgetting_keeps_only_what_a_later_transfer_can_see() -> None:
    plan = GraphPlan(windows=(DAY,), lateness=60)
    state = GraphState(plan)
    for i in range(8_000):  # a new account every minute beside one hub
        send(state, f"t{i}", Paid(60 * i, f"new{i}", "hub", 100))
    in_window = DAY // 60 + 2  # one minute of lateness, both ends
    assert len(state.graph.transfers) == in_window
    assert len(state.graph.accounts) == in_window + 1
    assert in_window <= len(state.graph.accounts["hub"].received.times) <= 4 * in_window // 3
    assert len(state.graph.accounts["hub"].received.latest) <= 4 * in_window // 3
    assert len(state.rows) == 2
    send(state, "after", Paid(60 * 8_000 + 2 * DAY, "x", "y", 100))
    assert sorted(state.graph.accounts) == ["x", "y"]


def test_a_transfer_to_oneself_is_answered_and_moves_nothing() -> None:
    state = GraphState(GraphPlan())
    send(state, "in", Paid(0, "b", "a", 500))
    send(state, "self", Paid(1, "a", "a", 500))
    got = dict(zip(feature_names(state.plan), send(state, "again", Paid(2, "a", "a", 500)).row, strict=True))
    assert got["source_in_count_1d"] == got["target_in_count_1d"] == 1
    assert got["source_out_count_1d"] == got["pair_count_1d"] == got["shortest_cycle_1d"] == 0
    assert got["similar_in_age"] == 2


GOOD = Transfer("two", START_US, "a", "c", 1.0)
NOT_A_TIME = int(np.datetime64("NaT", "us").astype(np.int64))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"source": ""}, "bad_account"),
        ({"target": ""}, "bad_account"),
        ({"amount": -0.01}, "bad_amount"),
        ({"amount": float("nan")}, "bad_amount"),
        ({"amount": float("inf")}, "bad_amount"),
        ({"amount": 2e10}, "bad_amount"),
        ({"time": 0}, "bad_time"),
        ({"time": START_US + 66 * 365 * DAY * SECOND}, "bad_time"),
        ({"time": NOT_A_TIME}, "bad_time"),
        ({"time": START_US - 2 * DAY * SECOND}, "too_late"),
    ],
)
def test_what_is_no_transfer_is_refused_counted_and_leaves_the_state_as_it_was(
    change: dict, status: str
) -> None:
    state = GraphState(GraphPlan())
    send(state, "one", Paid(0, "a", "b", 500))
    before = everything(state)
    assert state.update(GOOD._replace(**change)) == (status, ())
    assert everything(state) == before
    assert state.counts[STATUSES.index(status)] == 1
    assert state.update(GOOD).status == "new"


def test_refused_rows_of_a_table_are_nan_and_change_no_other_row() -> None:
    plan = GraphPlan()
    good = [Paid(i, "abc"[i % 3], "abc"[(i + 1) % 3], 100) for i in range(9)]
    events = events_of([good[0], *[Paid(1, "a", "b", 100)] * 6, *good[1:]])
    for i, (column, value) in enumerate(
        [
            ("actor", -1),
            ("counterparty", 3),
            ("amount", -5.0),
            ("amount", np.nan),
            ("time", np.datetime64("1970-01-01")),
            ("time", np.datetime64("NaT")),
        ],
        start=1,
    ):
        getattr(events, column)[i] = value
    rows = replay_graph(events, plan)
    assert np.isnan(rows[1:7]).all()
    assert rows[[0, *range(7, 15)]].tobytes() == replay_graph(events_of(good), plan).tobytes()


def test_a_table_of_cards_and_terminals_is_no_network() -> None:
    events = events_of([Paid(0, "a", "b", 5)])
    events.counterparties[0] = "terminal"
    with pytest.raises(DataError, match="one list"):
        replay_graph(events, GraphPlan())


def test_an_empty_table_and_an_empty_state_are_whole() -> None:
    plan = GraphPlan()
    none = events_of([Paid(0, "a", "b", 5)]).take(np.array([], dtype=np.int64))
    rows = replay_graph(none, plan)
    assert rows.shape == (0, len(feature_names(plan)))
    assert everything(state_after(none, rows, plan)) == everything(restarted(GraphState(plan)))


def test_a_damaged_snapshot_is_refused() -> None:
    state = GraphState(GraphPlan())
    send(state, "one", Paid(0, "a", "b", 500))
    arrays = to_arrays(state)
    with pytest.raises(DataError, match="lacks cents"):
        from_arrays({name: values for name, values in arrays.items() if name != "cents"})
    with pytest.raises(DataError, match="'rows' has shape"):
        from_arrays(arrays | {"rows": arrays["rows"][:, 1:]})
    with pytest.raises(DataError, match="names an account"):
        from_arrays(arrays | {"target": np.array([2])})
