"""Codes that are no amounts get bins of their own in the scorecard of a run."""

from __future__ import annotations

import json

import polars as pl

from barograph.engines.scoring.conventional import ConventionalTask
from barograph.engines.scoring.plan import bench
from barograph.engines.scoring.tasks import conventional_task, work
from barograph.evaluate.records.plan import planned_folds
from small_scoring import book, small_scoring, snapshot_of


def scorecard_task(specials: tuple[float, ...]) -> ConventionalTask:
    table = book(150).with_columns(debt=pl.when(pl.col("tenure") < 4).then(-99.0).otherwise(pl.col("debt")))
    study = small_scoring(prepare__specials=specials, prepare__history_months=0)
    records = snapshot_of(table, study).records
    fold = planned_folds(records, study)["origin"][0]
    return conventional_task(bench(records, fold, study), fold.parts[0], study, "scorecard", {})


def codes_of(specials: tuple[float, ...]) -> dict[str, list[float]]:
    (fitted,) = work(scorecard_task(specials))
    card = json.loads(fitted.artefact)
    return dict(zip(card["columns"], card["specials"], strict=True))


def test_a_declared_code_has_a_bin_where_it_occurs_and_nowhere_else() -> None:
    found = codes_of((-99.0, 12345.0))
    assert found["debt"] == [-99.0]
    assert all(not codes for name, codes in found.items() if name != "debt")


def test_without_a_declaration_a_code_is_an_amount_like_any_other() -> None:
    assert not any(codes_of(()).values())
