"""Events of all keys in one array, compiled: what `History` and `Actor` do.

A key is the place of its record in `h`. Its events lie in one block, field by field, `CAPACITY` words each:
times, cents, for an actor also partners and risks, and last the sorted cents of the longest window. A window
has a mark, the first event inside, and the sum of the cents from there on; both only move forward, because
questions in order of time do. A late question looks for itself and moves nothing.
"""

from __future__ import annotations

import math

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.compiled import compiled
from barograph.prepare.events.compiled.blocks import (
    MOST,
    N_WINDOWS,
    WINDOWS,
    block,
    closed,
    first,
    opened,
    release,
)

BLOCK, CAPACITY, START, END, FIELDS, KNOWN, FRAUDS, TARDY, MARKS = 0, 1, 2, 3, 4, 5, 8, 11, 14
"""Words of a record; of each window from MARKS on its mark and its sum."""

NEWEST, NEVER = BLOCK, -(2**63)
"""Of a counterparty whose events are not kept: the time of its newest one instead of a block."""

ACTOR_FIELDS, OTHER_FIELDS = 4, 2
SECOND, CENTS = 1e6, 100.0


@compiled
def new_key(h: IntArray, fields: int) -> int:
    """A record without events; `fields` is 4 for an actor, 2 for a counterparty."""
    size = MARKS + 2 * h[N_WINDOWS]
    key = block(h, size)
    for at in range(key, key + size):
        h[at] = 0
    h[key + FIELDS] = fields
    return key


@compiled
def floor_of(h: IntArray, times: int, start: int, high: int) -> int:
    """The first event that lies among the latest `most` before `high`, whole groups of equal times only."""
    if high - start <= h[MOST]:
        return start
    return first(h, times, high - h[MOST], high, h[times + high - h[MOST] - 1] + 1)


@compiled
def advance(h: IntArray, key: int, time: int) -> None:
    """Move the marks on to what the windows hold after the last event, at a time or later."""
    times, capacity, end = h[key + BLOCK], h[key + CAPACITY], h[key + END]
    cents, ordered = times + capacity, times + h[key + FIELDS] * capacity
    floor, last = floor_of(h, times, h[key + START], end), h[N_WINDOWS] - 1
    for window in range(last + 1):
        at, since = key + MARKS + 2 * window, time - h[h[WINDOWS] + window]
        mark = h[at]
        while mark < end and (mark < floor or h[times + mark] < since):
            h[at + 1] -= h[cents + mark]
            if window == last:
                kept = end - mark
                closed(h, ordered, first(h, ordered, 0, kept, h[cents + mark]), kept)
            mark += 1
        h[at] = mark


@compiled
def _tell(f: FloatArray, at: int, count: int, money: int) -> None:
    f[at], f[at + 1] = count, money / CENTS
    f[at + 2] = money / (CENTS * count) if count else math.nan


@compiled
def look(h: IntArray, f: FloatArray, key: int, time: int, cents: int, at: int) -> tuple[int, int]:
    """`History.look`: writes the features of a key from `at` on."""
    windows, low, high, middle = h[N_WINDOWS], 0, 0, 0.0
    times, capacity, start, end = 0, 0, 0, 0
    if key:
        times, capacity, start, end = h[key + BLOCK], h[key + CAPACITY], h[key + START], h[key + END]
    if end > start and h[times + end - 1] >= time:
        high = first(h, times, start, end, time)
        floor = floor_of(h, times, start, high)
        for window in range(windows):
            low = max(first(h, times, start, high, time - h[h[WINDOWS] + window]), floor)
            _tell(f, at + 3 * window, high - low, h[times + capacity + low : times + capacity + high].sum())
        ordered = np.sort(h[times + capacity + low : times + capacity + high])
        number = high - low
        if number:
            middle = 0.5 * (ordered[(number - 1) >> 1] + ordered[number >> 1])
    else:
        high = end
        if key:
            advance(h, key, time)
        for window in range(windows):
            low = h[key + MARKS + 2 * window] if key else 0
            _tell(f, at + 3 * window, high - low, h[key + MARKS + 2 * window + 1] if key else 0)
        number, sorted_at = high - low, times + (h[key + FIELDS] * capacity if key else 0)
        if number:
            middle = 0.5 * (h[sorted_at + ((number - 1) >> 1)] + h[sorted_at + (number >> 1)])
    at += 3 * windows
    f[at] = (time - h[times + high - 1]) / SECOND if number else math.nan
    f[at + 1] = cents / middle if middle > 0.0 else math.nan
    return low, high


