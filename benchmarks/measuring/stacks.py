"""A step of one member of a stack, for stacks of several sizes, and what the catalogue's choice wastes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from measuring import Figure, interleaved, median

WASTED = 1.25
"""How many times the best size's time the size that the catalogue names may take."""


def sized(
    network: str,
    trained: Callable[[int], object],
    sizes: Sequence[int],
    *,
    together: int,
    steps: int,
    rounds: int,
) -> list[Figure]:
    """Milliseconds a step of one member for every size; `trained` trains a stack of a size for all `steps`.

    `together` is how many members the catalogue puts in a stack: the largest size up to it is what is chosen.
    """
    taken = interleaved({str(size): partial(trained, size) for size in sizes}, rounds)
    each = {size: 1000.0 * median(taken[str(size)]) / (steps * size) for size in sizes}
    figures = [
        Figure(f"{network}, {_named(size)}", value, "ms a member-step") for size, value in each.items()
    ]
    chosen = max(size for size in sizes if size <= together)
    case = f"  {_named(chosen)}, as chosen, over the best size"
    return [*figures, Figure(case, each[chosen] / min(each.values()), "times", WASTED, digits=2)]


def _named(size: int) -> str:
    return f"stack of {size}" if size > 1 else "alone"
