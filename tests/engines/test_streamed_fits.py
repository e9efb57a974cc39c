"""Networks fitted on more rows than memory holds: they see what they may, and nothing else changes."""

from __future__ import annotations

import datetime
import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import barograph as bg
from barograph.api.study import Run, Silent, run
from barograph.collect.records import drawn as drawing
from barograph.collect.records.catalogue import open_records
from barograph.collect.records.row_file import RowFile, write_rows
from barograph.core.errors import SettingError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.deep import record_data
from barograph.engines.scoring.fit import ScoringRun, score_records
from barograph.engines.scoring.plan import bench
from barograph.engines.scoring.streamed import FoldRows
from barograph.engines.scoring.tasks import control_of, deep_tasks, start_of
from barograph.evaluate.records.plan import planned_folds
from small_scoring import book, small_scoring
from small_study import NoMemory

TODAY = datetime.date(2026, 11, 22)
HELD = 1100


@functools.cache
def loans() -> pl.DataFrame:
    """The small book without its histories' part, and with a town that memory rarely has twice."""
    table = book(400)
    towns = [f"town {i}" for i in np.random.default_rng(5).integers(0, 900, table.height)]
    return table.with_columns(town=pl.Series(towns))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tables") / "loans.parquet"
    loans().write_parquet(file, row_group_size=500)
    return file


def study_of(path: Path, **changes: Any) -> ScoringStudy:
    small = {"collect__source": str(path), "collect__in_memory": HELD, "collect__positive": "1"}
    networks = {"model__networks": ("mlp",), "model__settings": {"mlp": {"hidden": (8,)}}}
    return small_scoring(**{**small, **networks, **changes})


def read(study: ScoringStudy, folder: Path) -> tuple[RecordSnapshot, RowFile | None]:
    made = open_records(study.collect, seed=study.train.seed, today=TODAY).read()
    if made.beyond is None:
        return made, None
    return made, write_rows(made, study.collect, folder / "rows.bin", loss=False, today=TODAY)


def scored(study: ScoringStudy, folder: Path) -> ScoringRun:
    made, file = read(study, folder)
    return score_records(
        made.records, study, memory=NoMemory(), progress=Silent(), checkpoints=None, file=file
    )


def every_row(rows: FoldRows) -> np.ndarray:
    return rows.read(np.arange(rows.file.blocks))


@pytest.mark.parametrize("start", ["control", "mean"])
def test_a_streamed_row_is_encoded_as_one_in_memory(path: Path, tmp_path: Path, start: str) -> None:
    study = study_of(path, model__start=start)
    made, file = read(study, tmp_path)
    fold = planned_folds(made.records, study)["origin"][0]
    ready = bench(made.records, fold, study, file)
    begin = start_of(ready, fold.parts[0], study, control_of(ready, fold.parts[0]))
    task = deep_tasks(ready, fold.parts[0], study, {}, begin, 0, None)["mlp"]
    assert task.rows is not None
    found = every_row(task.rows)
    held = found[found["place"] >= 0]
    places = ready.views.places(held["place"].astype(np.int64))
    np.testing.assert_array_equal(np.sort(places), np.sort(task.fit))
    streamed, usual = (
        task.rows.encoded(held),
        record_data(task.views, task.offset, task.target, task.weight),
    )
    assert streamed.groups == usual.groups
    for name in ("features", "offset", "target", "weight"):
        np.testing.assert_array_equal(getattr(streamed, name), getattr(usual, name)[places], err_msg=name)


