"""Scores, tests, claims and verdict of a level run: by hand, on made forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from barograph.core.errors import SettingError
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import Gaussians, LevelRecord, LevelSamples
from barograph.evaluate.levels import judge_levels, level_comparisons, level_duel, level_scores
from barograph.evaluate.levels.losses import losses
from barograph.measures.comparison.diebold_mariano import diebold_mariano
from barograph.measures.levels import month_end
from small_levels import small_study

N, DELAY = 120, 2


def record_of(**shifts: float) -> LevelRecord:
    """Models that miss the outcome by white noise plus their shift; horizons 0 and 1 on the level scale."""
    stream = np.random.default_rng(0)
    time = month_end(12 * 30 + np.arange(N))
    outcome = np.column_stack([stream.normal(size=N), stream.normal(size=N)])
    outcome[-1, 1] = np.nan
    samples = LevelSamples(
        time=time, rate=outcome[:, 0], outcome=outcome,
        outcome_rate=outcome, inputs=np.zeros((N, 1)), names=("known_0",), lags=1, anchor=0,
        channels=np.zeros((N, 1)), horizons=(0, 1), delay=DELAY, window=2, scale="level",
    )  # fmt: skip
    rows = np.arange(20, N)
    noise = stream.normal(size=(rows.size, 2))
    forecasts = {
        name: Gaussians(0.5 * noise + shift, np.full((rows.size, 2), 1.2)) for name, shift in shifts.items()
    }
    return LevelRecord(
        samples, rows, np.zeros(rows.size, int), forecasts, {"mlp": joined(forecasts["mlp"])},
        ("linear",), ("ar", "random_walk"), ("mlp",), ("combination",),
    )  # fmt: skip


def joined(one: Gaussians) -> Gaussians:
    return Gaussians(np.concatenate([one.mean, one.mean + 1.0]), np.tile(one.deviation, (2, 1)))


def made(**changes: float) -> LevelRecord:
    shifts = {"combination": 0.0, "mlp": 0.1, "linear": 0.0, "ar": 1.5, "random_walk": 1.0} | changes
    return record_of(**shifts)


STUDY: LevelStudy = small_study()


def test_crps_and_coverage_equal_their_definitions() -> None:
    record = made()
    said, row = record.forecasts["combination"], 3
    mean, deviation = said.mean[row, 1], said.deviation[row, 1]
    came = record.samples.outcome[record.rows[row], 1]
    distribution = stats.norm(mean, deviation).cdf
    below = integrate.quad(lambda x: distribution(x) ** 2, -15, came)[0]
    above = integrate.quad(lambda x: (1 - distribution(x)) ** 2, came, 15)[0]
    assert losses(record, said, "crps")[row, 1] == pytest.approx(below + above, abs=1e-6)
    share = losses(record, said, "coverage_80")[:, 0]
    inside = np.abs(record.samples.outcome[record.rows, 0] - said.mean[:, 0]) <= 1.2815515655 * 1.2
    assert share.tolist() == inside.astype(float).tolist()


def test_scores_have_a_cell_for_everything_and_spread_for_networks() -> None:
    record = made()
    cells = level_scores(record, STUDY)
    assert len(cells) == 5 * 6 * 2
    assert {cell.model for cell in cells if cell.sd is not None} == {"mlp"}
    rmse = next(c.value for c in cells if (c.model, c.metric, c.horizon) == ("ar", "rmse", 1))
    error = record.samples.outcome[record.rows, 1] - record.forecasts["ar"].mean[:, 1]
    assert rmse == pytest.approx(np.sqrt(np.nanmean(error**2)))


def test_a_model_without_a_density_gets_a_blank_cell_with_the_reason() -> None:
    record = made()
    record.forecasts["ar"].deviation[5, 0] = np.nan
    cell = next(c for c in level_scores(record, STUDY) if (c.model, c.metric, c.horizon) == ("ar", "crps", 0))
    assert cell.value is None
    assert "density" in cell.note


def test_a_duel_is_the_diebold_mariano_test_with_room_for_the_overlap() -> None:
    record = made()
    duel = level_duel(record, "combination", "ar", "crps", 1)
    difference = (
        losses(record, record.forecasts["combination"], "crps")
        - losses(record, record.forecasts["ar"], "crps")
    )[:-1, 1]
    plain = diebold_mariano(difference, horizon=1 + DELAY, lags=3, kernel="bartlett")
    assert duel.test.statistic == pytest.approx(plain.statistic)
    assert duel.standing == "better"
    assert duel.test.n_obs == 99


def test_claims_hold_or_fail_by_the_test_and_the_verdict_names_the_best_baseline() -> None:
    claims, verdict = judge_levels(made(), STUDY)
    assert [(c.claim, c.held) for c in claims] == [("floor", True), ("target", True), ("moon", False)]
    assert verdict.standing == "better"
    assert verdict.champion == "combination"
    assert "Random walk" in verdict.sentence


def test_a_candidate_worse_than_the_best_baseline_loses_the_championship() -> None:
    _, verdict = judge_levels(made(combination=1.3, random_walk=0.0), STUDY)
    assert (verdict.standing, verdict.champion) == ("worse", "random_walk")


def test_a_broken_floor_is_named() -> None:
    claims, verdict = judge_levels(made(combination=3.0), STUDY)
    assert not claims[0].held
    assert verdict.standing == "worse"
    assert "floor" in verdict.sentence


def test_where_every_origin_chose_the_recipe_nothing_is_called_better() -> None:
    study = small_study(evaluate__development_until="2020-12-31")
    claims, verdict = judge_levels(made(), study)
    assert verdict.standing == "indistinguishable"
    assert "nothing here is confirmed" in verdict.sentence
    assert {claim.block for claim in claims} == {"all"}


def test_development_and_confirmation_are_judged_apart() -> None:
    study = small_study(evaluate__development_until="2005-12-31")
    blocks = {row.block for row in level_comparisons(made(), study)}
    assert blocks == {"all", "development", "confirmation"}
    claims, _ = judge_levels(made(), study)
    assert len(claims) == 3 * 3


def test_a_claim_about_an_absent_model_is_not_judged_and_does_not_hold() -> None:
    absent = STUDY.evaluate.claims[0].model_copy(update={"opponent": "arx"})
    study = small_study(evaluate__claims=(absent.model_dump(),))
    claims, _ = judge_levels(made(), study)
    assert not claims[0].held
    assert "arx" in claims[0].detail


def test_a_champion_by_name_is_kept_and_said_and_a_wrong_one_refused() -> None:
    _, verdict = judge_levels(made(), small_study(deploy__champion="ar"))
    assert verdict.champion == "ar"
    assert "chosen in the settings" in verdict.sentence
    with pytest.raises(SettingError, match=r"deploy\.champion"):
        judge_levels(made(), small_study(deploy__champion="rnn"))
