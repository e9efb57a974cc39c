"""What a conventional model of a panel may be fitted on at a refit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.panel_table import PanelSamples, SeriesFact
from barograph.measures.panels.moves import differenced, innovations

LEAST_TENORS = 4
"""Tenors of a curve, or series of a group, that factors are read off."""
COVERED = 0.95
"""Share of the rows a series must be known in to tell of a state."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Newest known values up to a refit; nothing later is in here."""

    known: FloatArray  # [n, E]
    fresh: BoolArray  # [n, E]
    series: tuple[SeriesFact, ...]
    steps: IntArray  # [E, H]
    lags: int  # most lags of an autoregression
    factor_decay: float  # Nelson-Siegel, per month

    @classmethod
    def of(cls, samples: PanelSamples, origin: int, *, lags: int, factor_decay: float) -> Past:
        """What was known at an origin's end."""
        until = slice(0, origin + 1)
        return cls(
            samples.known[until], samples.fresh[until], samples.series, samples.steps, lags, factor_decay
        )

    @property
    def orders(self) -> FloatArray:
        """Order of each series, ``[E]``."""
        return np.array([float(one.order) for one in self.series])

    @property
    def differenced(self) -> FloatArray:
        """Each series differenced as its order says, ``[n, E]``."""
        return differenced(self.known, self.orders)

    @property
    def moves(self) -> FloatArray:
        """One-step errors of the anchors, ``[n, E]``; NaN where nothing new became known."""
        return np.where(self.fresh, innovations(self.known, self.orders), np.nan)

    def covered(self) -> BoolArray:
        """Series known in the newest row and nearly everywhere between their group's first row and it."""
        x = self.differenced
        known = np.isfinite(x)
        rows = np.flatnonzero(known.any(axis=1))
        if not rows.size:
            return np.zeros(x.shape[1], dtype=np.bool_)
        share = known[rows[0] :].mean(axis=0)
        return np.asarray((share >= COVERED) & known[-1], dtype=np.bool_)

    def groups(self) -> list[list[int]]:
        """Places of the series of each group."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.series):
            found.setdefault(one.group, []).append(place)
        return list(found.values())
