"""Seeds of a network for records train in one stack, and each learns what it would have learnt alone."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.conventional import Learned, pack, unpack
from barograph.engines.scoring.deep import DeepTask, fit_deep, stack_of, stacks_of
from barograph.engines.scoring.plan import Bench, bench
from barograph.engines.scoring.tasks import control_of, deep_tasks, fit_fold, start_of
from barograph.evaluate.records.plan import planned_folds
from barograph.models.scorers import SCORERS
from small_scoring import STEPS, book, small_scoring, snapshot_of
from small_study import NoMemory

SEEDS = 3


@functools.cache
def ready() -> tuple[Bench, ScoringStudy]:
    study = small_scoring(
        model__networks=tuple(SCORERS),
        model__hazard="mlp",
        model__start="mean",
        collect__sequence={"late": STEPS},
        evaluate__origins=(2014,),
        train__seeds=SEEDS,
        train__max_steps=12,
        train__check_every=4,
        train__learning_rate=1e-2,
    )
    records = snapshot_of(book(150), study).records
    return bench(records, planned_folds(records, study)["origin"][0], study), study


@functools.cache
def tasks() -> dict[str, DeepTask]:
    place, study = ready()
    part = place.fold.parts[0]
    start = start_of(place, part, study, control_of(place, part))
    return deep_tasks(place, part, study, {}, start, 0, None)


def fitted(task: DeepTask, most: int) -> list[Learned]:
    return [one for stack in stacks_of(task, most).values() for one in fit_deep(stack)]


@pytest.mark.parametrize("model", [*SCORERS, "hazard"])
def test_a_seed_learns_the_same_alone_and_in_a_stack(model: str) -> None:
    task = tasks()[model]
    alone, together = fitted(task, 1), fitted(task, SEEDS)
    assert len(alone) == len(together) == SEEDS
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(other.answer, one.answer, atol=2e-5)
        for fact in ("steps", "best_step", "parameters"):
            assert one.facts[fact] == other.facts[fact]
        weights = stack_of(other).weights
        for name, values in stack_of(one).weights.items():
            np.testing.assert_allclose(weights[name], values, atol=2e-3, err_msg=name)
    differ = max(float(np.abs(one.answer - together[0].answer).max()) for one in together[1:])
    assert differ > 1e-4, "seeds that learn nothing answer alike whatever is done with them"


@pytest.mark.parametrize("model", [*SCORERS, "hazard"])
@pytest.mark.parametrize("most", [0, 1, 2, 3, 7])
def test_every_seed_is_in_one_stack_of_the_size_that_was_asked_for(
    model: str, most: int, tmp_path: Path
) -> None:
    task = replace(tasks()[model], seeds=tuple(range(100, 107)), checkpoint=tmp_path / "task")
    stacks = stacks_of(task, most)
    assert [seed for stack in stacks.values() for seed in stack.seeds] == list(task.seeds)
    assert [stack.seeds[0] - 100 for stack in stacks.values()] == list(stacks)
    sizes = [len(stack.seeds) for stack in stacks.values()]
    limit = most or SCORERS[task.key].together
    assert max(sizes) <= limit
    assert max(sizes) - min(sizes) <= 1
    assert len(stacks) == -(-7 // limit)
    assert len({stack.checkpoint for stack in stacks.values()}) == len(stacks)


def test_the_setting_of_a_study_decides_the_stacks_of_a_fold() -> None:
    place, study = ready()
    counts = {}
    for together in (0, 1, 2):
        only = study.model_copy(
            update={
                "model": study.model.model_copy(update={"networks": ("mlp", "tabm"), "hazard": ""}),
                "train": study.train.model_copy(update={"together": together, "max_steps": 4}),
            }
        )
        memory = Noting()
        found = fit_fold(place, only, {}, memory=memory, checkpoints=None)
        assert {model: len(parts[0]) for model, parts in found.learned.items()} == {
            "mlp": SEEDS, "tabm": SEEDS, "scorecard": 1, "logistic": 1, "lightgbm": 1,
        }  # fmt: skip
        counts[together] = [key for key in memory.keys if key.startswith(("mlp", "tabm"))]
    assert counts[0] == ["mlp-0-0", "tabm-0-0", "tabm-0-1", "tabm-0-2"]
    assert counts[1] == [f"{model}-0-{seed}" for model in ("mlp", "tabm") for seed in range(SEEDS)]
    assert counts[2] == [f"{model}-0-{seed}" for model in ("mlp", "tabm") for seed in (0, 1)]


class Noting(NoMemory):
    """A `core.contracts.Memory` that notes the names of tasks and does them."""

    keys: tuple[str, ...] = ()

    def run(self, name: str, work: Any, tasks: Any, *, keys: Any, **rest: Any) -> list[Any]:
        """See `core.contracts.Memory`."""
        self.keys += tuple(keys)
        return super().run(name, work, tasks, keys=keys, **rest)


def test_a_stack_outlives_the_run_it_was_fitted_in() -> None:
    found = fit_deep(stacks_of(tasks()["mlp"], SEEDS)[0])
    again = unpack(*pack(found))
    assert len(again) == len(found) == SEEDS
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.answer, other.answer)
        assert (one.artefact, one.facts) == (other.artefact, other.facts)
