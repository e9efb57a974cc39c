"""The live state of a bundle: recent prices, one small memory per model, conformal forecasts still open.

A day that arrives first closes the day before it: the distribution of that origin, as it stood when its day
had ended, is what the conformal multiplier will be taught by. The newest origin of every entity therefore
stays open until its next day comes, and answering twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted import HistoricalParameters
from barograph.core.forecast import LEVELS, Distribution, joined
from barograph.core.records import Panel, Samples
from barograph.engines.forecasting.parts import Parts
from barograph.engines.forecasting.serving import Served, serve
from barograph.measures import conformal, tails, variance
from barograph.measures.conformal import ConformalState
from barograph.measures.variance import VarianceState
from barograph.prepare.latest import context
from barograph.prepare.samples import build


@dataclass(frozen=True, slots=True, eq=False)
class EntityState:
    """What one entity's next answer needs besides recent prices."""

    last: np.datetime64  # its newest day
    memories: dict[str, VarianceState]  # per baseline, the newest day included
    conformal: ConformalState  # up to the day before the newest


@dataclass(frozen=True, slots=True, eq=False)
class LiveState:
    """Prices as far back as any answer needs, and the state of each entity."""

    prices: Panel
    entities: dict[str, EntityState]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Forecasts at some origins."""

    entity: tuple[str, ...]  # [n]
    time: DateArray  # [n] origins
    price: FloatArray  # [n] close at the origin
    distribution: Distribution  # [n, …]


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """One entity's open origin followed by its new days."""

    name: str
    rows: IntArray  # into the samples
    conventional: dict[str, FloatArray]  # [n_rows, n_horizons]
    memories: dict[str, VarianceState]  # after the last of them


def advance(parts: Parts, state: LiveState, days: Panel) -> tuple[LiveState, Answer]:
    """Take in new days, of one entity or many, and forecast at each of them.

    Parameters
    ----------
    parts : Parts
    state : LiveState
    days : Panel
        Days later than the entity's newest; with no day at all the answer is that of the open origins.

    Returns
    -------
    LiveState
        After the days. Nothing of `state` is changed.
    Answer
        One row per new day; or, without any, one per entity at its newest day.
    """
    whole = Panel(pl.concat([state.prices.table, days.table]).sort("entity", "time"))
    samples = build(whole, parts.section, entities=parts.entities)
    names = sorted(days.entities) if days.table.height else sorted(state.entities)
    work = [_rows_of(parts, state.entities[name], samples, name) for name in names]
    served = _serve_all(parts, samples, work)
    after, answers, begin = dict(state.entities), [], 0
    for item in work:
        end = begin + item.rows.size
        old = state.entities[item.name]
        distribution, calibration = _calibrate(old, samples, item, _part(served, begin, end))
        kept = np.arange(1, item.rows.size) if item.rows.size > 1 else np.arange(1)
        answers.append((item, kept, distribution.take(kept.astype(np.int64))))
        after[item.name] = EntityState(samples.time[item.rows[-1]], item.memories, calibration)
        begin = end
    return LiveState(kept_prices(parts, whole), after), _answer(samples, answers)


def kept_prices(parts: Parts, prices: Panel) -> Panel:
    """The end of a panel from which the next answers can be made."""
    short = context(prices, parts.section)
    if parts.combine.tail != "historical":
        return short
    windows = [
        v.window for v in parts.baselines["historical"].values() if isinstance(v, HistoricalParameters)
    ]
    days = max(windows) + max(parts.horizons) + 1
    last = prices.table.group_by("entity", maintain_order=True).tail(days)
    return Panel(pl.concat([short.table, last.select(short.table.columns)]).unique().sort("entity", "time"))


