"""The two controls: on pure noise nothing wins more often than the test's size; a planted signal is found.

The yardstick of noise is the constant variance of the past, which is right there; it is put among the
baselines of each run, so that networks and combination meet it in the same panel test that judges a study.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from barograph.core.forecast import Distribution, OutOfSample
from barograph.core.results import Comparison
from barograph.core.study import Study
from barograph.engines.forecasting.fit import WalkForward
from barograph.evaluate.comparing import comparisons
from barograph.models.catalogue import NETWORKS
from small_study import calendar_of, market, small_study, walked

CONSTANT = "constant"
SEEDS = 20
LEVEL = 0.05


def noise(seed: int, days: int) -> pl.DataFrame:
    """Two series of independent normal returns of one percent a day."""
    random, tables = np.random.default_rng(seed), []
    for number, name in enumerate(("one", "two")):
        close = 100.0 * np.exp(np.cumsum(0.01 * random.normal(size=days)))
        table = pl.DataFrame({"time": calendar_of(number, days), "close": close})
        tables.append(table.select(pl.lit(name).alias("entity"), "time", "close"))
    return pl.concat(tables)


def with_constant(run: WalkForward) -> OutOfSample:
    """The record of a run with one more baseline: the mean squared return up to each fold's cut."""
    out, samples = run.out, run.out.samples
    variance = np.empty((out.rows.size, len(samples.horizons)))
    for place, (row, fold) in enumerate(zip(out.rows, out.fold, strict=True)):
        block = samples.rows_of(int(samples.entity[row]))
        past = samples.returns[block][samples.time[block] <= run.folds[fold].fold.cut]
        variance[place] = np.mean(past**2) * np.array(samples.horizons)
    other = out.distributions["linear"]
    constant = Distribution(variance, other.quantiles, other.shortfall)
    return dataclasses.replace(
        out,
        distributions={**out.distributions, CONSTANT: constant},
        baselines=(*out.baselines, CONSTANT),
    )


def pooled(found: list[Comparison], model: str, opponent: str) -> Comparison:
    (one,) = [
        c
        for c in found
        if (c.model, c.opponent, c.horizon, c.entity, c.block) == (model, opponent, 1, "", "all")
    ]
    return one


def noise_study(**changes: object) -> Study:
    return small_study(
        model__baselines=("gjr_garch_t", "har"),
        evaluate__test_since="2018-01-02",
        train__refit_every=400,
        train__baseline_refit_every=400,
        **changes,
    )


def check_noise(study: Study, days: int, folder: Path) -> None:
    wins: dict[tuple[str, str], int] = {}
    for seed in range(SEEDS):
        out = with_constant(walked(noise(seed, days), study, folder))
        found = comparisons(out, study, metrics=("qlike",))
        for model in (*out.networks, *out.combinations):
            start = (
                (NETWORKS[model].start,) if model in NETWORKS else ()
            )  # on noise a start may truly beat another
            for opponent in (CONSTANT, *start):
                key = (model, opponent)
                wins[key] = wins.get(key, 0) + (pooled(found, *key).standing == "better")
    bound = int(binom.ppf(0.999, SEEDS, LEVEL))
    assert wins.keys() >= {("mlp", CONSTANT), ("combination", CONSTANT), ("mlp", "linear")}
    assert max(wins.values()) <= bound, wins


def test_on_pure_noise_nothing_beats_the_constant_more_often_than_the_test_s_size(tmp_path: Path) -> None:
    check_noise(noise_study(model__networks=("mlp",), train__max_steps=60), 1150, tmp_path)


@pytest.mark.soak
def test_on_pure_noise_no_network_wins_at_length(tmp_path: Path) -> None:
    check_noise(noise_study(model__networks=("mlp", "rnn", "cnn"), train__max_steps=300), 1600, tmp_path)


def test_a_planted_signal_that_neither_garch_nor_the_control_can_see_is_found(tmp_path: Path) -> None:
    study = small_study(model__networks=("mlp",), train__max_steps=400)
    out = walked(market(), study, tmp_path).out
    found = comparisons(out, study, metrics=("qlike",))
    for opponent in ("linear", "gjr_garch_t", "har"):
        one = pooled(found, "mlp", opponent)
        assert one.standing == "better", one
        assert one.test.p_value < 0.01, one
    assert pooled(found, "combination", "gjr_garch_t").standing == "better"


def test_without_the_plant_the_network_does_not_beat_the_control(tmp_path: Path) -> None:
    """The same market with a strength of zero: what was found above was the plant."""
    study = small_study(model__networks=("mlp",), train__max_steps=400)
    out = walked(market(plant=0.0), study, tmp_path).out
    one = pooled(comparisons(out, study, metrics=("qlike",)), "mlp", "linear")
    assert one.test.p_value > 0.001 or one.standing != "better", one
