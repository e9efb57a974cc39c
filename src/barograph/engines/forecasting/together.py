"""Which folds of a network are trained in one stack: by what was measured, or by the study's own word."""

from __future__ import annotations

from barograph.models.catalogue import entry_of
from barograph.train.together import shared_out


def folds_together(network: str, folds: int, *, seeds: int, most: int) -> list[range]:
    """The folds of each stack, consecutive and as equal in number as can be.

    Members of a stack share one batched product; stacks are what processes share among them. Neither the
    number of processes nor where they run has a say, so that a study's stacks are the same anywhere.

    Parameters
    ----------
    network : str
        Key of the catalogue, whose entry says how many members gain (`NetworkEntry.together`).
    folds : int
        At least 1, the refit included.
    seeds : int
        Members of a fold, at least 1; they stay together.
    most : int
        Members of a stack at most, where a fold has no more; 0 is what was measured.
    """
    return shared_out(folds, max(1, (most or entry_of(network).together) // seeds))
