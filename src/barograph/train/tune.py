"""Search of a model's settings: optuna proposes in fixed batches, so that any executor finds the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from barograph.core.errors import DataError, SettingError
from barograph.core.scored import Trial
from barograph.core.search import Choices, Floats, Integers, Space

Settings = dict[str, float | int | str]
BATCH = 4
"""Trials proposed at once; the same number however many processes there are."""


Answers = Callable[[Sequence[Settings]], Iterable[tuple[float, float]]]
"""From a batch of proposals to the validation loss and the seconds of each, in their order."""


@dataclass(frozen=True, slots=True)
class TuningResult:
    """The settings with the least loss, the earliest where equal, and every trial in order."""

    best: Settings
    trials: tuple[Trial, ...]


def tune(
    space: Space,
    answers: Answers,
    *,
    model: str,
    trials: int,
    seed: int,
    first: Settings | None = None,
    batch: int = BATCH,
) -> TuningResult:
    """Search by the tree-structured Parzen estimator (Bergstra et al. 2011), told and asked in batches.

    Parameters
    ----------
    space : mapping
    answers : callable
        Tries a batch of settings, wherever it likes; what it raises is raised here.
    model : str
        Named in the trials.
    trials : int
        At least 1.
    seed : int
        Of the proposals.
    first : mapping or None
        Settings of the first trial, such as the model's defaults; those outside the space travel along
        unchanged in every trial.
    batch : int
        Trials proposed before the next losses are heard. Part of the search: another number finds others.

    Raises
    ------
    SettingError
        Where nothing is to be tried.
    DataError
        Where a loss is not finite.
    """
    if trials < 1 or batch < 1:
        raise SettingError(
            "a search needs at least one trial, and one a batch",
            came=f"got {trials} trials in batches of {batch}",
            do="Set train.trials to 1 or more",
        )
    distributions = {name: _distribution(where) for name, where in space.items()}
    fixed = {name: value for name, value in (first or {}).items() if name not in space}
    sampler = optuna.samplers.TPESampler(seed=seed % 2**32, n_startup_trials=batch, constant_liar=True)
    done: list[Trial] = []
    with _silent():
        study = optuna.create_study(sampler=sampler, direction="minimize")
        if first is not None:
            study.enqueue_trial({name: value for name, value in first.items() if name in space})
        while len(done) < trials:
            asked = [study.ask(distributions) for _ in range(min(batch, trials - len(done)))]
            proposals: list[Settings] = [fixed | dict(one.params) for one in asked]
            for one, settings, (loss, seconds) in zip(asked, proposals, answers(proposals), strict=True):
                done.append(Trial(model, settings, _finite(loss, model, settings), seconds))
                study.tell(one, loss)
    best = min(done, key=lambda trial: trial.loss)
    return TuningResult(dict(best.settings), tuple(done))


def _distribution(where: Floats | Integers | Choices) -> BaseDistribution:
    if isinstance(where, Choices):
        return CategoricalDistribution(where.values)
    if isinstance(where, Integers):
        return IntDistribution(where.low, where.high, log=where.log)
    return FloatDistribution(where.low, where.high, log=where.log)


def _finite(loss: float, model: str, settings: Settings) -> float:
    if not math.isfinite(loss):
        raise DataError(
            f"the validation loss of {model} must be finite",
            came=f"it is {loss} with {settings}",
            do="Look for records that cannot be scored, or narrow the search",
        )
    return loss


@contextmanager
def _silent() -> Iterator[None]:
    """Without optuna's notices, as whoever called found them."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
