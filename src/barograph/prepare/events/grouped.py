"""Rows of a table in order of key and time, and where each row's windows begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, IntArray
from barograph.core.fitted_events import SECOND

CHUNK = 32_768
"""Rows handled at once, so that the work stays in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Accepted rows that have a key, sorted by key, then by time; every field is [m], in this order.

    Positions count within this order. The events before a row are those of its key from `segment` to before
    `high`: strictly earlier ones. Where `amended`, one of them had not arrived yet when the row was answered.
    """

    order: IntArray  # place among the accepted rows, which are in order of arrival
    key: IntArray
    time: IntArray  # microseconds
    high: IntArray  # first position of the same key and time
    segment: IntArray  # first position of the same key
    amended: BoolArray

    def lows(self, windows: tuple[int, ...], most: int) -> list[IntArray]:
        """First position of each window (seconds, ascending) before each row."""
        spans = [one * SECOND for one in windows]
        lows = [np.empty_like(self.high) for _ in windows]
        # keys are strung out on one axis, further apart than any window reaches; it must fit into 64 bits
        width = int(self.time.max(initial=0)) - int(self.time.min(initial=2**62)) + spans[-1] + 1
        for part in chunks(self.segment, min(CHUNK, max(2**62 // max(width, 1), 1))):
            begins = self.segment[part] == np.arange(part.start, part.stop)
            place = np.cumsum(begins) * width + (self.time[part] - self.time.min())
            for low, span in zip(lows, spans, strict=True):
                low[part] = part.start + np.searchsorted(place, place - span)
        floor = self._floor(lows[-1], most)
        return [np.maximum(low, floor) if floor is not None else low for low in lows]

    def _floor(self, low: IntArray, most: int) -> IntArray | None:
        """Where only whole groups of equal times among the latest `most` events begin; None: all fit."""
        over = np.flatnonzero(self.high - low > most)
        if not over.size:
            return None
        last = np.append(np.flatnonzero(np.diff(self.high)) + 1, self.high.shape[0])
        group = np.cumsum(np.concatenate([[0], np.diff(self.high) != 0]))
        floor = np.zeros_like(self.high)
        floor[over] = last[group[self.high[over] - most - 1]]
        return floor


def grouped(key: IntArray, time: IntArray, *, ties: tuple[AnyArray, ...] = ()) -> Grouped:
    """Sort accepted rows, given in order of arrival; a key below 0 leaves its row out.

    Rows of equal key and time stand in order of the `ties`, the first of them first, or else of arrival.
    """
    return _of(_order(key, time, ties), key, time)


def parts(key: IntArray, time: IntArray) -> Iterator[Grouped]:
    """`grouped` in parts of whole keys, so that whatever is made of one stays in the processor's cache.

    Positions count within a part; `order` is still a place among all accepted rows.
    """
    order = _order(key, time, ())
    sorted_key = key[order]
    for part in _chunks(np.flatnonzero(np.diff(sorted_key, prepend=-1)), order.shape[0], CHUNK):
        yield _of(order[part], key, time)


def _order(key: IntArray, time: IntArray, ties: tuple[AnyArray, ...]) -> IntArray:
    """Places of the rows that have a key, by key, then by time, then as `grouped` says."""
    order = np.flatnonzero(key >= 0)
    if ties:
        order = order[np.lexsort([one[order] for one in (*ties[::-1], time)])]
    elif np.any(time[order[1:]] < time[order[:-1]]):
        order = order[np.argsort(time[order], kind="stable")]
    code = key[order].astype(np.uint16) if key.max(initial=0) < 2**16 else key[order]  # 16 bits sort faster
    sorted_order: IntArray = order[np.argsort(code, kind="stable")]
    return sorted_order


def _of(order: IntArray, key: IntArray, time: IntArray) -> Grouped:
    """Rows in that order, whole keys."""
    sorted_key, sorted_time = key[order], time[order]
    new_key = np.ones(order.shape[0], dtype=np.bool_)
    new_key[1:] = sorted_key[1:] != sorted_key[:-1]
    new_time = new_key.copy()
    new_time[1:] |= sorted_time[1:] != sorted_time[:-1]
    high, segment = _first(new_time), _first(new_key)
    # the latest arrival among a row's earlier events; keys are stacked so that none reaches into the next
    stacked = np.maximum.accumulate(np.cumsum(new_key) * key.shape[0] + order)
    before = np.where(high > segment, stacked[high - 1], 0) if order.size else stacked
    amended = before > np.cumsum(new_key) * key.shape[0] + order
    return Grouped(order, sorted_key, sorted_time, high, segment, amended)


def chunks(segment: IntArray, size: int) -> Iterator[slice]:
    """Parts of whole segments, of so many positions at most, or else of one segment."""
    count = segment.shape[0]
    return _chunks(np.flatnonzero(segment == np.arange(count)), count, size)


def _chunks(starts: IntArray, count: int, size: int) -> Iterator[slice]:
    """The same, of segments that start there; there are `count` positions."""
    bounds = np.append(starts, count)
    begin = 0
    while begin < count:
        end = int(bounds[np.searchsorted(bounds, begin + size, side="right") - 1])
        if end == begin:  # one segment longer than that
            end = int(bounds[np.searchsorted(bounds, begin, side="right")])
        yield slice(begin, end)
        begin = end


def _first(starts: BoolArray) -> IntArray:
    """Position at which each row's group starts."""
    return np.maximum.accumulate(np.where(starts, np.arange(starts.shape[0]), 0))
