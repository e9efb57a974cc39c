"""Corrupt the future: whatever is made or labelled after an origin, what was said at it stays, bit for bit.

The whole engine runs twice, hazard, calibration, stacking and current experience included: on the book as it
was, and on one where everything that was not yet known at a cut is garbage.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scored import RecordFold, ScoredRecords
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.combining import fold_answers
from barograph.engines.scoring.fit import ScoringRun
from barograph.engines.scoring.plan import bench
from barograph.engines.scoring.tasks import fit_fold
from barograph.evaluate.records.plan import planned_folds
from small_scoring import book, scored, small_scoring, snapshot_of
from small_study import NoMemory, same

CANDIDATES = {
    *("combination", "mlp", "tabm", "hazard", "linear", "linear_combination", "scorecard_current"),
    *("scorecard", "logistic", "lightgbm"),
}


@pytest.fixture(scope="module")
def study() -> ScoringStudy:
    return small_scoring(model__hazard="mlp", train__bag=2)


@pytest.fixture(scope="module")
def snapshot(study: ScoringStudy) -> RecordSnapshot:
    return snapshot_of(book(220), study)


@pytest.fixture(scope="module")
def undisturbed(snapshot: RecordSnapshot, study: ScoringStudy) -> ScoringRun:
    return scored(snapshot, study)


def garbage_features(table: pl.DataFrame, rows: np.ndarray) -> pl.DataFrame:
    """Every feature of some rows replaced: huge numbers, one category nobody has seen."""
    late = pl.Series(rows)
    wild = {pl.Float64: pl.lit(1e6), pl.String: pl.lit("garbage")}
    return table.with_columns(
        pl.when(late).then(wild[type(kind)]).otherwise(pl.col(name)).alias(name)
        for name, kind in table.schema.items()
    )


def garbage_after(records: Records, cut: np.datetime64, spared: np.ndarray) -> Records:
    """What came of every record whose window was open at the cut, and features of all made after it.

    `spared` rows keep features and day: they are what the fold under test is asked about. Defaults that had
    happened by the cut were known, even of loans whose window was open; all later ones move or vanish.
    """
    random = np.random.default_rng(11)
    open_still = ~(records.label_time <= cut)
    later = ~(records.event_time <= cut)
    rows = (records.time > cut) & ~spared
    moved = cut + random.integers(1, 700, records.n)
    invented = np.where(random.random(records.n) < 0.5, moved, np.datetime64("NaT", "D"))
    flipped = (random.random(records.n) < 0.5).astype(np.float64)
    return dataclasses.replace(
        records,
        table=garbage_features(records.table, rows),
        label=np.where(open_still, flipped, records.label),
        outcome=np.where(open_still, 1.0 - flipped, records.outcome),
        event_time=np.where(later, invented, records.event_time).astype("datetime64[D]"),
        amount=np.where(rows, 1e9, records.amount),
        sequence=np.where(rows[:, None, None], 1e6, records.sequence),
    )


def headline(run: ScoringRun) -> ScoredRecords:
    return run.record.headline


def of_block(run: ScoringRun, block: int) -> dict[str, object]:
    """Everything said of one test vintage."""
    scored_records = headline(run)
    here = scored_records.vintage == block
    return {
        "rows": scored_records.rows[here],
        "predicted": {name: p[here] for name, p in scored_records.predicted.items()},
        "uncalibrated": {name: p[here] for name, p in scored_records.uncalibrated.items()},
        "members": {name: p[:, here] for name, p in scored_records.members.items()},
    }


def test_the_run_has_every_kind_of_candidate_and_all_have_learnt(undisturbed: ScoringRun) -> None:
    """Otherwise the tests below would compare constants."""
    assert set(headline(undisturbed).predicted) == CANDIDATES
    for name, p in headline(undisturbed).predicted.items():
        assert np.unique(p).size > 20, name
    assert undisturbed.refit.answers.shifts.keys() == CANDIDATES - {
        "hazard",
        "scorecard",
        "logistic",
        "lightgbm",
    }


@pytest.mark.parametrize("block", [2014, 2015])
def test_garbage_after_a_cut_leaves_every_figure_said_at_it_as_it_was(
    undisturbed: ScoringRun, snapshot: RecordSnapshot, study: ScoringStudy, block: int
) -> None:
    records = snapshot.records
    cut = undisturbed.record.cuts["origin"][block - 2014]
    assert records.time[records.vintage == block].min() == cut + 1
    broken = garbage_after(records, cut, spared=records.vintage == block)
    assert (broken.label != records.label).sum() > 200
    other = scored(dataclasses.replace(snapshot, records=broken), study)
    expected, found = of_block(undisturbed, block), of_block(other, block)
    for part, value in expected.items():
        assert same(value, found[part]), part
    assert other.record.trials == undisturbed.record.trials == ()
    if block == 2015:
        assert same(of_block(undisturbed, 2014)["predicted"], of_block(other, 2014)["predicted"])
    else:
        later = of_block(undisturbed, 2015)["predicted"], of_block(other, 2015)["predicted"]
        assert isinstance(later[0], dict)
        assert isinstance(later[1], dict)
        for name in later[0]:
            assert not same(later[0][name], later[1][name]), f"{name} does not read the book at all"


def test_settings_are_searched_before_the_first_origin(snapshot: RecordSnapshot) -> None:
    """What comes after the first cut changes neither what is tried nor what is chosen of it."""
    study = small_scoring(
        model__networks=("mlp",), train__tuned=("mlp", "lightgbm"), train__trials=3, train__max_steps=10
    )
    records = snapshot.records
    first, second = (fold.cut for fold in planned_folds(records, study)["origin"])
    broken = garbage_after(records, first, spared=records.vintage == 2014)
    one, other = (scored(dataclasses.replace(snapshot, records=each), study) for each in (records, broken))
    assert tried(one) == tried(other)
    assert {model for model, _, _ in tried(one)} == {"mlp", "lightgbm"}
    assert one.tuned.settings == other.tuned.settings
    known = records.known_at(second) & ~records.known_at(first)
    assert (broken.label != records.label)[known].any(), "the second origin would have learnt otherwise"


def tried(run: ScoringRun) -> list[tuple[str, dict[str, object], float]]:
    return [(trial.model, dict(trial.settings), trial.loss) for trial in run.record.trials]


def test_a_label_known_at_the_cut_does_change_what_is_said(
    undisturbed: ScoringRun, snapshot: RecordSnapshot, study: ScoringStudy
) -> None:
    """The other side of the coin: without it the test above would also pass on an engine that is deaf."""
    records = snapshot.records
    cut = undisturbed.record.cuts["origin"][0]
    flip = records.label_time <= cut
    other_label = np.where(flip & (np.arange(records.n) % 3 == 0), 1.0 - records.label, records.label)
    changed = dataclasses.replace(records, label=other_label, outcome=other_label)
    other = scored(dataclasses.replace(snapshot, records=changed), study)
    for name, p in headline(undisturbed).predicted.items():
        here = headline(undisturbed).vintage == 2014
        assert not same(p[here], headline(other).predicted[name][here]), name


def test_no_record_trains_before_its_window_has_closed_good_or_bad(undisturbed: ScoringRun) -> None:
    fold = undisturbed.refit.bench.fold
    records = undisturbed.record.records
    for part in fold.parts:
        rows = np.concatenate([part.fit_rows, part.holdout_rows])
        assert (records.label_time[rows] <= fold.cut).all()
        assert not set(records.group[part.fit_rows]) & set(records.group[part.holdout_rows])


def test_the_labels_of_test_records_never_change_their_figures() -> None:
    """Without time nothing but the fold keeps a label out: every one of its test labels is flipped."""
    study = small_scoring(
        collect__time=None,
        collect__known_after=0,
        collect__ignore=("made",),
        evaluate__protocols=("cross_validation",),
        evaluate__claims=(),
    )
    records = snapshot_of(book(150), study, dated=False).records
    fold = planned_folds(records, study)["cross_validation"][0]
    label = records.label.copy()
    label[fold.test_rows] = 1.0 - label[fold.test_rows]
    one, other = (
        answered(each, fold, study)
        for each in (records, dataclasses.replace(records, label=label, outcome=label))
    )
    assert one.keys() == CANDIDATES - {"hazard", "scorecard_current"}
    for name, p in one.items():
        assert same(p, other[name]), name


def test_what_is_said_of_a_record_does_not_depend_on_who_is_scored_with_it(
    snapshot: RecordSnapshot, study: ScoringStudy
) -> None:
    """Not even a mean over the test records, labels unseen, may move anything."""
    records = snapshot.records
    fold = planned_folds(records, study)["origin"][0]
    whole, part = (
        answered(records, dataclasses.replace(fold, test_rows=rows), study)
        for rows in (fold.test_rows, fold.test_rows[::3])
    )
    assert whole.keys() == part.keys() == CANDIDATES
    for name, p in whole.items():
        np.testing.assert_allclose(part[name], p[::3], rtol=0.0, atol=1e-6, err_msg=name)


def answered(records: Records, fold: RecordFold, study: ScoringStudy) -> dict[str, np.ndarray]:
    """What every candidate of a fold says of its test records."""
    ready = bench(records, fold, study)
    fitted = fit_fold(ready, study, {}, memory=NoMemory(), checkpoints=None)
    answers = fold_answers(ready, fitted, study)
    return {name: p[ready.of(fold.test_rows)] for name, p in answers.final.items()}
