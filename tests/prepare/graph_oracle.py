"""Graph features by plain loops over every transfer that came before: slow, and nothing to get wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.event_table import Events
from barograph.core.fitted_graph import SECOND, GraphPlan
from barograph.prepare.events_graph.columns import feature_names, window_label
from barograph.prepare.events_graph.transfers import Transfer

START = np.datetime64("2024-03-01", "us")
START_US = int(START.astype(np.int64))


class Paid(NamedTuple):
    """A transfer: seconds since START, accounts, cents."""

    time: int
    source: str
    target: str
    cents: int


def events_of(transfers: Sequence[Paid], *, ids: Sequence[str] | None = None) -> Events:
    """A table of transfers without labels."""
    n = len(transfers)
    names = sorted({name for paid in transfers for name in (paid.source, paid.target)})
    code = {name: i for i, name in enumerate(names)}
    accounts = np.array(names, dtype=object)
    return Events(
        event_id=np.array(ids or [f"t{i}" for i in range(n)], dtype=object),
        time=START + np.array([paid.time for paid in transfers], dtype="timedelta64[s]"),
        actor=np.array([code[paid.source] for paid in transfers], dtype=np.int64),
        counterparty=np.array([code[paid.target] for paid in transfers], dtype=np.int64),
        amount=np.array([paid.cents / 100.0 for paid in transfers], dtype=np.float64),
        label=np.full(n, np.nan),
        label_time=np.full(n, np.datetime64("NaT"), dtype="datetime64[us]"),
        actors=accounts,
        counterparties=accounts.copy(),
    )


def arriving(event_id: str, paid: Paid) -> Transfer:
    """The transfer as the live state takes it."""
    return Transfer(event_id, START_US + paid.time * SECOND, paid.source, paid.target, paid.cents / 100.0)


def rows(transfers: Sequence[Paid], plan: GraphPlan) -> FloatArray:
    """Features of transfers in order of arrival, all of them within the lateness."""
    return np.array([row(one, transfers[:i], plan) for i, one in enumerate(transfers)], dtype=np.float64)


def row(one: Paid, arrived: Sequence[Paid], plan: GraphPlan) -> list[float]:
    """Features of a transfer in the order of their names."""
    figures, values = figures_of(one, arrived, plan), []
    for name in feature_names(plan):
        width = next((w for w in plan.windows if name.endswith("_" + window_label(w))), None)
        key = name if width is None else f"{name.removesuffix('_' + window_label(width))}@{width}"
        values.append(figures[key])
    return values


def figures_of(one: Paid, arrived: Sequence[Paid], plan: GraphPlan) -> dict[str, float]:
    """Features of a transfer by figure and window in seconds, `out_count@86400`."""
    seen = [e for e in arrived if e.time < one.time and e.source != e.target]
    seen = [e for e in seen if e.time >= one.time - plan.windows[-1]]
    figures: dict[str, float] = {}
    for width in plan.windows:
        live = [e for e in seen if e.time >= one.time - width]
        named = {**_flows(one, live), **_paths(one, seen, plan, one.time - width)}
        shortest = [n for n in (2, 3, 4) if named["reciprocal_count" if n == 2 else f"cycles_{n}"]]
        named["shortest_cycle"] = min(shortest, default=0)
        figures |= {f"{name}@{width}": value for name, value in named.items()}
    figures["pair_age"] = _age(one, [e for e in seen if e[1:3] == (one.source, one.target)])
    figures["reciprocal_age"] = _age(one, [e for e in seen if e[1:3] == (one.target, one.source)])
    inflow = followed([e for e in seen if e.target == one.source], plan.fan)
    figures["similar_in_age"] = _age(
        one, [e for e in inflow if abs(e.cents - one.cents) <= plan.similar * one.cents]
    )
    return figures


def followed(transfers: list[Paid], fan: int) -> list[Paid]:
    """The latest whole instants that together have at most `fan` transfers."""
    taken: list[Paid] = []
    newest_first = sorted(transfers, key=lambda e: -e.time)
    for _, instant in groupby(newest_first, key=lambda e: e.time):
        together = list(instant)
        if len(taken) + len(together) > fan:
            break
        taken += together
    return taken


def _flows(one: Paid, live: list[Paid]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for role, name in (("source", one.source), ("target", one.target)):
        sides = {
            "out": [(e.target, e.cents) for e in live if e.source == name],
            "in": [(e.source, e.cents) for e in live if e.target == name],
        }
        for way, side in sides.items():
            degree = len({partner for partner, _ in side})
            figures[f"{role}_{way}_count"] = len(side)
            figures[f"{role}_{way}_sum"] = sum(cents for _, cents in side) / 100.0
            figures[f"{role}_{way}_degree"] = degree
            figures[f"{role}_{way}_spread"] = degree / len(side) if side else math.nan
        out, into = (sum(cents for _, cents in side) for side in sides.values())
        figures[f"{role}_pass_through"] = out / into if into else math.nan
    figures["pair_count"] = sum(e[1:3] == (one.source, one.target) for e in live)
    figures["reciprocal_count"] = sum(e[1:3] == (one.target, one.source) for e in live)
    receivers = {e.target for e in live if e.source == one.source} | {one.target}
    figures["gather_scatter"] = min(figures["source_in_degree"], len(receivers))
    return figures


def _paths(one: Paid, seen: list[Paid], plan: GraphPlan, oldest: int) -> dict[str, float]:
    if one.source == one.target:
        return {"cycles_3": 0, "cycles_4": 0, "scatter_gather": 0}

    def sent(name: str) -> list[Paid]:
        return followed([e for e in seen if e.source == name], plan.fan)

    def received(name: str) -> list[Paid]:
        return followed([e for e in seen if e.target == name], plan.fan)

    ends = {one.source, one.target}
    firsts = [e for e in sent(one.target) if e.time >= oldest]
    lasts = received(one.source)
    three = [(e, g) for e in firsts for g in lasts if e.target == g.source and e.time < g.time]
    four = [
        (e, f, g)
        for e in firsts
        for f in sent(e.target)
        for g in lasts
        if f.target == g.source and e.time < f.time < g.time and not {e.target, f.target} & ends
    ]
    most = 0
    for origin in {e.source for e in lasts if e.time >= oldest} - {one.target}:
        middlemen = {one.source}
        for paid_on in received(one.target):
            for first in received(paid_on.source):
                if first.source == origin and oldest <= first.time < paid_on.time:
                    middlemen.add(paid_on.source)
        most = max(most, len(middlemen))
    return {
        "cycles_3": min(len(three), plan.cap),
        "cycles_4": min(len(four), plan.cap),
        "scatter_gather": most,
    }


def _age(one: Paid, transfers: list[Paid]) -> float:
    return one.time - max(e.time for e in transfers) if transfers else math.nan
