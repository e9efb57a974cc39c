"""The regulators' tests over a whole walk-forward run made by hand, whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from made_runs import made_run, without_forecasts
from scipy.stats import binom

from barograph.core.errors import SettingError
from barograph.core.forecast import ALPHAS, LEVELS, Distribution, OutOfSample
from barograph.core.results import BackTest
from barograph.evaluate.backtests import WHOLE, back_tests, horizon_back_tests
from barograph.measures import backtests

HITS = (
    "kupiec",
    "time_until_first_failure",
    "independence",
    "conditional_coverage",
    "mixed_kupiec",
    "dynamic_quantile",
    "duration",
    "traffic_light",
)
SHORTFALL = ("acerbi_szekely_1", "acerbi_szekely_2", "mcneil_frey")
DENSITY = ("pit_kolmogorov_smirnov", "pit_bins", "ljung_box", "berkowitz")


def scaled(run: OutOfSample, model: str, factor: float, name: str) -> OutOfSample:
    """The run with one more candidate, whose standard deviation is `factor` times another's."""
    found = run.distributions[model]
    other = Distribution(found.variance * factor**2, found.quantiles * factor, found.shortfall * factor)
    return replace(run, distributions={**run.distributions, name: other})


def cell(results: list[BackTest], name: str, **where: object) -> BackTest:
    (found,) = [
        r
        for r in results
        if r.test.name == name and all(getattr(r, key) == value for key, value in where.items())
    ]
    return found


@pytest.fixture(scope="module")
def run() -> OutOfSample:
    exact = made_run({"truth": 0.0}, entities=("a", "b"), days=900, horizons=(1, 5))
    return scaled(exact, "truth", 0.6, "reckless")


@pytest.fixture(scope="module")
def results(run: OutOfSample) -> list[BackTest]:
    return back_tests(run, models=["truth", "reckless"], simulations=199)


def test_every_model_entity_side_and_tail_gets_every_test_once(results: list[BackTest]) -> None:
    wanted = {
        (model, entity, side, alpha, name)
        for model in ("truth", "reckless")
        for entity in ("a", "b")
        for alpha in ALPHAS
        for side in ("lower", "upper")
        for name in (*HITS, *(SHORTFALL if side == "lower" else ()))
    } | {
        (model, entity, "lower", WHOLE, name)
        for model in ("truth", "reckless")
        for entity in ("a", "b")
        for name in DENSITY
    }
    found = [(r.model, r.entity, r.side, r.alpha, r.test.name) for r in results]
    assert len(found) == len(set(found))
    assert set(found) == wanted


@pytest.mark.parametrize("side", ["lower", "upper"])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_exceptions_are_those_of_a_plain_loop(
    run: OutOfSample, results: list[BackTest], side: str, alpha: float
) -> None:
    level = LEVELS.index(alpha if side == "lower" else round(1 - alpha, 3))
    hits = []
    for row in np.flatnonzero(run.samples.entity[run.rows] == 1):
        outcome = run.samples.target_return[run.rows[row], 0]
        quantile = run.distributions["reckless"].quantiles[row, 0, level]
        if not math.isnan(outcome):
            hits.append(outcome < quantile if side == "lower" else outcome > quantile)
    found = cell(results, "kupiec", model="reckless", entity="b", side=side, alpha=alpha)
    assert found.exceptions == sum(hits)
    assert found.test.n_obs == len(hits) == 899
    assert found.test.statistic == backtests.kupiec(sum(hits), len(hits), alpha=alpha).statistic
    light = cell(results, "traffic_light", model="reckless", entity="b", side=side, alpha=alpha)
    assert light.exceptions == light.test.statistic == sum(hits[-250:])
    assert light.test.p_value == pytest.approx(binom.sf(sum(hits[-250:]) - 1, 250, alpha))


def test_a_test_is_passed_when_its_p_value_is_five_percent_or_more(results: list[BackTest]) -> None:
    for result in results:
        if result.test.name == "traffic_light":
            assert result.passed is (result.test.note.split(";")[0] != "red")
        elif math.isnan(result.test.p_value):
            assert result.passed is None
        else:
            assert result.passed is (result.test.p_value >= 0.05)


def test_the_truth_passes_and_a_reckless_model_fails(results: list[BackTest]) -> None:
    def share(model: str) -> float:
        judged = [r.passed for r in results if r.model == model and r.passed is not None]
        return sum(judged) / len(judged)

    assert share("truth") > 0.85
    for name in ("kupiec", "traffic_light", "acerbi_szekely_2", "mcneil_frey"):
        assert not cell(results, name, model="reckless", entity="a", side="lower", alpha=0.01).passed
    for name in ("pit_kolmogorov_smirnov", "pit_bins", "berkowitz"):
        assert not cell(results, name, model="reckless", entity="a").passed