def _rows_of(parts: Parts, old: EntityState, samples: Samples, name: str) -> _Rows:
    block = samples.rows_of(samples.entities.index(name))
    time = samples.time[block]
    first = int(np.searchsorted(time, old.last))
    rows = np.arange(block.start + first, block.stop, dtype=np.int64)
    if not samples.admissible[rows].all():
        raise DataError(
            f"'{name}' must have enough history for a forecast",
            came=f"only {time.size} days are at hand",
            do="Give more of its past days",
        )
    memories = dict(old.memories)
    path: dict[str, list[FloatArray]] = {key: [] for key in memories}
    for position, row in enumerate(rows):
        for key, memory in memories.items():
            if position:
                memory = variance.advance(memory, float(samples.returns[row]), float(samples.proxy[row]))
                memories[key] = memory
            path[key].append(variance.forecast(memory, parts.horizons))
    return _Rows(name, rows, {key: np.stack(values) for key, values in path.items()}, memories)


def _serve_all(parts: Parts, samples: Samples, work: list[_Rows]) -> Served:
    rows = np.concatenate([item.rows for item in work])
    keys = work[0].conventional
    conventional = {key: np.concatenate([item.conventional[key] for item in work]) for key in keys}
    return serve(parts, samples, rows, conventional=conventional)


def _part(served: Served, begin: int, end: int) -> Served:
    tail = replace(
        served.tail, quantiles=served.tail.quantiles[begin:end], shortfall=served.tail.shortfall[begin:end]
    )
    return Served(served.log_variance[begin:end], tail)


def _calibrate(
    old: EntityState, samples: Samples, item: _Rows, served: Served
) -> tuple[Distribution, ConformalState]:
    """Multiply by the conformal factors; the state returned has closed every origin but the last."""
    sigma = np.exp(0.5 * served.log_variance)
    lower = sigma * served.tail.quantiles[..., LEVELS.index(conformal.ALPHA)]
    upper = sigma * served.tail.quantiles[..., LEVELS.index(1 - conformal.ALPHA)]
    closed, after, factors = old.conformal, old.conformal, []
    for position, row in enumerate(item.rows):
        closed = after
        outcome = completed(samples, int(row))
        after, factor = conformal.advance(
            closed, lower=lower[position], upper=upper[position], outcome=outcome
        )
        factors.append(factor)
    return tails.distribution(served.log_variance, served.tail, np.stack(factors)), closed


def completed(samples: Samples, row: int) -> FloatArray:
    """Log returns over the h days that end at a row, [n_horizons]; NaN where the entity is younger."""
    first = samples.rows_of(int(samples.entity[row])).start
    sums = [
        samples.returns[row - h + 1 : row + 1].sum() if row - h + 1 >= first else np.nan
        for h in samples.horizons
    ]
    return np.array(sums)


def _answer(samples: Samples, answers: list[tuple[_Rows, np.ndarray[Any, Any], Distribution]]) -> Answer:
    rows = np.concatenate([item.rows[kept] for item, kept, _ in answers])
    names = tuple(samples.entities[entity] for entity in samples.entity[rows])
    distribution = joined([part for _, _, part in answers])
    return Answer(names, samples.time[rows], samples.price[rows], distribution)


def state_to_plain(state: LiveState) -> dict[str, Any]:
    """Everything but the prices as JSON; NaN is written as null."""
    return {
        name: {
            "last": str(entity.last),
            "memories": {key: memory.memory.tolist() for key, memory in entity.memories.items()},
            "log_multiplier": entity.conformal.log_multiplier.tolist(),
            "issued": _nulls(entity.conformal.issued),
        }
        for name, entity in state.entities.items()
    }


def state_from_plain(plain: Mapping[str, Any], prices: Panel, parts: Parts) -> LiveState:
    """The inverse of `state_to_plain`."""
    entities = {}
    for name, values in plain.items():
        memories = {
            key: VarianceState(parts.baselines[key][name], np.asarray(memory, dtype=np.float64))
            for key, memory in values["memories"].items()
        }
        calibration = ConformalState(
            parts.conformal,
            parts.horizons,
            np.asarray(values["log_multiplier"], dtype=np.float64),
            np.asarray(values["issued"], dtype=np.float64),
        )
        entities[name] = EntityState(np.datetime64(values["last"], "D"), memories, calibration)
    return LiveState(prices, entities)


def _nulls(values: FloatArray) -> Any:
    plain = values.astype(object)
    plain[np.isnan(values)] = None
    return plain.tolist()
