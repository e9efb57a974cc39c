"""Which members form a stack: the plan decides it, never the executor, so figures do not depend on it."""

from __future__ import annotations

import itertools

LARGEST_STACK = 32
"""Members trained together at most; beyond it the tables of one step outgrow a core's cache."""
WORTH_SPLITTING = 16
"""From this many members on there are at least two stacks, so that a second process has work."""


def plan_stacks(
    n_members: int, *, stacked: bool = True, largest: int = LARGEST_STACK
) -> list[tuple[int, ...]]:
    """Consecutive members in stacks of nearly equal size.

    Parameters
    ----------
    n_members : int
        All members of a network (folds times seeds).
    stacked : bool
        False puts each member on its own, for networks that gain nothing from stacking.
    largest : int
        Members of a stack at most.

    Examples
    --------
    >>> plan_stacks(5, largest=2)
    [(0, 1), (2, 3), (4,)]
    """
    if n_members == 0:
        return []
    least = 2 if n_members >= WORTH_SPLITTING else 1
    count = n_members if not stacked else max(least, -(-n_members // largest))
    small, more = divmod(n_members, count)
    bounds = [0]
    for number in range(count):
        bounds.append(bounds[-1] + small + (number < more))
    return [tuple(range(a, b)) for a, b in itertools.pairwise(bounds)]
