"""The score table against plain loops over the same rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_runs import SIGMA, made_run, made_study, normal_distribution, without_forecasts
from scipy.stats import norm

from barograph.core.errors import SettingError
from barograph.core.forecast import LEVELS
from barograph.core.results import Score
from barograph.evaluate.events import EVENT_METRICS, event_probability, probability_below
from barograph.evaluate.losses import LOSSES
from barograph.evaluate.scoring import losses, scores

ROLES = {"baselines": ("rival",), "networks": ("ours",)}


def cell(table: list[Score], model: str, metric: str, horizon: int = 1, entity: str = "") -> Score:
    found = [s for s in table if (s.model, s.metric, s.horizon, s.entity) == (model, metric, horizon, entity)]
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def run():
    return made_run({"ours": 0.1, "rival": 0.6}, roles=ROLES)


@pytest.fixture(scope="module")
def table(run):
    return scores(run, made_study())


def test_every_candidate_horizon_metric_and_entity_has_one_cell(run, table):
    n_cells = 2 * (2 * len(LOSSES) + len(EVENT_METRICS)) * (1 + 3)
    assert len(table) == n_cells
    assert len({(s.model, s.metric, s.horizon, s.entity) for s in table}) == n_cells


@pytest.mark.parametrize("horizon", [1, 5])
def test_qlike_and_squared_error_equal_a_plain_loop(run, table, horizon):
    column = run.samples.horizons.index(horizon)
    means = {"qlike": [], "mse": []}
    for code in range(3):
        qlike, squared = [], []
        for row in range(run.samples.n):
            realised = run.samples.target[row, column]
            if run.samples.entity[row] != code or np.isnan(realised):
                continue
            forecast = run.distributions["rival"].variance[row, column]
            qlike.append(np.log(forecast) + realised / forecast)
            squared.append((realised - forecast) ** 2)
        assert len(qlike) == 400 - horizon
        means["qlike"].append(np.mean(qlike))
        means["mse"].append(np.mean(squared))
        entity = run.samples.entities[code]
        assert cell(table, "rival", "qlike", horizon, entity).value == pytest.approx(np.mean(qlike))
    for metric, values in means.items():
        assert cell(table, "rival", metric, horizon).value == pytest.approx(np.mean(values))


def test_the_forecaster_with_the_smaller_error_scores_better_on_every_proper_loss(table):
    for metric in ("qlike", "crps", "pinball", "fz0_1", "fz0_2.5", "log_loss"):
        assert cell(table, "ours", metric).value < cell(table, "rival", metric).value


def test_pinball_is_half_the_crps_up_to_the_grid(run):
    wide = replace(run, distributions={"ours": normal_distribution(np.full((run.samples.n, 2), SIGMA**2))})
    crps, pinball = (np.nanmean(losses(wide, "ours", metric, 1)) for metric in ("crps", "pinball"))
    assert crps == pytest.approx(SIGMA / np.sqrt(np.pi), rel=0.1)
    assert 0.3 < pinball / crps < 0.6


def test_networks_carry_the_spread_over_single_seeds_and_others_none(run, table):
    seeds = []
    for log_variance in run.members["ours"][:, :, 0]:
        loss = log_variance + run.samples.target[:, 0] / np.exp(log_variance)
        seeds.append(np.mean([np.nanmean(loss[run.samples.entity == code]) for code in range(3)]))
    assert cell(table, "ours", "qlike").sd == pytest.approx(np.std(seeds, ddof=1))
    assert cell(table, "rival", "qlike").sd is None
    assert cell(table, "ours", "crps").sd is None


def test_a_missing_forecast_blanks_the_cell_with_the_reason_instead_of_flattering_it(run):
    holed = without_forecasts(run, "ours", slice(0, 7))
    table = scores(holed, made_study())
    blank = cell(table, "ours", "qlike", entity="a")
    assert blank.value is None
    assert blank.note == "7 of 399 rows have no usable forecast"
    assert cell(table, "ours", "qlike").note == "blank for 1 of the series"
    assert cell(table, "ours", "qlike", entity="b").value is not None
    assert cell(table, "ours", "f1").value is None
    assert "399 行中有 7 行" in cell(scores(holed, made_study(), lang="zh"), "ours", "crps", entity="a").note


def test_an_entity_without_outcomes_is_blank_and_left_out_of_the_mean(run):
    target, outcome = run.samples.target.copy(), run.samples.target_return.copy()
    target[:400], outcome[:400] = np.nan, np.nan
    unknown = replace(run, samples=replace(run.samples, target=target, target_return=outcome))
    table = scores(unknown, made_study())
    assert cell(table, "ours", "crps", entity="a").note == "no outcome is known yet"
    others = [cell(table, "ours", "crps", entity=name).value for name in ("b", "c")]
    assert cell(table, "ours", "crps").value == pytest.approx(np.mean(others))


def test_event_scores_equal_counts_by_hand(run, table):
    probability, happened = [], []
    for row in range(run.samples.n):
        came = run.samples.target_return[row, 0]
        if np.isfinite(came):
            sigma = np.sqrt(run.distributions["rival"].variance[row, 0])
            probability.append(2 * norm.cdf(-np.sqrt(run.event_threshold[row]) / sigma))
            happened.append(came**2 > run.event_threshold[row])
    clear = np.abs(np.array(probability) - 0.2) > 0.004  # the grid may round those astride the bound
    alarm = np.array(probability) >= 0.2
    right = np.sum(alarm & happened)
    assert clear.mean() > 0.95
    assert cell(table, "rival", "precision").value == pytest.approx(right / alarm.sum(), abs=0.03)
    assert cell(table, "rival", "recall").value == pytest.approx(right / np.sum(happened), abs=0.03)
    assert cell(table, "rival", "accuracy").value == pytest.approx(np.mean(alarm == happened), abs=0.01)
    expected = -np.mean(np.log(np.where(happened, probability, 1 - np.array(probability))))
    assert cell(table, "rival", "log_loss").value == pytest.approx(expected, rel=0.02)


def test_precision_without_an_alarm_is_blank_with_a_reason(run):
    calm = replace(run, distributions={"ours": normal_distribution(np.full((run.samples.n, 2), 1e-6))})
    precision = cell(scores(calm, made_study()), "ours", "precision")
    assert precision.value is None
    assert precision.note == "undefined here (nothing to divide by)"


def test_a_study_without_a_day_ahead_has_blank_event_scores():
    later = made_run({"ours": 0.1}, horizons=(5,), days=60)
    found = cell(scores(later, made_study()), "ours", "f1")
    assert found.value is None
    assert found.note == "the study does not forecast one day ahead"


def test_probability_below_follows_the_normal_through_the_grid_and_its_tails():
    values = np.linspace(-4.5, 4.5, 181)
    grid = np.tile(norm.ppf(LEVELS), (values.size, 1))
    found = probability_below(values, grid)
    assert np.all(np.diff(found) > 0)
    assert np.max(np.abs(found - norm.cdf(values))) < 0.004
    assert found[0] > 0
    assert found[-1] < 1
    np.testing.assert_allclose(found, 1 - probability_below(-values, grid), atol=1e-12)


def test_probability_below_hits_every_level_and_survives_coinciding_quantiles():
    quantiles = np.sort(np.random.default_rng(0).normal(size=len(LEVELS)))
    found = probability_below(quantiles, np.tile(quantiles, (len(LEVELS), 1)))
    np.testing.assert_allclose(found, LEVELS, atol=1e-12)
    point = np.zeros((3, len(LEVELS)))
    assert probability_below(np.array([-1.0, 1.0, np.nan]), point)[:2].tolist() == [0.0, 1.0]
    assert np.isnan(probability_below(np.array([-1.0, 1.0, np.nan]), point)[2])


def test_event_probability_is_that_of_both_tails():
    grid = np.tile(norm.ppf(LEVELS), (1, 1))
    assert event_probability(grid, np.array([norm.ppf(0.95) ** 2]))[0] == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize("asked", [("our", "qlike", 1), ("ours", "qlik", 1), ("ours", "qlike", 2)])
def test_an_unknown_model_metric_or_horizon_is_refused_with_a_hint(run, asked):
    with pytest.raises(SettingError):
        losses(run, *asked)


def test_losses_are_nan_exactly_where_the_outcome_is_unknown(run):
    for metric in LOSSES:
        assert np.array_equal(np.isnan(losses(run, "ours", metric, 5)), np.isnan(run.samples.target[:, 1]))
