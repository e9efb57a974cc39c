"""What Python asks of the compiled state: take events in, learn labels, forget, tell the last steps.

Whatever makes blocks first sees whether there is room; where there is not, nothing changes and the answer is
False.
"""

from __future__ import annotations

import math

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.compiled import compiled
from barograph.prepare.events.compiled.blocks import (
    BY_OTHER,
    LENGTH,
    N_RISKS,
    N_WINDOWS,
    ROW,
    TELLS_NEW,
    TOP,
    WEEK,
    WINDOWS,
    release,
)
from barograph.prepare.events.compiled.histories import (
    ACTOR_FIELDS,
    BLOCK,
    CAPACITY,
    CENTS,
    END,
    FIELDS,
    FRAUDS,
    KNOWN,
    MARKS,
    NEVER,
    NEWEST,
    OTHER_FIELDS,
    SECOND,
    START,
    TARDY,
    advance,
    expired,
    insert,
    look,
    moved,
    new_key,
    span,
)
from barograph.prepare.events.compiled.labels import add_label, drop_labels, look_labels, remove_label

MINUTE, WEEK_MINUTES = 60_000_000, 10_080
OWN = 6  # numbers that an event has by itself
UNKNOWN = -1.0  # as `keys.UNKNOWN`
SLACK = 1024  # words that any event may take besides what its keys have


@compiled
def _log_amount(cents: int) -> float:
    """`own.log_amount`."""
    return math.log1p(cents / CENTS) if cents >= 0 else -math.log1p(-cents / CENTS)


@compiled
def _room(h: IntArray, actor: int, other: int) -> bool:
    """Whether both keys may double."""
    need = SLACK
    if actor:
        need += 4 * (ACTOR_FIELDS + 1) * h[actor + CAPACITY]
    if other:
        need += 4 * (OTHER_FIELDS + 1) * h[other + CAPACITY]
    return h.size - h[TOP] >= need  # type: ignore[no-any-return]


@compiled
def made(h: IntArray, fields: int) -> int:
    """A new key, 0 where there is no room."""
    if h.size - h[TOP] < SLACK + 4 * h[N_WINDOWS]:
        return 0
    key = new_key(h, fields)
    h[key + NEWEST] = 0 if _kept(h, key) else NEVER
    return key


@compiled
def _kept(h: IntArray, key: int) -> bool:
    """Whether the events of a key are kept: of an actor, and of a counterparty that the plan asks for."""
    return h[key + FIELDS] == ACTOR_FIELDS or h[BY_OTHER] == 1  # type: ignore[no-any-return]


@compiled
def seen(h: IntArray, key: int, time: int) -> None:
    """An event of a counterparty whose events are not kept: an actor's event may name it for so long."""
    h[key + NEWEST] = max(h[key + NEWEST], time)


@compiled
def _met(h: IntArray, actor: int, other: int, low: int, high: int) -> bool:
    """Whether one of an actor's events from `low` to before `high` was with a partner."""
    partners = h[actor + BLOCK] + 2 * h[actor + CAPACITY]
    place = high - 1
    while place >= low and h[partners + place] != other:
        place -= 1
    return place >= low


