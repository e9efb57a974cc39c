"""The probability of a fall under GARCH, against closed forms and a plain simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr, stdtr

from barograph.core.errors import SettingError
from barograph.core.fitted import GarchParameters
from barograph.measures.falls import PATHS, fall_log_odds


def constant(variance: float, degrees: float = 1e6) -> GarchParameters:
    """No dynamics: the variance of every day is the same, percent squared."""
    return GarchParameters(0.0, variance, 0.0, 0.0, 0.0, degrees, variance)


def probability(parameters: GarchParameters, variance: float, within: int, fall: float) -> float:
    odds = fall_log_odds(parameters, np.array([variance]), within=within, fall=fall)[0]
    return float(1.0 / (1.0 + np.exp(-odds)))


@pytest.mark.parametrize("fall", [0.005, 0.01, 0.02])
def test_one_day_is_the_tail_of_student_s_t(fall: float) -> None:
    degrees, sigma = 5.0, 0.8
    limit = -100 * math.log1p(-fall) / sigma * math.sqrt(degrees / (degrees - 2))
    found = probability(constant(sigma**2, degrees), sigma**2, 1, fall)
    assert found == pytest.approx(1 - stdtr(degrees, limit), abs=0.003)


@pytest.mark.parametrize("fall", [0.03, 0.05, 0.08])
def test_a_long_window_of_constant_variance_is_the_reflection_principle(fall: float) -> None:
    """P(max > b) = 2 P(end > b) in continuous time; watched daily, the barrier moves up by .5826 sigma.

    Broadie, Glasserman and Kou 1997, "A continuity correction for discrete barrier options", theorem 1.1.
    """
    sigma, days = 0.6, 66
    barrier = -100 * math.log1p(-fall) + 0.5826 * sigma
    expected = 2 * (1 - ndtr(barrier / (sigma * math.sqrt(days))))
    assert probability(constant(sigma**2), sigma**2, days, fall) == pytest.approx(expected, abs=0.02)


def test_garch_and_leverage_follow_a_plain_simulation() -> None:
    parameters = GarchParameters(0.3, 0.01, 0.05, 0.06, 0.9, 6.0, 0.3)
    random, hits, paths = np.random.default_rng(1), 0, 20_000
    start, days, barrier = 0.9, 22, -100 * math.log1p(-0.05)
    for _ in range(paths):
        variance, level, reached = start, 0.0, False
        shocks = random.standard_t(6.0, size=days) * math.sqrt(4 / 6)
        for shock in shocks:
            move = math.sqrt(variance) * shock
            level += move
            reached |= level > barrier
            variance = 0.01 + (0.05 + 0.06 * (move < 0)) * move**2 + 0.9 * variance
        hits += reached
    assert probability(parameters, start, days, 0.05) == pytest.approx(hits / paths, abs=0.012)


def test_more_variance_a_longer_window_and_a_smaller_fall_are_likelier() -> None:
    parameters = GarchParameters(0.0, 0.004, 0.06, 0.0, 0.93, 5.0, 0.4)
    ladder = fall_log_odds(parameters, np.geomspace(1e-3, 50, 30), within=22, fall=0.05)
    assert (np.diff(ladder) >= 0).all()
    assert ladder[-1] > ladder[0]
    base = probability(parameters, 0.5, 22, 0.05)
    assert probability(parameters, 0.5, 66, 0.05) > base > probability(parameters, 0.5, 22, 0.10)


def test_it_is_the_same_to_the_bit_alone_and_among_others_and_never_certain() -> None:
    parameters = constant(0.5, 5.0)
    many = np.array([1e-30, 0.2, np.nan, 0.7, 1e9])
    found = fall_log_odds(parameters, many, within=5, fall=0.03)
    alone = [fall_log_odds(parameters, many[i : i + 1], within=5, fall=0.03)[0] for i in range(5)]
    np.testing.assert_array_equal(found, alone)
    assert np.isnan(found[2])
    assert abs(found[[0, 4]]).max() <= math.log(2 * PATHS - 1) + 1e-12


@pytest.mark.parametrize(("within", "fall"), [(0, 0.05), (22, 0.0), (22, 1.0)])
def test_what_is_no_fall_is_refused(within: int, fall: float) -> None:
    with pytest.raises(SettingError, match="share between 0 and 1"):
        fall_log_odds(constant(0.5), np.ones(1), within=within, fall=fall)
