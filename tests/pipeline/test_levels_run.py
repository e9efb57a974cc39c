"""A level study from data to verdict, report and bundle; the bundle loaded, asked and tampered with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.levels import load_level
from barograph.core.errors import BundleError, DataError, SettingError
from barograph.engines.forecasting.levels.answer import load
from barograph.evaluate.report.policy import policy
from barograph.pipeline.levels import LevelOutcome, check_levels, run_levels
from barograph.pipeline.settings import load as load_study
from barograph.pipeline.settings import with_overrides
from english import english_in
from small_levels import Silent, small_study, snapshot_of, table

FRAME = table(110, seed=1, effect=2.0)
NETWORKS = ("mlp", "rnn", "cnn", "autoencoder", "transformer")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> LevelOutcome:
    study = small_study(train__max_steps=20)
    folder = tmp_path_factory.mktemp("runs") / "one"
    return run_levels(study, snapshot_of(FRAME, study), folder, resume=False, lang="en", progress=Silent())


def test_a_run_leaves_verdict_report_bundle_data_and_settings(outcome: LevelOutcome) -> None:
    told = json.loads((outcome.folder / "result.json").read_text(encoding="utf-8"))
    assert told["verdict"] == outcome.verdict.standing
    assert len(told["forecasts"]) == 2
    html = (outcome.folder / "report.html").read_text(encoding="utf-8")
    assert outcome.verdict.sentence.split(".")[0] in html
    assert "NaN" not in html.split("<script")[0]
    assert load_level(outcome.folder / "data").provenance == outcome.provenance
    again = load_study(outcome.folder / "study.yaml")
    assert again.model_dump(mode="json") == outcome.study.model_dump(mode="json")


def test_the_bundle_answers_for_its_own_series_and_for_the_same_series_sent_again(
    outcome: LevelOutcome, tmp_path: Path
) -> None:
    predictor = load(outcome.folder / "bundle")
    assert all(check.passed for check in predictor.checks)
    newest = predictor.forecast()
    assert newest.equals(outcome.newest)
    assert newest["horizon"].to_list() == [0, 1]
    FRAME.write_csv(tmp_path / "again.csv")
    assert predictor.predict(tmp_path / "again.csv").equals(newest)
    quantiles = newest.select(pl.col("^q_.*$")).to_numpy()
    assert (np.diff(quantiles, axis=1) > 0).all()


def test_what_is_not_known_yet_does_not_move_an_answer(outcome: LevelOutcome) -> None:
    predictor = load(outcome.folder / "bundle")
    last = pl.int_range(FRAME.height, eager=True) >= FRAME.height - 2
    hidden = FRAME.with_columns(y=pl.when(last).then(None).otherwise(pl.col("y")))
    assert predictor.predict(hidden).equals(predictor.forecast())


def test_a_request_of_other_periods_or_too_short_is_refused(outcome: LevelOutcome) -> None:
    predictor = load(outcome.folder / "bundle")
    yearly = FRAME[::12]
    with pytest.raises(DataError, match="periods must be of 1 months"):
        predictor.predict(yearly)
    with pytest.raises(DataError, match="longer history"):
        predictor.predict(FRAME.tail(2))


def test_a_tampered_bundle_refuses_to_serve(outcome: LevelOutcome, tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    for path in (outcome.folder / "bundle").rglob("*"):
        if path.is_file():
            place = copy / path.relative_to(outcome.folder / "bundle")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    linear = copy / "parts" / "linear.json"
    linear.write_text(linear.read_text().replace("0.", "1.", 1))
    with pytest.raises(BundleError):
        load(copy)


def test_serving_imports_no_training_library(outcome: LevelOutcome) -> None:
    code = (
        "import sys; from barograph.engines.forecasting.levels.answer import load; "
        f"load({str(outcome.folder / 'bundle')!r}).forecast(); "
        "assert not {'torch', 'sklearn', 'lightgbm', 'statsmodels', 'onnx'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_network_can_be_chosen_and_any_candidate_shipped(tmp_path: Path) -> None:
    study = small_study(
        model__networks=NETWORKS, model__settings={}, train__max_steps=10, train__seeds=1,
        train__refit_every=60, deploy__champion="linear_combination",
    )  # fmt: skip
    found = run_levels(
        study, snapshot_of(FRAME, study), tmp_path / "run", resume=False, lang="zh", progress=Silent()
    )
    assert {score.model for score in found.scores} >= set(NETWORKS)
    assert load(found.folder / "bundle").manifest.champion == "linear_combination"
    assert english_in(found.folder / "report.html") == [study.question]
    assert found.newest["last_known"][0] == pytest.approx(found.record.samples.inputs[-1, 0])


@pytest.mark.parametrize("champion", ["rnn", "random_walk"])
def test_a_single_model_passes_the_parity_gate(champion: str, tmp_path: Path) -> None:
    study = small_study(
        model__networks=("rnn",), model__settings={"rnn": {"hidden": 2, "readout": (2,)}},
        train__max_steps=10, train__seeds=1, train__refit_every=60, deploy__champion=champion,
    )  # fmt: skip
    found = run_levels(
        study, snapshot_of(FRAME, study), tmp_path / "run", resume=False, lang="en", progress=Silent()
    )
    assert load(found.folder / "bundle").manifest.champion == champion


def test_settings_that_cannot_work_are_refused_before_anything_is_read() -> None:
    for changes, word in (
        ({"model__networks": ("linear",)}, "always runs"),
        ({"model__networks": ("mpl",)}, "mlp"),
        ({"model__baselines": ("experience",)}, "prepare.anchor"),
        ({"model__baselines": ("random",)}, "random_walk"),
        ({"deploy__candidate": "rnn"}, "deploy.candidate"),
    ):
        with pytest.raises(SettingError, match=word):
            check_levels(small_study(**changes))
    recipe = load_study("credit/default-rate", budget="quick")
    for key, value, word in (
        ("prepare.horizons", [1, -4], "ascend"),
        ("evaluate.headline", 2, "horizon that is forecast"),
        ("evaluate.test_since", "soon", "ISO day"),
        ("model.baselines", [], "at least one baseline"),
        ("train.refit_evry", 3, "train.refit_every"),
    ):
        with pytest.raises(SettingError, match=word):
            with_overrides(recipe, {key: value})


def test_the_report_refuses_a_pack_that_has_no_headings_for_it() -> None:
    with pytest.raises(SettingError, match="levels"):
        policy("model_risk", "levels")
