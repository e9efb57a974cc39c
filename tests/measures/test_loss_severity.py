"""Severities against scipy, quadrature and their own inverses; fits against truth and published figures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from barograph.core.errors import DataError, SettingError
from barograph.measures.losses.lognormal_fit import WIDEST, fit_lognormal
from barograph.measures.losses.mixture import LognormalMixture
from barograph.measures.losses.pareto import GeneralisedPareto, fit_pareto
from barograph.measures.losses.severity import Lognormal, cumulative, quantile
from barograph.measures.losses.spliced import Spliced, fit_spliced
from barograph.measures.losses.thresholds import hill, mean_excess, parameter_stability
from barograph.measures.tail import pareto_value_at_risk

ROOT = Path(__file__).parents[2]
DANISH = ROOT.parent / "shared" / "data" / "ship" / "danish_fire_losses.parquet"
TAIL = GeneralisedPareto(0.3, 4.0, 10.0)
SEVERITIES = {
    "lognormal": Lognormal(1.0, 1.5),
    "truncated": Lognormal(0.0, 2.0, lower=1.5),
    "doubly truncated": Lognormal(1.0, 1.0, lower=0.5, upper=9.0),
    "pareto": TAIL,
    "exponential": GeneralisedPareto(0.0, 4.0),
    "short tail": GeneralisedPareto(-0.2, 4.0, 1.0),
    "spliced": Spliced(Lognormal(0.5, 1.2, lower=1.0, upper=10.0), TAIL, 0.06),
    "mixture": LognormalMixture(np.array([0.7, 0.3]), np.array([0.0, 2.0]), np.array([0.6, 0.9])),
    "truncated mixture": LognormalMixture(
        np.array([0.7, 0.3, 0.0]), np.array([0.0, 2.0, 9.0]), np.array([0.6, 0.9, 1.0]), lower=1.0
    ),
}
every = pytest.mark.parametrize("severity", SEVERITIES.values(), ids=list(SEVERITIES))
LEVELS = st.floats(1e-9, 1.0 - 1e-9)


def danish() -> np.ndarray:
    if not DANISH.exists():
        pytest.skip(f"{DANISH.name} is not beside the project")
    return pl.read_parquet(DANISH)["loss_mdkk"].to_numpy()


@every
@given(LEVELS)
def test_the_quantile_turns_the_distribution_function_round(severity, level: float) -> None:
    assert cumulative(severity, quantile(severity, level)) == pytest.approx(level, rel=1e-9, abs=1e-12)
    assert severity.survival(severity.tail_quantile(level)) == pytest.approx(level, rel=1e-7, abs=1e-13)


@every
def test_the_density_integrates_to_the_survival_probability(severity):
    ends = [0.0, *severity.knots, *severity.tail_quantile([0.5, 0.1, 1e-3, 1e-6, 1e-9])]
    ends = np.unique(np.clip(ends, 0.0, 1e12))
    for low, high in pairwise(ends):
        mass = integrate.quad(lambda x: np.exp(severity.log_density(x)), low, high, epsabs=1e-13)[0]
        assert mass == pytest.approx(float(severity.survival(low) - severity.survival(high)), abs=1e-9)


@every
def test_the_moments_are_integrals_of_the_survival_probability(severity):
    ends = np.unique([0.0, *severity.knots, *severity.tail_quantile([0.9, 0.5, 0.1, 0.01, 1e-4])])
    area = 0.0
    for low, high in pairwise(ends):
        area += integrate.quad(severity.survival, low, high, epsabs=1e-13)[0]
        assert severity.limited_mean(high) == pytest.approx(area, rel=1e-8)
    drawn = severity.draw(np.random.default_rng(0), 200_000)
    error = drawn.std() / np.sqrt(drawn.size)
    assert drawn.mean() == pytest.approx(float(severity.limited_mean(np.inf)), abs=5 * error)
    assert stats.kstest(drawn[:5000], lambda x: cumulative(severity, x)).pvalue > 1e-3
    middle = 0.5 * (ends[:-1] + ends[1:])  # the second moment as twice the integral of x S(x), far tail added
    far = np.concatenate([ends, middle, severity.tail_quantile(10.0 ** -np.arange(5.0, 40.0))])
    far = np.unique(far[np.isfinite(far)])
    far = far[np.diff(far, append=np.inf) > 1e-4 * far]  # quantiles crowd at the end of a bounded support
    square = sum(
        integrate.quad(lambda x: 2.0 * x * severity.survival(x), low, high)[0] for low, high in pairwise(far)
    )
    assert severity.second_moment() == pytest.approx(square, rel=1e-5)


@every
def test_edges_of_the_support(severity):
    assert severity.survival(0.0) == 1.0
    assert severity.survival(np.inf) == 0.0
    assert np.isneginf(severity.log_density([-1.0, 0.0])[0])
    assert np.isnan(severity.log_density(np.nan))
    assert np.isnan(severity.tail_quantile([-0.1, 1.1])).all()
    assert severity.limited_mean(0.0) == 0.0
    assert (np.diff(severity.limited_mean(np.linspace(0.0, 50.0, 40))) >= 0.0).all()


def test_the_lognormal_and_the_pareto_are_those_of_scipy():
    x = np.geomspace(0.01, 1e4, 50)
    other = stats.lognorm(1.5, scale=np.e)
    np.testing.assert_allclose(Lognormal(1.0, 1.5).log_density(x), other.logpdf(x), rtol=1e-10)
    np.testing.assert_allclose(Lognormal(1.0, 1.5).survival(x), other.sf(x), rtol=1e-10)
    for shape in (-0.2, 0.0, 0.5, 1.5):
        mine, other = GeneralisedPareto(shape, 3.0, 2.0), stats.genpareto(shape, loc=2.0, scale=3.0)
        np.testing.assert_allclose(mine.log_density(x[x > 2]), other.logpdf(x[x > 2]), rtol=1e-9)
        np.testing.assert_allclose(mine.survival(x), other.sf(x), rtol=1e-9, atol=1e-300)
        assert mine.limited_mean(np.inf) == pytest.approx(other.mean())


def test_a_single_component_is_a_lognormal_and_records_meet_their_own_mixture():
    one = LognormalMixture(np.ones((2, 1)), np.array([[0.0], [2.0]]), np.array([[1.0], [0.5]]), lower=0.5)
    losses = np.array([1.0, 7.0])
    apart = [Lognormal(0.0, 1.0, lower=0.5), Lognormal(2.0, 0.5, lower=0.5)]
    for name in ("log_density", "survival", "limited_mean"):
        expected = [getattr(each, name)(loss) for each, loss in zip(apart, losses, strict=True)]
        np.testing.assert_allclose(getattr(one, name)(losses), expected, rtol=1e-10)
    levels = np.array([[0.9], [1e-3], [1e-10]])
    expected = np.stack([each.tail_quantile(levels[:, 0]) for each in apart], axis=1)
    np.testing.assert_allclose(one.tail_quantile(levels), expected, rtol=1e-9)
    np.testing.assert_allclose(one.second_moment(), [each.second_moment() for each in apart], rtol=1e-10)


def test_heavy_tails_have_infinite_moments():
    heavy = GeneralisedPareto(1.0, 2.0, 1.0)
    assert heavy.limited_mean(np.inf) == np.inf
    assert heavy.limited_mean(5.0) == pytest.approx(1.0 + 2.0 * np.log(3.0))
    assert GeneralisedPareto(0.5, 2.0).second_moment() == np.inf


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(SettingError, match="end where the tail begins"):
        Spliced(Lognormal(0.0, 1.0, upper=9.0), TAIL, 0.1)
    with pytest.raises(SettingError, match="tail_share"):
        Spliced(Lognormal(0.0, 1.0, upper=10.0), TAIL, 1.0)
    with pytest.raises(SettingError, match="lower must be below upper"):
        Lognormal(0.0, 1.0, lower=2.0, upper=2.0)
    with pytest.raises(SettingError, match="scale"):
        GeneralisedPareto(0.1, 0.0)
    for weights in ([0.5, 0.6], [-0.5, 1.5], [np.nan, 1.0]):
        with pytest.raises(SettingError, match="sum to 1"):
            LognormalMixture(np.array(weights), np.zeros(2), np.ones(2))
    with pytest.raises(SettingError, match="from one mixture"):
        LognormalMixture(np.ones((2, 1)), np.zeros((2, 1)), np.ones((2, 1))).draw(np.random.default_rng(0), 3)


@pytest.mark.parametrize(("lower", "upper"), [(0.0, np.inf), (2.0, np.inf), (1.0, 30.0)])
def test_a_lognormal_is_recovered_from_what_its_bounds_let_through(lower, upper):
    truth = Lognormal(1.0, 1.2, lower, upper)
    drawn = truth.draw(np.random.default_rng(1), 20_000)
    found = fit_lognormal(drawn, lower=lower, upper=upper)
    assert (found.mean_log, found.sd_log) == pytest.approx((1.0, 1.2), abs=0.15)
    best = found.log_density(drawn).sum()
    for mean, sd in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
        beside = Lognormal(found.mean_log + mean, found.sd_log + sd, lower, upper)
        assert beside.log_density(drawn).sum() < best


def test_a_power_law_has_no_truncated_lognormal_but_a_wide_one_close_to_it():
    drawn = np.exp(np.random.default_rng(2).exponential(0.5, 3000)) * 2.0  # Pareto, lighter than no lognormal
    found = fit_lognormal(drawn, lower=2.0)
    assert found.sd_log <= WIDEST * np.log(drawn).std() * (1 + 1e-9)
    for share in (0.1, 0.01):
        assert found.tail_quantile(share) == pytest.approx(2.0 * share**-0.5, rel=0.1)


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.4, 1.2])
def test_a_pareto_tail_is_recovered_as_scipy_finds_it(shape):
    drawn = GeneralisedPareto(shape, 3.0, 5.0).draw(np.random.default_rng(3), 3000)
    found = fit_pareto(np.concatenate([drawn, np.linspace(0.1, 5.0, 50)]), threshold=5.0)
    assert found.shape == pytest.approx(shape, abs=4 * (1 + shape) / np.sqrt(3000))
    other_shape, _, other_scale = stats.genpareto.fit(drawn - 5.0, floc=0.0)
    assert (found.shape, found.scale) == pytest.approx((other_shape, other_scale), abs=2e-3)


def test_the_published_tail_of_the_danish_fire_losses_is_found():
    losses = danish()
    found = fit_pareto(losses, threshold=10.0)
    assert (losses > 10.0).sum() == 109
    assert found.shape == pytest.approx(0.4970, abs=5e-5)
    assert found.scale == pytest.approx(6.975, abs=1e-3)
    whole = fit_spliced(losses, threshold=10.0, lower=1.0)
    assert whole.tail == found
    assert whole.tail_share == pytest.approx(109 / 2167)
    directly = pareto_value_at_risk(
        1e-3, shape=found.shape, scale=found.scale, threshold=10.0, n_obs=2167, n_exceedances=109
    )
    assert whole.tail_quantile(1e-3) == pytest.approx(directly)
    alone = fit_lognormal(losses, lower=1.0)
    assert whole.log_density(losses).sum() > alone.log_density(losses).sum()
    assert stats.kstest(losses, lambda x: cumulative(whole, x)).pvalue > 0.05


def test_a_spliced_severity_is_recovered():
    truth = SEVERITIES["spliced"]
    drawn = truth.draw(np.random.default_rng(4), 30_000)
    found = fit_spliced(drawn, threshold=10.0, lower=1.0)
    assert found.tail_share == pytest.approx(0.06, abs=0.006)
    for level in (0.1, 0.5, 0.9, 0.99, 0.999):
        assert quantile(found, level) == pytest.approx(float(quantile(truth, level)), rel=0.15)


def test_fits_refuse_what_carries_none():
    with pytest.raises(DataError, match="at least 10 losses"):
        fit_pareto([1.0, 2.0, 3.0], threshold=1.0)
    with pytest.raises(DataError, match="not all alike"):
        fit_pareto([2.0] * 30, threshold=1.0)
    with pytest.raises(DataError, match="1 of 3 are not, the first is -2"):
        fit_lognormal([1.0, -2.0, 3.0])
    with pytest.raises(DataError, match="none below 2"):
        fit_lognormal([1.0, 3.0], lower=2.0)
    with pytest.raises(DataError, match="none above 2"):
        fit_lognormal([1.0, 3.0], upper=2.0)
    with pytest.raises(DataError, match="must lie between"):
        fit_spliced(np.arange(1.0, 40.0), threshold=40.0)
    with pytest.raises(DataError, match="at least 2 amounts"):
        fit_lognormal([1.0])


def test_mean_excess_hill_and_stability_are_their_formulas():
    losses = np.array([1.0, 2.0, 4.0, 8.0])
    found = mean_excess(losses, [1.5, 4.0, 8.0])
    assert found.mean[:2].tolist() == pytest.approx([(0.5 + 2.5 + 6.5) / 3, 4.0])
    assert np.isnan(found.mean[2])
    assert found.standard_error[0] == pytest.approx(np.std([0.5, 2.5, 6.5], ddof=1) / np.sqrt(3))
    assert np.isnan(found.standard_error[1])
    assert found.exceedances.tolist() == [3, 1, 0]
    assert hill(losses, [1, 3]).tolist() == pytest.approx([np.log(2.0), np.log(4.0)])
    for k in (0, 4):
        with pytest.raises(DataError, match="between 1 and 3"):
            hill(losses, k)


def test_over_a_pareto_tail_the_aids_stay_level_within_their_errors():
    random, shapes, scales = np.random.default_rng(5), [], []
    truth = GeneralisedPareto(0.4, 2.0)
    for _ in range(60):
        found = parameter_stability(truth.draw(random, 1500), [1.0, 4.0])
        shapes.append((found.shape - 0.4) / found.shape_error)
        scales.append((found.modified_scale - 2.0) / found.modified_scale_error)
    for scores in (np.array(shapes), np.array(scales)):
        assert np.abs(scores.mean(axis=0)).max() < 0.5
        np.testing.assert_allclose(scores.std(axis=0), 1.0, atol=0.35)
