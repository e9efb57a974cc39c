"""Where candidates meet: the entities of a run, its blocks, and loss differences computed once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.forecast import OutOfSample
from barograph.core.results import Standing, TestResult
from barograph.core.study import Study
from barograph.evaluate.losses import known_rows, losses
from barograph.measures.comparison import automatic_lags, diebold_mariano, panel_diebold_mariano

Block = Literal["all", "development", "confirmation"]

SIGNIFICANCE = 0.05
"""Two-sided size at which a difference gives a standing."""


@dataclass(frozen=True, slots=True)
class Duel:
    """Two candidates on the same rows: mean loss difference (negative = the first is better) and its test."""

    difference: float  # NaN where no row is common
    test: TestResult

    def standing(self, size: float = SIGNIFICANCE) -> Standing:
        """What the test says at a two-sided size; a test that could not be made says nothing."""
        if not self.test.p_value < size:
            return "indistinguishable"
        return "better" if self.difference < 0.0 else "worse"


def entity_rows(out: OutOfSample) -> dict[str, slice]:
    """Where each entity's scored rows lie, in the order of the samples."""
    codes = out.samples.entity[out.rows]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    stops = np.append(starts[1:], codes.size)
    return {
        out.samples.entities[codes[start]]: slice(int(start), int(stop))
        for start, stop in zip(starts, stops, strict=True)
    }


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """A run laid out for comparison; the losses already asked for are kept."""

    out: OutOfSample
    study: Study
    rows_of: dict[str, slice]  # entity -> its scored rows
    days: IntArray  # [n_scored] day numbers of the origins
    kept: dict[tuple[str, str, int], FloatArray] = field(default_factory=dict)

    @property
    def candidates(self) -> tuple[str, ...]:
        """Every model of the run."""
        return tuple(self.out.distributions)

    def block_of(self, entity: str) -> Block:
        """Whether an entity chose the recipe or confirms it."""
        return "development" if entity in self.study.evaluate.development else "confirmation"

    def entities(self, block: Block) -> tuple[str, ...]:
        """The scored entities of a block."""
        return tuple(name for name in self.rows_of if block in ("all", self.block_of(name)))

    def blocks(self) -> tuple[Block, ...]:
        """The blocks that hold an entity, the whole first."""
        names: tuple[Block, ...] = ("all", "development", "confirmation")
        return tuple(block for block in names if self.entities(block))

    def losses(self, model: str, metric: str, horizon: int) -> FloatArray:
        """The candidate's loss on every scored row (see `evaluate.losses`)."""
        key = (model, metric, horizon)
        if key not in self.kept:
            self.kept[key] = losses(self.out, model, metric, horizon)
        return self.kept[key]

    def mean_loss(self, model: str, metric: str, horizon: int, *, block: Block = "all") -> tuple[int, float]:
        """Known rows without a usable forecast, and the mean over entities of the mean loss."""
        loss = self.losses(model, metric, horizon)
        known = known_rows(self.out, horizon)
        parts = [self.rows_of[name] for name in self.entities(block)]
        missing = sum(int(np.sum(known[rows] & ~np.isfinite(loss[rows]))) for rows in parts)
        means = [loss[rows][np.isfinite(loss[rows])] for rows in parts]
        full = [float(values.mean()) for values in means if values.size]
        return missing, float(np.mean(full)) if full else float("inf")

    def duel(self, model: str, opponent: str, *, metric: str, horizon: int, entity: str) -> Duel:
        """Two candidates on one entity: Diebold-Mariano, small-sample corrected, Bartlett variance."""
        difference = self._difference(model, opponent, metric, horizon)[self.rows_of[entity]]
        n = int(np.isfinite(difference).sum())
        lags = automatic_lags(n, horizon=horizon)
        return _duel(difference, diebold_mariano(difference, horizon=horizon, lags=lags, kernel="bartlett"))

    def panel_duel(
        self, model: str, opponent: str, *, metric: str, horizon: int, block: Block = "all"
    ) -> Duel:
        """Two candidates on all entities of a block: panel Diebold-Mariano, clustered by date."""
        inside = self._inside(block)
        difference = self._difference(model, opponent, metric, horizon)[inside]
        return _duel(difference, panel_diebold_mariano(difference, self.days[inside], horizon=horizon))

    def _difference(self, model: str, opponent: str, metric: str, horizon: int) -> FloatArray:
        return self.losses(model, metric, horizon) - self.losses(opponent, metric, horizon)

    def _inside(self, block: Block) -> BoolArray:
        inside = np.zeros(self.days.size, dtype=bool)
        for entity in self.entities(block):
            inside[self.rows_of[entity]] = True
        return inside


def arena(out: OutOfSample, study: Study) -> Arena:
    """A run laid out for comparison."""
    days = out.samples.time[out.rows].astype("datetime64[D]").astype(np.int64)
    return Arena(out, study, entity_rows(out), days)


def _duel(difference: FloatArray, test: TestResult) -> Duel:
    known = difference[np.isfinite(difference)]
    return Duel(float(known.mean()) if known.size else float("nan"), test)
