"""Whatever wins can be shipped: every candidate becomes a bundle that loads, passes its gate and forecasts.

And what it forecasts is what the fit side would: a day at a time, all at once, or as part of a longer run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.api import answer as api
from barograph.core.forecast import LEVELS
from barograph.core.study import Study
from barograph.engines.forecasting.answer import load
from barograph.engines.forecasting.candidates import scored_part
from barograph.engines.forecasting.fit import WalkForward
from small_study import appended, bundled, market, small_study, snapshot_of, walked

BASELINES = ("gjr_garch_t", "garch_t", "ewma", "har", "historical", "filtered_historical")
CHAMPIONS = (*BASELINES, "linear", "linear_combination", "mlp", "rnn", "combination")
HEADS = ("student_t", "quantile", "fz0")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return market()


@pytest.fixture(scope="module")
def study() -> Study:
    return small_study()


@pytest.fixture(scope="module")
def whole(table: pl.DataFrame, study: Study, tmp_path_factory: pytest.TempPathFactory) -> WalkForward:
    return walked(table, study, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def known(table: pl.DataFrame, whole: WalkForward) -> pl.DataFrame:
    """The market until the cut of the third fold: its refit is that fold of the whole run."""
    return table.filter(pl.col("time") <= whole.folds[2].fold.cut.item())


@pytest.fixture(scope="module")
def short(known: pl.DataFrame, study: Study, tmp_path_factory: pytest.TempPathFactory) -> WalkForward:
    return walked(known, study, tmp_path_factory.mktemp("short"))


def check_figures(answer: pl.DataFrame, entities: int) -> None:
    quantiles = answer.select([f"q_{level:g}" for level in LEVELS]).to_numpy()
    assert answer.height == 3 * entities
    assert np.all(np.diff(quantiles, axis=1) >= 0)
    assert np.isfinite(quantiles).all()
    for level in ("99", "97.5"):
        assert (answer[f"es_{level}"] >= answer[f"var_{level}"]).all()
        assert (answer[f"var_{level}"] > 0).all()
    assert (answer["volatility"] > 0).all()


@pytest.mark.parametrize("champion", CHAMPIONS)
def test_a_bundle_serves_new_days_as_the_run_itself_forecast_them(
    short: WalkForward,
    whole: WalkForward,
    known: pl.DataFrame,
    table: pl.DataFrame,
    study: Study,
    tmp_path: Path,
    champion: str,
) -> None:
    """The whole run judged these days out of sample with the same parameters: the figures must agree."""
    folder = bundled(short, study, champion, known, tmp_path / "bundle")
    assert all(check["passed"] for check in api.verify(folder))
    predictor = load(folder)
    check_figures(predictor.forecast(), entities=3)
    rows, samples = whole.folds[2], whole.out.samples
    served_by_cut = np.unique(samples.time[rows.test])[: study.train.baseline_refit_every]
    days = table.filter(pl.col("time") <= served_by_cut[-1].item())
    answer = predictor.predict(snapshot_of(days).panel)
    log_variance = scored_part(whole.candidates[champion].log_variance[2], rows)
    inside = samples.time[rows.test] <= served_by_cut[-1]
    expected = np.exp(0.5 * log_variance[inside]).ravel()
    assert answer.height == expected.size > 900
    # networks share smaller stacks in the shorter run: they agree to float32, all others to rounding
    tolerance = 2e-5 if champion in ("mlp", "rnn", "combination") else 1e-9
    np.testing.assert_allclose(answer["volatility"].to_numpy(), expected, rtol=tolerance)


@pytest.fixture(scope="module", params=["combination", "historical", "gjr_garch_t", "filtered_historical"])
def folder(
    request: pytest.FixtureRequest,
    whole: WalkForward,
    study: Study,
    table: pl.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    return bundled(whole, study, request.param, table, tmp_path_factory.mktemp(request.param) / "bundle")


def check_live_against_batch(folder: Path, table: pl.DataFrame, days: int) -> None:
    """Days sent one by one, entities in another order each day, against all of them at once."""
    new = appended(snapshot_of(table).panel, days, seed=40)
    batch = load(folder).predict(
        snapshot_of(pl.concat([table, new], how="diagonal").sort("entity", "time")).panel
    )
    live, random = load(folder), np.random.default_rng(5)
    for day in new["time"].unique().sort():
        today = new.filter(pl.col("time") == day).to_dicts()
        for place in random.permutation(len(today)):
            answered = live.update(today[place])
            assert answered["entity"].unique().to_list() == [today[place]["entity"]]
        one = live.forecast().sort("entity", "horizon")
        expected = batch.filter(pl.col("time") == day).sort("entity", "horizon")
        assert one.select("entity", "time", "horizon").equals(expected.select("entity", "time", "horizon"))
        numbers = [name for name in one.columns if name not in ("entity", "time", "horizon")]
        np.testing.assert_allclose(
            one.select(numbers).to_numpy(), expected.select(numbers).to_numpy(), rtol=1e-6, err_msg=str(day)
        )


def test_sixty_days_one_by_one_give_the_figures_of_one_batch(folder: Path, table: pl.DataFrame) -> None:
    check_live_against_batch(folder, table, 60)


def test_asking_changes_nothing(folder: Path, table: pl.DataFrame) -> None:
    predictor = load(folder)
    before = predictor.forecast()
    new = appended(snapshot_of(table).panel, 30, seed=41)
    predictor.predict(snapshot_of(pl.concat([table, new], how="diagonal").sort("entity", "time")).panel)
    assert predictor.forecast().equals(before)
    assert predictor.predict(snapshot_of(table).panel).equals(before)


@pytest.mark.parametrize("head", HEADS)
def test_every_head_exports_and_serves(table: pl.DataFrame, tmp_path: Path, head: str) -> None:
    study = small_study(
        model__head=head, model__networks=("mlp",), train__max_steps=40, train__refit_every=700
    )
    run = walked(table, study, tmp_path)
    folder = bundled(run, study, "mlp", table, tmp_path / "bundle")
    assert all(check["passed"] for check in api.verify(folder))
    check_figures(load(folder).forecast(), entities=3)
    check_live_against_batch(folder, table, 8)
