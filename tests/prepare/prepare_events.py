"""Tables of events with everything that goes wrong, and features by plain loops straight from the rules."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from barograph.core.event_table import Events
from barograph.core.fitted_events import DAY, EventPlan
from barograph.prepare.events.names import STATUSES

START = np.datetime64("2020-01-01", "us")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def table(
    n: int,
    *,
    seed: int,
    actors: int = 30,
    counterparties: int = 20,
    days: int = 60,
    grid: int = 600,
    late: float = 0.05,
    lateness: int = DAY,
    again: float = 0.02,
    broken: float = 0.01,
    delays: tuple[int, int] = (0, 20 * DAY),
) -> Events:
    """Random events in order of arrival, on a grid of seconds so that equal times are common.

    A share is late (some beyond the lateness), repeats an id, or has a broken amount or time; some have no
    counterparty, a refund, no label, or a label that never becomes known.
    """
    random = np.random.default_rng(seed)
    happened = np.sort(random.integers(0, max(days * DAY // grid, 1), n)) * grid
    lag = np.where(random.random(n) < late, random.integers(0, max(int(1.3 * lateness), 1), n), 0)
    happened = happened[np.argsort(happened + lag, kind="stable")]
    time = START + happened.astype("timedelta64[s]")
    names = np.array([f"event {row}" for row in range(n)], dtype=object)
    repeats = np.flatnonzero(random.random(n) < again)
    names[repeats] = names[np.maximum(repeats - random.integers(1, 40, repeats.size), 0)]
    label = np.where(random.random(n) < 0.1, np.nan, (random.random(n) < 0.2).astype(np.float64))
    known = time + random.integers(delays[0], delays[1] + 1, n).astype("timedelta64[s]")
    known[random.random(n) < 0.1] = np.datetime64("NaT")
    amount = np.round(random.normal(30.0, 40.0, n), 2)
    amount[random.random(n) < broken] = np.nan
    time = np.where(random.random(n) < broken, np.datetime64("2090-01-01", "us"), time)
    return Events(
        event_id=names,
        time=time,
        actor=random.integers(0, actors, n),
        counterparty=random.integers(-1, counterparties, n),
        amount=amount,
        label=label,
        label_time=known,
        actors=np.array([f"actor {code}" for code in range(actors)], dtype=object),
        counterparties=np.array([f"shop {code}" for code in range(counterparties)], dtype=object),
    )


def tidy(events: Events) -> Events:
    """The same events in order of time, without repeats and broken rows."""
    _, first = np.unique(events.event_id.astype(str), return_index=True)
    sound = np.isfinite(events.amount) & (events.time < np.datetime64("2050-01-01"))
    rows = np.array(sorted(row for row in first.tolist() if sound[row]), dtype=np.int64)
    return events.take(rows[np.argsort(events.time[rows], kind="stable")])


def corrupted_after(events: Events, moment: np.datetime64, seed: int) -> Events:
    """Everything that happened or became known after a moment replaced by garbage."""
    random = np.random.default_rng(seed)
    after = events.time > moment
    told = ~(events.label_time <= moment)
    later = moment + random.integers(1, 10**13, events.n).astype("timedelta64[us]")
    return replace(
        events,
        time=np.where(after, later, events.time),
        actor=np.where(after, random.integers(0, events.actors.size, events.n), events.actor),
        counterparty=np.where(
            after, random.integers(-1, events.counterparties.size, events.n), events.counterparty
        ),
        amount=np.where(after, random.choice([np.nan, np.inf, -1e9, 0.0, 7.77], events.n), events.amount),
        label=np.where(told, random.choice([0.0, 1.0, np.nan], events.n), events.label),
        label_time=np.where(told, later, events.label_time),
    )


@dataclass(frozen=True)
class Seen:
    """An event that was taken in."""

    name: str
    time: datetime
    actor: str
    other: str | None
    cents: int
    fraud: bool | None
    known: datetime | None
    answer: dict[str, float]


def by_hand(events: Events, plan: EventPlan) -> tuple[list[str], list[dict[str, float] | None]]:
    """Status and features of every row, row by row, by looking through all events before it."""
    seen: list[Seen] = []
    statuses, rows = [], []
    newest = datetime.fromisoformat(plan.earliest).replace(tzinfo=UTC)
    for row in range(events.n):
        one = _read(events, row)
        status, first = _status(one, float(events.amount[row]), seen, newest, plan)
        statuses.append(STATUSES[status])
        if first is not None:
            rows.append(first.answer)
        elif status <= 1:
            answer = _features(one, seen, plan)
            seen.append(replace(one, answer=answer))
            newest = max(newest, one.time)
            rows.append(answer)
        else:
            rows.append(None)
    return statuses, rows


def _read(events: Events, row: int) -> Seen:
    label, known = float(events.label[row]), events.label_time[row]
    amount, code = float(events.amount[row]), int(events.counterparty[row])
    return Seen(
        name=str(events.event_id[row]),
        time=EPOCH + timedelta(microseconds=int(events.time[row].astype(np.int64))),
        actor=str(events.actors[int(events.actor[row])]),
        other=None if code < 0 else str(events.counterparties[code]),
        cents=round(amount * 100) if math.isfinite(amount) else 0,
        fraud=None if math.isnan(label) else label == 1.0,
        known=None if np.isnat(known) else EPOCH + timedelta(microseconds=int(known.astype(np.int64))),
        answer={},
    )


def _status(
    one: Seen, amount: float, seen: list[Seen], newest: datetime, plan: EventPlan
) -> tuple[int, Seen | None]:
    behind = timedelta(seconds=plan.lateness)
    memory = timedelta(microseconds=plan.memory)
    for earlier in reversed(seen):
        if earlier.name == one.name and earlier.time >= newest - memory:
            fresh = earlier.time >= newest - behind
            return (2, earlier) if fresh else (3, None)
    if not plan.earliest <= one.time.date().isoformat() < plan.latest:
        return 5, None
    if not math.isfinite(amount) or abs(amount) > plan.largest:
        return 6, None
    if one.time < newest - behind:
        return 4, None
    return (0 if one.time >= newest else 1), None


def _features(one: Seen, seen: list[Seen], plan: EventPlan) -> dict[str, float]:
    local = one.time + timedelta(seconds=plan.utc_offset)
    angle = 2 * math.pi * (local.hour * 60 + local.minute) / 1440
    answer = {
        "amount": one.cents / 100,
        "log_amount": math.copysign(math.log(1 + abs(one.cents) / 100), one.cents),
        "weekend": float(local.weekday() >= 5),
        "night": float(local.hour < plan.night_ends),
        "hour_sin": math.sin(angle),
        "hour_cos": math.cos(angle),
    }
    mine = _looked_back([e for e in seen if e.actor == one.actor], one, plan)
    theirs = _looked_back([e for e in seen if e.other == one.other], one, plan)
    for key, past in (("actor", mine), ("counterparty", theirs)):
        if key in plan.keys:
            answer |= _of_key(key, past, one, plan, missing=key == "counterparty" and one.other is None)
    if plan.new_counterparty:
        new = float(all(e.other != one.other for e in mine))
        answer["new_counterparty"] = math.nan if one.other is None else new
    for window in plan.risk_windows:
        answer |= _risk(window, [e for e in seen if e.other == one.other], one, plan)
    return answer


def _looked_back(events: list[Seen], one: Seen, plan: EventPlan) -> list[Seen]:
    since = one.time - timedelta(seconds=plan.windows[-1])
    past = sorted((e for e in events if since <= e.time < one.time), key=lambda e: e.time)
    if len(past) > plan.most:
        last_left_out = past[-plan.most - 1].time
        past = [e for e in past if e.time > last_left_out]
    return past


def _name(seconds: int) -> str:
    return f"{seconds // DAY}d" if seconds % DAY == 0 else f"{seconds // 3600}h"


def _of_key(key: str, past: list[Seen], one: Seen, plan: EventPlan, *, missing: bool) -> dict[str, float]:
    answer = {}
    for window in plan.windows:
        cents = [e.cents for e in past if e.time >= one.time - timedelta(seconds=window)]
        answer[f"{key}_count_{_name(window)}"] = float(len(cents))
        answer[f"{key}_sum_{_name(window)}"] = sum(cents) / 100
        answer[f"{key}_mean_{_name(window)}"] = sum(cents) / len(cents) / 100 if cents else math.nan
    middle = statistics.median(e.cents for e in past) if past else 0
    answer[f"{key}_recency"] = (one.time - past[-1].time).total_seconds() if past else math.nan
    answer[f"{key}_ratio"] = one.cents / middle if middle > 0 else math.nan
    return dict.fromkeys(answer, math.nan) if missing else answer


def _risk(window: int, events: list[Seen], one: Seen, plan: EventPlan) -> dict[str, float]:
    until = one.time - timedelta(seconds=plan.delay)
    since = until - timedelta(seconds=window)
    known = [
        e.fraud
        for e in events
        if since <= e.time < until and e.fraud is not None and e.known is not None and e.known < one.time
    ]
    name = _name(window)
    values = (float(len(known)), float(sum(known)), sum(known) / len(known) if known else math.nan)
    if one.other is None:
        values = (math.nan,) * 3
    return dict(zip((f"risk_known_{name}", f"risk_frauds_{name}", f"risk_share_{name}"), values, strict=True))
