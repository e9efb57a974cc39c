"""Search of settings, once, on the training part of the first fold of the headline protocol.

Networks and LightGBM get the same number of trials; the loss is that of the held-out part, never of a test.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.core.contracts import Memory, Progress
from barograph.core.scored import Trial
from barograph.core.scoring_study import ScoringStudy
from barograph.core.search import Choices, Floats, Space
from barograph.engines.scoring import tasks
from barograph.engines.scoring.conventional import pack, unpack
from barograph.engines.scoring.plan import Bench
from barograph.models.baselines.scoring import boosting
from barograph.models.scorers import SCORERS
from barograph.train.tune import Settings, TuningResult, tune

NETWORK_SPACE: dict[str, Floats | Choices] = {
    "learning_rate": Floats(1e-3, 2e-2, log=True),
    "weight_decay": Floats(1e-4, 3e-1, log=True),
}
"""What is searched of every network; TabM's dropout as well."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """Settings of every model after the search, and what was tried."""

    settings: dict[str, dict[str, Any]]
    trials: tuple[Trial, ...]


def tuned_settings(bench: Bench, study: ScoringStudy, *, memory: Memory, progress: Progress) -> Tuned:
    """Search the settings of the models in `train.tuned`; the others keep theirs."""
    settings: dict[str, dict[str, Any]] = {
        key: dict(study.model.settings.get(key, {}))
        for key in (*study.model.networks, *study.model.baselines)
    }
    if study.model.hazard:
        settings.setdefault(study.model.hazard, dict(study.model.settings.get(study.model.hazard, {})))
    searched = [key for key in study.train.tuned if key in settings and study.train.trials > 1]
    progress.stage("tuning", len(searched) * study.train.trials)
    trials: list[Trial] = []
    for key in searched:
        result = _search(bench, study, key, settings, memory, progress)
        settings[key] = {**settings[key], **result.best}
        trials += result.trials
    return Tuned(settings, tuple(trials))


def _search(
    bench: Bench,
    study: ScoringStudy,
    key: str,
    settings: Mapping[str, Mapping[str, Any]],
    memory: Memory,
    progress: Progress,
) -> TuningResult:
    space, first = _space(key, study, settings[key])
    task_of = _task_maker(bench, study, key, settings[key])
    numbers = itertools.count()

    def answers(proposals: Sequence[Settings]) -> list[tuple[float, float]]:
        fitted = memory.run(
            "tuning",
            tasks.work,
            [task_of(one) for one in proposals],
            keys=[f"{key}-{next(numbers)}" for _ in proposals],
            pack=pack,
            unpack=unpack,
            on_done=progress.advance,
        )
        return [(float(one.facts["holdout_loss"]), float(one.facts["seconds"])) for (one,) in fitted]

    trials, seed = study.train.trials, study.train.seed
    return tune(space, answers, model=key, trials=trials, seed=seed, first=first)


def _space(key: str, study: ScoringStudy, given: Mapping[str, Any]) -> tuple[Space, Settings]:
    if key in SCORERS:
        space = NETWORK_SPACE | ({"dropout": Choices((0.0, 0.1, 0.2))} if key == "tabm" else {})
        start: Settings = {
            "learning_rate": study.train.learning_rate,
            "weight_decay": study.train.weight_decay,
        }
        return space, {**start, **{name: value for name, value in given.items() if name in space}}
    return boosting.SEARCH, {**boosting.DEFAULTS, **given}


def _task_maker(
    bench: Bench, study: ScoringStudy, key: str, given: Mapping[str, Any]
) -> Callable[[Settings], Any]:
    part = bench.fold.parts[0]
    if key not in SCORERS:
        return lambda found: tasks.conventional_task(bench, part, study, key, {**given, **found})
    start = tasks.start_of(bench, part, study, tasks.control_of(bench, part))
    alone = {"networks": (key,), "hazard": "", "anomaly_feature": ""}
    once = study.train.model_copy(update={"seeds": 1})
    only = study.model_copy(update={"model": study.model.model_copy(update=alone), "train": once})

    def made(found: Settings) -> Any:
        settings = {key: {**given, **found}}
        return tasks.deep_tasks(bench, part, only, settings, start, 0, None)[key]

    return made
