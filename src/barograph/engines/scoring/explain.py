"""Why a record has its figure, and what would change the decision: both asked of the served figure itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray
from barograph.core.places import evenly
from barograph.core.record_table import Records
from barograph.core.seeds import generator
from barograph.engines.scoring.parts import Parts
from barograph.engines.scoring.serving import figures
from barograph.measures.credit.counterfactual import Counterfactual, counterfactuals
from barograph.measures.credit.shapley import CompositePlan, ShapleyValues, composite_plan, shapley_from

DAY, STEPS = "time", "history"
"""Columns of a reason beside those of the table: the record's day, and its own history as a whole."""
REFERENCES = 16
"""Reference records that walks start from, spread over those of the bundle."""
ORDERS = 16
"""Orders of the columns, each walked both ways."""
TRIED = 7
"""Values of a numeric column that a counterfactual tries: bin edges of the training."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What each column adds to a record's figure; `base` plus the sum is the figure."""

    base: float
    figure: float
    values: dict[str, float]  # largest in size first


def columns_explained(parts: Parts) -> tuple[str, ...]:
    """Every column that a reason may name."""
    extra = (DAY,) if parts.history is not None else ()
    return (
        *parts.schema.numeric,
        *parts.schema.categorical,
        *extra,
        *((STEPS,) if parts.schema.sequence else ()),
    )


def reasons(parts: Parts, records: Records) -> list[Reasons]:
    """Permutation Shapley values of the served figure of each record, against the bundle's references."""
    names = columns_explained(parts)
    reference = parts.reference.take(evenly(parts.reference.n, REFERENCES))
    plan = composite_plan(
        len(names), reference.n, permutations=ORDERS, rng=generator(0, "reasons", len(names), reference.n)
    )
    found = []
    for row in range(records.n):
        composed = _composed(records.take(np.array([row])), reference, plan, names)
        found.append(_ordered(shapley_from(figures(parts, composed), plan), names))
    return found


def _ordered(values: ShapleyValues, names: Sequence[str]) -> Reasons:
    order = np.argsort(-np.abs(values.values), kind="stable")
    return Reasons(
        float(values.base), float(values.figure), {names[i]: float(values.values[i]) for i in order}
    )


def _composed(one: Records, reference: Records, plan: CompositePlan, names: Sequence[str]) -> Records:
    """The plan's rows: each column of the record's own or of a reference record's."""
    both = pl.concat([one.table, reference.table], how="vertical_relaxed")
    taken = np.where(plan.from_record, 0, plan.reference[:, None] + 1)  # [n_rows, n_columns]
    table = pl.DataFrame(
        {name: both[name].gather(taken[:, i]) for i, name in enumerate(names) if name in both.columns}
    )
    column = {name: taken[:, i] for i, name in enumerate(names)}
    own = np.zeros(plan.n_rows, dtype=np.int64)
    time = np.concatenate([one.time, reference.time])[column.get(DAY, own)]
    steps = np.concatenate([one.sequence, reference.sequence])[column.get(STEPS, own)]
    return _like(one, table.select(one.table.columns), time, steps)


def _like(one: Records, table: pl.DataFrame, time: Any, steps: Any) -> Records:
    """Records without labels that differ from one in what is known of them."""
    many = one.take(np.zeros(table.height, dtype=np.int64))
    return replace(
        many, table=table, time=time, sequence=steps, record_id=np.arange(table.height).astype(str)
    )


def alternatives(
    parts: Parts, one: Records, *, threshold: float, frozen: Sequence[str] = ()
) -> tuple[Counterfactual, ...]:
    """Up to two nearest changes that would bring a record's figure below a threshold.

    Values tried are bin edges and categories of the training; dates and a history of its own stay as they
    are: the past cannot be changed.
    """
    record = one.table.row(0, named=True)
    return counterfactuals(
        _asking(parts, one),
        record,
        _candidates(parts),
        threshold=threshold,
        spread=dict(zip(parts.encoder.numeric, parts.encoder.spread.tolist(), strict=True)),
        frozen=frozen,
    )


def _asking(parts: Parts, one: Records) -> Callable[[Sequence[Mapping[str, Any]]], FloatArray]:
    def asked(changes: Sequence[Mapping[str, Any]]) -> FloatArray:
        row = one.table.row(0, named=True)
        table = pl.DataFrame([row | dict(change) for change in changes], schema=one.table.schema)
        n = table.height
        return figures(parts, _like(one, table, np.repeat(one.time, n), np.repeat(one.sequence, n, axis=0)))

    return asked


def _candidates(parts: Parts) -> dict[str, list[Any]]:
    """Values of each column that can change, from training: a few per number, all kept categories."""
    schema = parts.schema
    past = {*schema.dates, *(name for names in schema.sequence.values() for name in names)}
    known = {*schema.numeric, *schema.categorical} - past
    found: dict[str, list[Any]] = {}
    for name, edges in zip(parts.encoder.numeric, parts.encoder.edges, strict=True):
        if name in known:
            places = evenly(len(edges), TRIED)
            found[name] = sorted({float(edges[i]) for i in places})
    for name, kept in zip(parts.encoder.categorical, parts.encoder.categories, strict=True):
        if name in known:
            found[name] = [category for category in kept if category]
    return found
