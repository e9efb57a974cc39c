"""Held rates stand apart: forecast and shown, but not counted in what the study claims.

A rate under a peg, a floor or a narrow band does what an authority wills. On nearly all days it says nothing
of a volatility model, and on the day the regime ends a single loss outweighs the years around it. So the
origins at which a rate was known to be held (`Samples.held`) are taken out before anything is claimed, and
what remains of a series too short to judge goes with them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.errors import DataError
from barograph.core.forecast import OutOfSample
from barograph.core.records import Samples

LEAST_FREE = 250
"""Scored origins at which a series must have floated to be judged: a trading year."""


def judged(out: OutOfSample) -> OutOfSample:
    """The run without held origins; the run itself where there are none.

    Raises
    ------
    DataError
        No series floats on `LEAST_FREE` of its scored origins.
    """
    kept = free_places(out.samples, out.rows)
    if kept.size == out.rows.size:
        return out
    return replace(
        out,
        rows=out.rows[kept],
        fold=out.fold[kept],
        distributions={name: value.take(kept) for name, value in out.distributions.items()},
        members={name: value[:, kept] for name, value in out.members.items()},
        event_threshold=out.event_threshold[kept],
    )


def free_places(samples: Samples, rows: IntArray) -> IntArray:
    """Places of the rows that count, ascending; see `judged`."""
    free = ~samples.held[rows]
    if free.all():
        return np.arange(rows.size)
    counts = np.bincount(samples.entity[rows[free]], minlength=len(samples.entities))
    kept = np.flatnonzero(free & (counts >= LEAST_FREE)[samples.entity[rows]])
    if not kept.size:
        raise DataError(
            f"at least one series must float on {LEAST_FREE} scored days",
            came=f"all {np.unique(samples.entity[rows]).size} are held (pegs, floors, narrow bands) on more",
            do="Give rates that float, or lower prepare.held_below",
        )
    return kept
