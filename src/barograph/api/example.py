"""What a bundle can be asked: a small table that `predict` answers, and the columns it may have besides.

Nothing in it is a customer: a record is the middle of the bundle's reference records, a payment is of a card
nobody has, a loss is of the usual amount. What is no customer's is as the bundle knows it: a new day repeats
the newest price, a panel's is its newest, and a series in levels is its last periods, as few as will do.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np
import polars as pl

from barograph.api.answer import AnyForecaster, PanelForecaster, Predictor, Scorer
from barograph.api.live import EventScorer, FallForecaster
from barograph.api.newest import LedgerForecaster, LevelForecaster
from barograph.collect.records.serving import required
from barograph.core.records import Panel
from barograph.engines.scoring.live import EVENTS
from barograph.engines.scoring.parts import Parts

EPOCH = datetime.date(1970, 1, 1)
AMOUNT = 25.0
"""Of the payment, in whatever money."""

Instant = pl.Datetime("us")


@dataclass(frozen=True, slots=True)
class Example:
    """A table that a bundle answers, and columns that a request may leave out, with their types."""

    table: pl.DataFrame
    optional: dict[str, pl.DataType] = field(default_factory=dict)


@singledispatch
def example_of(model: AnyForecaster | Scorer | EventScorer) -> Example:
    """A request that the model answers; of live models it follows on the newest known day or event."""
    raise TypeError(type(model))


@example_of.register
def _records(model: Scorer) -> Example:
    parts = model.predictor.parts
    schema, known = parts.schema, _typical(parts)
    table = pl.DataFrame({name: known[name] for name in required(schema)})
    optional: dict[str, pl.DataType] = {schema.record_id: pl.String()} if schema.record_id else {}
    optional |= {name: pl.Float64() for name in (schema.amount, *schema.terms.values()) if name}
    return Example(table, {name: kind for name, kind in optional.items() if name not in table.columns})


def _typical(parts: Parts) -> dict[str, pl.Series]:
    """The middle of the reference records: medians of numbers, the most frequent of categories."""
    schema, reference = parts.schema, parts.reference
    found = {name: pl.Series([_middle(reference.table[name])], dtype=pl.Float64) for name in schema.numeric
             if name in reference.table.columns}  # fmt: skip
    found |= {name: _usual(reference.table, name) for name in schema.categorical}
    for place, names in enumerate(schema.sequence.values()):
        steps = reference.sequence[:, -len(names) :, place]
        middle = np.full(len(names), np.nan) if not steps.size else np.nanmedian(steps, axis=0)
        found |= {name: pl.Series([float(one)]) for name, one in zip(names, middle, strict=True)}
    day = reference.time.max().item() if reference.has_time else EPOCH
    for name in schema.dates:
        before = found[name].item()
        found[name] = pl.Series([None if before is None else day - datetime.timedelta(before)], dtype=pl.Date)
    if schema.time:
        found[schema.time] = pl.Series([day], dtype=pl.Date)
    return found


def _middle(values: pl.Series) -> float | None:
    median = values.median()
    return float(median) if isinstance(median, int | float) else None


def _usual(table: pl.DataFrame, name: str) -> pl.Series:
    return table[name].mode().sort().head(1).cast(pl.String)


@example_of.register
def _events(model: EventScorer) -> Example:
    scorer, part = model.scorer, model.predictor.parts.events
    assert part is not None  # or it would not be an `EventScorer`
    columns, newest = part.columns, int(part.state[EVENTS + "watermark"][0])  # microseconds since 1970
    after = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=newest, hours=1)
    named: dict[str, pl.Series] = {
        columns.event_id: pl.Series(["example"]),
        columns.time: pl.Series([after], dtype=Instant),
        columns.actor: pl.Series(["example"]),
        columns.counterparty: pl.Series(["example"]),
        columns.amount: pl.Series([AMOUNT]),
    }
    reference = model.predictor.parts.reference.table
    named |= {name: pl.Series([_middle(reference[name])], dtype=pl.Float64) for name in scorer.numeric}
    named |= {name: _usual(reference, name) for name in scorer.categorical}
    return Example(pl.DataFrame({name: values for name, values in named.items() if name}))


@example_of.register
def _prices(model: Predictor) -> Example:
    return _next_day(model.forecaster.state.prices)


@example_of.register
def _fixings(model: FallForecaster) -> Example:
    return Example(_next_day(model.live.prices).table)


def _next_day(prices: Panel) -> Example:
    """The working day after each entity's newest, at the newest price."""
    newest = prices.table.sort("time").group_by("entity", maintain_order=True).last().sort("entity")
    table = newest.select("entity", pl.col("time").dt.add_business_days(1, roll="forward"), "close")
    return Example(table, {name: pl.Float64() for name in ("open", "high", "low", "volume")})


@example_of.register
def _panel(model: PanelForecaster) -> Example:
    """The newest known day once more: no day is later, so it is the origin of the answer."""
    predictor = model.predictor
    request, names = predictor.parts.request, list(predictor.panel.names)
    factor = 100.0 if request.kind == "curve" and request.unit == "percent" else 1.0
    row = predictor.panel.table.tail(1).select(pl.col("time"), pl.col(names) * factor)
    named = dict.fromkeys(names, pl.Float64())
    if request.entity:  # one row for each country, its columns without the country's name
        row = pl.concat([_country(row, one, request.entity) for one in _countries(names)], how="diagonal")
        named = dict.fromkeys((name.rpartition(":")[2] for name in names), pl.Float64())
    table = row.rename({"time": request.time or "time"})
    filled = [one.name for one in table if one.null_count() < table.height]
    return Example(table.select(filled), {name: kind for name, kind in named.items() if name not in filled})


def _countries(names: list[str]) -> list[str]:
    return list(dict.fromkeys(name.rpartition(":")[0] for name in names))


def _country(row: pl.DataFrame, country: str, entity: str) -> pl.DataFrame:
    own = {name: name.rpartition(":")[2] for name in row.columns if name.rpartition(":")[0] == country}
    return row.select("time", pl.lit(country).alias(entity), *own).rename(own)


@example_of.register
def _level(model: LevelForecaster) -> Example:
    """The last periods of the series, as few as will do, every value where it stood in the sender's table."""
    parts = model.predictor.parts
    request, table = parts.request, parts.series.table
    own = {"time": request.time, "target": request.target, "size": request.size}
    lags = {**request.estimates, **request.exogenous}
    columns = [pl.col(name).alias(called) for name, called in own.items() if called]
    own_table = table.select(*columns, *(pl.col(name).shift(-lag) for name, lag in lags.items()))
    section = parts.prepare
    late = max(parts.series.delay, *lags.values(), 0)
    return Example(
        own_table.tail(max(section.window + late, section.lags + late, 2))
    )  # 2: how long a period is


@example_of.register
def _ledger(model: LedgerForecaster) -> Example:
    """One usual loss on the day after the last."""
    request, ledger = model.predictor.parts.request, model.predictor.parts.ledger
    row: dict[str | None, Any] = {
        request.time: [(ledger.until + np.timedelta64(1, "D")).astype(object)],
        request.target: [round(float(np.median(ledger.amount)), 2)],
        request.loss_id: ["example"],
    }
    return Example(pl.DataFrame({name: values for name, values in row.items() if name}))
