"""Streams of payments: earlier hours of a day train, the future changes nothing, noise wins nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from barograph.core.record_table import RecordSnapshot
from barograph.core.scored import ScoredRecords
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import UNSUPERVISED
from barograph.engines.scoring.fit import ScoringRun
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons
from barograph.evaluate.records.plan import planned_folds, refit_fold
from small_scoring import scored
from small_stream import small_stream, snapshot_of, stream
from small_study import same

CANDIDATES = {
    *("combination", "tabm", "cnn", "linear", "linear_combination", "logistic", "lightgbm"),
    *UNSUPERVISED,
}


@pytest.fixture(scope="module")
def study() -> ScoringStudy:
    return small_stream(collect__kept=0.5)


@pytest.fixture(scope="module")
def snapshot(study: ScoringStudy) -> RecordSnapshot:
    return snapshot_of(stream(), study)


@pytest.fixture(scope="module")
def undisturbed(snapshot: RecordSnapshot, study: ScoringStudy) -> ScoringRun:
    return scored(snapshot, study)


def said(run: ScoringRun, block: int) -> dict[str, np.ndarray]:
    found: ScoredRecords = run.record.headline
    here = found.vintage == block
    return {name: p[here] for name, p in found.predicted.items()}


def test_a_block_trains_on_all_earlier_hours_of_its_own_day_and_on_no_later_one(
    snapshot: RecordSnapshot, study: ScoringStudy
) -> None:
    records = snapshot.records
    seconds = (records.time - np.datetime64("1970-01-01", "s")).astype(int)
    for fold in planned_folds(records, study)["origin"]:
        (part,) = fold.parts
        begins = fold.block * 3600
        assert seconds[part.fit_rows].max() < begins - 6 * 3600 <= seconds[part.holdout_rows].min()
        assert seconds[part.holdout_rows].max() < begins <= seconds[fold.test_rows].min()
        assert part.fit_rows.size + part.holdout_rows.size == (seconds < begins).sum(), "no hour is lost"
        assert records.time[part.holdout_rows].max() <= fold.cut < records.time[fold.test_rows].min()
    last = refit_fold(records, study)
    assert records.vintage[last.calibration_rows].tolist() == [30] * last.calibration_rows.size


@pytest.mark.parametrize("block", [18, 24])
def test_garbage_after_an_origin_changes_no_score_at_or_before_it(
    undisturbed: ScoringRun, snapshot: RecordSnapshot, study: ScoringStudy, block: int
) -> None:
    records = snapshot.records
    late, tested = records.vintage >= block, records.vintage == block
    spoilt = [
        pl.when(pl.Series(late & ~tested)).then(1e6).otherwise(pl.col(name)).alias(name)
        for name in records.columns
    ]
    random = np.random.default_rng(3)
    label = np.where(late, (random.random(records.n) < 0.5).astype(float), records.label)
    wild = np.where((late & ~tested)[:, None, None], 1e6, records.sequence)
    broken = dataclasses.replace(
        records,
        table=records.table.with_columns(spoilt),
        label=label,
        outcome=label,
        sequence=wild,
        amount=np.where(late & ~tested, 1e9, records.amount),
        weight=np.where(label == 1.0, 1.0, 2.0),
    )
    other = scored(dataclasses.replace(snapshot, records=broken), study)
    assert said(undisturbed, block).keys() == CANDIDATES
    for earlier in range(18, block + 1, 6):
        for name, p in said(undisturbed, earlier).items():
            assert np.unique(p).size > 20, name
            assert same(p, said(other, earlier)[name]), (name, earlier)
    for name, p in said(undisturbed, block + 6).items():
        assert not same(p, said(other, block + 6)[name]), f"{name} learns nothing of the block before"


def test_on_shuffled_labels_no_verdict_is_better() -> None:
    plan = small_stream(model__networks=("tabm",), evaluate__development=())
    for seed in range(3):
        table = stream(40, seed=seed)
        dealt = np.random.default_rng(seed).permutation(table["fraud"].to_numpy())
        made = scored(snapshot_of(table.with_columns(fraud=pl.Series(dealt)), plan), plan)
        assert judge(made.record, plan)[1].standing != "better"
        standings = {
            one.standing for one in comparisons(made.record, plan) if one.metric == "average_precision"
        }
        assert standings != {"better"}


def test_a_planted_signal_that_a_line_cannot_see_is_found() -> None:
    plan = small_stream(model__networks=("tabm",), train__max_steps=200, evaluate__bootstrap=400)
    made = scored(snapshot_of(stream(120, strength=2.0), plan), plan)
    (found,) = [
        one
        for one in comparisons(made.record, plan)
        if (one.model, one.opponent, one.metric, one.block)
        == ("combination", "logistic", "average_precision", "all")
    ]
    assert found.standing == "better", found
    assert found.test.name == "paired_hour_bootstrap"
    assert found.test.n_obs == 18, "hours of the three blocks"


def test_a_signal_that_only_the_payment_before_carries_is_found_by_the_network_that_reads_it() -> None:
    plan = small_stream(train__max_steps=150, train__learning_rate=0.02, evaluate__bootstrap=400)
    made = scored(snapshot_of(stream(120, before=2.5), plan), plan)
    (found,) = [
        one
        for one in comparisons(made.record, plan)
        if (one.model, one.opponent, one.metric, one.block) == ("cnn", "lightgbm", "average_precision", "all")
    ]
    assert found.standing == "better", found


def test_probabilities_of_a_sample_with_weights_have_the_level_of_the_whole_stream() -> None:
    """Legitimate payments cut to a sixth: by weight each model still expects the true number of frauds."""
    whole = stream(150, rate=-3.5)
    alone = {"model__networks": ("tabm",), "model__unsupervised": (), "collect__stream": ()}
    plain = small_stream(**alone)
    random = np.random.default_rng(8)
    cut = whole.filter(pl.Series((whole["fraud"] == 1).to_numpy() | (random.random(whole.height) < 1 / 6)))
    weighted = small_stream(**alone, collect__kept=1 / 6)
    rate = float(whole["fraud"].mean())  # type: ignore[arg-type]
    for study, table in ((plain, whole), (weighted, cut)):
        made = scored(snapshot_of(table, study), study).record
        rows = made.headline.rows
        counted = None if made.records.weight is None else made.records.weight[rows]
        for name, p in made.headline.predicted.items():
            assert np.average(p, weights=counted) == pytest.approx(rate, rel=0.25), name
    made = scored(snapshot_of(cut, plain), plain).record
    assert made.headline.predicted["combination"].mean() > 3.0 * rate, (
        "without weights the level is the cut's"
    )
