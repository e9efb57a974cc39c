"""The year's total: transform, recursion and simulation hold each other to account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from barograph.core.errors import DataError, SettingError
from barograph.measures.losses.bootstrap import SCHEMES, bootstrap_interval
from barograph.measures.losses.compound import (
    annual_moments,
    annual_quantiles,
    compound_fft,
    compound_panjer,
)
from barograph.measures.losses.frequency import Frequency, fit_frequency
from barograph.measures.losses.grid import RULES, AnnualLoss, discretise
from barograph.measures.losses.lognormal_fit import fit_lognormal
from barograph.measures.losses.mixture import LognormalMixture
from barograph.measures.losses.monte_carlo import sample_quantile, simulate_years
from barograph.measures.losses.pareto import GeneralisedPareto, fit_pareto
from barograph.measures.losses.severity import Lognormal
from barograph.measures.losses.single_loss import single_loss_quantile
from barograph.measures.losses.spliced import Spliced

FREQUENCIES = [Frequency(3.0), Frequency(3.0, 0.5), Frequency(12.0, 2.0)]
SPLICED = Spliced(Lognormal(0.5, 1.2, lower=1.0, upper=10.0), GeneralisedPareto(0.3, 4.0, 10.0), 0.06)
MIXTURE = LognormalMixture(np.array([0.7, 0.3]), np.array([0.0, 2.0]), np.array([0.6, 0.9]))
LEVELS = np.array([0.5, 0.9, 0.99, 0.999])
frequencies = pytest.mark.parametrize("frequency", FREQUENCIES, ids=str)


@given(st.floats(0.05, 2.0), st.sampled_from([Lognormal(0.0, 1.0), SPLICED, MIXTURE]))
def test_a_discrete_severity_keeps_what_its_rule_says(step, severity):
    cells = 600
    made = {rule: discretise(severity, step=step, cells=cells, rule=rule) for rule in RULES}
    reached = {rule: np.cumsum(values) for rule, values in made.items()}
    assert all((values > -1e-12).all() for values in made.values())
    assert (reached["upper"] <= reached["rounding"] + 1e-12).all()
    assert (reached["rounding"] <= reached["lower"] + 1e-12).all()
    at = step * np.arange(cells)
    beyond = 1.0 - made["dispersal"].sum()
    kept = made["dispersal"] @ at + at[-1] * beyond
    assert kept == pytest.approx(float(severity.limited_mean(at[-1])), rel=1e-9)


@frequencies
@pytest.mark.parametrize("rule", RULES)
def test_transform_and_recursion_agree_cell_by_cell(frequency, rule):
    for severity in (Lognormal(0.0, 1.0), SPLICED):
        setting = {"step": 0.25, "cells": 1500, "rule": rule}
        by_sum = compound_panjer(frequency, severity, **setting)
        by_transform = compound_fft(frequency, severity, **setting)
        half = slice(0, 750)
        np.testing.assert_allclose(by_transform.probability[half], by_sum.probability[half], atol=1e-9)


def test_without_the_tilt_the_tail_wraps_round():
    frequency, severity = Frequency(30.0), Lognormal(0.0, 2.0)
    setting = {"step": 0.5, "cells": 1024}
    right = compound_panjer(frequency, severity, **setting).probability
    plain = compound_fft(frequency, severity, **setting, tilt=0.0).probability
    tilted = compound_fft(frequency, severity, **setting).probability
    assert np.abs(plain - right).max() > 1e-4
    assert np.abs(tilted - right)[:512].max() < 1e-9


@frequencies
def test_the_transform_of_exponential_losses_is_the_known_sum_of_gammas(frequency):
    found = annual_quantiles(frequency, GeneralisedPareto(0.0, 2.0), LEVELS[1:])
    k = np.arange(1, 1000)
    for level, value in zip(found.level, found.value, strict=True):
        if frequency.dispersion:
            r = 1.0 / frequency.dispersion
            count = stats.nbinom(r, 1.0 / (1.0 + frequency.dispersion * frequency.mean))
        else:
            count = stats.poisson(frequency.mean)
        reached = count.pmf(0) + count.pmf(k) @ stats.gamma(k, scale=2.0).cdf(value)
        assert reached == pytest.approx(level, abs=1e-7)


@frequencies
@pytest.mark.parametrize(
    "severity", [Lognormal(0.0, 1.5), SPLICED, MIXTURE], ids=lambda one: type(one).__name__
)
def test_simulation_agrees_within_its_interval_and_the_bounds_hold(frequency, severity):
    years = simulate_years(frequency, severity, years=40_000, random=np.random.default_rng(0))
    found = annual_quantiles(frequency, severity, LEVELS, cells=2**15)
    assert (found.lower <= found.value).all()
    assert (found.value <= found.upper).all()
    finer = annual_quantiles(frequency, severity, LEVELS, cells=2**17)
    assert (finer.value >= found.lower).all()
    assert (finer.value <= found.upper).all()
    for level, value in zip(LEVELS, found.value, strict=True):
        drawn = sample_quantile(years, float(level), confidence=0.9999)
        assert drawn.lower <= value <= drawn.upper
    mean, sd = annual_moments(frequency, severity)
    assert years.mean() == pytest.approx(mean, abs=5 * sd / 200)
    shortfall = compound_fft(frequency, severity, step=found.step, cells=2**15).expected_shortfall(0.99)
    worst = np.sort(years)[-400:]
    assert shortfall == pytest.approx(worst.mean(), abs=6 * worst.std() / 20)
    assert shortfall > found.value[2]


def test_moments_are_those_of_the_grid_and_infinite_where_the_severity_s_are():
    severity = GeneralisedPareto(0.0, 2.0)
    for frequency in FREQUENCIES:
        total = compound_fft(frequency, severity, step=0.01, cells=2**17)
        chance = total.probability[: 2**16]  # the half in which the transform's rounding is negligible
        at = total.step * np.arange(chance.size)
        mean, sd = annual_moments(frequency, severity)
        assert mean == total.mean == pytest.approx(at @ chance, rel=1e-4)
        assert sd == pytest.approx(np.sqrt(at**2 @ chance - mean**2), rel=1e-4)
    assert annual_moments(Frequency(1.0), GeneralisedPareto(1.1, 1.0)) == (np.inf, np.inf)
    assert annual_moments(Frequency(1.0), GeneralisedPareto(0.6, 1.0))[1] == np.inf
    heavy = compound_fft(Frequency(1.0), GeneralisedPareto(1.1, 1.0), step=0.5, cells=4096)
    assert heavy.expected_shortfall(0.9) == np.inf


def test_quantile_and_shortfall_of_a_small_grid_by_hand():
    total = AnnualLoss(10.0, np.array([0.5, 0.3, 0.15]), mean=8.0)  # 5 % lie beyond the grid
    assert total.quantile([0.5, 0.51, 0.8, 0.95]).tolist() == [0.0, 10.0, 10.0, 20.0]
    assert total.smooth_quantile([0.4, 0.65]).tolist() == pytest.approx([0.0, 10.0])
    assert total.expected_shortfall(0.9) == pytest.approx((8.0 - 0.3 * 10 - 0.1 * 20) / 0.1)
    with pytest.raises(DataError, match=r"ends at level 0\.95"):
        total.quantile(0.99)


def test_the_single_loss_formula_nears_the_truth_far_out_in_heavy_tails():
    frequency, severity = Frequency(10.0), GeneralisedPareto(0.8, 1.0)
    levels = np.array([0.99, 0.999, 0.9999])
    exact = annual_quantiles(frequency, severity, levels).value
    plain = single_loss_quantile(frequency, severity, levels, mean_corrected=False)
    corrected = single_loss_quantile(frequency, severity, levels)
    assert (np.diff(np.abs(corrected / exact - 1.0)) < 0.0).all()
    assert (np.abs(corrected / exact - 1.0) < np.abs(plain / exact - 1.0)).all()
    assert single_loss_quantile(Frequency(2.0), GeneralisedPareto(1.0, 1.0), 0.99) == np.inf


def test_what_no_grid_can_hold_is_refused():
    with pytest.raises(SettingError, match="Fourier"):
        compound_panjer(Frequency(2000.0), Lognormal(0.0, 1.0), step=0.1, cells=64)
    with pytest.raises(SettingError, match="step"):
        discretise(SPLICED, step=0.0, cells=8)
    with pytest.raises(SettingError, match="at least 2 cells"):
        discretise(SPLICED, step=1.0, cells=1)
    with pytest.raises(SettingError, match="rule"):
        discretise(SPLICED, step=1.0, cells=8, rule="middle")
    with pytest.raises(SettingError, match="levels"):
        annual_quantiles(Frequency(1.0), SPLICED, [0.5, 1.0])


def test_simulated_years_add_up_whatever_the_memory_they_are_made_in(monkeypatch):
    frequency = Frequency(4.0, 0.3)
    whole = simulate_years(frequency, SPLICED, years=500, random=np.random.default_rng(1))
    monkeypatch.setattr("barograph.measures.losses.monte_carlo._AT_ONCE", 7)
    parts = simulate_years(frequency, SPLICED, years=500, random=np.random.default_rng(1))
    np.testing.assert_allclose(parts, whole)
    assert (whole == 0.0).any()


@pytest.mark.parametrize("level", [0.1, 0.9, 0.99])
def test_the_interval_of_a_sample_quantile_covers_as_often_as_it_says(level):
    random, covered = np.random.default_rng(2), []
    for _ in range(1500):
        found = sample_quantile(random.random(800), level, confidence=0.9)
        covered.append(found.lower <= level < found.upper)
    assert found.coverage >= 0.9
    assert np.mean(covered) == pytest.approx(found.coverage, abs=0.03)


def test_a_sample_too_short_for_the_level_has_no_upper_end():
    found = sample_quantile(np.arange(1.0, 101.0), 0.999)
    assert (found.value, found.upper, found.standard_error) == (100.0, np.inf, np.inf)
    low = sample_quantile(np.arange(1.0, 101.0), 0.001)
    assert low.lower == -np.inf
    for wrong in ([], [np.nan, 1.0], [[1.0]]):
        with pytest.raises(DataError, match="without NaN"):
            sample_quantile(wrong, 0.5)


def fitted(ledger):
    return fit_frequency([year.size for year in ledger]), fit_lognormal(np.concatenate(ledger))


def extreme(frequency, severity):
    return float(annual_quantiles(frequency, severity, 0.999, cells=2**12).value[0])


def history(random, years=10):
    return [Lognormal(0.0, 1.5).draw(random, size) for size in Frequency(20.0).draw(random, years)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_bootstrap_repeats_surrounds_its_figure_and_spreads_as_the_sampling_does(scheme):
    truth = [extreme(*fitted(history(np.random.default_rng(seed)))) for seed in range(120)]
    ledger = history(np.random.default_rng(500))
    found, again = (
        bootstrap_interval(ledger, fitted, extreme, random=np.random.default_rng(3), scheme=scheme, draws=120)
        for _ in range(2)
    )
    assert found.draws.tolist() == again.draws.tolist()
    assert found.value == extreme(*fitted(ledger))
    assert found.lower < found.value < found.upper
    assert found.failures == 0
    assert np.std(np.log(found.draws)) == pytest.approx(np.std(np.log(truth)), rel=0.45)


def test_a_fit_that_is_refused_is_counted_and_too_often_is_an_error():
    random = np.random.default_rng(4)
    ledger = [random.exponential(1.0, 3) for _ in range(6)]

    def tail(years):
        return Frequency(3.0), fit_pareto(np.concatenate(years), threshold=0.3)

    seen = bootstrap_interval(ledger, tail, lambda f, s: s.shape, random=random, draws=60, scheme="losses")
    assert seen.draws.size + seen.failures == 60
    with pytest.raises(DataError, match="refused on"):
        bootstrap_interval(
            ledger,
            lambda years: (Frequency(3.0), fit_pareto(np.unique(np.concatenate(years)), threshold=0.55)),
            lambda f, s: s.shape,
            random=random,
            draws=60,
        )
    with pytest.raises(DataError, match="two years"):
        bootstrap_interval(ledger[:1], fitted, extreme, random=random)
    with pytest.raises(SettingError, match="scheme"):
        bootstrap_interval(ledger, fitted, extreme, random=random, scheme="weeks")


def test_years_without_losses_stay_years():
    ledger = [np.array([1.0, 2.0, 5.0]), np.array([]), np.array([3.0, 4.0])]
    for scheme in SCHEMES:
        sizes = []

        def count(years, sizes=sizes):
            sizes.append(len(years))
            return Frequency(2.0), Lognormal(0.0, 1.0)

        bootstrap_interval(
            ledger, count, lambda f, s: f.mean, random=np.random.default_rng(0), scheme=scheme, draws=30
        )
        assert sizes == [3] * 31
