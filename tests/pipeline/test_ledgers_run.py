"""A ledger study from data to verdict, report and bundle; the bundle loaded, asked and tampered with."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.ledgers import load_ledger
from barograph.core.errors import BundleError, DataError, SettingError
from barograph.engines.forecasting.ledgers.answer import load
from barograph.engines.forecasting.ledgers.yearly import standardised_of
from barograph.evaluate.report.policy import policy
from barograph.pipeline.ledgers import LedgerOutcome, check_ledgers, run_ledgers
from barograph.pipeline.settings import load as load_study
from barograph.pipeline.settings import with_overrides
from english import english_in
from small_ledgers import RESTLESS, small_study, snapshot_of, table
from small_levels import Silent

FRAME = table(RESTLESS, seed=1)
NETWORKS = ("mlp", "rnn", "cnn", "autoencoder", "transformer")
YEAR = {
    "interest_income": 900.0, "interest_expense": 500.0, "interest_earning_assets": 20_000.0,
    "dividend_income": 10.0, "other_income": 30.0, "other_expense": 50.0, "fee_income": 200.0,
    "fee_expense": 80.0, "trading_result": -40.0, "banking_result": 20.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> LedgerOutcome:
    study = small_study(train__max_steps=40, deploy__champion="mlp+mlp")
    folder = tmp_path_factory.mktemp("runs") / "one"
    return run_ledgers(study, snapshot_of(FRAME, study), folder, resume=False, lang="en", progress=Silent())


def test_a_run_leaves_verdict_report_bundle_data_and_settings(outcome: LedgerOutcome) -> None:
    told = json.loads((outcome.folder / "result.json").read_text(encoding="utf-8"))
    assert told["verdict"] == outcome.verdict.standing
    assert [row["what"] for row in told["coming"]] == ["count"] * 4 + ["annual_loss"]
    assert {one["model"] for one in told["annual_loss"]} == {"conventional", "mlp"}
    html = (outcome.folder / "report.html").read_text(encoding="utf-8")
    for words in (
        "not testable on this sample",
        "Mean excess",
        "Anomalous weeks",
        "accounts, which are lacking",
    ):
        assert words in html, words
    assert "NaN" not in html.split("<script")[0]
    assert load_ledger(outcome.folder / "data").provenance == outcome.provenance
    again = load_study(outcome.folder / "study.yaml")
    assert again.model_dump(mode="json") == outcome.study.model_dump(mode="json")


def test_the_years_total_agrees_between_transform_and_simulation(outcome: LedgerOutcome) -> None:
    for one in outcome.annual:
        for row in one.quantiles:
            assert row.lower <= row.fft <= row.upper
            if row.level <= 0.99:
                assert row.simulated == pytest.approx(row.fft, abs=5.0 * row.standard_error)
    low, high = outcome.annual[0].interval or (0.0, 0.0)
    assert low < outcome.annual[0].quantiles[-1].fft < 3.0 * high


def test_the_bundle_answers_for_its_own_ledger_and_for_newer_losses(
    outcome: LedgerOutcome, tmp_path: Path
) -> None:
    predictor = load(outcome.folder / "bundle")
    assert {check.name for check in predictor.checks} >= {"graph of counts", "graph of severities"}
    newest = predictor.forecast()
    assert newest.equals(outcome.newest)
    quantiles = newest.select(pl.col("^q_.*$")).to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    end = FRAME["day"].max()
    assert isinstance(end, datetime.date)
    fresh = pl.DataFrame(
        {
            "day": [end + datetime.timedelta(days=1 + d // 6) for d in range(126)],
            "amount": [9e5 + d for d in range(126)],
        }
    )
    fresh.write_csv(tmp_path / "newer.csv")
    later = predictor.predict(tmp_path / "newer.csv")
    assert later["since"][0] > newest["since"][0]
    assert later["mean"][0] > newest["mean"][0]  # six losses a day
    assert predictor.predict(pl.concat([FRAME, fresh])).equals(later)
    with pytest.raises(DataError, match="losses later than"):
        predictor.predict(FRAME)
    with pytest.raises(DataError, match="above 0"):
        predictor.predict(fresh.with_columns(amount=-pl.col("amount")))


def test_a_tampered_bundle_refuses_to_serve(outcome: LedgerOutcome, tmp_path: Path) -> None:
    shutil.copytree(outcome.folder / "bundle", tmp_path / "bundle")
    fitted = tmp_path / "bundle" / "parts" / "fitted.json"
    fitted.write_text(fitted.read_text().replace("0.", "1.", 1))
    with pytest.raises(BundleError):
        load(tmp_path / "bundle")


def test_serving_imports_no_training_library(outcome: LedgerOutcome) -> None:
    code = (
        "import sys; import barograph; "
        f"barograph.load({str(outcome.folder / 'bundle')!r}).forecast(); "
        "assert not {'torch', 'sklearn', 'lightgbm', 'statsmodels', 'onnx'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_network_can_be_chosen_and_convention_shipped_in_chinese(tmp_path: Path) -> None:
    study = small_study(
        model__networks=NETWORKS, model__settings={}, model__head="poisson", model__anomaly=False,
        train__max_steps=10, train__seeds=1, deploy__champion="negative_binomial+spliced",
        deploy__levels=(0.9, 0.99),
    )  # fmt: skip
    found = run_ledgers(
        study,
        snapshot_of(table(years=4), study),
        tmp_path / "run",
        resume=False,
        lang="zh",
        progress=Silent(),
    )
    assert {score.model for score in found.scores} >= set(NETWORKS)
    predictor = load(found.folder / "bundle")
    assert predictor.manifest.combine.networks == {}
    assert found.newest["q_0.99"][-1] == pytest.approx(found.annual[0].quantiles[-1].fft, rel=1e-4)
    assert "无法检验" in (found.folder / "report.html").read_text(encoding="utf-8")
    assert english_in(found.folder / "report.html") == [study.question]


def test_the_standardised_approach_takes_accounts_and_ten_years_of_losses() -> None:
    study = small_study(deploy__accounts=(YEAR,) * 3, deploy__billion=0.5, deploy__loss_threshold=20_000.0)
    ledger = snapshot_of(FRAME, study).ledger
    found = standardised_of(ledger, study)
    assert found is not None
    assert standardised_of(ledger, small_study()) is None
    # 400 of net interest, 10 of dividends, 50 and 200 of services, 40 and 20 of the two books
    indicator = min(400.0, 0.0225 * 20_000.0) + 10.0 + 50.0 + 200.0 + 60.0
    component = 0.12 * 0.5 + 0.15 * 14.5 + 0.18 * (indicator - 15.0)
    assert found.indicator_component == pytest.approx(component)
    years = ledger.years()
    large = sum(amounts[amounts >= 20_000.0].sum() for amounts in years.values()) / len(years)
    assert found.loss_component == pytest.approx(15.0 * large)


def test_settings_that_cannot_work_are_refused_before_anything_is_read() -> None:
    for changes, word in (
        ({"model__networks": ("linear",)}, "always runs"),
        ({"model__networks": ()}, "at least one network"),
        ({"model__networks": ("mpl",)}, "mlp"),
        ({"model__baselines": ("spliced",)}, "negative_binomial"),
        ({"model__baselines": ("negative_binomial", "splicd")}, "spliced"),
        ({"deploy__candidate": "rnn"}, "deploy.candidate"),
        ({"deploy__champion": "mlp+rnn"}, "deploy.champion"),
    ):
        with pytest.raises(SettingError, match=word):
            check_ledgers(small_study(**changes))
    recipe = load_study("operational/losses", budget="quick")
    for key, value, word in (
        ("deploy.levels", [0.99, 0.5], "ascend between 0 and 1"),
        ("deploy.accounts", [YEAR], "three years"),
        ("collect.since", "soon", "ISO day"),
        ("train.sedes", 3, "train.seeds"),
        ("model.head", "binomial", "one of"),
    ):
        with pytest.raises(SettingError, match=word):
            with_overrides(recipe, {key: value})


def test_the_report_refuses_a_pack_that_has_no_headings_for_it() -> None:
    with pytest.raises(SettingError, match="ledgers"):
        policy("credit", "ledgers")
