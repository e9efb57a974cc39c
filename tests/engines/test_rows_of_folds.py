"""What a fold may train on: nothing whose target was known only after its cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from barograph.core.errors import DataError
from barograph.core.study import Study
from barograph.engines.forecasting.fit import WalkForward
from barograph.engines.forecasting.rows import FoldRows
from small_study import market, same, small_study, walked

FIRST_OF_BETA = "2019-02-01"


@pytest.fixture(scope="module")
def study() -> Study:
    return small_study(
        model__networks=("mlp",), train__max_steps=5, evaluate__test_since_of={"beta": FIRST_OF_BETA}
    )


@pytest.fixture(scope="module")
def run(study: Study, tmp_path_factory: pytest.TempPathFactory) -> WalkForward:
    return walked(market(), study, tmp_path_factory.mktemp("rows"))


def last_known(run: WalkForward, row: int) -> np.datetime64:
    """The day on which the last target of a row became known, by counting the entity's own rows."""
    samples = run.out.samples
    block = samples.rows_of(int(samples.entity[row]))
    at = row - block.start + max(samples.horizons)
    time = samples.time[block]
    return time[at] if at < time.size else np.datetime64("NaT")


def test_every_training_row_s_targets_were_known_at_the_cut(run: WalkForward) -> None:
    for rows in run.folds:
        for row in rows.training[::97].tolist() + rows.training[-50:].tolist():
            assert last_known(run, row) <= rows.fold.cut
        newest = run.out.samples.known_at[rows.training].max()
        assert rows.fold.cut - newest < np.timedelta64(5, "D"), "rows that could be learnt from are left out"


def test_rows_to_fit_on_end_before_validation_begins(run: WalkForward, study: Study) -> None:
    samples = run.out.samples
    calendar = np.unique(samples.time)
    for rows in run.folds:
        begins = samples.time[rows.validation].min()
        assert max(last_known(run, row) for row in rows.fit[-60:].tolist()) < begins
        assert samples.known_at[rows.fit].max() < begins
        between = np.searchsorted(calendar, begins) - np.searchsorted(calendar, samples.time[rows.fit].max())
        assert between >= max(samples.horizons), "the embargo is shorter than the longest horizon"
        assert np.unique(samples.time[rows.validation]).size == study.train.validation_days
        assert np.intersect1d(rows.fit, rows.validation).size == 0


def test_scored_rows_come_after_the_cut_once_each_and_on_their_entity_s_first_day(run: WalkForward) -> None:
    samples = run.out.samples
    for rows in run.folds[:-1]:
        assert samples.time[rows.test].min() > rows.fold.cut
        assert np.intersect1d(rows.test, rows.training).size == 0
    tested = np.concatenate([rows.test for rows in run.folds[:-1]])
    assert np.unique(tested).size == tested.size
    beta = samples.time[tested[samples.entity[tested] == samples.entities.index("beta")]]
    others = samples.time[tested[samples.entity[tested] != samples.entities.index("beta")]]
    assert beta.min() == np.datetime64(FIRST_OF_BETA)
    assert others.min() < np.datetime64("2018-09-06")


def test_the_refit_is_never_scored_and_answers_for_the_newest_row_of_each_entity(run: WalkForward) -> None:
    refit, samples = run.folds[-1], run.out.samples
    assert refit.test.size == 0
    assert refit.fold.cut == samples.time.max()
    for entity, row in zip(range(3), refit.latest, strict=True):
        assert row == samples.rows_of(entity).stop - 1
    assert all(rows.latest.size == 0 for rows in run.folds[:-1])


def test_tails_come_from_the_last_training_rows_of_each_entity(run: WalkForward, study: Study) -> None:
    samples = run.out.samples
    for rows in run.folds:
        for entity in range(3):
            mine = rows.training[samples.entity[rows.training] == entity]
            tail = rows.tail[samples.entity[rows.tail] == entity]
            assert same(tail, np.sort(mine)[-study.train.tail_days :])


def test_baselines_are_refitted_at_every_cut_on_rows_until_it(run: WalkForward) -> None:
    samples = run.out.samples
    for entity in range(3):
        time = samples.time[samples.rows_of(entity)]
        expected = [int((time <= rows.fold.cut).sum()) for rows in run.folds]
        assert set(expected) <= set(run.conventional.cuts[entity].tolist())


def known_past(run: WalkForward, fold: int) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Fold, rows and their places among its needed rows: the first validation block, then scored blocks."""
    first, cut = run.folds[0], run.folds[fold].fold.cut
    inside = [place for place, row in enumerate(first.tail.tolist()) if row in set(first.validation.tolist())]
    past = [(0, first.tail[inside], np.array(inside))]
    for f in range(fold):
        rows = run.folds[f]
        known = [place for place, row in enumerate(rows.test.tolist()) if last_known(run, row) <= cut]
        past.append((f, rows.test[known], rows.tail.size + np.array(known)))
    return past


@pytest.mark.parametrize("fold", [0, 2])
def test_pool_weights_lie_between_equal_ones_and_the_best_of_what_was_known_at_the_cut(
    run: WalkForward, fold: int
) -> None:
    """The best weights are found on a grid over rows gathered one by one."""
    samples, used, past = run.out.samples, run.pools["combination"][fold], known_past(run, fold)
    assert max(samples.known_at[rows].max() for _, rows, _ in past) <= run.folds[fold].fold.cut
    target = samples.target[np.concatenate([rows for _, rows, _ in past])]
    own, other = (
        np.concatenate([run.candidates[name].log_variance[f][places] for f, _, places in past])
        for name in ("mlp", used.models[1])
    )
    grid = np.linspace(0.0, 1.0, 201)
    for column in range(len(samples.horizons)):
        logs = [w * own[:, column] + (1.0 - w) * other[:, column] for w in grid]
        losses = [float(np.mean(log + target[:, column] * np.exp(-log))) for log in logs]
        best = float(grid[np.argmin(losses)])
        assert min(0.5, best) - 0.01 <= float(used.weights[column, 0]) <= max(0.5, best) + 0.01


def test_too_little_history_before_the_first_block_is_refused(tmp_path: Path) -> None:
    early = small_study(model__networks=("mlp",), evaluate__test_since="2016-12-01")
    with pytest.raises(DataError, match="first training window") as caught:
        walked(market(), early, tmp_path)
    assert "test_since" in str(caught.value)


def test_fold_rows_know_what_is_needed_of_every_candidate() -> None:
    part = [np.array(values, dtype=np.int64) for values in ([1, 2], [4], [2, 4], [6, 7], [])]
    fold = FoldRows(None, *part)  # type: ignore[arg-type]
    assert fold.training.tolist() == [1, 2, 4]
    assert fold.needed.tolist() == [2, 4, 6, 7]
