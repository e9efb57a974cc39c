"""Members shared out among stacks."""

from __future__ import annotations

from itertools import pairwise


def shared_out(count: int, most: int) -> list[range]:
    """Places ``0 … count - 1`` in as few parts as can hold them, consecutive and as equal as can be.

    Parameters
    ----------
    count : int
        Of what is shared out, at least 1.
    most : int
        In a part, at least 1.
    """
    parts = -(-count // most)
    edges = [count * part // parts for part in range(parts + 1)]
    return [range(since, until) for since, until in pairwise(edges)]