@compiled
def expired(h: IntArray, key: int, now: int) -> int:
    """`History.expired`: the first event that a question at `now` or later can reach."""
    times, start, end = h[key + BLOCK], h[key + START], h[key + END]
    gone = first(h, times, start, end, now - h[h[WINDOWS] + h[N_WINDOWS] - 1])
    return floor_of(h, times, gone, first(h, times, gone, end, now))


@compiled
def moved(h: IntArray, key: int, capacity: int) -> None:
    """The events of a key in front of a block of another capacity, or of the same one."""
    old, size, start, end = h[key + BLOCK], h[key + CAPACITY], h[key + START], h[key + END]
    new, fields = old, h[key + FIELDS]
    if capacity != size:
        new = block(h, (fields + 1) * capacity)
    for field in range(fields):
        for place in range(start, end):
            h[new + field * capacity + place - start] = h[old + field * size + place]
    last = key + MARKS + 2 * (h[N_WINDOWS] - 1)
    if capacity != size:
        for place in range(end - h[last]):
            h[new + fields * capacity + place] = h[old + fields * size + place]
        if size:
            release(h, old, (fields + 1) * size)
    for mark in range(key + MARKS, last + 1, 2):
        h[mark] -= start
    h[key + BLOCK], h[key + CAPACITY], h[key + START], h[key + END] = new, capacity, 0, end - start


@compiled
def _wider(fields: int, capacity: int) -> int:
    """The next capacity that leaves no words of its block over."""
    words = 16
    while words // fields <= capacity:
        words *= 2
    return words // fields


@compiled
def insert(
    h: IntArray, f: FloatArray, key: int, recent: int, time: int, cents: int, partner: int, risk: float
) -> None:
    """`History.insert` and `Actor.insert`; equal times, amounts and risks stand in order of arrival."""
    if h[key + END] == h[key + CAPACITY]:
        if h[key + CAPACITY]:
            advance(h, key, recent)
            h[key + START] = expired(h, key, recent)
        capacity, used = h[key + CAPACITY], h[key + END] - h[key + START]
        moved(h, key, capacity if 0 < 2 * used <= capacity else _wider(h[key + FIELDS] + 1, capacity))
    times, size, start, end = h[key + BLOCK], h[key + CAPACITY], h[key + START], h[key + END]
    place, by_risk = end, h[key + FIELDS] == ACTOR_FIELDS
    while place > start and h[times + place - 1] >= time:
        before = h[times + size + place - 1]
        if h[times + place - 1] == time and (
            before < cents or (before == cents and (not by_risk or f[times + 3 * size + place - 1] <= risk))
        ):
            break
        place -= 1
    opened(h, times, place, end, time)
    opened(h, times + size, place, end, cents)
    if by_risk:
        opened(h, times + 2 * size, place, end, partner)
        opened(h, times + 3 * size, place, end, 0)
        f[times + 3 * size + place] = risk
    h[key + END] = end + 1
    last, ordered = h[N_WINDOWS] - 1, times + h[key + FIELDS] * size
    for window in range(last + 1):
        at = key + MARKS + 2 * window
        if place < h[at]:
            h[at] += 1
            continue
        h[at + 1] += cents
        if window == last:
            kept = end - h[at]
            opened(h, ordered, first(h, ordered, 0, kept, cents), kept, cents)


@compiled
def span(h: IntArray, key: int, time: int, lookback: int) -> tuple[int, int]:
    """`History.span`."""
    times, start = h[key + BLOCK], h[key + START]
    high = first(h, times, start, h[key + END], time)
    return max(first(h, times, start, high, time - lookback), floor_of(h, times, start, high)), high
