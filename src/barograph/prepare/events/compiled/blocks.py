"""Words handed out in blocks from one array, for compiled functions.

`h` is an array of 64-bit words: a head, whose words are named here, then blocks of 1, 2, 4 … words. A block
that is given back is handed out again to who wants one of its size.
"""

from __future__ import annotations

from barograph.core.arrays import IntArray
from barograph.core.compiled import compiled

TOP, FREE = 0, 1  # first word never handed out; first free block of each size
N_WINDOWS, N_RISKS, MOST, BY_OTHER, TELLS_NEW, LENGTH = 64, 65, 66, 67, 68, 69  # the plan, numbers of a row
WINDOWS, RISKS, WEEK, ROW = 70, 71, 72, 73  # where tables stand, and the row that is answered
HEAD = 80


@compiled
def block(h: IntArray, words: int) -> int:
    """A block of at least so many words."""
    size = 0
    while (1 << size) < words:
        size += 1
    at = h[FREE + size]
    if at:
        h[FREE + size] = h[at]
    else:
        at = h[TOP]
        h[TOP] = at + (1 << size)
    return at  # type: ignore[no-any-return]


@compiled
def release(h: IntArray, at: int, words: int) -> None:
    """Give a block of so many words back."""
    size = 0
    while (1 << size) < words:
        size += 1
    h[at] = h[FREE + size]
    h[FREE + size] = at


@compiled
def first(h: IntArray, base: int, low: int, high: int, value: int) -> int:
    """The first place from low to before high whose word is not below a value, or high."""
    while low < high:
        middle = (low + high) >> 1
        if h[base + middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def opened(h: IntArray, base: int, place: int, end: int, value: int) -> None:
    """Put a word at a place, those from there to before `end` one on."""
    while end > place:
        h[base + end] = h[base + end - 1]
        end -= 1
    h[base + place] = value


@compiled
def closed(h: IntArray, base: int, place: int, end: int) -> None:
    """Take the word at a place away, those behind it one back."""
    for at in range(base + place, base + end - 1):
        h[at] = h[at + 1]
