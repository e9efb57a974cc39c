"""Held rates are taken out of what is claimed, and shown beside medians and the worst days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_runs import made_run, made_study

from barograph.core.errors import DataError
from barograph.core.forecast import LEVELS, OutOfSample
from barograph.core.records import Fold
from barograph.core.study import Claim
from barograph.engines.forecasting.candidates import Candidate, combine
from barograph.engines.forecasting.distributions import residual_tails
from barograph.engines.forecasting.rows import FoldRows
from barograph.evaluate.apart import LEAST_FREE, judged
from barograph.evaluate.claims import judge
from barograph.evaluate.losses import losses
from barograph.evaluate.report.single_days import WORST, single_days

ROLES = {"baselines": ("rival",), "networks": (), "combinations": ("ours",), "controls": ("linear",)}
NOISE = {"ours": 0.1, "linear": 0.5, "rival": 0.6}
PANEL = Claim(key="panel", rung="target", kind="panel_better", model="ours", opponent="rival", p_value=0.01)


def a_run(held: np.ndarray) -> OutOfSample:
    """Three series of 400 days, held where said."""
    run = made_run(NOISE, roles=ROLES, days=400)
    return replace(run, samples=replace(run.samples, held=held))


def held_at(*spans: tuple[int, int, int]) -> np.ndarray:
    """(series, first row, last row) held."""
    held = np.zeros((3, 400), dtype=bool)
    for series, first, last in spans:
        held[series, first:last] = True
    return held.ravel()


def test_a_run_without_held_origins_is_judged_as_it_is() -> None:
    run = a_run(held_at())
    assert judged(run) is run


def test_held_origins_and_series_that_float_too_little_are_not_judged() -> None:
    held = held_at((1, 0, 100), (2, 0, 400 - LEAST_FREE + 1))
    run = a_run(held)
    found = judged(run)
    expected = [row for row in range(800) if not held[row]]
    assert found.rows.tolist() == expected
    for name, distribution in found.distributions.items():
        assert distribution.variance.tobytes() == run.distributions[name].variance[expected].tobytes()
        assert distribution.quantiles.shape[0] == len(expected)
    assert found.fold.size == found.event_threshold.size == len(expected)


def test_where_everything_is_held_nothing_can_be_claimed() -> None:
    with pytest.raises(DataError, match="float on 250 scored days"):
        judged(a_run(held_at((0, 0, 400), (1, 0, 400), (2, 0, 300))))


def broken_peg() -> OutOfSample:
    """The first series is held for a hundred days and leaves its peg by fifteen percent."""
    run = a_run(held_at((0, 0, 100)))
    samples = run.samples
    target, came = samples.target.copy(), samples.target_return.copy()
    target[99, 0], came[99, 0] = 0.15**2, -0.15
    bad = run.distributions["ours"]
    variance = bad.variance.copy()
    variance[:100, 0] = 1e-6
    distributions = {**run.distributions, "ours": replace(bad, variance=variance)}
    return replace(
        run, samples=replace(samples, target=target, target_return=came), distributions=distributions
    )


def test_the_end_of_a_peg_outweighs_the_panel_and_counts_in_no_claim() -> None:
    run = broken_peg()
    with_it = judge(run, made_study(PANEL), [])[0][0]
    without = judge(judged(run), made_study(PANEL), [])[0][0]
    assert not with_it.held
    assert without.held


def test_the_report_shows_mean_and_median_with_and_without_held_origins() -> None:
    run = broken_peg()
    found = single_days(run, judged(run), made_study(), opponents=["rival"], reference="rival").centres[0]
    gap = losses(run, "ours", "qlike", 1) - losses(run, "rival", "qlike", 1)
    free = ~run.samples.held
    assert found.mean == pytest.approx(np.nanmean(gap[free]))
    assert found.median == pytest.approx(np.nanmedian(gap[free]))
    assert found.mean_of_all == pytest.approx(np.nanmean(gap))
    assert found.mean_of_all > 10 > 0 > found.mean


def test_the_worst_day_is_the_end_of_the_peg_and_says_that_it_was_held() -> None:
    run = broken_peg()
    days = single_days(run, judged(run), made_study(), opponents=[], reference="rival")
    assert len(days.worst) == WORST
    worst = days.worst[0]
    assert (worst.entity, worst.held) == ("a", True)
    assert worst.origin == str(run.samples.time[99])
    assert worst.came == pytest.approx(-0.15)
    assert worst.sigma == pytest.approx(1e-3)
    assert [day.loss for day in days.worst] == sorted((day.loss for day in days.worst), reverse=True)


def test_held_rates_are_counted_with_their_exceptions() -> None:
    run = broken_peg()
    (rate,) = single_days(run, judged(run), made_study(), opponents=[], reference="rival").held
    came = run.samples.target_return[:100, 0]
    quantiles = run.distributions["ours"].quantiles[:100, 0]
    assert (rate.entity, rate.held, rate.scored) == ("a", 100, 400)
    assert rate.below == sum(came < quantiles[:, LEVELS.index(0.01)])
    assert rate.above == sum(came > quantiles[:, LEVELS.index(0.99)])
    assert rate.below >= 1


def two_folds(run: OutOfSample) -> list[FoldRows]:
    """Day 150 parts validation and the first test block from the second, which is only forecast."""
    day = run.samples.time.reshape(3, 400)[0]
    number = np.tile(np.arange(400), 3)
    rows, nothing = np.arange(run.samples.n), np.zeros(0, dtype=np.int64)
    early, middle, late = (rows[(number >= a) & (number < b)] for a, b in ((0, 150), (150, 300), (310, 400)))
    first = Fold(0, day[149], day[150], day[299])
    second = Fold(1, day[309], day[310], day[399])
    return [
        FoldRows(first, nothing, early, early, middle, nothing),
        FoldRows(second, nothing, nothing, early, late, nothing),
    ]


def pooled_partner(run: OutOfSample, folds: list[FoldRows]) -> str:
    """Whom the second fold's pool takes as partner; the good rival errs by much on row 200 alone."""
    guess = {name: np.log(run.distributions[name].variance) for name in ("ours", "rival", "linear")}
    guess["rival"] = guess["ours"].copy()
    guess["rival"][200] = -25.0
    made = {name: Candidate(name, [values[fold.needed] for fold in folds]) for name, values in guess.items()}
    partners = {"rival": made["rival"], "linear": made["linear"]}
    return combine(run.samples, folds, made["ours"], partners, name="pool").parameters[1].models[1]


def test_the_end_of_a_peg_does_not_choose_the_partner_of_the_pool() -> None:
    floating, held = a_run(held_at()), a_run(held_at((0, 190, 210)))
    assert pooled_partner(floating, two_folds(floating)) == "linear"
    assert pooled_partner(held, two_folds(held)) == "rival"


def test_longer_tails_are_made_of_origins_at_which_rates_floated() -> None:
    run = broken_peg()
    rows = np.arange(run.samples.n)
    log_variance = np.log(run.distributions["ours"].variance)
    run.samples.target_return[:100, 1] = 9.0
    tail = residual_tails(run.samples, rows, log_variance, half_life=500.0)[2].quantiles[1]
    free = rows[~run.samples.held & np.isfinite(run.samples.target_return[:, 1])]
    residual = (run.samples.target_return / np.exp(0.5 * log_variance))[free, 1]
    np.testing.assert_allclose(tail[LEVELS.index(0.5)], np.median(residual), atol=0.05)
    assert tail[-1] < np.abs(residual).max() + 1e-9 < 9.0
