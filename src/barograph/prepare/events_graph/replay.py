"""Graph features of a whole table at once, equal to the live state's to the bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.event_table import Events
from barograph.core.fitted_graph import GraphPlan
from barograph.prepare.events_graph.columns import feature_names
from barograph.prepare.events_graph.flows import ages, flow_tables, pair_ages, window_columns
from barograph.prepare.events_graph.graph import Graph
from barograph.prepare.events_graph.paths import PathFinder
from barograph.prepare.events_graph.state import LATE, GraphState
from barograph.prepare.events_graph.transfers import Transfers, each_transfer, transfers_of


def replay_graph(events: Events, plan: GraphPlan) -> FloatArray:
    """Features of every row as the live state would have answered it, rows streamed in their order.

    Where no row is late and no id repeats, flows are computed for the whole table at once and only paths in a
    loop; else the live state takes row by row, about half as fast.

    Parameters
    ----------
    events : Events
        In order of arrival, with one list of accounts.
    plan : GraphPlan

    Returns
    -------
    array [n, F]
        Columns as `feature_names`, stored column by column. A duplicate has the row of its first; a refused
        row is NaN throughout.

    Raises
    ------
    DataError
        If payers and receivers are not named from one list.
    """
    transfers = transfers_of(events, plan)
    table = np.full((len(feature_names(plan)), events.n), np.nan)
    if transfers.in_order:
        rows = np.flatnonzero(transfers.fit)
        for place, column in enumerate(_columns(transfers.take(transfers.fit), plan) if rows.size else ()):
            table[place, rows] = column
        return table.T
    state = GraphState(plan)
    for i, transfer in enumerate(each_transfer(events, plan)):
        row = state.update(transfer).row
        if row:
            table[:, i] = row
    return table.T


def state_after(events: Events, features: FloatArray, plan: GraphPlan) -> GraphState:
    """The live state after a replayed table, without computing a row again.

    Parameters
    ----------
    events : Events
    features : array [n, F]
        `replay_graph(events, plan)`.
    plan : GraphPlan

    Returns
    -------
    GraphState
        The same as if every row had come through `update`.
    """
    state = GraphState(plan)
    for transfer, row in zip(each_transfer(events, plan), features, strict=True):
        status = state.judge(transfer)
        if status <= LATE:
            state.absorb(transfer, status, row.tobytes())
        else:
            state.counts[status] += 1
    return state


def _columns(transfers: Transfers, plan: GraphPlan) -> Iterator[AnyArray]:
    """Features of transfers none of which is late, refused or repeated, column by column, [n] each."""
    found, tables = _paths(transfers, plan), flow_tables(transfers)
    for k, width in enumerate(plan.widths):
        *flows, reciprocal, gather_scatter = window_columns(tables, width)
        three, four, scatter_gather = found[k : -1 : len(plan.windows)]
        shortest = np.select([reciprocal > 0, three > 0, four > 0], [2, 3, 4], 0)
        yield from (*flows, reciprocal, gather_scatter, three, four, shortest, scatter_gather)
    yield from pair_ages(tables, transfers.time, plan.widths[-1])
    yield ages(transfers.time, found[-1])


def _paths(transfers: Transfers, plan: GraphPlan) -> IntArray:
    """Cycles of 3, of 4 and scatter-gather per window, then time of the similar inflow, [3 W + 1, n]."""
    graph, finder, names = Graph(), PathFinder(plan), transfers.names
    found = np.empty((3 * len(plan.windows) + 1, transfers.time.shape[0]), dtype=np.int64)
    for i, (time, payer, receiver, cents) in enumerate(transfers.numbers()):
        source, target = names[payer], names[receiver]
        figures = finder.figures(graph.account(source), graph.account(target), time, cents)
        found[:, i] = (*figures.cycles_3, *figures.cycles_4, *figures.scatter_gather, figures.similar_in)
        graph.add(time, source, target, cents)
        graph.drop_before(time - plan.widths[-1])
    return found
