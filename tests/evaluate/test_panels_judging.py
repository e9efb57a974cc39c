"""Cells, claims, verdict and diagnosis of a panel on made forecasts, against plain loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from barograph.core.errors import SettingError
from barograph.core.forecast import LEVELS
from barograph.core.panel_table import PanelDensities, PanelRecord
from barograph.evaluate.panels import blocks, judge_panel, panel_cells, panel_scores, pooled_duel
from barograph.evaluate.panels.diagnosis import calibrated, direction, steadiness
from barograph.measures.comparison.clark_west import clark_west
from barograph.measures.comparison.diebold_mariano import diebold_mariano
from barograph.measures.scores import crps_normal
from barograph.prepare.panels import build_panel
from small_panels import curve, small_study, snapshot_of

STUDY = small_study(evaluate__development_until="2012-12-31")
ROWS = np.arange(120, 400)


def made(*, better: float = 0.0, worse: float = 0.0) -> PanelRecord:
    """The random walk; `sharp` knows a share of what comes; `blunt` adds noise; densities are normal."""
    samples = build_panel(snapshot_of(curve(400, seed=6), STUDY).panel, STUDY.prepare)
    change, walk = samples.change[ROWS], samples.anchor[ROWS]
    noise = np.random.default_rng(3).normal(size=walk.shape) * samples.deviation[ROWS]
    scale = np.nan_to_num(samples.deviation[ROWS], nan=1.0)
    tails = np.broadcast_to(ndtri(LEVELS), (1, *walk.shape[1:], len(LEVELS)))
    block = np.zeros(ROWS.size, dtype=np.int64)
    means = {
        "combination": walk + np.nan_to_num(better * change) + worse * noise,
        "random_walk": walk,
        "ar": walk + 0.5 * noise,
    }
    return PanelRecord(
        samples=samples,
        rows=ROWS,
        fold=np.zeros(ROWS.size, dtype=np.int64),
        forecasts={name: PanelDensities(mean, scale, tails, block) for name, mean in means.items()},
        members={},
        weights={},
        controls=(),
        baselines=("random_walk", "ar"),
        networks=(),
        combinations=("combination",),
    )


def judged(record: PanelRecord, **changes: Any) -> tuple[dict[tuple[str, str], Any], Any]:
    study = small_study(evaluate__development_until="2012-12-31", **changes)
    claims, verdict = judge_panel(record, study)
    return {(claim.claim, claim.block): claim for claim in claims}, verdict


def test_a_cell_is_what_plain_loops_over_its_origins_say() -> None:
    record = made(better=0.1, worse=0.3)
    cell = next(
        c
        for c in panel_cells(record, STUDY, "combination", "random_walk", interval=True)
        if (c.entity, c.horizon) == ("y2", 3)
    )
    came = record.outcome[:, 2, 1]
    own, other = (record.forecasts[name].mean[:, 2, 1] for name in ("combination", "random_walk"))
    known = np.isfinite(came)
    errors = [(own - came)[known], (other - came)[known]]
    assert cell.ratio == pytest.approx(np.sqrt(np.mean(errors[0] ** 2) / np.mean(errors[1] ** 2)))
    assert cell.lower < cell.ratio < cell.upper
    lags = max(3, int(4 * (known.sum() / 100) ** (2 / 9)))
    test = diebold_mariano(errors[0] ** 2 - errors[1] ** 2, horizon=3, lags=lags, kernel="bartlett")
    assert cell.squared == test
    assert cell.nested == clark_west(came[known], other[known], own[known], lags=lags)
    scale = record.forecasts["ar"].deviation[:, 2, 1]
    crps = [crps_normal(came, mean, scale)[known].mean() for mean in (own, other)]
    assert cell.crps_ratio == pytest.approx(
        crps[0] / crps[1], rel=0.01
    )  # quantiles of a grid, not the normal


def test_scores_are_means_over_origins_and_then_over_series() -> None:
    record = made()
    scores = {(s.model, s.metric, s.horizon, s.entity): s.value for s in panel_scores(record, STUDY)}
    error = record.outcome - record.forecasts["ar"].mean
    each = np.sqrt(np.nanmean(error[:, :, 0] ** 2, axis=0))
    assert scores["ar", "rmse", 1, "y5"] == pytest.approx(each[3])
    assert scores["ar", "rmse", 1, ""] == pytest.approx(each.mean())
    inside = np.abs(error[:, :, 0]) <= record.forecasts["ar"].deviation[:, :, 0] * ndtri(0.9)
    known = np.isfinite(error[:, :, 0])
    assert scores["ar", "coverage_80", 1, "y5"] == pytest.approx(inside[known[:, 3], 3].mean())


def test_a_better_forecast_holds_every_claim_and_is_the_champion() -> None:
    claims, verdict = judged(made(better=0.4))
    assert all(claim.held for claim in claims.values()), [k for k, c in claims.items() if not c.held]
    assert {block for _, block in claims} == {"all", "development", "confirmation"}
    assert (verdict.standing, verdict.champion) == ("better", "combination")


def test_a_worse_forecast_breaks_its_floor_and_the_best_baseline_is_shipped() -> None:
    claims, verdict = judged(made(worse=0.8))
    assert not any(claim.held for (key, _), claim in claims.items() if key in ("floor", "bound", "moon"))
    assert claims["floor", "all"].verdict == "worse"
    assert claims["floor", "all"].p_value < 0.05
    assert (verdict.standing, verdict.champion) == ("worse", "random_walk")


def test_the_random_walk_itself_holds_the_floor_and_nothing_more() -> None:
    claims, verdict = judged(made())
    assert claims["floor", "all"].held
    assert not claims["bound", "all"].held
    assert not claims["density", "all"].held
    assert not claims["moon", "all"].held
    assert verdict.standing == "indistinguishable"


def test_one_bad_cell_breaks_the_floor_only_if_it_is_beyond_chance_among_all_cells() -> None:
    record = made()
    mean = record.forecasts["combination"].mean.copy()
    scale = record.samples.deviation[record.rows]
    mean[:, 1, 0] += 1.5 * np.random.default_rng(1).normal(size=mean.shape[0]) * scale[:, 1, 0]
    spoilt = replace(record.forecasts["combination"], mean=mean)
    claims, _ = judged(replace(record, forecasts=record.forecasts | {"combination": spoilt}))
    assert not claims["floor", "all"].held
    assert "in 9 of 10 cells" in claims["floor", "all"].detail


def test_pooling_counts_each_series_alike_and_the_blocks_part_at_the_day() -> None:
    record = made(better=0.2)
    duel = pooled_duel(record, "combination", "random_walk", "squared_error", 0)
    error = record.outcome[:, :, 0] - record.forecasts["combination"].mean[:, :, 0]
    walk = record.outcome[:, :, 0] - record.forecasts["random_walk"].mean[:, :, 0]
    ratios = np.nansum(error**2, axis=0) / np.nansum(walk**2, axis=0)
    assert duel.difference == pytest.approx(ratios.mean() - 1.0)
    assert duel.standing == "better"
    parts = blocks(record, STUDY)
    assert parts["development"].sum() + parts["confirmation"].sum() == ROWS.size
    last = record.samples.time[record.rows][parts["development"]][-1]
    assert last == np.datetime64("2012-12-31")


def test_direction_counts_rises_as_a_plain_loop_does_and_needs_a_forecast_that_moves() -> None:
    record = made(better=0.3, worse=0.5)
    told = direction(record, "combination", 0)
    anchor = record.samples.anchor[record.rows][:, :, 0]
    came, call = record.outcome[:, :, 0] - anchor, record.forecasts["combination"].mean[:, :, 0] - anchor
    known = np.isfinite(came) & (came != 0) & (call != 0)
    pairs = [(c > 0, s > 0) for c, s in zip(came[known], call[known], strict=True)]
    hits = [c == s for c, s in pairs]
    assert told.accuracy == pytest.approx(np.mean(hits))
    assert told.precision == pytest.approx(np.mean([c for c, s in pairs if s]))
    assert told.recall == pytest.approx(np.mean([s for c, s in pairs if c]))
    assert told.significant == told.series == 5
    still = direction(record, "random_walk", 0)
    assert (still.n_obs, still.series) == (0, 0)


def test_densities_that_are_right_pass_and_ones_twice_too_narrow_do_not() -> None:
    record = made()
    right = record.forecasts["random_walk"]
    narrow = replace(right, tails=right.tails / 2.0)
    both = replace(record, forecasts=record.forecasts | {"narrow": narrow})
    assert calibrated(both, "narrow", 0).passed == 0
    assert calibrated(both, "random_walk", 0).passed >= 4


def test_an_advantage_that_turns_leaves_the_band() -> None:
    record = made()
    change = np.nan_to_num(record.samples.change[record.rows])
    sign = np.where(np.arange(ROWS.size) < ROWS.size // 2, 0.5, -0.5)[:, None, None]
    turned = replace(record.forecasts["combination"], mean=record.samples.anchor[record.rows] + sign * change)
    both = replace(record, forecasts=record.forecasts | {"combination": turned})
    assert steadiness(both, "combination", "random_walk", 0).rejected
    assert not steadiness(record, "ar", "ar", 0).rejected


def test_a_claim_about_a_model_or_a_horizon_that_is_not_there_is_not_held() -> None:
    claim = {"key": "x", "rung": "target", "kind": "ratio"}
    plain = {"model": "combination", "opponent": "random_walk"}
    for changes in (plain | {"opponent": "dns_ar"}, plain | {"horizons": (22,)}):
        claims, verdict = judged(made(), evaluate__claims=(claim | changes,))
        assert not claims["x", "all"].held
        assert claims["x", "all"].test == "none"
        assert verdict.standing == "indistinguishable"
    with pytest.raises(SettingError, match=r"evaluate\.opponent"):
        judged(made(), evaluate__opponent="var")