@pytest.mark.parametrize("changes", [{}, {"evaluate__train_since": 2011}, {"evaluate__train_blocks": 2}])
def test_rows_beyond_memory_train_if_their_label_was_known(
    path: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    study = study_of(path, **changes)
    made, file = read(study, tmp_path)
    for fold in planned_folds(made.records, study)["origin"]:
        ready = bench(made.records, fold, study, file)
        begin = control_of(ready, fold.parts[0])
        task = deep_tasks(ready, fold.parts[0], study, {}, begin, 0, None)["mlp"]
        assert task.rows is not None
        found = every_row(task.rows)
        beyond = found[found["place"] < 0]
        # By the plain table: known a year after the loan was made, of years that may train.
        cut = fold.cut.astype("datetime64[D]").item()
        others = loans().filter(~pl.col("loan").is_in(made.records.record_id.tolist()))
        known = others.filter(pl.col("made").dt.offset_by("12mo") <= cut)
        years = np.unique(made.records.vintage[fold.parts[0].fit_rows]).tolist()
        expected = known.filter(known["made"].dt.year().is_in(years))
        assert beyond.shape[0] == expected.height > 300
        assert beyond["label"].sum() == expected["bad"].sum()
        assert task.rows.sizes.sum() == found.shape[0]


def answers(made: ScoringRun) -> dict[str, np.ndarray]:
    return made.record.headline.uncalibrated


def spoilt(path: Path, folder: Path, made: RecordSnapshot, known_after: datetime.date) -> Path:
    """The table with the opposite outcome in every row beyond memory that became known after a day."""
    chosen = ~pl.col("loan").is_in(made.records.record_id.tolist())
    chosen &= pl.col("made").dt.offset_by("12mo") > known_after
    flipped = pl.when(chosen).then(1 - pl.col("bad")).otherwise(pl.col("bad"))
    loans().with_columns(bad=flipped).write_parquet(folder / "spoilt.parquet")
    return folder / "spoilt.parquet"


def test_rows_beyond_memory_move_networks_alone_and_only_once_they_are_known(
    path: Path, tmp_path: Path
) -> None:
    study = study_of(path, evaluate__origins=(2014,))
    usual = answers(scored(study, tmp_path))
    made, _ = read(study, tmp_path)
    cut = planned_folds(made.records, study)["origin"][0].cut.astype("datetime64[D]").item()
    later = spoilt(path, tmp_path, made, cut)
    after = answers(scored(study_of(later, evaluate__origins=(2014,)), tmp_path))
    for model, p in usual.items():
        np.testing.assert_array_equal(after[model], p, err_msg=model)
    earlier = spoilt(path, tmp_path, made, cut - datetime.timedelta(days=600))
    before = answers(scored(study_of(earlier, evaluate__origins=(2014,)), tmp_path))
    assert np.abs(before["mlp"] - usual["mlp"]).max() > 0.01
    for model in (*study.model.baselines, "linear"):
        np.testing.assert_array_equal(before[model], usual[model], err_msg=model)


def test_the_size_of_a_part_changes_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(path, evaluate__origins=(2015,))
    one = answers(scored(study, tmp_path))
    monkeypatch.setattr(drawing, "PART", 333)
    other = answers(scored(study, tmp_path))
    for model, p in one.items():
        np.testing.assert_array_equal(other[model], p, err_msg=model)


def test_where_memory_holds_all_the_figures_are_those_of_ever(path: Path, tmp_path: Path) -> None:
    usual, held = (
        answers(scored(study_of(path, collect__in_memory=most, evaluate__origins=(2015,)), tmp_path))
        for most in (0, loans().height)
    )
    for model, p in usual.items():
        np.testing.assert_array_equal(held[model], p, err_msg=model)


@functools.cache
def finished(path: Path, out: Path) -> Run:
    plain = {"protected": ("sex",), "entity": "customer", "target": "bad", "time": "made"}
    study = study_of(path, collect__positive=None, collect__source="sba-loans")
    changes = {"collect.in_memory": HELD, "evaluate.origins": (2015,)}
    return run(study, data=path, out=out, settings=changes, **plain)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return finished(path, tmp_path_factory.mktemp("runs") / "run")


def test_a_run_goes_all_the_way_and_says_who_saw_which_rows(whole: Run) -> None:
    told = whole.to_json()
    assert told["verdict"]
    assert told["peak_rss_mib"] > 0
    held = told["data"]["rows"]
    assert 0.9 * HELD < held <= HELD
    (warning,) = whole.outcome.provenance.warnings
    assert f"{held:,} of {loans().height:,} rows are held in memory" in warning
    said = [note for note in told["notes"] if note.startswith("mlp: at its last fit")]
    assert len(said) == 1
    assert f"{30 * 128:,} rows were drawn" in said[0]
    report = whole.report.read_text()
    assert f"{held:,} of {loans().height:,} rows are held in memory" in report
    assert said[0] in report
    assert not list(whole.folder.rglob("rows.bin"))


def test_its_bundle_answers_rows_that_memory_never_held(whole: Run) -> None:
    answered = bg.load(whole.bundle).predict(loans().drop("bad", "sex"))
    assert answered.height == loans().height
    p = answered["probability"].to_numpy()
    assert np.isfinite(p).all()
    bad = loans()["bad"].to_numpy() == 1
    assert p[bad].mean() > p[~bad].mean() + 0.05


def test_what_needs_every_record_is_refused_before_anything_is_read(path: Path) -> None:
    for changes in (
        {"collect__stream": ("late_1",)},
        {"collect__sequence": {"late": ("late_2", "late_1")}},
        {"collect__share": 0.5},
        {"collect__kept": 0.5},
        {"collect__contract": "contract.yaml"},
        {"model__hazard": "tabm"},
        {"prepare__history_by": ("region",)},
        {"evaluate__hold_out": "vintages"},
    ):
        key = next(iter(changes)).replace("__", ".")
        with pytest.raises(SettingError, match=f"collect.in_memory is 1,100, and {key} would"):
            run(study_of(Path("nowhere.parquet"), **changes))
    with pytest.raises(SettingError, match="must run on the machine of that disk"):
        run(study_of(Path("nowhere.parquet"), train__engine="ray"))
    with pytest.raises(SettingError, match="in memory already"):
        run(study_of(path), data=loans())


def test_what_is_scored_and_how_it_is_encoded_rests_on_the_held_records(path: Path, tmp_path: Path) -> None:
    study = study_of(path, evaluate__origins=(2015,))
    made, file = read(study, tmp_path)
    fold = planned_folds(made.records, study)["origin"][0]
    with_rest, without = (bench(made.records, fold, study, one) for one in (file, None))
    np.testing.assert_array_equal(with_rest.needed, without.needed)
    assert with_rest.views.encoder.to_plain() == without.views.encoder.to_plain()


MEMORY = """
import datetime, sys
from pathlib import Path
import torch
from barograph.collect.records.catalogue import open_records
from barograph.collect.records.row_file import write_rows
from barograph.core.section import OptimiserSection
from barograph.engines.scoring.deep import fit_deep, stacks_of
from barograph.engines.scoring.plan import bench
from barograph.engines.scoring.tasks import control_of, deep_tasks
from barograph.evaluate.records.plan import planned_folds
from barograph.pipeline import settings
torch.set_num_threads(1)
path, today = Path(sys.argv[1]), datetime.date(2026, 11, 22)
study = settings.with_overrides(settings.load("credit/default", budget="quick"), {
    "collect.source": str(path), "collect.target": "bad", "collect.positive": "1", "collect.in_memory": 4000,
    "collect.deny": {}, "collect.since": None, "collect.until": None, "collect.share": 1.0,
    "collect.protected": (), "prepare.history_by": (), "model.networks": ("mlp",), "model.hazard": "",
    "evaluate.protocols": ("cross_validation",), "train.max_steps": 100, "train.patience": 1000,
})
made = open_records(study.collect, today=today).read()
file = write_rows(made, study.collect, path.with_suffix(".bin"), loss=False, today=today)
fold = planned_folds(made.records, study)["cross_validation"][0]
ready = bench(made.records, fold, study, file)
task = deep_tasks(ready, fold.parts[0], study, {}, control_of(ready, fold.parts[0]), 0, None)["mlp"]
(fitted,) = fit_deep(stacks_of(task, 0)[0])
facts = fitted.facts
(high,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(int(high.split()[1]) / 1024, facts["streamed"], facts["drawn"])
"""


def peak(folder: Path, rows: int) -> tuple[float, int, int]:
    """Peak memory, MiB, of drawing, writing and training on a table of so many rows; rows there and seen."""
    path = folder / f"{rows}.parquet"
    random = np.random.default_rng(0)
    columns = {f"x{i}": random.normal(size=rows) for i in range(20)}
    pl.DataFrame(columns).with_columns(
        bad=(pl.col("x0") + pl.Series(random.normal(size=rows)) > 1.0).cast(pl.Int8)
    ).write_parquet(path, row_group_size=50_000)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    own, streamed, drawn = done.stdout.split()
    return float(own), int(streamed), int(drawn)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    few, more = peak(tmp_path, 150_000), peak(tmp_path, 600_000)
    assert more[1] > 590_000
    assert few[1] > 140_000
    assert more[0] < few[0] + 40  # the 450,000 rows more are 72 MB as plain numbers
