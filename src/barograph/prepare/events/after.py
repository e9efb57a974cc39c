"""The live state after a whole table, without streaming it: what a bundle starts from."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.event_table import Events
from barograph.core.fitted_events import SECOND, EventPlan
from barograph.prepare.events.grouped import Grouped, grouped
from barograph.prepare.events.keys import UNKNOWN
from barograph.prepare.events.messages import LABEL_STATUSES
from barograph.prepare.events.names import STATUSES
from barograph.prepare.events.replay import counterparties, replay
from barograph.prepare.events.screen import Screening, known_labels, screen
from barograph.prepare.events.snapshot import Arrays, from_arrays, plan_bytes, texts
from barograph.prepare.events.state import EventState


def state_after(
    events: Events,
    plan: EventPlan,
    *,
    features: FloatArray | None = None,
    screening: Screening | None = None,
) -> EventState:
    """The state that streaming every row, and every label known by the newest time, would have left.

    Labels known later are left out: they are learned when they become known.

    Parameters
    ----------
    events : Events
        In order of arrival.
    plan : EventPlan
    features : array [n, F], optional
        What `replay` answered, if it is there already.
    screening : Screening, optional
        That of `screen(events, plan)`, if it is there already.

    Returns
    -------
    EventState
        Its arrays are those of the streamed state, all but `label_counts`, which are 0.
    """
    judged = screen(events, plan) if screening is None else screening
    known = replay(events, plan, screening=judged) if features is None else features
    names = [*events.counterparties.tolist(), ""]
    partner = counterparties(events)
    partner[partner < 0] = len(names) - 1
    share = known[:, -1] if plan.risk_windows else np.full(events.n, np.nan)
    risk = np.where(np.isnan(share), UNKNOWN, share)
    rows = judged.rows
    tail = rows[judged.time[rows] >= _recent(judged, plan) - plan.lookback]
    mine = tail if "actor" in plan.keys else tail[:0]
    ties = (risk, _alphabetic(names)[partner])
    actors, mine = _side("actor", events.actors.tolist(), events.actor, mine, ties, judged, plan)
    theirs = tail[partner[tail] < len(names) - 1] if "counterparty" in plan.keys else tail[:0]
    others, _ = _side("counterparty", names, partner, theirs, (), judged, plan)
    arrays = {
        "plan": plan_bytes(plan),
        "watermark": np.array([judged.watermark]),
        "counts": np.bincount(judged.status, minlength=len(STATUSES)),
        "label_counts": np.zeros(len(LABEL_STATUSES), dtype=np.int64),
        **texts("partner", names),
        **actors,
        "actor_partner": partner[mine],
        "actor_risk": risk[mine],
        **others,
        **_ids(events, partner, known, judged, plan),
    }
    return from_arrays(plan, arrays)


def _recent(judged: Screening, plan: EventPlan) -> int:
    """The earliest time that an event may still arrive with."""
    return judged.watermark - plan.lateness * SECOND


def _alphabetic(names: list[str]) -> IntArray:
    """Place of each name in alphabetic order."""
    rank = np.empty(len(names), dtype=np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank


def _side(
    side: str,
    names: list[str],
    code: IntArray,
    rows: IntArray,
    ties: tuple[AnyArray, ...],
    judged: Screening,
    plan: EventPlan,
) -> tuple[Arrays, IntArray]:
    """The events kept per key, as `snapshot.to_arrays` names them, and the rows they are."""
    by = grouped(code[rows], judged.time[rows], ties=tuple(one[rows] for one in (judged.cents, *ties)))
    reachable = _reachable(by, _recent(judged, plan), plan.most)
    kept = rows[by.order[reachable]]
    keys, start = np.unique(by.key[reachable], return_index=True)
    arrays: Arrays = {
        **texts(side, [names[one] for one in keys.tolist()]),
        f"{side}_start": np.append(start, kept.size).astype(np.int64),
        f"{side}_time": judged.time[kept],
        f"{side}_cents": judged.cents[kept],
    }
    return arrays, kept


def _reachable(by: Grouped, recent: int, most: int) -> BoolArray:
    """Whether an event can still be looked back on, as `History.expired` has it."""
    reachable = np.ones(by.time.shape[0], dtype=np.bool_)
    older = np.bincount(by.segment[by.time < recent], minlength=1)
    for begin in np.flatnonzero(older > most).tolist():
        times = by.time[begin : begin + older[begin]]
        reachable[begin : begin + np.searchsorted(times, times[-most - 1], side="right")] = False
    return reachable


def _ids(events: Events, partner: IntArray, known: FloatArray, judged: Screening, plan: EventPlan) -> Arrays:
    """The ids kept, with what is known of them by now, and the rows of those that may be asked again."""
    rows = judged.rows
    rows = rows[judged.time[rows] >= judged.watermark - plan.memory]
    rows = rows[np.argsort(judged.time[rows], kind="stable")]
    label, known_at = (one[rows] for one in known_labels(events))
    told = np.isfinite(label) & (known_at >= plan.earliest_time) & (known_at <= judged.watermark)
    answered = rows[judged.time[rows] >= _recent(judged, plan)]
    return {
        **texts("id", [str(one) for one in events.event_id[rows].tolist()]),
        "id_time": judged.time[rows],
        "id_partner": partner[rows],
        "id_label": np.where(told, label, -1).astype(np.int8),
        "id_known_at": np.where(told, known_at, 0),
        "rows": known[answered],
    }
