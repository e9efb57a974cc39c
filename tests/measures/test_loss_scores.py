"""Scores of large losses against quadrature, ensembles, and the honesty they are chosen for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError, SettingError
from barograph.measures.losses.mixture import LognormalMixture
from barograph.measures.losses.pareto import GeneralisedPareto
from barograph.measures.losses.severity import Lognormal, quantile
from barograph.measures.losses.spliced import Spliced
from barograph.measures.losses.tail_scores import (
    censored_log_score,
    log_score,
    quantile_weighted_crps,
    squared_tail,
    threshold_weighted_crps,
)
from barograph.measures.scores import crps_ensemble, crps_from_quantiles

SEVERITIES = [
    Lognormal(0.0, 1.0),
    Lognormal(0.5, 2.0, lower=2.0),
    GeneralisedPareto(0.5, 2.0, 1.0),
    GeneralisedPareto(-0.3, 2.0, 1.0),
    Spliced(Lognormal(0.5, 1.2, lower=1.0, upper=10.0), GeneralisedPareto(0.3, 4.0, 10.0), 0.06),
    LognormalMixture(np.array([0.7, 0.3]), np.array([0.0, 2.0]), np.array([0.6, 0.9])),
]
every = pytest.mark.parametrize("severity", SEVERITIES, ids=lambda one: type(one).__name__)
THRESHOLDS = st.sampled_from([0.0, 0.7, 5.0, 40.0])


@every
@given(st.floats(0.1, 300.0), THRESHOLDS)
def test_the_weighted_score_is_its_integral(severity, loss, threshold):
    inner = np.concatenate([np.linspace(threshold, 400.0, 40_001), [loss, np.nextafter(loss, 0.0)]])
    z = np.unique(np.concatenate([inner[inner >= threshold], np.geomspace(400.0, 1e9, 4001)]))
    height = (1.0 - severity.survival(z) - (z >= loss)) ** 2
    direct = np.trapezoid(height, z)
    found = threshold_weighted_crps(severity, loss, threshold=threshold)
    assert found == pytest.approx(direct, rel=2e-4, abs=2e-4)


def test_the_score_of_an_exponential_has_its_closed_form():
    found = threshold_weighted_crps(GeneralisedPareto(0.0, 2.0), np.array([0.5, 3.0]))
    expected = [y - 2 * 2.0 * (1 - np.exp(-y / 2)) + 1.0 for y in (0.5, 3.0)]  # ∫ S² = β / 2
    np.testing.assert_allclose(found, expected, rtol=1e-11)


@pytest.mark.parametrize("shape", [0.3, 0.9, 1.3])
@pytest.mark.parametrize("threshold", [0.0, 6.0])
def test_the_squared_tail_of_a_pareto_is_a_pareto_s_with_half_the_shape(shape, threshold):
    severity, half = GeneralisedPareto(shape, 2.0, 1.0), GeneralisedPareto(shape / 2, 1.0, 1.0)
    expected = half.limited_mean(np.inf) - half.limited_mean(threshold)
    assert squared_tail(severity, threshold) == pytest.approx(float(expected), rel=1e-4)


@every
def test_an_ensemble_capped_at_the_threshold_scores_about_the_same(severity):
    draws, loss, threshold = severity.draw(np.random.default_rng(0), 40_000), 12.0, 4.0
    capped = np.maximum(draws, threshold)[None, :]
    expected = crps_ensemble(np.array([loss]), capped)[0]
    found = threshold_weighted_crps(severity, loss, threshold=threshold)
    assert found == pytest.approx(expected, abs=5 * draws.std() / 200 + 1e-6)


def test_records_meet_their_own_mixture():
    weights, sd = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[0.5, 1.0], [1.0, 2.0]])
    mean = np.array([[0.0, 2.0], [1.0, 3.0]])
    both, losses = LognormalMixture(weights, mean, sd, lower=0.5), np.array([2.0, 30.0])
    apart = [LognormalMixture(*row, lower=0.5) for row in zip(weights, mean, sd, strict=True)]
    for score in (log_score, threshold_weighted_crps):
        expected = [score(one, loss) for one, loss in zip(apart, losses, strict=True)]
        np.testing.assert_allclose(score(both, losses), expected, rtol=1e-9)
    expected = [censored_log_score(one, y, threshold=5.0) for one, y in zip(apart, losses, strict=True)]
    np.testing.assert_allclose(censored_log_score(both, losses, threshold=5.0), expected, rtol=1e-9)


def test_the_censored_score_sees_only_the_side_below_the_threshold():
    severity = Lognormal(0.0, 1.0)
    found = censored_log_score(severity, [0.1, 0.9, 1.0, 3.0, np.nan], threshold=1.0)
    assert found[:3].tolist() == pytest.approx([np.log(2.0)] * 3)
    assert found[3] == log_score(severity, 3.0)
    assert np.isnan(found[4])
    assert np.isinf(log_score(Lognormal(0.0, 1.0, lower=2.0), 1.0))


@pytest.mark.parametrize("score", [log_score, censored_log_score, threshold_weighted_crps])
def test_the_truth_beats_both_the_reckless_and_the_alarmist(score):
    losses = Lognormal(0.0, 1.0).draw(np.random.default_rng(1), 20_000)
    beyond = {} if score is log_score else {"threshold": 3.0}
    average = {sd: score(Lognormal(0.0, sd), losses, **beyond).mean() for sd in (0.8, 1.0, 1.25)}
    assert min(average, key=average.get) == 1.0


def test_quantile_weights_are_their_integral_and_one_of_them_is_the_crps():
    levels = (np.arange(2000) + 0.5) / 2000
    grid = quantile(Lognormal(0.0, 0.5), levels)
    losses = np.array([0.4, 1.0, 3.0])
    plain = quantile_weighted_crps(losses, grid, levels, emphasis="none")
    np.testing.assert_allclose(plain, threshold_weighted_crps(Lognormal(0.0, 0.5), losses), rtol=2e-3)
    np.testing.assert_allclose(plain, crps_from_quantiles(losses, np.tile(grid, (3, 1)), levels), rtol=2e-3)
    for emphasis, weight in (("right", levels**2), ("centre", levels * (1 - levels))):
        loop = [
            2 * np.mean([w * ((y < q) - p) * (q - y) for w, q, p in zip(weight, grid, levels, strict=True)])
            for y in losses
        ]
        found = quantile_weighted_crps(losses, grid, levels, emphasis=emphasis)
        np.testing.assert_allclose(found, loop, rtol=2e-3)


def test_unknown_weights_and_crooked_levels_are_refused():
    with pytest.raises(SettingError, match="emphasis"):
        quantile_weighted_crps([1.0], [1.0, 2.0], [0.2, 0.8], emphasis="left")
    for levels in ([0.8, 0.2], [0.5], [0.0, 0.5], [0.5, 1.0]):
        with pytest.raises(DataError, match="ascend strictly"):
            quantile_weighted_crps([1.0], [1.0, 2.0], levels)
