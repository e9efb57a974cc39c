"""The panel branch sees no future, finds what is planted, and finds nothing in noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.core.errors import DataError
from barograph.core.panel_table import LevelPanel, SeriesFact
from barograph.engines.forecasting.panels.plan import planned_folds
from barograph.evaluate.panels import judge_panel, pooled_duel
from barograph.evaluate.panels.diagnosis import falls
from barograph.models.baselines.panels import PANEL_BASELINES
from barograph.prepare.panels import build_panel
from small_panels import TENORS, curve, small_study, snapshot_of, walked

N = 200


def spoilt(frame: pl.DataFrame, cut: int) -> pl.DataFrame:
    """Garbage in every row after a row."""
    stream = np.random.default_rng(9)
    later = pl.int_range(frame.height, eager=True) > cut
    return frame.with_columns(
        pl.when(later).then(pl.Series(20.0 * stream.random(frame.height))).otherwise(pl.col(name)).alias(name)
        for name in TENORS
    )


@pytest.mark.parametrize("network", ["mlp", "cnn", "autoencoder"])
def test_garbage_after_an_origin_leaves_forecasts_up_to_it_bit_identical(
    network: str, tmp_path: Path
) -> None:
    study = small_study(
        model__networks=(network,), model__settings={}, train__max_steps=10,
        model__baselines=tuple(PANEL_BASELINES),
    )  # fmt: skip
    frame, cut = curve(N, seed=3), 150
    clean, dirty = walked(frame, study, tmp_path), walked(spoilt(frame, cut), study, tmp_path)
    rows = clean.record.rows <= cut
    assert 10 < rows.sum() < rows.size
    for model in clean.record.candidates:
        one, two = clean.record.forecasts[model], dirty.record.forecasts[model]
        assert one.mean[rows].tobytes() == two.mean[rows].tobytes(), model
        assert one.deviation[rows].tobytes() == two.deviation[rows].tobytes(), model
        for place in range(2):
            assert one.quantiles(place)[rows].tobytes() == two.quantiles(place)[rows].tobytes(), model
        assert one.mean[~rows].tobytes() != two.mean[~rows].tobytes(), model


def test_no_row_enters_training_before_its_outcome_was_known() -> None:
    study = small_study()
    samples = build_panel(snapshot_of(curve(N), study).panel, study.prepare)
    reach = int(samples.steps.max())
    plan = planned_folds(samples, study)
    assert len(plan.folds) > 4
    for fold in plan.folds:
        fit, held = fold.fit % samples.time.size, fold.validation % samples.time.size
        assert max(fit.max(), held.max()) + reach <= fold.cut
        assert fit.max() + reach <= held.min()
        assert not fold.test.size or fold.test.min() == fold.cut


def test_a_value_not_yet_published_is_never_used() -> None:
    """A series published two months late: its last two values may be anything, no origin's inputs change."""
    frame = curve(60)
    table = frame.select(pl.col("month").alias("time"), pl.col("m3") / 100.0, pl.col("y1") / 100.0)
    facts = (SeriesFact("m3", tenor=3.0), SeriesFact("y1", tenor=12.0, delay=2))
    last = pl.int_range(60, eager=True) >= 58
    other = table.with_columns(y1=pl.when(last).then(9.9).otherwise(pl.col("y1")))
    section = small_study().prepare
    one, two = (build_panel(LevelPanel(t, facts, "months"), section) for t in (table, other))
    assert one.steps.tolist() == [[1, 3], [3, 5]]
    for name in ("known", "anchor", "deviation", "features", "channels", "cross_section"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert one.known[-1, 1] == table["y1"].item(57)
    assert one.outcome[:, 1].tobytes() != two.outcome[:, 1].tobytes()


def test_a_planted_pull_towards_a_mean_is_found(tmp_path: Path) -> None:
    study = small_study(train__max_steps=200, train__shrink_limit=1.0)
    run = walked(curve(380, seed=1, pull=0.6), study, tmp_path)
    for model in ("ar", "mlp", "linear", "combination"):
        duel = pooled_duel(run.record, model, "random_walk", "squared_error", 1)
        assert duel.standing == "better", (model, duel)
    claims, verdict = judge_panel(run.record, study)
    assert verdict.standing == "better"
    assert verdict.champion == "combination"
    assert next(claim for claim in claims if claim.claim == "floor").held


def test_on_a_random_walk_the_candidate_is_seldom_called_better(tmp_path: Path) -> None:
    """Nothing beats the last value. Of 8 seeds at 2.5 %, three or more come once in 1,000 times."""
    study = small_study(train__max_steps=20, model__baselines=("random_walk",), evaluate__claims=())
    standings = []
    for seed in range(8):
        run = walked(curve(N, seed=100 + seed), study, tmp_path)
        standings.append(judge_panel(run.record, study)[1].standing)
    assert standings.count("better") < 3


def test_an_untrained_network_is_the_random_walk(tmp_path: Path) -> None:
    study = small_study(train__max_steps=1, train__learning_rate=1e-12)
    run = walked(curve(N, seed=4), study, tmp_path)
    walk, network = (run.record.forecasts[name].mean for name in ("random_walk", "mlp"))
    np.testing.assert_allclose(network, walk, atol=1e-9)


def test_errors_grow_with_the_horizon_and_a_leak_that_undoes_it_is_named(tmp_path: Path) -> None:
    run = walked(curve(N, seed=2), small_study(model__networks=(), deploy__candidate="linear"), tmp_path)
    assert falls(run.record, "random_walk") == ()
    leaky = run.record.forecasts["random_walk"].mean
    leaky[:, 0, 1] = run.record.outcome[:, 0, 1]
    assert falls(run.record, "random_walk") == ("m3",)


def test_too_little_to_score_or_to_learn_from_is_refused_with_what_to_change() -> None:
    study = small_study(evaluate__test_since="2005-12-31")
    samples = build_panel(snapshot_of(curve(N), study).panel, study.prepare)
    with pytest.raises(DataError, match="40%"):
        planned_folds(samples, study)
    short = build_panel(snapshot_of(curve(60), small_study()).panel, small_study().prepare)
    with pytest.raises(DataError, match="at least 80 periods"):
        planned_folds(short, small_study())


def test_factors_of_later_curves_are_those_of_plain_least_squares_on_earlier_ones(tmp_path: Path) -> None:
    study = small_study(
        model__networks=("autoencoder",), model__settings={"autoencoder": {"latent": 3}}, train__max_steps=20
    )
    frame = curve(N, seed=5)
    found = walked(frame, study, tmp_path).factors
    assert found is not None
    yields = frame.select(TENORS).to_numpy() / 100.0
    later = frame["month"].to_numpy().astype("datetime64[D]") > found.until
    x = np.array([3.0, 12.0, 24.0, 60.0, 120.0]) * 0.0609
    slope = (1.0 - np.exp(-x)) / x
    loadings = np.column_stack([np.ones(5), slope, slope - np.exp(-x)])
    rest = np.array([row - loadings @ np.linalg.lstsq(loadings, row, rcond=None)[0] for row in yields[later]])
    np.testing.assert_allclose(found.errors["nelson_siegel"], np.sqrt((rest**2).mean(axis=0)), rtol=1e-8)
    mean, spread = yields[~later].mean(axis=0), yields[~later].std(axis=0)
    axes = np.linalg.svd((yields[~later] - mean) / spread)[2][:3].T * spread[:, None]
    rest = np.array([row - axes @ np.linalg.lstsq(axes, row, rcond=None)[0] for row in yields[later] - mean])
    np.testing.assert_allclose(found.errors["pca"], np.sqrt((rest**2).mean(axis=0)), rtol=1e-8)
    assert np.isfinite(found.errors["autoencoder"]).all()
    assert 0.9 < found.explained["pca"][0] <= 1.0
