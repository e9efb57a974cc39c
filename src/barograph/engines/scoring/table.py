"""What is answered of records, as a table: figures, grades, credit figures, and what to know of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, BoolArray, FloatArray
from barograph.core.record_table import Records
from barograph.engines.scoring.figures import Assumptions, credit_figures, loans
from barograph.engines.scoring.parts import Parts
from barograph.engines.scoring.population import OUTLYING, anomaly_rank
from barograph.engines.scoring.scorecards import scorecard_bins
from barograph.engines.scoring.serving import BLOCK, figure_of, prepared
from barograph.measures.credit.grades import assign
from barograph.measures.credit.scorecard import score_points
from barograph.prepare.encoded import EncodedRecords
from barograph.prepare.history import stale

DECISIONS = pl.Series(["decline", "approve"])
RANK = "population_rank"


def answered(parts: Parts, records: Records) -> tuple[pl.DataFrame, dict[str, int]]:
    """The figures of records, and per column how many have a category that training never had.

    Parameters
    ----------
    parts : Parts
    records : Records [n]
        n may be 0.

    Returns
    -------
    polars.DataFrame [n]
        See `Predictor.table`.
    dict
        Column to records, where there are any.
    """
    tables: list[pl.DataFrame] = []
    unseen: Counter[str] = Counter()
    for ready in prepared(parts, records):
        tables.append(_table(parts, ready))
        unseen.update(dict(zip(parts.encoder.categorical, ready.unseen.sum(axis=0).tolist(), strict=True)))
    return pl.concat(tables), dict(+unseen)


def _table(parts: Parts, ready: EncodedRecords) -> pl.DataFrame:
    blocks = [_figures(parts, block) for block in ready.blocks(BLOCK)]
    found: dict[str, Any] = {name: np.concatenate([one[name] for one in blocks]) for name in blocks[0]}
    if "grade" in found:
        found["grade"] = pl.Series(parts.grades.names)[found["grade"]]
        found["decision"] = DECISIONS[found["decision"]]
        if parts.scorecards:
            card = parts.scorecards[0]
            bins = scorecard_bins(card, ready.records.table)
            found["points"] = score_points(card, bins).sum(axis=1)
    rank = found.pop(RANK, None)
    found["unseen"] = _named(parts.encoder.categorical, ready.unseen)
    if rank is not None:
        found |= {RANK: rank, "unlike_training": rank > OUTLYING}
    if parts.history is not None:
        found["history_months_stale"] = stale(ready.records, parts.history)
    return pl.DataFrame({"record_id": pl.Series(ready.records.record_id, dtype=pl.String)} | found)


def _figures(parts: Parts, block: EncodedRecords) -> dict[str, AnyArray]:
    """What is a number of each record; a grade and a decision are still their places."""
    figure, rank, manifest = figure_of(parts, block), anomaly_rank(parts, block), parts.manifest
    if manifest.combine.head == "hurdle_beta":
        found: dict[str, AnyArray] = {"loss": figure, "expected_loss": figure * block.records.amount}
    elif manifest.use != "credit":
        found = {"probability": figure, "alert": figure > manifest.threshold}
    else:
        found = _credit(parts, figure, block.records)
    return found if rank is None else found | {RANK: rank}


def _credit(parts: Parts, figure: FloatArray, records: Records) -> dict[str, AnyArray]:
    given = Assumptions(**parts.manifest.assumptions)
    credit = credit_figures(loans(figure, records, given), given, every_lifetime=False)
    return {
        "probability": figure,
        "grade": assign(parts.grades, figure),
        "yearly_pd": credit.yearly_pd,
        "expected_loss": credit.expected_loss,
        "capital": credit.capital,
        "stage": credit.stage,
        "allowance": credit.allowance,
        "decision": (figure < parts.manifest.threshold).astype(np.int64),
    }


def _named(names: Sequence[str], never: BoolArray) -> pl.Series:
    """Of each record the names of the columns with a category that training never had, [n]."""
    rows = np.flatnonzero(never.any(axis=1))
    if not rows.size:
        return pl.repeat("", never.shape[0], dtype=pl.String, eager=True)
    kinds, kind = np.unique(never[rows], axis=0, return_inverse=True)
    words = [", ".join(name for name, new in zip(names, one, strict=True) if new) for one in kinds.tolist()]
    place = np.zeros(never.shape[0], dtype=np.int64)
    place[rows] = 1 + kind
    return pl.Series(["", *words])[place]