@compiled
def take(h: IntArray, recent: int, time: int, cents: int, actor: int, other: int) -> bool:
    """Answer the features of an event in the row and take it in: `EventState.update` after its judgement.

    `other` is 0 where there is no counterparty, `actor` where actors are not asked for. The word before the
    row has the time.
    """
    if not _room(h, actor, other):
        return False
    f = h.view(np.float64)
    row, at, windows = h[ROW], h[ROW] + OWN, h[N_WINDOWS]
    h[row - 1] = time
    f[row], f[row + 1] = cents / CENTS, _log_amount(cents)
    moment = h[WEEK] + 4 * (time // MINUTE % WEEK_MINUTES)
    for number in range(4):
        f[row + 2 + number] = f[moment + number]
    low = high = 0
    if actor:
        low, high = look(h, f, actor, time, cents, at)
        at += 3 * windows + 2
    if not other:
        f[at : row + h[LENGTH]] = math.nan
    else:
        if h[BY_OTHER]:
            look(h, f, other, time, cents, at)
            at += 3 * windows + 2
        if h[TELLS_NEW]:
            f[at] = 0.0 if _met(h, actor, other, low, high) else 1.0
            at += 1
        look_labels(h, f, other, time, at)
        if h[BY_OTHER]:
            insert(h, f, other, recent, time, cents, 0, 0.0)
        else:
            seen(h, other, time)
    if actor:
        share = f[row + h[LENGTH] - 1] if h[N_RISKS] else math.nan
        insert(h, f, actor, recent, time, cents, other, UNKNOWN if math.isnan(share) else share)
    return True


@compiled
def take_many(h: IntArray, events: IntArray, begin: int, lateness: int, out: IntArray) -> int:
    """`take` of rows (newest time before it, time, cents, actor, other) from one on, as far as there is room.

    `out` [n, 1 + F] gets the words before the row and the row; answers the first row not taken in.
    """
    for number in range(begin, events.shape[0]):
        newest, time, cents, actor, other = events[number]
        if not take(h, newest - lateness, time, cents, actor, other):
            return number
        for word in range(out.shape[1]):
            out[number, word] = h[h[ROW] - 1 + word]
    return events.shape[0]  # type: ignore[no-any-return]


@compiled
def learn(h: IntArray, key: int, enter: int, due: int, fraud: int, add: bool) -> bool:
    """Add a label of a counterparty, or take it back."""
    words = h[key + KNOWN + 1] + h[key + FRAUDS + 1] + h[key + TARDY + 1]
    if h.size - h[TOP] < SLACK + 4 * words:
        return False
    if add:
        add_label(h, key, enter, due, fraud)
    else:
        remove_label(h, key, enter, due, fraud)
    return True


@compiled
def restore(
    h: IntArray, key: int, times: IntArray, cents: IntArray, partners: IntArray, risks: FloatArray
) -> bool:
    """Put the events of a key back, which are in order."""
    if h.size - h[TOP] < SLACK + 4 * (h[key + FIELDS] + 1) * times.size:
        return False
    f = h.view(np.float64)
    for place in range(times.size):
        insert(h, f, key, times[0], times[place], cents[place], partners[place], risks[place])
    return True


@compiled
def forget(h: IntArray, keys: IntArray, recent: int, oldest_due: int, dead: BoolArray) -> None:
    """`Actor.forget` and `Counterparty.forget` of many keys; `dead` are those of which nothing is left."""
    for number in range(keys.size):
        key = keys[number]
        dead[number] = False
        if not key:
            continue
        if h[key + CAPACITY]:
            advance(h, key, recent)
            h[key + START] = expired(h, key, recent)
        labels = not drop_labels(h, key, oldest_due)
        count, size = h[key + END] - h[key + START], h[key + CAPACITY]
        if not _kept(h, key):
            count = h[key + NEWEST] >= recent - h[h[WINDOWS] + h[N_WINDOWS] - 1]
        if count == 0 and size:
            release(h, h[key + BLOCK], (h[key + FIELDS] + 1) * size)
            h[key + BLOCK : key + FIELDS] = 0
            h[key + MARKS : key + MARKS + 2 * h[N_WINDOWS]] = 0
        elif size > 8 and 8 * count < size and h.size - h[TOP] > 8 * size:
            moved(h, key, size >> 1)
        if count == 0 and not labels:
            release(h, key, MARKS + 2 * h[N_WINDOWS])
            dead[number] = True


@compiled
def steps(h: IntArray, actor: int, time: int, cents: int, share: float, out: FloatArray) -> None:
    """`Actor.steps` into `out` [length, 5]."""
    f = h.view(np.float64)
    times, size, length = h[actor + BLOCK], h[actor + CAPACITY], out.shape[0]
    low, high = span(h, actor, time, h[h[WINDOWS] + h[N_WINDOWS] - 1])
    begin = max(low, high - length + 1)
    out[:] = math.nan
    place = length - 1 - (high - begin)
    before = h[times + begin - 1] if begin > low else -1
    for event in range(begin, high + 1):
        moment = h[times + event] if event < high else time
        money = h[times + size + event] if event < high else cents
        risk = f[times + 3 * size + event] if event < high else share
        table = h[WEEK] + 4 * (moment // MINUTE % WEEK_MINUTES)
        out[place, 0] = _log_amount(money)
        if event > low:
            out[place, 1] = math.log1p((moment - before) / SECOND)
        out[place, 2], out[place, 3] = f[table], f[table + 1]
        out[place, 4] = math.nan if risk == UNKNOWN else risk
        before = moment
        place += 1
