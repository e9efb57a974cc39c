"""What every fit of a fold may see: its own rows, neither the held-out ones nor those that are scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from barograph.core.arrays import IntArray
from barograph.core.errors import LeakError
from barograph.core.record_table import Records
from barograph.core.scored import BagPart, RecordFold
from barograph.core.scoring_study import ScoringStudy
from barograph.deploy.graph import load_graph
from barograph.engines.scoring.anomaly import fit_anomaly
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.combining import fold_answers
from barograph.engines.scoring.conventional import ConventionalTask, boosted_of, fit_conventional
from barograph.engines.scoring.deep import DeepTask
from barograph.engines.scoring.plan import Bench, bench
from barograph.engines.scoring.tasks import FittedFold, control_of, conventional_task, fit_fold
from barograph.evaluate.records.plan import planned_folds
from barograph.measures.anomaly import reconstruction_score
from barograph.measures.credit.linear_predictor import linear_mean
from barograph.models.baselines.scoring.boosting import predict
from barograph.models.baselines.scoring.logistic import RIDGES, fit_logistic
from barograph.prepare.encoder import feature_names
from small_scoring import book, bundled, scored, small_scoring, snapshot_of
from small_study import NoMemory, same


class Watching:
    """A `core.contracts.Memory` that notes the tasks it is given and does them."""

    def __init__(self) -> None:
        self.tasks: dict[str, ConventionalTask | DeepTask] = {}

    def run(self, name: str, work: Any, tasks: Any, *, keys: Any, **rest: Any) -> list[Any]:
        """See `core.contracts.Memory`."""
        self.tasks |= dict(zip(keys, tasks, strict=True))
        return NoMemory().run(name, work, tasks, keys=keys, **rest)


def study_of(bag: int) -> ScoringStudy:
    return small_scoring(model__hazard="mlp", train__bag=bag, train__max_steps=2, evaluate__origins=(2014,))


@pytest.fixture(scope="module")
def records() -> Records:
    return snapshot_of(book(150), study_of(1)).records


def fold_of(records: Records, study: ScoringStudy) -> RecordFold:
    return planned_folds(records, study)["origin"][0]


def with_garbage(records: Records, rows: np.ndarray) -> Records:
    """Other features on some rows, and a history of another size."""
    late = pl.Series(np.isin(np.arange(records.n), rows))
    wild = {pl.Float64: pl.lit(1e6), pl.String: pl.lit("garbage")}
    table = records.table.with_columns(
        pl.when(late).then(wild[type(kind)]).otherwise(pl.col(name)).alias(name)
        for name, kind in records.table.schema.items()
    )
    return replace(records, table=table)


def test_an_origin_is_not_scored_on_records_made_by_its_cut(records: Records) -> None:
    """The encoder's own guard, asked about the scored rows of every origin."""
    study = study_of(1)
    fold = fold_of(records, study)
    assert bench(records, fold, study).fold is fold
    early = np.flatnonzero((records.time <= fold.cut) & ~records.known_at(fold.cut))[-1:]
    assert early.size == 1, "one that trains nowhere: only the guard can refuse it"
    with pytest.raises(LeakError, match="would be judged on"):
        bench(records, replace(fold, test_rows=np.union1d(early, fold.test_rows)), study)


@pytest.mark.parametrize("bag", [1, 2])
def test_every_task_fits_on_its_part_and_watches_what_the_part_holds_out(records: Records, bag: int) -> None:
    study = study_of(bag)
    ready, memory = bench(records, fold_of(records, study), study), Watching()
    fit_fold(ready, study, {}, memory=memory, checkpoints=None)
    assert {key.split("-")[0] for key in memory.tasks} == {
        *("mlp", "tabm", "hazard", "scorecard", "logistic", "lightgbm")
    }
    for key, task in memory.tasks.items():
        model, number, _ = key.split("-")
        part = ready.fold.parts[int(number)]
        rows = ready.views.rows
        assert np.array_equal(rows[task.holdout], part.holdout_rows), key
        assert not np.isin(rows[task.fit], ready.fold.test_rows).any(), key
        if model == "hazard":
            check_hazard(ready, part, rows[task.fit])
        else:
            assert np.array_equal(rows[task.fit], part.fit_rows), key


def test_the_loss_that_a_search_goes_by_is_that_of_the_rows_held_out(records: Records) -> None:
    study = study_of(1)
    ready = bench(records, fold_of(records, study), study)
    task = conventional_task(ready, ready.fold.parts[0], study, "lightgbm", {})
    learned = fit_conventional(task)
    p = predict(boosted_of(learned), ready.views.coded[task.holdout])
    expected = metrics.log_loss(ready.views.label[task.holdout], p)
    assert learned.facts["holdout_loss"] == pytest.approx(expected, rel=1e-9)


def check_hazard(ready: Bench, part: BagPart, fit: np.ndarray) -> None:
    """Loans still running as well, but none made after the cut and none held out."""
    assert ready.experience is not None
    assert np.isin(fit, ready.experience.rows).all()
    assert not np.isin(fit, part.holdout_rows).any()
    assert fit.size > part.fit_rows.size


