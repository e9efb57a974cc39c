"""The independent pieces of work of a fold: one model, one part of the bag, the seeds of one stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.contracts import Memory
from barograph.core.fitted_records import LogisticParameters
from barograph.core.scored import BagPart
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import seed_of
from barograph.core.unsupervised import WITHOUT_ANOMALY, supervised_networks
from barograph.engines.scoring.conventional import (
    ConventionalTask,
    Learned,
    fit_control,
    fit_conventional,
    pack,
    unpack,
    views_read,
)
from barograph.engines.scoring.deep import DeepTask, fit_deep, stacks_of
from barograph.engines.scoring.experience import Experience
from barograph.engines.scoring.plan import Bench
from barograph.engines.scoring.streamed import streamed_rows
from barograph.engines.scoring.unsupervised_fit import UnsupervisedTask, fit_unsupervised
from barograph.engines.scoring.unsupervised_tasks import unsupervised_tasks
from barograph.engines.scoring.views import FoldViews
from barograph.measures.credit.linear_predictor import linear_predictor
from barograph.measures.credit.log_odds import logit

HAZARD, CONTROL = "hazard", "linear"
Settings = Mapping[str, Mapping[str, Any]]
"""Model -> its settings, as tuning left them."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """Which model a task fits; of a network, its seeds from `seed` on."""

    model: str
    part: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class FittedFold:
    """Everything fitted on one fold, part by part."""

    controls: tuple[LogisticParameters, ...]  # per part
    starts: tuple[LogisticParameters, ...]  # per part what its networks correct; the controls, or means
    learned: dict[str, list[list[Learned]]]  # model -> [part][seed]; conventional models have one seed


Task = ConventionalTask | DeepTask | UnsupervisedTask


def work(task: Task) -> tuple[Learned, ...]:
    """Do a task; runs in a process of the pool. One model, of a network one for each of its seeds."""
    if isinstance(task, DeepTask):
        return fit_deep(task)
    return (fit_unsupervised(task) if isinstance(task, UnsupervisedTask) else fit_conventional(task),)


def fit_fold(
    bench: Bench, study: ScoringStudy, settings: Settings, *, memory: Memory, checkpoints: Path | None
) -> FittedFold:
    """Fit every model of the study on a fold: controls here, all others by the executor."""
    controls = tuple(control_of(bench, part) for part in bench.fold.parts)
    starts = tuple(
        start_of(bench, part, study, control)
        for part, control in zip(bench.fold.parts, controls, strict=True)
    )
    keys: list[Key] = []
    tasks: list[Task] = []
    for number, part in enumerate(bench.fold.parts):
        deep = deep_tasks(bench, part, study, settings, starts[number], number, checkpoints)
        for model, every in deep.items():
            for first, stack in stacks_of(every, study.train.together).items():
                keys.append(Key(model, number, first))
                tasks.append(stack)
        for model in study.model.baselines:
            keys.append(Key(model, number, 0))
            tasks.append(conventional_task(bench, part, study, model, settings.get(model, {})))
        for model, task in unsupervised_tasks(bench, part, study, also=(study.deploy.champion,)).items():
            keys.append(Key(model, number, 0))
            tasks.append(task)
    fold = bench.fold
    outcomes = memory.run(
        f"{fold.protocol}-{fold.number}",
        work,
        tasks,
        keys=[f"{key.model}-{key.part}-{key.seed}" for key in keys],
        pack=pack,
        unpack=unpack,
        on_done=lambda: None,
    )
    learned: dict[str, list[list[Learned]]] = {}
    for key, outcome in zip(keys, outcomes, strict=True):
        parts = learned.setdefault(key.model, [[] for _ in bench.fold.parts])
        parts[key.part].extend(outcome)
    return FittedFold(controls, starts, learned)


def control_of(bench: Bench, part: BagPart) -> LogisticParameters:
    """The linear control of one part of the bag, fitted once per bench."""
    number = next(place for place, one in enumerate(bench.fold.parts) if one is part)
    if number not in bench.controls:
        bench.controls[number] = _control(bench.views, part)
    return bench.controls[number]


def _control(views: FoldViews, part: BagPart) -> LogisticParameters:
    fit, holdout = views.places(part.fit_rows), views.places(part.holdout_rows)
    return fit_control(views, fit, holdout, views.feature_names)


def start_of(
    bench: Bench, part: BagPart, study: ScoringStudy, control: LogisticParameters
) -> LogisticParameters:
    """What the networks of one part correct: its control, the mean label of its fitting rows, or a column."""
    if study.model.offset:
        return stated_start(bench, study.model.offset)
    if study.model.start == "control":
        return control
    return replace(control, intercept=_mean_logit(bench, part), coefficients=np.zeros(len(control.names)))


def _mean_logit(bench: Bench, part: BagPart) -> float:
    return float(logit(bench.views.label[bench.views.places(part.fit_rows)].mean()))


def stated_start(bench: Bench, column: str) -> LogisticParameters:
    """A column of log-odds as a linear function of what the networks see, and so one that is served like it.

    The column's piecewise-linear bins, each times its width, add up to it, held within the range of training.
    """
    encoder = bench.views.encoder
    edges = encoder.edges[encoder.numeric.index(column)]
    names = bench.views.feature_names
    width = np.zeros(len(names))
    for number, (low, high) in enumerate(pairwise(edges), start=1):
        width[names.index(f"{column}:{number}")] = high - low
    return LogisticParameters(names, float(edges[0]), width)


def conventional_task(
    bench: Bench, part: BagPart, study: ScoringStudy, model: str, settings: Mapping[str, Any]
) -> ConventionalTask:
    """A conventional model on one part."""
    views = bench.views
    return ConventionalTask(
        key=model,
        views=views.only(*views_read(model)),
        fit=views.places(part.fit_rows),
        holdout=views.places(part.holdout_rows),
        needed=views.places(bench.needed),
        settings=settings,
        loss_study=study.model.head == "hurdle_beta",
        seed=seed_of(study.train.seed, model, bench.fold.protocol, bench.fold.number) % 2**31,
        specials=study.prepare.specials,
    )


def deep_tasks(
    bench: Bench,
    part: BagPart,
    study: ScoringStudy,
    settings: Settings,
    start: LogisticParameters,
    number: int,
    checkpoints: Path | None,
) -> dict[str, DeepTask]:
    """Model -> task of all seeds on one part: every network, and the hazard where there is experience.

    `start` is what the networks correct (`start_of`).
    """
    seen = bench.views.only("features", "steps")
    offset = linear_predictor(start, bench.views.features)

    def task_of(model: str, views: FoldViews, offset: FloatArray, *, name: str) -> DeepTask:
        return DeepTask(
            key=model,
            head=study.model.head,
            views=views,
            offset=offset[:, None],
            target=views.label[:, None],
            weight=np.ones((offset.size, 1)),
            fit=views.places(part.fit_rows),
            holdout=views.places(part.holdout_rows),
            needed=views.places(bench.needed),
            settings=network_settings(settings.get(model, {})),
            train=train_section(study, settings.get(model, {})),
            seeds=_seeds(study, bench, model, number),
            checkpoint=_checkpoint(checkpoints, bench, name, number),
            rows=streamed_rows(bench, part, start),
        )

    networks = supervised_networks(study)
    made = {model: task_of(model, seen, offset, name=model) for model in networks}
    if study.model.anomaly_feature and networks and bench.fold.test_rows.size:
        bare = seen.without_feature()
        own = offset if study.model.start == "mean" else linear_predictor(_control(bare, part), bare.features)
        made[WITHOUT_ANOMALY] = task_of(networks[0], bare, own, name=WITHOUT_ANOMALY)
    if study.model.hazard and bench.experience is not None:
        made[HAZARD] = _hazard_task(bench, bench.experience, part, study, settings, number, checkpoints)
    return made


TRAINING_SETTINGS = ("learning_rate", "weight_decay")
"""Tuned settings that belong to the optimiser, not to the network."""


def network_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a model's settings that the network knows."""
    return {key: value for key, value in settings.items() if key not in TRAINING_SETTINGS}


