"""The hurdle-Beta distribution against scipy's Beta, integration and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from barograph.measures.credit import hurdle_beta

RAW = st.tuples(st.floats(-4.0, 4.0), st.floats(-3.0, 3.0), st.floats(-1.0, 5.0))


def scipy_beta(raw: tuple[float, float, float]) -> tuple[float, stats.rv_continuous]:
    mass, mean, precision = special.expit(raw[0]), special.expit(raw[1]), np.exp(raw[2])
    return mass, stats.beta(mean * precision, (1 - mean) * precision)


@given(RAW, st.floats(0.01, 0.99))
def test_likelihood_below_one_is_the_betas_times_no_total_loss(
    raw: tuple[float, float, float], loss: float
) -> None:
    mass, beta = scipy_beta(raw)
    expected = np.log1p(-mass) + beta.logpdf(loss)
    assert hurdle_beta.log_likelihood(raw, loss) == pytest.approx(expected, rel=1e-8, abs=1e-8)


@given(RAW)
def test_losses_of_one_and_more_are_total_and_none_is_a_tiny_one(raw: tuple[float, float, float]) -> None:
    total = hurdle_beta.log_likelihood([raw, raw], [1.0, 1.3])
    np.testing.assert_allclose(total, np.log(special.expit(raw[0])), rtol=1e-9)
    least = hurdle_beta.SMALLEST_LOSS
    low = hurdle_beta.log_likelihood([raw] * 3, [0.0, -0.2, least])
    assert low[0] == low[1] == low[2]
    high = hurdle_beta.log_likelihood([raw] * 2, [1 - least / 10, 1 - least])
    assert high[0] == high[1]


def test_probability_adds_up_to_one() -> None:
    raw = (0.4, -0.3, 1.8)
    below = integrate.quad(
        lambda x: float(np.exp(hurdle_beta.log_likelihood(raw, x))),
        hurdle_beta.SMALLEST_LOSS,
        1 - hurdle_beta.SMALLEST_LOSS,
    )[0]
    mass, beta = scipy_beta(raw)
    ends = (1 - mass) * (beta.cdf(hurdle_beta.SMALLEST_LOSS) + beta.sf(1 - hurdle_beta.SMALLEST_LOSS))
    assert below + ends + mass == pytest.approx(1.0, abs=1e-8)


def test_mean_and_quantiles_are_those_of_a_simulation() -> None:
    rng, raw = np.random.default_rng(0), (-0.8, -0.5, 1.5)
    mass, beta = scipy_beta(raw)
    draws = np.where(rng.random(200_000) < mass, 1.0, beta.rvs(200_000, random_state=rng))
    assert hurdle_beta.mean(raw) == pytest.approx(draws.mean(), abs=4 * draws.std() / np.sqrt(200_000))
    levels = [0.05, 0.25, 0.5, 0.65, 0.75, 0.95]
    np.testing.assert_allclose(hurdle_beta.quantile(raw, levels), np.quantile(draws, levels), atol=0.01)


@given(RAW)
def test_quantiles_ascend_and_end_at_total_loss(raw: tuple[float, float, float]) -> None:
    levels = np.linspace(0.0, 1.0, 21)
    found = hurdle_beta.quantile(raw, levels)
    assert np.all(np.diff(found) >= 0)
    assert found[0] == 0.0
    assert found[-1] == 1.0
    mass, beta = scipy_beta(raw)
    inside = (levels < 1 - mass) & (found < 1 - 1e-8)  # nearer to one the quantile itself is rounded
    np.testing.assert_allclose(beta.cdf(found[inside]) * (1 - mass), levels[inside], atol=1e-7)


def test_wild_raw_outputs_are_kept_within_limits() -> None:
    wild = np.array([[1e9, -1e9, 1e9], [-1e9, 1e9, -1e9]])
    for values in (hurdle_beta.mean(wild), hurdle_beta.log_likelihood(wild, [0.0, 1.0])):
        assert np.isfinite(values).all()
    assert np.isfinite(hurdle_beta.quantile(wild, [0.1, 0.9])).all()


def test_the_true_parameters_are_likelier_than_others() -> None:
    rng, raw = np.random.default_rng(1), np.array([-0.3, 0.6, 2.0])
    mass, beta = scipy_beta(tuple(raw))
    draws = np.where(rng.random(5000) < mass, 1.0, beta.rvs(5000, random_state=rng))
    best = hurdle_beta.log_likelihood(np.tile(raw, (5000, 1)), draws).sum()
    for step in (*np.eye(3), *-np.eye(3)):
        other = np.tile(raw + 0.3 * step, (5000, 1))
        assert hurdle_beta.log_likelihood(other, draws).sum() < best


def test_missing_stays_missing() -> None:
    assert np.isnan(hurdle_beta.log_likelihood([0.0, 0.0, 0.0], np.nan))
    raw = [[np.nan, 0.0, 0.0], [0.0, np.nan, 0.0]]
    assert np.isnan(hurdle_beta.mean(raw)).all()
    assert np.isnan(hurdle_beta.quantile(raw, [0.3])).all()
