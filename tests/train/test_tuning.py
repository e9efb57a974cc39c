"""The search of settings: the same whoever runs it, never worse than its first trial, errors surface."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest

from barograph.core.errors import DataError, SettingError
from barograph.core.search import Choices, Floats, Integers, Space
from barograph.train.tune import Answers, Settings, TuningResult, tune

SPACE: Space = {
    "rate": Floats(1e-4, 1.0, log=True),
    "width": Integers(1, 64),
    "kind": Choices(("plain", "odd")),
}
FIRST: Settings = {"rate": 0.5, "width": 60, "kind": "odd", "rounds": 7}


def bowl(settings: Settings) -> float:
    """Least at rate 0.01, width 20, kind plain."""
    rate, width = float(settings["rate"]), float(settings["width"])
    return (math.log10(rate) + 2) ** 2 + ((width - 20) / 30) ** 2 + (settings["kind"] == "odd")


def seen(result: TuningResult) -> list[tuple[Settings, float]]:
    return [(trial.settings, trial.loss) for trial in result.trials]


def tried(objective: Callable[[Settings], float], run: Callable[..., Iterable[float]] = map) -> Answers:
    """Answers of an objective, each said to take two seconds."""
    return lambda proposals: [(loss, 2.0) for loss in run(objective, proposals)]


def search(run: Callable[..., Iterable[float]] = map, seed: int = 1, trials: int = 12) -> TuningResult:
    return tune(SPACE, tried(bowl, run), model="net", trials=trials, seed=seed, first=FIRST)


def test_whoever_answers_is_of_no_account() -> None:
    def backwards(work: Callable[..., float], tasks: Sequence[Settings]) -> list[float]:
        return [work(task) for task in reversed(tasks)][::-1]

    with ThreadPoolExecutor(2) as pool:
        assert seen(search()) == seen(search(run=pool.map)) == seen(search(run=backwards))


def test_another_seed_tries_others() -> None:
    assert seen(search(seed=1))[1:] != seen(search(seed=2))[1:]


def test_more_trials_only_go_on() -> None:
    assert seen(search(trials=8)) == seen(search(trials=12))[:8]


def test_the_first_trial_is_the_one_given_and_the_best_is_kept() -> None:
    result = search(trials=40)
    assert result.trials[0].settings == FIRST
    losses = [trial.loss for trial in result.trials]
    assert result.best == result.trials[losses.index(min(losses))].settings
    assert min(losses) < 0.5 < losses[0]
    assert {trial.model for trial in result.trials} == {"net"}
    assert all(trial.seconds == 2.0 for trial in result.trials)


def test_every_trial_lies_inside_and_carries_what_is_not_searched() -> None:
    for trial in search(trials=30).trials:
        assert 1e-4 <= float(trial.settings["rate"]) <= 1.0
        assert trial.settings["width"] in range(1, 65)
        assert trial.settings["kind"] in ("plain", "odd")
        assert trial.settings["rounds"] == 7


def test_of_equal_losses_the_earliest_wins() -> None:
    result = tune(SPACE, tried(lambda _: 1.0), model="net", trials=6, seed=0, first=FIRST)
    assert result.best == FIRST


def test_one_trial_is_the_first() -> None:
    assert search(trials=1).best == FIRST


def test_what_a_fit_raises_is_raised() -> None:
    def breaks(settings: Settings) -> float:
        raise ZeroDivisionError(f"rate {settings['rate']}")

    with pytest.raises(ZeroDivisionError, match=r"rate 0\.5"):
        tune(SPACE, tried(breaks), model="net", trials=2, seed=0, first=FIRST)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_an_error(loss: float) -> None:
    with pytest.raises(DataError, match="validation loss of net"):
        tune(SPACE, tried(lambda _: loss), model="net", trials=2, seed=0)


def test_nothing_to_try_is_an_error() -> None:
    with pytest.raises(SettingError, match="at least one trial"):
        search(trials=0)


def test_it_is_silent_and_leaves_optunas_own_words_as_they_were(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity()
    search(trials=3)
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")
