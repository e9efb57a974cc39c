"""Graph features against plain loops, and planted patterns with counts known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from graph_oracle import Paid, arriving, events_of, rows
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError
from barograph.core.fitted_graph import DAY, GraphPlan
from barograph.prepare.events_graph.columns import feature_names
from barograph.prepare.events_graph.replay import replay_graph
from barograph.prepare.events_graph.state import GraphState

PAID = st.builds(
    Paid,
    st.integers(0, 30),
    st.sampled_from("abcde"),
    st.sampled_from("abcde"),
    st.sampled_from([0, 1, 99, 100, 105, 110, 12_345_678_901]),
)
PLANS = st.builds(
    GraphPlan,
    windows=st.sampled_from([(4, 9, 20), (31,), (1, 2)]),
    lateness=st.just(31),
    fan=st.sampled_from([1, 2, 3, 5, 50]),
    cap=st.sampled_from([1, 3, 100]),
    similar=st.sampled_from([0.0, 0.05, 0.1]),
)


def live(transfers: list[Paid], plan: GraphPlan) -> FloatArray:
    state = GraphState(plan)
    answers = [state.update(arriving(f"t{i}", paid)).row for i, paid in enumerate(transfers)]
    return np.array(answers, dtype=np.float64)


def same_bits(a: FloatArray, b: FloatArray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def figure(features: FloatArray, name: str, plan: GraphPlan, *, at: int = -1) -> float:
    return float(features[at, feature_names(plan).index(name)])


@settings(max_examples=100, deadline=None)
@given(st.lists(PAID, min_size=1, max_size=60), PLANS)
def test_live_and_replay_equal_plain_loops_in_any_order_of_arrival(
    transfers: list[Paid], plan: GraphPlan
) -> None:
    for arrived in (transfers, sorted(transfers)):
        got = live(arrived, plan)
        assert same_bits(got, replay_graph(events_of(arrived), plan))
        assert same_bits(got, rows(arrived, plan))


@pytest.mark.parametrize("fan", [4, 50])
@pytest.mark.parametrize("accounts", [4, 5, 7])
def test_dense_graphs_equal_plain_loops(accounts: int, fan: int) -> None:
    random, plan = np.random.default_rng(accounts), GraphPlan(windows=(6, 15, 30), fan=fan, cap=40)
    for _ in range(4):
        transfers = [
            Paid(int(time), f"a{source}", f"a{target}", int(cents))
            for time, source, target, cents in zip(
                np.sort(random.integers(0, 40, 60)),
                *random.integers(0, accounts, (2, 60)),
                random.integers(90, 120, 60),
                strict=True,
            )
        ]
        got = replay_graph(events_of(transfers), plan)
        assert same_bits(got, rows(transfers, plan))
        assert same_bits(got, live(transfers, plan))


@settings(max_examples=60, deadline=None)
@given(st.lists(PAID, min_size=1, max_size=40), PLANS, st.randoms(use_true_random=False))
def test_order_of_equal_timestamps_cannot_matter(transfers: list[Paid], plan: GraphPlan, random) -> None:
    order = sorted(range(len(transfers)), key=lambda i: transfers[i].time)
    shuffled = sorted(order, key=lambda i: (transfers[i].time, random.random()))
    for compute in (live, lambda table, plan: replay_graph(events_of(table), plan)):
        plain = compute([transfers[i] for i in order], plan)
        other = compute([transfers[i] for i in shuffled], plan)
        assert same_bits(plain[np.argsort(order)], other[np.argsort(shuffled)])


@settings(max_examples=60, deadline=None)
@given(st.lists(PAID, min_size=2, max_size=40), st.lists(PAID, max_size=20), st.integers(0, 30))
def test_whatever_comes_later_changes_no_earlier_row(
    transfers: list[Paid], garbage: list[Paid], until: int
) -> None:
    plan = GraphPlan(windows=(4, 20))
    past = sorted(paid for paid in transfers if paid.time <= until)
    later = sorted(paid._replace(time=until + paid.time) for paid in garbage)
    seen = replay_graph(events_of([*past, *later]), plan)[: len(past)]
    assert same_bits(seen, replay_graph(events_of(past), plan).reshape(seen.shape))


def test_a_large_table_is_the_same_to_the_bit_live_and_replayed() -> None:
    random, plan = np.random.default_rng(5), GraphPlan(fan=20, cap=30)
    n = 5_000
    accounts = (200 * random.random((n, 2)) ** 2).astype(int)  # hubs and rare accounts, some self-transfers
    times = np.sort(random.integers(0, 60 * DAY // 60, n)) * 60
    cents = np.round(np.exp(random.normal(9, 2, n))).astype(int)
    transfers = [
        Paid(int(time), f"a{source}", f"a{target}", int(amount))
        for time, (source, target), amount in zip(times, accounts, cents, strict=True)
    ]
    table = replay_graph(events_of(transfers), plan)
    assert same_bits(table, live(transfers, plan))
    busy = {name: np.nanmax(table[:, i]) for i, name in enumerate(feature_names(plan))}
    assert busy["cycles_3_30d"] > 1
    assert busy["cycles_4_30d"] == plan.cap
    assert busy["scatter_gather_30d"] > 3


def test_planted_cycles_are_counted_by_length() -> None:
    plan = GraphPlan()
    ring = [
        Paid(10, "b", "a", 500),
        Paid(20, "b", "c", 500),
        Paid(30, "c", "a", 500),
        Paid(40, "c", "d", 500),
        Paid(50, "d", "a", 500),
        Paid(60, "c", "a", 500),
        Paid(70, "a", "b", 510),
    ]
    table = replay_graph(events_of(ring), plan)
    assert figure(table, "reciprocal_count_1d", plan) == 1
    assert figure(table, "cycles_3_1d", plan) == 2  # b→c→a at 30 and at 60
    assert figure(table, "cycles_4_1d", plan) == 1  # b→c→d→a
    assert figure(table, "shortest_cycle_1d", plan) == 2
    assert figure(table, "reciprocal_age", plan) == 60
    assert figure(table, "similar_in_age", plan) == 10
    without = replay_graph(events_of(ring[1:]), plan)
    assert figure(without, "shortest_cycle_1d", plan) == 3


def test_a_chain_against_time_is_no_cycle() -> None:
    plan = GraphPlan()
    table = replay_graph(
        events_of([Paid(10, "c", "a", 5), Paid(20, "b", "c", 5), Paid(30, "a", "b", 5)]), plan
    )
    assert figure(table, "cycles_3_30d", plan) == 0
    tied = replay_graph(
        events_of([Paid(10, "c", "a", 5), Paid(10, "b", "c", 5), Paid(30, "a", "b", 5)]), plan
    )
    assert figure(tied, "cycles_3_30d", plan) == 0


def test_a_cycle_counts_in_the_windows_that_hold_its_first_transfer() -> None:
    plan = GraphPlan()
    ring = [
        Paid(0, "b", "c", 5),
        Paid(2 * DAY, "c", "a", 5),
        Paid(2 * DAY + 60, "a", "b", 5),
        Paid(7 * DAY, "a", "b", 5),
    ]
    table = replay_graph(events_of(ring), plan)
    assert [figure(table, f"cycles_3_{w}", plan, at=2) for w in ("1d", "7d", "30d")] == [0, 1, 1]
    assert figure(table, "cycles_3_7d", plan) == 1  # exactly seven days ago is inside


def test_planted_fans_and_scatter_gather_are_found() -> None:
    plan = GraphPlan()
    middle = [f"m{i}" for i in range(8)]
    scatter = [Paid(i, "origin", m, 1_000) for i, m in enumerate(middle)]
    gather = [Paid(100 + i, m, "end", 990) for i, m in enumerate(middle)]
    table = replay_graph(events_of([*scatter, *gather, Paid(200, "end", "away", 7_900)]), plan)
    found = [figure(table, "scatter_gather_1d", plan, at=8 + i) for i in range(8)]
    assert found == [1, 2, 3, 4, 5, 6, 7, 8]
    assert figure(table, "source_out_degree_1d", plan, at=7) == 7
    assert figure(table, "source_in_degree_1d", plan) == 8
    assert figure(table, "source_in_sum_1d", plan) == 79.2
    assert figure(table, "gather_scatter_1d", plan) == 1
    assert figure(table, "target_in_count_1d", plan) == 0
    assert figure(table, "source_pass_through_1d", plan) == 0


def test_only_the_latest_transfers_are_followed_and_a_cut_instant_is_left_out_whole() -> None:
    plan = GraphPlan(fan=3)
    table = replay_graph(
        events_of(
            [
                Paid(1, "b", "c", 5),
                *(Paid(2, "b", f"x{i}", 5) for i in range(2)),
                Paid(5, "c", "a", 5),
                Paid(6, "a", "b", 5),
                Paid(7, "b", "x2", 5),
                Paid(8, "a", "b", 5),
            ]
        ),
        plan,
    )
    assert figure(table, "cycles_3_1d", plan, at=4) == 1
    assert figure(table, "cycles_3_1d", plan) == 0
    tied = [Paid(1, "b", name, 5) for name in ("c", "x", "y", "z")]
    for order in (tied, tied[::-1]):
        table = replay_graph(events_of([*order, Paid(5, "c", "a", 5), Paid(6, "a", "b", 5)]), plan)
        assert figure(table, "cycles_3_1d", plan) == 0


def test_names_are_unique_and_the_plan_survives_as_text() -> None:
    plan = GraphPlan(windows=(3_600, 2 * DAY), fan=7, similar=0.05)
    again = GraphPlan.from_plain(plan.to_plain())
    assert again.to_plain() == plan.to_plain()
    names = feature_names(again)
    assert len(set(names)) == len(names) == 2 * 25 + 3
    assert "source_out_sum_1h" in names


@pytest.mark.parametrize(
    "wrong",
    [
        {"windows": ()},
        {"windows": (5, 5)},
        {"windows": (0, 5)},
        {"lateness": -1},
        {"fan": 0},
        {"cap": 0},
        {"similar": 1.0},
        {"largest": 1e12},
        {"earliest": "yesterday"},
        {"earliest": "2060-01-01"},
    ],
)
def test_a_plan_that_means_nothing_is_refused(wrong: dict) -> None:
    with pytest.raises(SettingError):
        GraphPlan(**wrong)