def train_section(study: ScoringStudy, settings: Mapping[str, Any]) -> Any:
    """The optimiser's settings with what tuning changed."""
    return study.train.model_copy(
        update={key: float(value) for key, value in settings.items() if key in TRAINING_SETTINGS}
    )


def _seeds(study: ScoringStudy, bench: Bench, model: str, part: int) -> tuple[int, ...]:
    fold, root = bench.fold, study.train.seed
    return tuple(
        seed_of(root, model, fold.protocol, fold.number, part, seed) for seed in range(study.train.seeds)
    )


def _checkpoint(folder: Path | None, bench: Bench, model: str, part: int) -> Path | None:
    if folder is None:
        return None
    return folder / f"{bench.fold.protocol}-{bench.fold.number}-{model}-{part}"


def _hazard_task(
    bench: Bench,
    lived: Experience,
    part: BagPart,
    study: ScoringStudy,
    settings: Settings,
    number: int,
    checkpoints: Path | None,
) -> DeepTask:
    """A hazard on every loan on the books at the cut, the held-out ones apart."""
    views, model = bench.views.only("features", "steps"), study.model.hazard
    target, weight = (
        _spread(views.rows.size, views.places(lived.rows), part) for part in (lived.event, lived.at_risk)
    )
    fit = views.places(_hazard_fit(lived, part))
    start = hazard_start(lived, part)
    return DeepTask(
        key=model,
        head="hazard",
        views=views,
        offset=np.tile(start, (views.rows.size, 1)),
        target=target,
        weight=weight,
        fit=fit,
        holdout=views.places(part.holdout_rows),
        needed=views.places(hazard_rows(bench, lived)),
        settings=network_settings(settings.get(model, {})),
        train=train_section(study, settings.get(model, {})),
        seeds=_seeds(study, bench, HAZARD, number),
        checkpoint=_checkpoint(checkpoints, bench, HAZARD, number),
    )


def _hazard_fit(lived: Experience, part: BagPart) -> IntArray:
    return np.setdiff1d(lived.rows[lived.at_risk[:, 0] > 0], part.holdout_rows)


def hazard_start(lived: Experience, part: BagPart) -> FloatArray:
    """Log-odds of the mean hazard of each period, [J]: where a hazard network starts."""
    place = np.searchsorted(lived.rows, _hazard_fit(lived, part))
    events, exposed = lived.event[place].sum(axis=0), lived.at_risk[place].sum(axis=0)
    return logit((events + 0.5) / (exposed + 1.0))


def hazard_rows(bench: Bench, lived: Experience) -> IntArray:
    """Rows a hazard answers for: the needed ones, and those at risk within the last year."""
    return np.union1d(bench.needed, lived.rows[lived.recent_at_risk.sum(axis=1) > 0])


def _spread(n: int, places: IntArray, values: FloatArray) -> FloatArray:
    spread = np.zeros((n, values.shape[1]))
    spread[places] = values
    return spread
