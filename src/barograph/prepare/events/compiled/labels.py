"""The labels of all counterparties in one array, compiled: what `Labels` does.

A list is three words of a record: block, capacity and length.
"""

from __future__ import annotations

import math

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.compiled import compiled
from barograph.prepare.events.compiled.blocks import (
    N_RISKS,
    RISKS,
    block,
    first,
    opened,
    release,
)
from barograph.prepare.events.compiled.histories import FRAUDS, KNOWN, TARDY


@compiled
def _put(h: IntArray, one: int, place: int, value: int) -> None:
    """Put a word into a list."""
    size, length = h[one + 1], h[one + 2]
    if length == size:
        new = block(h, max(4, 2 * size))
        for at in range(length):
            h[new + at] = h[h[one] + at]
        if size:
            release(h, h[one], size)
        h[one], h[one + 1] = new, max(4, 2 * size)
    opened(h, h[one], place, length, value)
    h[one + 2] = length + 1


@compiled
def _cut(h: IntArray, one: int, begin: int, end: int) -> None:
    """Take words out of a list; an empty list gives its block back."""
    length = h[one + 2] - (end - begin)
    for at in range(begin, length):
        h[h[one] + at] = h[h[one] + at + end - begin]
    h[one + 2] = length
    if length == 0 and h[one + 1]:
        release(h, h[one], h[one + 1])
        h[one + 1] = 0


@compiled
def look_labels(h: IntArray, f: FloatArray, key: int, time: int, at: int) -> None:
    """`Labels.look`: writes known, frauds and share of every risk window from `at` on."""
    for window in range(h[N_RISKS]):
        number, found, since = 0, 0, time - h[h[RISKS] + window]
        if key:
            known, frauds = key + KNOWN, key + FRAUDS
            end = first(h, h[known], 0, h[known + 2], time)
            number = end - first(h, h[known], 0, end, since)
            end = first(h, h[frauds], 0, h[frauds + 2], time)
            found = end - first(h, h[frauds], 0, end, since)
            tardy = h[key + TARDY]
            for entry in range(tardy, tardy + h[key + TARDY + 2], 3):
                if h[entry] < time and h[entry + 1] >= since:
                    number += 1
                    found += h[entry + 2]
        f[at + 3 * window], f[at + 3 * window + 1] = number, found
        f[at + 3 * window + 2] = found / number if number else math.nan


@compiled
def add_label(h: IntArray, key: int, enter: int, due: int, fraud: int) -> None:
    """`Labels.add`."""
    if enter > due:
        for value in (enter, due, fraud):
            _put(h, key + TARDY, h[key + TARDY + 2], value)
        return
    known = key + KNOWN
    _put(h, known, first(h, h[known], 0, h[known + 2], due), due)
    if fraud:
        frauds = key + FRAUDS
        _put(h, frauds, first(h, h[frauds], 0, h[frauds + 2], due), due)


@compiled
def remove_label(h: IntArray, key: int, enter: int, due: int, fraud: int) -> None:
    """`Labels.remove`."""
    if enter > due:
        for entry in range(0, h[key + TARDY + 2], 3):
            at = h[key + TARDY] + entry
            if h[at] == enter and h[at + 1] == due and h[at + 2] == fraud:
                _cut(h, key + TARDY, entry, entry + 3)
                return
        return
    for one in (key + KNOWN, key + FRAUDS) if fraud else (key + KNOWN, key + KNOWN):
        place = first(h, h[one], 0, h[one + 2], due)
        _cut(h, one, place, place + 1)
        if not fraud:
            return


@compiled
def drop_labels(h: IntArray, key: int, due: int) -> bool:
    """`Labels.drop`: forgets labels that fell due before a time; whether none is left."""
    for one in (key + KNOWN, key + FRAUDS):
        _cut(h, one, 0, first(h, h[one], 0, h[one + 2], due))
    entry = 0
    while entry < h[key + TARDY + 2]:
        if h[h[key + TARDY] + entry + 1] < due:
            _cut(h, key + TARDY, entry, entry + 3)
        else:
            entry += 3
    return h[key + KNOWN + 2] + h[key + TARDY + 2] == 0  # type: ignore[no-any-return]
