"""The ledger branch sees no future, finds what is planted, and finds nothing where there is nothing."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.ledgers.simulated import weekly_means
from barograph.core.errors import DataError
from barograph.core.ledger_table import PARTS, CountForecast, DensityForecast
from barograph.engines.forecasting.ledgers.plan import planned_years
from barograph.evaluate.ledgers import judge_ledgers, ledger_duel
from barograph.prepare.ledgers import build_ledgers, coming, complete_weeks
from small_ledgers import CALM, RESTLESS, small_study, snapshot_of, spoilt, table, walked


def said_before(forecast: CountForecast | DensityForecast, rows: np.ndarray) -> list[bytes]:
    """What a forecast says at some rows, to the bit."""
    if isinstance(forecast, CountForecast):
        return [forecast.mean[rows].tobytes(), forecast.dispersion[rows].tobytes()]
    told = [str(forecast.base[fold]).encode() for fold in np.unique(forecast.fold[rows])]
    return told + [part[rows].tobytes() for part in forecast.mixture or ()]


@pytest.mark.parametrize("network", ["mlp", "rnn"])
def test_garbage_from_a_day_on_leaves_every_forecast_up_to_it_bit_identical(
    network: str, tmp_path: Path
) -> None:
    study = small_study(
        model__networks=(network,),
        model__settings={},
        model__anomaly=False,
        train__max_steps=10,
        train__seeds=1,
    )
    frame, day = table(RESTLESS, seed=3), "2005-07-04"
    clean, dirty = walked(frame, study, tmp_path), walked(spoilt(frame, day), study, tmp_path)
    for name in PARTS:
        one, two = clean.record.part(name), dirty.record.part(name)
        # the first week (or day) that begins on the spoilt day is still forecast from what came before it
        rows = np.flatnonzero(one.time <= np.datetime64(day))
        rows = rows[rows < np.flatnonzero(two.time <= np.datetime64(day)).size]
        assert 20 < rows.size < one.n
        for model, forecast in one.forecasts.items():
            assert said_before(forecast, rows) == said_before(two.forecasts[model], rows), (name, model)
    later = clean.record.counts.time > np.datetime64(day) + 7
    means = [run.record.counts.forecasts[network].mean for run in (clean, dirty)]  # type: ignore[union-attr]
    assert means[0][later].tobytes() != means[1][later].tobytes()


def test_losses_of_one_day_do_not_see_each_other() -> None:
    study = small_study()
    frame = table(seed=1)
    days = pl.col("day") == frame["day"][300]
    other = frame.with_columns(amount=pl.when(days).then(pl.col("amount") * 50.0).otherwise(pl.col("amount")))
    one, two = (build_ledgers(snapshot_of(f, study).ledger, study.prepare).severities for f in (frame, other))
    same = one.time <= frame["day"].to_numpy()[300]
    assert one.inputs[same].tobytes() == two.inputs[same].tobytes()
    assert one.sequence[same].tobytes() == two.sequence[same].tobytes()
    assert one.inputs[~same].tobytes() != two.inputs[~same].tobytes()


def test_everything_in_training_is_over_before_the_held_out_year() -> None:
    study = small_study()
    samples = build_ledgers(snapshot_of(table(seed=0), study).ledger, study.prepare)
    folds = planned_years(samples, study)
    assert [fold.year for fold in folds] == [2004, 2005, 2006, 0]
    for fold in folds:
        weeks, losses = fold.parts["counts"], fold.parts["severities"]
        assert (samples.counts.time[weeks.training] + 6 < fold.cut).all()
        assert (samples.severities.time[losses.training] < fold.cut).all()
        for part in (weeks, losses):
            assert part.fit.max() < part.validation.min()
            assert not part.test.size or part.test.min() > part.validation.max()
    tested = np.concatenate([fold.parts["counts"].test for fold in folds])
    assert np.array_equal(tested, np.flatnonzero(samples.counts.time >= folds[0].cut))


def test_weeks_hold_the_losses_of_their_days_and_the_next_one_begins_after_them() -> None:
    study = small_study()
    ledger = snapshot_of(table(seed=2), study).ledger
    samples, mondays = build_ledgers(ledger, study.prepare), complete_weeks(ledger)
    for place in (0, 17, mondays.size - 1):
        inside = (ledger.day >= mondays[place]) & (ledger.day <= mondays[place] + 6)
        assert samples.counts.outcome[place] == inside.sum()
    assert all((int(day.astype(np.int64)) + 3) % 7 == 0 for day in mondays[:3])
    ahead, _ = coming(ledger, study.prepare)
    assert ahead.time[0] == mondays[-1] + 7
    mean = np.log1p(samples.counts.outcome[-4:].mean())
    assert ahead.inputs[0, ahead.names.index("log_count_4")] == pytest.approx(mean)


def test_a_planted_season_is_found_by_the_negative_binomial(tmp_path: Path) -> None:
    season = replace(CALM, season=0.8)
    study = small_study(train__max_steps=10, train__seeds=1, model__anomaly=False)
    run = walked(table(season, seed=4), study, tmp_path)
    duel = ledger_duel(run.record, "negative_binomial", "homogeneous", "count_log_score")
    assert duel.standing == "better", duel
    weeks = run.record.counts
    truth = weekly_means(season, weeks=400, seed=4)
    place = (weeks.time - truth[0][0]).astype(np.int64) // 7
    said = weeks.forecasts["negative_binomial"]
    assert isinstance(said, CountForecast)
    assert np.abs(np.log(said.mean / truth[1][place])).mean() < 0.15


def test_a_planted_regime_is_found_by_network_and_control_in_both_parts(tmp_path: Path) -> None:
    run = walked(table(RESTLESS, seed=1, years=8), small_study(train__max_steps=150), tmp_path)
    for model in ("mlp", "linear"):
        for metric, rival in (("count_log_score", "negative_binomial"), ("severity_log_score", "spliced")):
            duel = ledger_duel(run.record, model, rival, metric)  # type: ignore[arg-type]
            assert duel.standing == "better", duel
    claims, verdict = judge_ledgers(run.record, small_study())
    assert all(claim.held for claim in claims)
    assert (verdict.standing, verdict.champion) == ("better", "mlp+mlp")
    assert [week.score for week in run.anomalies] == sorted((w.score for w in run.anomalies), reverse=True)


def test_where_nothing_is_to_be_found_the_network_is_seldom_called_better(tmp_path: Path) -> None:
    """Of 6 seeds, two one-sided tests at 2.5 % each, three or more come once in 400 times."""
    study = small_study(train__max_steps=20, train__seeds=1, model__anomaly=False)
    standings = [
        judge_ledgers(walked(table(seed=100 + seed, years=5), study, tmp_path).record, study)[1].standing
        for seed in range(6)
    ]
    assert standings.count("better") < 3


def test_same_seeds_give_the_same_figures(tmp_path: Path) -> None:
    study, frame = small_study(train__max_steps=10, model__anomaly=False), table(RESTLESS, seed=5)
    one, two = (walked(frame, study, tmp_path).record for _ in range(2))
    for name in PARTS:
        rows = np.arange(one.part(name).n)
        for model, forecast in one.part(name).forecasts.items():
            assert said_before(forecast, rows) == said_before(two.part(name).forecasts[model], rows)


def test_an_unlucky_window_is_refused_with_what_to_change() -> None:
    study = small_study(evaluate__test_since=2006)
    samples = build_ledgers(snapshot_of(table(seed=0), study).ledger, study.prepare)
    with pytest.raises(DataError, match=r"40% .*evaluate\.test_since"):
        planned_years(samples, study)
    with pytest.raises(DataError, match="2 years before them"):
        planned_years(samples, small_study(evaluate__test_since=2002))
    early = table(seed=0).filter(pl.col("day") < pl.date(2004, 2, 1))
    last = pl.DataFrame({"day": [datetime.date(2006, 12, 30)], "amount": [10.0]})
    samples = build_ledgers(snapshot_of(pl.concat([early, last]), study).ledger, study.prepare)
    with pytest.raises(DataError, match="at least 30 losses"):
        planned_years(samples, small_study())


def test_a_held_out_year_without_losses_is_judged_by_its_weeks(tmp_path: Path) -> None:
    empty = pl.col("day").is_between(datetime.date(2005, 1, 3), datetime.date(2006, 1, 1))
    frame = table(seed=0).filter(~empty)
    study = small_study(train__max_steps=10, train__seeds=1, model__anomaly=False)
    made = walked(frame, study, tmp_path).record
    assert set(np.unique(made.counts.fold)) == {0, 1, 2}
    assert set(np.unique(made.severities.fold)) == {0, 2}
    assert judge_ledgers(made, study)[1].standing in ("better", "indistinguishable", "worse")
