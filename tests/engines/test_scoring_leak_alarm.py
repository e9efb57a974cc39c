"""The leak alarm of a run: alone it reads fitting rows, by removal it is judged on the rows held out."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from barograph.core.record_table import Records
from barograph.core.scored import LeakFinding
from barograph.engines.scoring.leaks import leak_findings
from barograph.engines.scoring.plan import bench
from barograph.evaluate.records.plan import planned_folds
from small_scoring import book, losses, small_scoring, snapshot_of
from small_study import NoMemory

STUDY = small_scoring(evaluate__leak_alone=0.8, evaluate__leak_removal=0.1, evaluate__origins=(2014,))


@pytest.fixture(scope="module")
def records() -> Records:
    return snapshot_of(book(200), STUDY).records


def rows_of(records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Rows to fit on and rows held out of the first fold."""
    (part,) = planned_folds(records, STUDY)["origin"][0].parts
    return part.fit_rows, part.holdout_rows


def telling(records: Records, rows: np.ndarray) -> Records:
    """The records with a column `fee` that tells the label on some rows and is noise on all others."""
    random = np.random.default_rng(5)
    fee = random.normal(size=records.n)
    fee[rows] = 2.0 * np.nan_to_num(records.label[rows]) + random.normal(0.0, 0.3, rows.size)
    table = records.table.with_columns(fee=pl.Series(fee))
    numeric = (*records.numeric, "fee")
    return dataclasses.replace(records, table=table.select(*numeric, *records.categorical), numeric=numeric)


def found_in(records: Records) -> list[LeakFinding]:
    first = bench(records, planned_folds(records, STUDY)["origin"][0], STUDY)
    return leak_findings(first, records, STUDY, memory=NoMemory(), lang="en")


def kinds_of(findings: list[LeakFinding]) -> set[tuple[str, str]]:
    return {(one.column, one.kind) for one in findings}


def test_a_column_that_tells_the_label_everywhere_trips_both_alarms(records: Records) -> None:
    found = found_in(telling(records, np.arange(records.n)))
    assert kinds_of(found) == {("fee", "alone"), ("fee", "removal")}
    alone, removal = found
    assert alone.auc is not None
    assert removal.auc is not None
    assert alone.auc > 0.95
    assert 0.1 < removal.auc < 0.5


def test_a_column_that_tells_the_label_of_no_fitting_row_trips_neither(records: Records) -> None:
    """Labels of held-out, scored and future records stay out of the alarm."""
    fit, _ = rows_of(records)
    found = found_in(telling(records, np.setdiff1d(np.arange(records.n), fit)))
    assert "fee" not in {one.column for one in found}


def test_a_removal_is_judged_on_the_rows_held_out(records: Records) -> None:
    """What tells the fitting rows alone is worth nothing on others: its removal costs nothing."""
    fit, held = rows_of(records)
    assert kinds_of(found_in(telling(records, fit))) == {("fee", "alone")}
    assert kinds_of(found_in(telling(records, np.union1d(fit, held)))) == {
        ("fee", "alone"),
        ("fee", "removal"),
    }


def test_a_loss_study_has_no_alarm() -> None:
    study = small_scoring(
        model__head="hurdle_beta",
        model__networks=("mlp",),
        model__baselines=("ols", "lightgbm"),
        model__calibration="none",
        collect__target="lost",
        evaluate__claims=(),
        evaluate__leak_alone=0.51,
    )
    records = snapshot_of(losses(100), study).records
    first = bench(records, planned_folds(records, study)["origin"][0], study)
    assert leak_findings(first, records, study, memory=NoMemory(), lang="en") == []
