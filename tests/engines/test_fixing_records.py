"""Fixings as records: labels and frequencies by plain loops, no later day seen, live equal to batch."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import barograph
from barograph.collect.frames import from_frame
from barograph.core.record_table import RecordSnapshot
from barograph.core.records import Panel, Snapshot
from barograph.core.study import CollectSection
from barograph.engines.scoring.fixing_records import OWN_WEIGHT, PRIOR, PRIOR_WEIGHT, fixing_records
from barograph.evaluate.records.plan import planned_folds, refit_fold
from barograph.prepare.samples import build
from barograph.service.answers import way_back
from small_rates import NAMES, SMALL_FALLS, rates, small_falls

STUDY = small_falls()
FIXINGS = CollectSection(source="frame", quotes="fixings")


def snapshot_of(table: pl.DataFrame) -> Snapshot:
    return from_frame(table, FIXINGS)


@pytest.fixture(scope="module")
def made() -> RecordSnapshot:
    return fixing_records(snapshot_of(rates()), STUDY)


def name_of(made: RecordSnapshot, row: int) -> str:
    return str(made.records.record_id[row]).split()[0]


def test_a_record_fell_if_any_of_the_next_fixings_cost_more_than_the_share(made: RecordSnapshot) -> None:
    table, records = rates(), made.records
    days = table["date"].to_list()
    seen = set()
    for row in range(0, records.n, 17):
        name, at = name_of(made, row), days.index(records.time[row].item())
        value = [1 / rate for rate in table[name].to_list()]
        ahead = value[at + 1 : at + 23]
        if len(ahead) < 22:
            assert math.isnan(records.label[row])
            assert np.isnat(records.label_time[row])
            continue
        assert records.label[row] == float(min(ahead) < 0.97 * value[at])
        assert records.label_time[row] == np.datetime64(days[at + 22]), "known when the window is over"
        seen.add(float(records.label[row]))
    assert seen == {0.0, 1.0}


def test_records_come_every_five_fixings_of_a_currency_in_order_of_time(made: RecordSnapshot) -> None:
    records = made.records
    assert (np.diff(records.time) >= np.timedelta64(0, "D")).all()
    days = np.array(rates()["date"].to_list(), dtype="datetime64[D]")
    for code in np.unique(records.group):
        places = np.searchsorted(days, records.time[records.group == code])
        assert set(np.diff(places)) == {5}
    assert {name_of(made, row) for row in range(records.n)} == set(NAMES)


def test_climatology_counts_only_labels_known_at_the_origin(made: RecordSnapshot) -> None:
    records = made.records
    said = records.table["climatology"].to_numpy()
    for row in (0, 7, 200, 411, records.n - 1):
        known = records.label_time <= records.time[row]
        known &= np.isfinite(records.label)
        own = known & (records.group == records.group[row])
        pooled = (records.label[known].sum() + PRIOR * PRIOR_WEIGHT) / (known.sum() + PRIOR_WEIGHT)
        share = (records.label[own].sum() + pooled * OWN_WEIGHT) / (own.sum() + OWN_WEIGHT)
        assert said[row] == pytest.approx(math.log(share / (1 - share)))


def test_no_record_changes_when_later_fixings_do(made: RecordSnapshot) -> None:
    panel = snapshot_of(rates()).panel.table
    last = np.datetime64("2020-10-15")
    wild = pl.Series(np.exp(np.random.default_rng(3).normal(0, 0.05, panel.height).cumsum()))
    later = pl.col("time") > last.item()
    table = panel.with_columns(close=pl.when(later).then(wild).otherwise("close"))
    other = fixing_records(Snapshot(Panel(table), snapshot_of(rates()).provenance), STUDY).records
    before = made.records.time <= last
    assert before.sum() > 500
    for name in made.records.numeric:
        one, two = (each.table[name].to_numpy()[before] for each in (made.records, other))
        assert one.tobytes() == two.tobytes(), name
    closed = made.records.label_time <= last
    assert (other.label[closed] == made.records.label[closed]).all()
    assert not (other.table["garch_implied"] == made.records.table["garch_implied"]).all()


def test_held_out_are_the_last_two_years_and_nothing_fitted_on_was_open_when_they_began(
    made: RecordSnapshot,
) -> None:
    records = made.records
    (folds,) = planned_folds(records, STUDY).values()
    for fold in (*folds, refit_fold(records, STUDY)):
        (part,) = fold.parts
        assert np.unique(records.vintage[part.holdout_rows]).size == 2
        begins = records.time[part.holdout_rows].min()
        assert (records.label_time[part.fit_rows] < begins).all()
        assert (records.label_time[part.holdout_rows] <= fold.cut).all()
        if fold.test_rows.size:
            assert (records.time[fold.test_rows] > fold.cut).all()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> barograph.Run:
    folder = tmp_path_factory.mktemp("falls")
    return barograph.run(
        STUDY, data=rates(1830), settings={"deploy.champion": "combination"}, out=folder / "run"
    )


def test_networks_start_at_the_garch_implied_probability(finished: barograph.Run, tmp_path: Path) -> None:
    """Without a step of training the network says what GARCH does, held within the range of training."""
    untrained = small_falls(train__max_steps=1, train__learning_rate=1e-9, evaluate__origins=(2021,))
    made = barograph.run(untrained, data=rates(1830), out=tmp_path / "run").outcome.record
    (scored,) = made.protocols
    gap = np.abs(scored.uncalibrated["mlp"] - scored.uncalibrated["garch_implied"])
    assert np.quantile(gap, 0.99) < 1e-5
    assert np.ptp(scored.uncalibrated["mlp"]) > 0.05


def test_a_bundle_answers_new_fixings_one_by_one_as_all_at_once_and_as_a_study_would(
    finished: barograph.Run,
) -> None:
    new = rates(1842).tail(12)
    together = barograph.load(finished.bundle).predict(new)
    model = barograph.load(finished.bundle)
    for day in new.iter_rows(named=True):
        for name in NAMES:
            model.update({"entity": name, "time": day["date"], "close": day[name]})
    now = model.forecast()
    last = together.filter(pl.col("time") == new["date"][-1]).sort("entity")
    for column in ("probability", "garch_implied", "climatology", "held"):
        # single precision sums in another order where rows come together; what arrives a day late is far off
        assert now.sort("entity")[column].to_list() == pytest.approx(last[column].to_list(), abs=1e-7), column
    samples = build(snapshot_of(rates(1842)).panel, STUDY.prepare.fixings)
    for number, name in enumerate(samples.entities):
        held = samples.held[samples.rows_of(number)][-1]
        assert last.filter(pl.col("entity") == name)["held"].item() == held


def test_the_reported_forecasts_are_the_bundle_s(finished: barograph.Run) -> None:
    told = {row["entity"]: row["probability"] for row in finished.to_json()["falls"]}
    now = barograph.load(finished.bundle).forecast()
    assert told == dict(zip(now["entity"].to_list(), now["probability"].to_list(), strict=True))
    assert now["time"].to_list() == [rates(1830)["date"][-1]] * len(NAMES)


def test_a_fixing_that_is_known_or_of_a_stranger_is_refused(finished: barograph.Run) -> None:
    model = barograph.load(finished.bundle)
    day = rates(1830)["date"][-1]
    with pytest.raises(barograph.InputError, match="later than the currency's newest"):
        model.update({"entity": "USD", "time": day, "close": 1.0})
    with pytest.raises(barograph.InputError, match="one of the bundle's"):
        model.update({"entity": "XYZ", "time": "2022-01-03", "close": 1.0})


def test_a_fixing_that_is_taken_back_is_answered_the_same_when_it_comes_again(
    finished: barograph.Run,
) -> None:
    model = barograph.load(finished.bundle)
    before, day = model.forecast().to_dicts(), rates(1842).row(-12, named=True)
    fixing = {"entity": "USD", "time": day["date"], "close": day["USD"]}
    back = way_back(model)
    first = model.update(fixing).to_dicts()
    assert model.forecast().to_dicts() != before
    back()
    assert model.forecast().to_dicts() == before
    assert model.update(fixing).to_dicts() == first


def test_a_stated_baseline_needs_fixings() -> None:
    with pytest.raises(barograph.InputError, match="only currency fixings have"):
        barograph.run("credit/german", settings={"model.baselines": ("garch_implied",)})


def test_the_small_settings_name_settings_that_exist() -> None:
    assert set(SMALL_FALLS) >= {"prepare.fixings.window"}
    assert STUDY.prepare.fixings is not None
    assert STUDY.prepare.fixings.window == 10
