"""The conventional side: every baseline of every entity, refitted through time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray, DateArray, FloatArray, IntArray
from barograph.core.fitted import FittedValue, fitted_from_plain
from barograph.core.records import Samples
from barograph.engines.forecasting.parts import INPUT_BASELINES
from barograph.measures.variance import log_variance
from barograph.models.baselines.catalogue import BASELINES, fit_baseline


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One baseline on one entity, at each of its refits."""

    key: str
    entity: str
    returns: FloatArray  # [n]
    proxy: FloatArray  # [n]
    cuts: tuple[int, ...]  # rows known at each refit
    horizons: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """What a task leaves: a fitted value per cut, and a sentence for every refit that did not converge."""

    values: list[FittedValue]
    notes: list[str]


def fit_task(task: Task) -> Refits:
    """Fit one baseline at each cut, each fit starting from the one before."""
    notes: list[str] = []
    values = fit_baseline(
        task.key, task.returns, task.proxy, cuts=task.cuts, horizons=task.horizons, notes=notes
    )
    return Refits(values, [f"{task.entity}: {note}" for note in notes])


def pack_refits(refits: Refits) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """Fitted values as facts for the workspace."""
    return {}, {"values": [value.to_plain() for value in refits.values], "notes": refits.notes}


def unpack_refits(arrays: dict[str, AnyArray], facts: dict[str, Any]) -> Refits:
    """The inverse of `pack_refits`."""
    return Refits([fitted_from_plain(plain) for plain in facts["values"]], list(facts["notes"]))


@dataclass(frozen=True, slots=True, eq=False)
class Conventional:
    """Baselines fitted through time: `fitted[key][entity][i]` belongs to `cuts[entity][i]`."""

    samples: Samples
    dates: DateArray  # [n_refits] days at whose end the baselines were refitted, ascending
    cuts: tuple[IntArray, ...]  # per entity: distinct row counts at which it was fitted
    fitted: dict[str, list[list[FittedValue]]]
    notes: tuple[str, ...] = ()  # refits that did not converge and kept the parameters of the one before

    def at(self, key: str, entity: int, cut: np.datetime64) -> FittedValue | None:
        """The parameters in force at the end of a day; None if the entity had too little history."""
        rows = self.samples.rows_of(entity)
        known = int(np.searchsorted(self.samples.time[rows], cut, side="right"))
        position = int(np.searchsorted(self.cuts[entity], known, side="right")) - 1
        return self.fitted[key][entity][position] if position >= 0 else None

    def with_cut(self, key: str, cut: np.datetime64) -> FloatArray:
        """Log variance of all rows, each entity filtered with its parameters of one cut; NaN where none."""
        out = np.full((self.samples.n, len(self.samples.horizons)), np.nan)
        for entity in range(len(self.samples.entities)):
            value = self.at(key, entity, cut)
            if value is not None:
                out[self.samples.rows_of(entity)] = self._forecast(value, entity)
        return out

    def refitted(self, key: str) -> FloatArray:
        """Log variance of all rows, each with the latest parameters fitted before its own day."""
        out = np.full((self.samples.n, len(self.samples.horizons)), np.nan)
        for entity in range(len(self.samples.entities)):
            rows = self.samples.rows_of(entity)
            cuts = self.cuts[entity]
            serving = np.searchsorted(cuts, np.arange(rows.stop - rows.start), side="right") - 1
            for position in np.unique(serving[serving >= 0]):
                mine = np.flatnonzero(serving == position)
                forecast = self._forecast(self.fitted[key][entity][position], entity)
                out[rows.start + mine] = forecast[mine]
        return out

    def _forecast(self, value: FittedValue, entity: int) -> FloatArray:
        rows = self.samples.rows_of(entity)
        return log_variance(
            value, self.samples.returns[rows], self.samples.proxy[rows], self.samples.horizons
        )


def variance_keys(baselines: Sequence[str]) -> tuple[str, ...]:
    """The distinct variance models behind a list of baselines, and those that networks read."""
    keys = [BASELINES[key].variance for key in baselines]
    return tuple(dict.fromkeys([*keys, *INPUT_BASELINES]))


def tasks_for(
    samples: Samples, dates: DateArray, keys: Sequence[str], *, least_rows: int
) -> tuple[list[Task], tuple[IntArray, ...]]:
    """One task per baseline and entity, and each entity's distinct cuts, from its `least_rows`-th row on."""
    cuts = []
    for entity in range(len(samples.entities)):
        time = samples.time[samples.rows_of(entity)]
        known = np.unique(np.searchsorted(time, dates, side="right"))
        cuts.append(known[known >= least_rows].astype(np.int64))
    tasks = [
        Task(
            key,
            samples.entities[entity],
            samples.returns[samples.rows_of(entity)],
            samples.proxy[samples.rows_of(entity)],
            tuple(int(c) for c in cuts[entity]),
            samples.horizons,
        )
        for key in keys
        for entity in range(len(samples.entities))
    ]
    return tasks, tuple(cuts)
