"""Approval by group of a protected column: adverse impact and equal opportunity.

Protected columns are never features. The figures describe what the model would have decided; they say nothing
of causes, and small groups vary by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, FloatArray
from barograph.core.record_table import Records
from barograph.core.scored import ScoredRecords
from barograph.core.scoring_study import ScoringStudy
from barograph.core.texts import text
from barograph.evaluate.records.thresholds import approval_limits

FOUR_FIFTHS = 0.8
"""Adverse impact ratio below which a difference needs a reason: Uniform Guidelines on Employee Selection
Procedures, 29 CFR 1607.4 D (1978)."""

LEAST_RECORDS = 100
"""Records below which a group carries a note and is no reference."""

MOST_GROUPS = 12
"""Values of a column that are groups; of more, numbers are cut at quartiles, rare texts joined."""


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """One group of one protected column at the approval threshold."""

    column: str
    group: str
    records: int
    predicted: float  # mean probability of default
    observed: float  # default rate
    approved: float  # share approved
    impact: float | None  # adverse impact ratio to the reference group; None for this itself
    opportunity: float | None  # share of goods approved less that of the reference; None for this
    note: str = ""


def fairness_rows(
    records: Records, study: ScoringStudy, scored: ScoredRecords, model: str, *, lang: str = "en"
) -> tuple[FairnessRow, ...]:
    """Every group of every protected column over the scored records with label and prediction.

    A loss study has none. A record is approved if its probability is below the approval limit. The reference
    group of a column is the one approved most often among those of at least `LEAST_RECORDS` (of all, if none
    is so large): the adverse impact ratio of a group is its share approved over the reference's, at most 1
    but for small ones. Equal opportunity (Hardt, Price and Srebro 2016, Equality of opportunity in supervised
    learning) compares the shares approved of the records that turned out good.
    """
    if study.model.head == "hurdle_beta":
        return ()
    p = scored.predicted[model]
    known = np.isfinite(scored.label) & np.isfinite(p)
    bad, said = scored.label[known] == 1.0, p[known]
    approved = said < approval_limits(records, study, scored)[known]
    found: list[FairnessRow] = []
    unknown, other = text("scoring.note.unknown", lang), text("scoring.note.other", lang)
    for column, values in records.protected.items():
        groups = grouped(values[scored.rows[known]], unknown=unknown, other=other)
        found += _of_column(column, groups, bad, said, approved, lang)
    return tuple(found)


def grouped(values: AnyArray, *, unknown: str, other: str) -> AnyArray:
    """Group of each record: the value itself, or if there are many, a quartile band of a number, or `other`.

    Parameters
    ----------
    values : array [n] of str
        None, "" or "nan" is unknown.
    unknown, other : str
        Names of the groups of unknown values, and of all but the most frequent ones.
    """
    given = np.array([value not in (None, "", "nan") for value in values], dtype=bool)
    names = np.where(given, np.asarray(values, dtype=object), unknown)
    distinct, count = np.unique(names[given].astype(str), return_counts=True)
    if distinct.size <= MOST_GROUPS:
        return names
    try:
        numbers = names[given].astype(np.float64)
    except ValueError:
        kept = distinct[np.argsort(-count, kind="stable")[:MOST_GROUPS]]
        return np.where(given & ~np.isin(names.astype(str), kept), other, names)
    cuts = np.unique(np.quantile(numbers, [0.25, 0.5, 0.75]))
    edges = [f"{cut:g}" for cut in cuts]
    bands = [f"≤ {edges[0]}", *(f"{low}–{high}" for low, high in pairwise(edges)), f"> {edges[-1]}"]
    names[given] = np.array(bands, dtype=object)[np.searchsorted(cuts, numbers, side="left")]
    return names


def _of_column(
    column: str, groups: AnyArray, bad: BoolArray, said: FloatArray, approved: BoolArray, lang: str
) -> list[FairnessRow]:
    inside = {name: groups == name for name in dict.fromkeys(groups.tolist())}
    if not inside:
        return []
    share = {name: float(approved[rows].mean()) for name, rows in inside.items()}
    goods = {
        name: float(approved[rows & ~bad].mean()) if (rows & ~bad).any() else None
        for name, rows in inside.items()
    }
    large = [name for name, rows in inside.items() if rows.sum() >= LEAST_RECORDS] or list(inside)
    reference = max(large, key=lambda name: share[name])
    ordered = sorted(inside, key=lambda name: (name != reference, -int(inside[name].sum())))
    return [
        FairnessRow(
            column,
            name,
            int(inside[name].sum()),
            float(said[inside[name]].mean()),
            float(bad[inside[name]].mean()),
            share[name],
            None if name == reference or not share[reference] else share[name] / share[reference],
            None if name == reference else _less(goods[name], goods[reference]),
            _note(int(inside[name].sum()), name == reference, goods[name], lang),
        )
        for name in ordered
    ]


def _less(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second


def _note(records: int, reference: bool, goods: float | None, lang: str) -> str:
    notes = [text("scoring.note.reference", lang)] if reference else []
    notes += [text("scoring.note.small_group", lang, n=records)] if records < LEAST_RECORDS else []
    notes += [text("scoring.note.no_goods", lang)] if goods is None else []
    return "; ".join(notes)
