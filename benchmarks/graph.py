"""Graph features of transfers: a table replayed, the live state one transfer at a time, and its memory.

The network is drawn: payers and receivers by a power law (the busiest account takes part in about one
transfer in thirty), a third of the transfers go to someone paid before or back, and three in a hundred close
a ring of four.
"""

from __future__ import annotations

import argparse
import resource
import time
import tracemalloc
from dataclasses import replace
from itertools import islice

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.event_table import Events
from barograph.core.fitted_graph import DAY, SECOND, GraphPlan
from barograph.prepare.events_graph.flows import flow_tables, pair_ages, window_columns
from barograph.prepare.events_graph.replay import replay_graph, state_after
from barograph.prepare.events_graph.transfers import each_transfer, transfers_of
from measuring import Figure, show


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=200_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--live", type=int, default=50_000)
    given = parser.parse_args()
    events, plan = network(given.transfers, given.accounts, given.days), GraphPlan()
    start = time.perf_counter()
    features = replay_graph(events, plan)
    replayed = time.perf_counter() - start
    flows = flow_seconds(events, plan)
    taken, same = live(events, features, plan, given.live)
    half, most = np.quantile(taken, (0.5, 0.99))
    figures = [
        Figure("replay, whole", events.n / replayed, "rows/s", digits=0),
        Figure("replay, flows alone", events.n / flows, "rows/s", digits=0),
        Figure("live", 1.0 / float(np.mean(taken)), "transfers/s", digits=0),
        Figure("live, half of them within", 1e6 * half, "µs", digits=0),
        Figure("live, 99 % of them within", 1e6 * most, "µs", digits=0, goal=1_000),
        Figure("live, longest", 1e6 * float(np.max(taken)), "µs", digits=0),
        Figure("live rows that differ from the replay", float(same), "rows", digits=0, goal=0),
        *memory(events, features, plan),
        Figure("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB", digits=0),
    ]
    show(f"{events.n:,} transfers, {given.accounts:,} accounts, {given.days} days", figures)


def network(n: int, accounts: int, days: int) -> Events:
    random = np.random.default_rng(1)
    source, target = (accounts * random.random((2, n)) ** 3).astype(np.int64)
    target = (target + 7 * accounts // 11) % accounts  # who pays much is not who receives much
    for i in np.flatnonzero(random.random(n) < 1 / 3)[10:]:
        j = random.integers(max(i - n // 10, 0), i)
        source[i], target[i] = (source[j], target[j]) if random.random() < 0.8 else (target[j], source[j])
    for i in np.flatnonzero(random.random(n) < 0.03)[1:]:
        ring = random.integers(0, accounts, 4)
        rows = i + np.arange(4) * 50
        if rows[-1] < n:
            source[rows], target[rows] = ring, np.roll(ring, -1)
    names = np.array([f"account {i}" for i in range(accounts)], dtype=object)
    return Events(
        event_id=np.array([f"transfer {i}" for i in range(n)], dtype=object),
        time=np.datetime64("2024-01-01", "us") + np.sort(random.integers(0, days * DAY, n)) * SECOND,
        actor=source,
        counterparty=target,
        amount=np.round(np.exp(random.normal(5.0, 1.5, n)), 2),
        label=np.full(n, np.nan),
        label_time=np.full(n, np.datetime64("NaT"), dtype="datetime64[us]"),
        actors=names,
        counterparties=names,
    )


def flow_seconds(events: Events, plan: GraphPlan) -> float:
    transfers = transfers_of(events, plan)
    start = time.perf_counter()
    tables = flow_tables(transfers)
    for width in plan.widths:
        for _ in window_columns(tables, width):
            pass
    list(pair_ages(tables, transfers.time, plan.widths[-1]))
    return time.perf_counter() - start


def live(events: Events, features: FloatArray, plan: GraphPlan, n: int) -> tuple[list[float], int]:
    """Seconds of each of the last `n` updates, and how many rows are not those of the replay."""
    cut = max(events.n - n, 0)
    state = state_after(events.take(np.arange(cut)), features[:cut], plan)
    taken, differ = [], 0
    for transfer, expected in zip(
        islice(each_transfer(events, plan), cut, None), features[cut:], strict=True
    ):
        start = time.perf_counter()
        row = state.update(transfer).row
        taken.append(time.perf_counter() - start)
        differ += np.array(row).tobytes() != expected.tobytes()
    return taken, differ


def memory(events: Events, features: FloatArray, plan: GraphPlan) -> list[Figure]:
    """Bytes of a state that has answered for every account, without the answers it keeps for repeats."""
    tracemalloc.start()
    state = state_after(events, features, replace(plan, lateness=0))
    for account in state.graph.accounts.values():
        for side in (account.sent, account.received):
            side.figures(state.watermark + 1, plan.widths)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    transfers, accounts = len(state.graph.transfers), len(state.graph.accounts)
    return [
        Figure("live transfers", transfers, "", digits=0),
        Figure("live accounts", accounts, "", digits=0),
        Figure("memory per live transfer, all in", used / transfers, "bytes", digits=0),
        Figure("memory per live account, all in", used / accounts, "bytes", digits=0),
    ]


if __name__ == "__main__":
    main()
