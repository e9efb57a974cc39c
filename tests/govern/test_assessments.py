"""The book that was assessed last is kept in summary, whichever process assessed it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
from clocks import SetClock

from barograph.govern.assessments import ROWS, Assessment, keep_assessment, last_assessment
from barograph.govern.storage import Database, export, forget, open_database

STUDY = "market/volatility"


def said(clock: SetClock, *, study: str = STUDY, by: str = "ada", **figures: Any) -> Assessment:
    return Assessment(study, clock(), by, "model-1", figures)


def test_the_last_one_of_each_study_is_kept_for_whoever_opens_the_database(
    database: Database, url: str, clock: SetClock
) -> None:
    keep_assessment(database, said(clock, value=1.0))
    clock.go(minutes=1)
    keep_assessment(database, last := said(clock, by="ben", value=2.0, positions=[{"entity": "\0 ü"}]))
    keep_assessment(database, other := said(clock, study="rates/curve", value=3.0))
    again = open_database(url)
    assert last_assessment(again, STUDY) == last
    assert last_assessment(again, "rates/curve") == other
    assert last_assessment(again, "fx/volatility") is None
    again.close()


def test_of_long_tables_the_largest_rows_are_kept_and_the_others_counted(
    database: Database, clock: SetClock
) -> None:
    values = [float(n) * (-1) ** n for n in range(ROWS + 50)]
    rows = [{"entity": f"e{n}", "value": value} for n, value in enumerate(values)]
    rows.append({"entity": "unknown", "value": math.nan})
    notes, short = [f"note {n}" for n in range(ROWS + 1)], [{"level": 99.0}, {"level": 97.5}]
    keep_assessment(database, said(clock, value=7.0, positions=rows, notes=notes, figures=short))
    kept = last_assessment(database, STUDY)
    assert kept is not None
    largest = [one["value"] for one in kept.figures["positions"]]
    assert largest == values[:49:-1]
    assert kept.left_out == {"positions": 51, "notes": 1}
    assert kept.figures["notes"] == notes[:ROWS]
    assert (kept.figures["figures"], kept.figures["value"]) == (short, 7.0)


def test_a_figure_that_could_not_be_computed_is_none(database: Database, clock: SetClock) -> None:
    keep_assessment(database, said(clock, value=math.nan, grades=[{"capital": math.inf}]))
    kept = last_assessment(database, STUDY)
    assert kept is not None
    assert kept.figures == {"value": None, "grades": [{"capital": None}]}


def test_assessments_at_one_time_leave_one_of_them(database: Database, clock: SetClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(keep_assessment, database, said(clock, value=float(n))) for n in range(24)]
        for one in done:
            one.result()
    kept = last_assessment(database, STUDY)
    assert kept is not None
    assert kept.figures["value"] in range(24)


def test_old_ones_can_be_exported_and_forgotten(database: Database, clock: SetClock, tmp_path: Path) -> None:
    keep_assessment(database, said(clock, value=1.0))
    clock.go(days=40)
    keep_assessment(database, said(clock, study="rates/curve", value=2.0))
    assert export(database, "assessments", tmp_path / "a.parquet") == 2
    assert pl.read_parquet(tmp_path / "a.parquet")["actor"].to_list() == ["ada", "ada"]
    assert forget(database, "assessments", days=30) == 1
    assert last_assessment(database, STUDY) is None
    assert last_assessment(database, "rates/curve") is not None