def test_days_without_outcome_or_forecast_are_left_out_and_counted(run: OutOfSample) -> None:
    gappy = without_forecasts(run, "truth", slice(10, 15))
    found = cell(
        back_tests(gappy, models=["truth"], simulations=99),
        "kupiec",
        entity="a",
        side="lower",
        alpha=0.01,
    )
    assert found.test.n_obs == 894
    assert found.test.note == "1 days without outcome left out; 5 days without forecast left out"


def test_a_short_series_is_not_judged_by_the_traffic_light() -> None:
    short = made_run({"truth": 0.0}, entities=("a",), days=200, horizons=(1,))
    light = cell(
        back_tests(short, models=["truth"], simulations=99), "traffic_light", side="lower", alpha=0.01
    )
    assert light.passed is None
    assert light.test.note.startswith("fewer than 250 days")


def test_an_entity_without_any_outcome_is_untestable_and_no_crash(run: OutOfSample) -> None:
    outcome = run.samples.target_return.copy()
    outcome[run.samples.entity == 0] = np.nan
    blind = replace(run, samples=replace(run.samples, target_return=outcome))
    found = [
        *back_tests(blind, models=["truth"], simulations=99),
        *horizon_back_tests(blind, models=["truth"]),
    ]
    assert {r.passed for r in found if r.entity == "a"} == {None}
    assert all("900 days without outcome" in r.test.note for r in found if r.entity == "a")
    assert any(r.passed for r in found if r.entity == "b")


def test_the_same_seed_gives_the_same_results_whatever_else_is_tested(
    run: OutOfSample, results: list[BackTest]
) -> None:
    alone = back_tests(run, models=["reckless"], simulations=199)
    assert repr(alone) == repr([r for r in results if r.model == "reckless"])


def test_longer_horizons_are_tested_on_days_that_do_not_overlap(run: OutOfSample) -> None:
    (found,) = [
        r
        for r in horizon_back_tests(run, models=["truth"], alphas=[0.025])
        if r.entity == "b" and r.side == "lower"
    ]
    outcome = run.samples.target_return[run.samples.entity == 1, 1]
    quantile = run.distributions["truth"].quantiles[run.samples.entity == 1, 1, LEVELS.index(0.025)]
    single = []
    for offset in range(5):
        kept = [(y, q) for y, q in zip(outcome[offset::5], quantile[offset::5], strict=True) if y == y]
        single.append(backtests.kupiec(sum(y < q for y, q in kept), len(kept), alpha=0.025))
    assert found.test.name == "kupiec_h5"
    assert found.test.p_value == pytest.approx(min(1.0, 5 * min(t.p_value for t in single)))
    assert found.test.statistic == pytest.approx(max(t.statistic for t in single))
    assert found.exceptions == int((outcome < quantile).sum())


def test_overlapping_days_do_not_make_a_right_model_fail_more_often_than_stated() -> None:
    rejected, total = 0, 0
    for seed in range(12):
        exact = made_run({"truth": 0.0}, days=600, horizons=(1, 5), seed=seed)
        found = horizon_back_tests(exact, models=["truth"], alphas=[0.025])
        rejected += sum(r.passed is False for r in found)
        total += len(found)
    assert rejected <= binom.ppf(0.999, total, 0.05)


def test_a_horizon_the_study_lacks_is_refused(run: OutOfSample) -> None:
    with pytest.raises(SettingError, match="at 22 days"):
        horizon_back_tests(run, models=["truth"], horizons=[22])


def test_a_misspelt_model_and_a_strange_tail_are_refused(run: OutOfSample) -> None:
    with pytest.raises(SettingError, match="Did you mean 'truth'"):
        back_tests(run, models=["trut"])
    with pytest.raises(SettingError, match=r"got 0\.05"):
        back_tests(run, models=["truth"], alphas=[0.05])


def test_a_shortfall_understated_alone_is_found_by_the_tests_of_shortfall_only(run: OutOfSample) -> None:
    truth = run.distributions["truth"]
    value_at_risk = np.stack([truth.value_at_risk(alpha) for alpha in ALPHAS], axis=-1)
    shy = Distribution(
        truth.variance, truth.quantiles, value_at_risk + 0.2 * (truth.shortfall - value_at_risk)
    )
    found = back_tests(
        replace(run, distributions={"shy": shy}), models=["shy"], alphas=[0.025], simulations=199
    )
    assert cell(found, "kupiec", entity="a", side="lower").passed
    assert not cell(found, "mcneil_frey", entity="a").passed
    assert not cell(found, "acerbi_szekely_1", entity="a").passed


def test_the_lower_and_upper_tail_of_mirrored_returns_change_places(run: OutOfSample) -> None:
    mirrored = replace(run, samples=replace(run.samples, target_return=-run.samples.target_return))
    there = back_tests(run, models=["truth"], simulations=99)
    back = back_tests(mirrored, models=["truth"], simulations=99)
    for name in HITS:
        for alpha in ALPHAS:
            one = cell(there, name, entity="a", side="lower", alpha=alpha)
            other = cell(back, name, entity="a", side="upper", alpha=alpha)
            assert repr(replace(other, side="lower")) == repr(one)
