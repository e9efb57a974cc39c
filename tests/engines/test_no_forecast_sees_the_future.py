"""Corrupt the future: whatever comes after a day, every forecast made until then stays, bit for bit.

The whole engine runs twice, on the market as it was and on one whose prices after a day are garbage. Folds
are trained together in one stack, so this also shows that a fold whose window is garbage touches no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.core.study import Study
from barograph.engines.forecasting.fit import WalkForward
from small_study import garbage_after, market, same, small_study, walked

FIGURES = ("variance", "quantiles", "shortfall")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return market()


@pytest.fixture(scope="module")
def study() -> Study:
    return small_study(train__patience=3)


@pytest.fixture(scope="module")
def undisturbed(table: pl.DataFrame, study: Study, tmp_path_factory: pytest.TempPathFactory) -> WalkForward:
    return walked(table, study, tmp_path_factory.mktemp("undisturbed"))


def test_members_stop_at_different_steps_and_have_learnt_something(undisturbed: WalkForward) -> None:
    """Otherwise the tests below would compare networks that never left their start."""
    for run in undisturbed.deep.runs.values():
        assert len(set(run.steps)) > 1
        assert max(one.best_step for one in run.last.history) > 0


def days(run: WalkForward) -> dict[str, np.datetime64]:
    """The cut of the third fold, the day after it, and one in the middle of the second fold's block."""
    second, third = run.folds[1].fold, run.folds[2].fold
    calendar = np.unique(run.out.samples.time)
    block = calendar[(calendar >= second.test_since) & (calendar <= second.test_until)]
    return {"a cut": third.cut, "the day after a cut": third.test_since, "mid-block": block[block.size // 2]}


def fitted_at(run: WalkForward, fold: int) -> dict[str, object]:
    """Everything fitted at a fold's cut, and the forecasts its networks make of its own past."""
    cut, entities = run.folds[fold].fold.cut, range(len(run.out.samples.entities))
    inputs, n_tail = run.inputs[fold], run.folds[fold].tail.size
    return {
        "rows": run.folds[fold],
        "baselines": [
            run.conventional.at(key, entity, cut) for key in run.conventional.fitted for entity in entities
        ],
        "scalers": [one.parameters for one in (inputs.features, inputs.channels, inputs.cross_section)],
        "control": run.controls[fold],
        "pools": {name: pools[fold] for name, pools in run.pools.items()},
        "tails": {name: one.log_variance[fold][:n_tail] for name, one in run.candidates.items()},
    }


@dataclass(frozen=True)
class Disturbed:
    last: np.datetime64
    run: WalkForward


@pytest.fixture(scope="module", params=["a cut", "the day after a cut", "mid-block"])
def disturbed(
    request: pytest.FixtureRequest,
    table: pl.DataFrame,
    study: Study,
    undisturbed: WalkForward,
    tmp_path_factory: pytest.TempPathFactory,
) -> Disturbed:
    last = days(undisturbed)[request.param]
    return Disturbed(last, walked(garbage_after(table, last), study, tmp_path_factory.mktemp("disturbed")))


def test_garbage_after_a_day_leaves_every_forecast_until_then_as_it_was(
    undisturbed: WalkForward, disturbed: Disturbed
) -> None:
    last, other_run = disturbed.last, disturbed.run
    samples, rows = undisturbed.out.samples, undisturbed.out.rows
    before = samples.time[rows] <= last
    assert same(other_run.out.rows, rows)
    assert 0.2 < before.mean() < 0.8
    assert undisturbed.out.distributions.keys() == other_run.out.distributions.keys()
    for name, distribution in undisturbed.out.distributions.items():
        for figure in FIGURES:
            one = getattr(distribution, figure)
            other = getattr(other_run.out.distributions[name], figure)
            assert same(one[before], other[before]), (name, figure)
            assert not same(one[~before], other[~before]), f"{name} does not read prices at all"
    for network, members in undisturbed.out.members.items():
        assert same(members[:, before], other_run.out.members[network][:, before]), network
    assert same(undisturbed.out.event_threshold[before], other_run.out.event_threshold[before])


def test_garbage_after_a_cut_leaves_everything_fitted_at_it_as_it_was(
    undisturbed: WalkForward, disturbed: Disturbed
) -> None:
    last, other_run = disturbed.last, disturbed.run
    early = [f for f, rows in enumerate(undisturbed.folds) if rows.fold.cut <= last]
    assert early in ([0, 1], [0, 1, 2])
    for fold in early:
        expected, found = fitted_at(undisturbed, fold), fitted_at(other_run, fold)
        for part, value in expected.items():
            assert same(value, found[part]), (fold, part)
    late = early[-1] + 1
    assert not same(fitted_at(undisturbed, late)["control"], fitted_at(other_run, late)["control"])
    assert not same(fitted_at(undisturbed, late)["scalers"], fitted_at(other_run, late)["scalers"])


def test_a_market_that_ends_earlier_gives_the_same_forecasts_until_its_end(
    table: pl.DataFrame, study: Study, undisturbed: WalkForward, tmp_path: Path
) -> None:
    last = days(undisturbed)["a cut"]
    short = walked(table.filter(pl.col("time") <= last.item()), study, tmp_path)
    times = undisturbed.out.samples.time[undisturbed.out.rows]
    assert short.out.rows.size == (times <= last).sum()
    for name, distribution in short.out.distributions.items():
        whole = undisturbed.out.distributions[name].variance[times <= last]
        # members share fewer stacks in the shorter run: networks agree to float32, all others to the bit
        if name in (*short.out.networks, *short.out.combinations):
            np.testing.assert_allclose(distribution.variance, whole, rtol=1e-4, err_msg=name)
        else:
            assert same(distribution.variance, whole), name
