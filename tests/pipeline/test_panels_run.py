"""A study of curves from data to verdict, report and bundle; the bundle asked, kept live, tampered with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import barograph
from barograph.collect.panels import load_panel
from barograph.core.errors import BundleError, DataError, SettingError
from barograph.engines.forecasting.panels.answer import PanelPredictor, load
from barograph.measures import curves
from barograph.pipeline.panels import PanelOutcome, check_panels, run_panels
from barograph.pipeline.settings import load as load_study
from english import english_in
from small_levels import Silent
from small_panels import TENORS, curve, small_study, snapshot_of

FRAME = curve(170, seed=1)
NETWORKS = ("mlp", "cnn", "rnn", "autoencoder", "transformer")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> PanelOutcome:
    study = small_study(train__max_steps=20)
    folder = tmp_path_factory.mktemp("runs") / "one"
    return run_panels(study, snapshot_of(FRAME, study), folder, resume=False, lang="en", progress=Silent())


@pytest.fixture
def predictor(outcome: PanelOutcome) -> PanelPredictor:
    return load(outcome.folder / "bundle")


def test_a_run_leaves_verdict_report_bundle_data_and_settings(outcome: PanelOutcome) -> None:
    told = json.loads((outcome.folder / "result.json").read_text(encoding="utf-8"))
    assert told["verdict"] == outcome.verdict.standing
    assert len(told["newest"]) == 2 * len(TENORS)
    html = (outcome.folder / "report.html").read_text(encoding="utf-8")
    assert outcome.verdict.sentence.split(".")[0] in html
    assert "NaN" not in html.split("<script")[0]
    assert load_panel(outcome.folder / "data").provenance == outcome.provenance
    again = load_study(outcome.folder / "study.yaml")
    assert again.model_dump(mode="json") == outcome.study.model_dump(mode="json")


def test_the_bundle_answers_for_its_own_panel(outcome: PanelOutcome, predictor: PanelPredictor) -> None:
    assert all(check.passed for check in predictor.checks)
    newest = predictor.forecast()
    assert newest.equals(outcome.newest)
    assert newest["horizon"].unique().sort().to_list() == [1, 3]
    np.testing.assert_allclose(newest["last"][:5], FRAME.row(-1)[1:] and np.array(FRAME.row(-1)[1:]) / 100.0)
    quantiles = newest.select(pl.col("^q_.*$")).to_numpy()
    assert (np.diff(quantiles, axis=1) > 0).all()
    np.testing.assert_allclose(newest["q_0.5"], newest["forecast"])


def new_months(n: int) -> pl.DataFrame:
    return curve(170 + n, seed=1).tail(n)


def test_new_rows_live_in_a_file_and_as_a_whole_history_give_one_answer(
    predictor: PanelPredictor, tmp_path: Path
) -> None:
    new = new_months(2)
    new.write_csv(tmp_path / "new.csv")
    from_file = predictor.predict(tmp_path / "new.csv")
    whole = predictor.predict(curve(172, seed=1))
    assert from_file.equals(whole)
    assert from_file["origin"].n_unique() == 2
    before = predictor.forecast()
    for row in new.iter_rows(named=True):
        live = predictor.update(row)
    assert live.equals(from_file.filter(pl.col("origin") == pl.col("origin").max()))
    assert not predictor.forecast().equals(before)


def test_an_update_may_lack_tenors_but_not_all_and_comes_in_order(predictor: PanelPredictor) -> None:
    row: dict[str, Any] = new_months(1).row(0, named=True)
    day = predictor.day_of(row)
    answer = predictor.update({**row, "y5": None})
    assert answer["origin"].to_list() == [day] * answer.height
    assert answer.filter(pl.col("series") == "y5")["last"][0] == pytest.approx(FRAME["y5"][-1] / 100.0)
    with pytest.raises(DataError, match="later than the newest known day"):
        predictor.update(row)
    with pytest.raises(DataError, match="at least one series"):
        predictor.update({"month": row["month"], "price": 3.0})
    late = {**new_months(4).row(3, named=True)}
    with pytest.raises(DataError, match="must follow on"):
        predictor.update(late)


def test_scenarios_are_joint_repeatable_and_as_wide_as_the_densities(predictor: PanelPredictor) -> None:
    drawn = predictor.draws(4000, seed=3)
    assert drawn.changes.shape == (2, 4000, 5)
    assert drawn.changes.tobytes() == predictor.draws(4000, seed=3).changes.tobytes()
    assert drawn.changes.tobytes() != predictor.draws(4000, seed=4).changes.tobytes()
    correlation = np.corrcoef(drawn.changes[0].T)
    assert correlation.min() > 0.5  # the made curve moves by its level
    newest = predictor.forecast().filter(pl.col("horizon") == 3)
    width = (newest["q_0.9"] - newest["q_0.1"]).to_numpy()
    spread = np.diff(np.quantile(drawn.changes[1], [0.1, 0.9], axis=0), axis=0)[0]
    np.testing.assert_allclose(spread, width, rtol=0.35)


def test_a_tampered_bundle_refuses_to_serve(outcome: PanelOutcome, tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    for path in (outcome.folder / "bundle").rglob("*"):
        if path.is_file():
            place = copy / path.relative_to(outcome.folder / "bundle")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    models = copy / "parts" / "scales.json"
    models.write_bytes(models.read_bytes().replace(b"0.", b"1.", 1))
    with pytest.raises(BundleError, match=r"parts/scales\.json"):
        load(copy)


@pytest.mark.parametrize("champion", ["linear_combination", "linear", "mlp", "dns_ar", "ar", "random_walk"])
def test_every_kind_of_champion_is_served_as_it_was_fitted(champion: str, tmp_path: Path) -> None:
    study = small_study(train__max_steps=10, deploy__champion=champion, evaluate__claims=())
    folder = tmp_path / "run"
    run = run_panels(study, snapshot_of(FRAME, study), folder, resume=False, lang="zh", progress=Silent())
    assert run.verdict.champion == champion
    assert all(check.passed for check in load(folder / "bundle").checks)
    assert english_in(folder / "report.html") == [study.question]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_runs_and_is_served(network: str, tmp_path: Path) -> None:
    study = small_study(
        model__networks=(network,), model__settings={}, train__max_steps=4, train__seeds=1,
        model__head="gaussian" if network == "cnn" else "huber" if network == "rnn" else "student",
        deploy__champion=network, evaluate__claims=(),
    )  # fmt: skip
    folder = tmp_path / "run"
    run_panels(study, snapshot_of(FRAME, study), folder, resume=False, lang="en", progress=Silent())
    assert load(folder / "bundle").manifest.combine.networks == (network,)


def test_a_bundle_serves_without_the_training_libraries(outcome: PanelOutcome) -> None:
    code = (
        "import sys, barograph as bg\n"
        f"model = bg.load({str(outcome.folder / 'bundle')!r})\n"
        "print(model.forecast().height, model.draws(10).changes.shape)\n"
        "assert not {'torch', 'sklearn', 'lightgbm', 'arch', 'statsmodels', 'onnx'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["10", "(2,", "10,", "5)"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model__networks": ("gru",)}, "a network"),
        ({"model__networks": ("linear",)}, "always runs"),
        ({"model__baselines": ("random",)}, "a baseline of a panel"),
        ({"deploy__candidate": "rnn"}, "deploy.candidate"),
        ({"model__start": "drift", "model__baselines": ("random_walk",)}, "model.start"),
    ],
)
def test_settings_that_cannot_run_are_refused_before_anything_is_written(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    study = small_study(**changes)

    def started() -> None:
        check_panels(study)
        snapshot = snapshot_of(FRAME, study)
        run_panels(study, snapshot, tmp_path / "run", resume=False, lang="en", progress=Silent())

    with pytest.raises(SettingError, match=said):
        started()
    assert not list(tmp_path.iterdir())


LOANS = pl.DataFrame(
    {
        "instrument": ["bond", "deposit"],
        "notional": [100.0, -90.0],
        "coupon": [0.04, 0.01],
        "maturity": [8.0, 0.5],
    }
)


def test_a_banking_book_is_assessed_on_the_bundles_curve(
    outcome: PanelOutcome, predictor: PanelPredictor
) -> None:
    found = barograph.assess(outcome.folder / "bundle", LOANS, scenario="rates_up_200")
    newest = predictor.forecast().filter(pl.col("horizon") == 1)
    assert [row["yield"] for row in found["key_rates"]] == pytest.approx(newest["last"].to_list())
    assert [row["years"] for row in found["key_rates"]] == pytest.approx([0.25, 1.0, 2.0, 5.0, 10.0])
    zero = curves.bootstrap(newest["last"].to_numpy(), [0.25, 1.0, 2.0, 5.0, 10.0])
    times, amounts = curves.coupon_flows(0.04, frequency=1, years=8.0)
    rates = curves.zero_at(zero, [0.25, 1.0, 2.0, 5.0, 10.0], times)
    assert found["instruments"][0]["value"] == pytest.approx(float(curves.price(times, amounts, rates)))
    assert [row["horizon"] for row in found["forecast"][::2]] == ["1m", "3m"]
    assert found["scenarios"][0]["profit"] == pytest.approx(found["supervisory"][0]["change_of_value"])
    json.dumps(found, allow_nan=False)


def test_the_past_in_the_bundle_is_what_was_forecast_and_what_came(
    outcome: PanelOutcome, predictor: PanelPredictor
) -> None:
    stored = predictor.bundle.arrays("history.npz")
    days = predictor.samples.time.astype(np.int64)
    levels = FRAME.to_numpy()[:, 1:].astype(np.float64) / 100.0
    place = np.searchsorted(days, stored["time"])
    kept = np.isfinite(stored["change"]).all(axis=1)
    assert kept.sum() > 60
    np.testing.assert_allclose(
        stored["change"][kept], levels[place[kept] + 1] - levels[place[kept]], atol=1e-6
    )
    np.testing.assert_array_equal(stored["known_at"][kept], days[place[kept] + 1])
    errors = predictor.parts.errors[:, :, 0]
    shocks = (stored["change"] - stored["mean"]) / stored["deviation"]
    np.testing.assert_allclose(shocks[kept], errors[np.isfinite(errors).all(axis=1)], atol=2e-3)


def test_other_books_and_calibrations_meet_the_reason(outcome: PanelOutcome) -> None:
    bundle = outcome.folder / "bundle"
    with pytest.raises(BundleError, match="such as fx/volatility; this one is of test/panels"):
        barograph.assess(bundle, pl.DataFrame({"currency": ["USD"], "amount": [1.0], "base": ["EUR"]}))
    with pytest.raises(SettingError, match="calibration of shocks is for a banking book"):
        barograph.assess(bundle, pl.DataFrame({"entity": ["ko"], "value": [1.0]}), calibration="bcbs_d368")
    two = pl.concat([LOANS] * 2).with_columns(
        base=pl.lit("USD"), exchange_rate=pl.lit(1.2), currency=pl.Series(["USD", "USD", "GBP", "GBP"])
    )
    with pytest.raises(DataError, match="'GBP' has none; there are USD"):
        barograph.assess(bundle, two)


def test_several_countries_run_together_and_one_with_two_tenors_goes_without_factors(tmp_path: Path) -> None:
    """Three curves in one file; the third has two tenors, so Nelson-Siegel says nothing of it."""
    parts = [
        curve(170, seed=seed).with_columns(country=pl.lit(name)) for seed, name in ((1, "US"), (2, "DE"))
    ]
    short = curve(170, seed=3).with_columns(
        *(pl.lit(None, pl.Float64).alias(name) for name in TENORS[2:]), country=pl.lit("JP")
    )
    study = small_study(collect__entity="country", train__max_steps=10, evaluate__claims=())
    snapshot = snapshot_of(pl.concat([*parts, short]), study)
    run = run_panels(study, snapshot, tmp_path / "run", resume=False, lang="en", progress=Silent())
    assert [one.group for one in snapshot.panel.series].count("JP") == 2
    told = {(score.model, score.entity) for score in run.scores if score.value is None}
    assert told == {("dns_ar", "JP:m3"), ("dns_ar", "JP:y1")}
    newest = load(tmp_path / "run" / "bundle").forecast()
    assert newest["group"].unique().sort().to_list() == ["DE", "JP", "US"]
    html = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert all(f">{name}<" in html for name in ("DE", "JP", "US"))