def test_the_control_is_a_fit_on_the_fitting_rows_at_one_of_its_ridges(records: Records) -> None:
    study = study_of(1)
    ready = bench(records, fold_of(records, study), study)
    (part,) = ready.fold.parts
    found = control_of(ready, part)
    fit = ready.views.places(part.fit_rows)
    x, y = ready.views.features[fit].astype(np.float64), ready.views.label[fit]
    apart = [
        np.abs(
            fit_logistic(x, y, feature_names(ready.views.encoder), l2=ridge).coefficients - found.coefficients
        )
        for ridge in RIDGES
    ]
    assert min(one.max() for one in apart) < 1e-4


@pytest.mark.parametrize("start", ["control", "mean"])
def test_networks_that_learn_nothing_say_what_they_start_from_and_so_does_their_bundle(
    records: Records, tmp_path: Path, start: str
) -> None:
    """Steps too small for float32: what is left is the control, or the share of bads fitted on."""
    study = small_scoring(
        model__start=start, model__networks=("mlp",), train__learning_rate=1e-30, train__max_steps=1
    )
    snapshot = snapshot_of(book(150), study)
    made = scored(snapshot, study)
    ready, fitted = made.refit.bench, made.refit.fitted
    (part,), needed = ready.fold.parts, ready.views.places(ready.needed)
    expected = linear_mean(fitted.controls[0], ready.views.features[needed].astype(np.float64))
    if start == "mean":
        expected = np.full(needed.size, ready.views.label[ready.views.places(part.fit_rows)].mean())
    np.testing.assert_allclose(fitted.learned["mlp"][0][0].answer, expected, atol=1e-6)
    assert np.ptp(linear_mean(fitted.controls[0], ready.views.features.astype(np.float64))) > 0.2
    for champion in ("mlp", "linear"):
        load(bundled(made, study, champion, snapshot, tmp_path / champion))  # refuses figures that differ


@pytest.mark.parametrize("bag", [1, 2])
def test_the_encoder_is_fitted_on_fitting_rows_alone(records: Records, bag: int) -> None:
    """Without a bag not even on those held out; with one each row is fitted on in some part."""
    study = study_of(bag)
    fold = fold_of(records, study)
    fitted_on = np.unique(np.concatenate([part.fit_rows for part in fold.parts]))
    others = np.setdiff1d(np.arange(records.n), fitted_on)
    assert np.isin(fold.parts[0].holdout_rows, others).all() == (bag == 1)
    plain = bench(records, fold, study).views.encoder.to_plain()
    assert bench(with_garbage(records, others), fold, study).views.encoder.to_plain() == plain
    assert bench(with_garbage(records, fitted_on[:30]), fold, study).views.encoder.to_plain() != plain


def test_calibrators_and_stacks_rest_on_what_parts_say_of_rows_they_held_out(records: Records) -> None:
    """In a bag a row is answered for by the part that held it out; what the other part says is no matter."""
    study = small_scoring(model__networks=("mlp",), train__bag=2, train__max_steps=20)
    ready = bench(records, fold_of(records, study), study)
    fitted = fit_fold(ready, study, {}, memory=NoMemory(), checkpoints=None)
    honest, deaf = fold_answers(ready, fitted, study), []
    for rows_of in (lambda part: part.fit_rows, lambda part: part.holdout_rows):
        told = with_other_answers(ready, fitted, rows_of)
        other = fold_answers(ready, told, study)
        deaf.append([same(other.calibrators[name], honest.calibrators[name]) for name in fitted.learned])
        deaf[-1] += [same(other.stacks["combination"], honest.stacks["combination"])]
    assert all(deaf[0]), "an answer for a row that was fitted on counted"
    assert not any(deaf[1]), "the answers for held-out rows do count"


def test_the_anomaly_quantiles_are_of_the_rows_held_out(records: Records) -> None:
    """Scored anew by the graph that a bundle holds; those of the rows fitted on are others."""
    study = study_of(1)
    ready = bench(records, fold_of(records, study), study)
    made, (part,) = fit_anomaly(ready, study), ready.fold.parts
    raw = load_graph(made.graph).run({"features": ready.views.features})[0, :, 0]
    scores = reconstruction_score(ready.views.features - (raw + made.center), made.scale)
    levels = np.linspace(0, 1, 101)
    held, fit = (
        np.quantile(scores[ready.views.places(r)], levels) for r in (part.holdout_rows, part.fit_rows)
    )
    np.testing.assert_allclose(made.quantiles, held, rtol=1e-4)
    assert not np.allclose(made.quantiles, fit, rtol=1e-2)


def with_other_answers(
    ready: Bench, fitted: FittedFold, rows_of: Callable[[BagPart], IntArray]
) -> FittedFold:
    """Every part turned round in what it says of some of its rows."""
    learned = {}
    for model, parts in fitted.learned.items():
        learned[model] = []
        for part, seeds in zip(ready.fold.parts, parts, strict=True):
            there = np.isin(ready.needed, rows_of(part))
            learned[model].append(
                [replace(one, answer=np.where(there, 1.0 - one.answer, one.answer)) for one in seeds]
            )
    return replace(fitted, learned=learned)
