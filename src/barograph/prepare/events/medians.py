"""Exact medians of many ranges of one array at once, by a wavelet matrix.

Source: Claude, Navarro and Ordóñez (2015), "The wavelet matrix: an efficient wavelet tree for large
alphabets". The ranks of the values within their segment are parted bit by bit; a range stays a range, and the
k-th smallest is found in as many steps as a rank has bits, whatever the length of the range.
"""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.prepare.events.grouped import CHUNK, chunks


def range_medians(values: IntArray, segment: IntArray, low: IntArray, high: IntArray) -> FloatArray:
    """Median of ``values[low:high]`` per row; NaN where that is empty.

    Parameters
    ----------
    values : array [m] of int64
    segment : array [m]
        First position of each position's segment; segments are contiguous.
    low, high : arrays [m]
        Row i's range, within the segment of position i.

    Returns
    -------
    array [m]
        With an even number of values, half the sum of the two in the middle.

    Examples
    --------
    >>> zeros = np.zeros(4, dtype=np.int64)
    >>> range_medians(np.array([7, 1, 3, 9]), zeros, zeros, np.arange(4)).tolist()
    [nan, 7.0, 4.0, 3.0]
    """
    medians = np.full(values.shape[0], np.nan)
    for part in chunks(segment, CHUNK):
        begin = part.start
        medians[part] = _chunk(values[part], segment[part] - begin, low[part] - begin, high[part] - begin)
    return medians


def _chunk(values: IntArray, segment: IntArray, low: IntArray, high: IntArray) -> FloatArray:
    """`range_medians` of whole segments."""
    by_value = np.lexsort((values, segment))
    rank = np.empty_like(by_value)
    rank[by_value] = np.arange(values.shape[0])
    rank -= segment
    ordered = values[by_value]
    number = high - low
    asked = np.flatnonzero(number > 0)
    even = asked[number[asked] % 2 == 0]
    place = np.concatenate([asked, even])
    smaller = np.concatenate([number[asked] // 2, number[even] // 2 - 1])
    found = ordered[segment[place] + _kth(rank, low[place], high[place], smaller)]
    medians = np.full(values.shape[0], np.nan)
    medians[asked] = found[: asked.size]
    medians[even] = 0.5 * (found[asked.size :] + medians[even])
    return medians


def _kth(rank: IntArray, low: IntArray, high: IntArray, smaller: IntArray) -> IntArray:
    """The rank in ``rank[low:high]`` that has `smaller` ranks of the range below it, per query."""
    found = np.zeros_like(smaller)
    zeros = np.zeros(rank.shape[0] + 1, dtype=np.int64)
    for bit in reversed(range(int(rank.max(initial=0)).bit_length())):
        one = (rank >> bit) & 1
        np.cumsum(1 - one, out=zeros[1:])
        first, last = zeros[low], zeros[high]
        up = smaller >= last - first
        low = np.where(up, low - first + zeros[-1], first)
        high = np.where(up, high - last + zeros[-1], last)
        smaller = np.where(up, smaller - (last - first), smaller)
        found |= up.astype(np.int64) << bit
        split = one == 1
        rank = np.concatenate([rank[~split], rank[split]])
    return found
