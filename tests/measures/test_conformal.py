"""Conformal multipliers: a plain loop, delay, live state, and what they do to coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from barograph.core.errors import LeakError
from barograph.core.fitted import ConformalParameters
from barograph.measures import conformal
from barograph.measures.conformal import ALPHA, multipliers

DEFAULT = ConformalParameters(rate=0.02, limit=3.0)
HORIZONS = (1, 5, 22)
Z = float(norm.ppf(ALPHA))


def rows(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantiles that move, and outcomes of which the last are unknown at long horizons."""
    rng = np.random.default_rng(seed)
    sigma = np.exp(0.3 * rng.standard_normal((n, len(HORIZONS)))) * 0.01
    outcome = 0.012 * rng.standard_t(4, (n, len(HORIZONS)))
    for column, horizon in enumerate(HORIZONS):
        outcome[n - horizon :, column] = np.nan
    return Z * sigma, -Z * sigma, outcome


def plain_loop(
    p: ConformalParameters, lower: np.ndarray, upper: np.ndarray, outcome: np.ndarray
) -> np.ndarray:
    result = np.ones((*lower.shape, 2))
    for column, horizon in enumerate(HORIZONS):
        log = np.zeros(2)
        for row in range(lower.shape[0]):
            j = row - horizon
            if j >= 0 and np.isfinite(outcome[j, column]):
                under = outcome[j, column] < result[j, column, 0] * lower[j, column]
                over = outcome[j, column] > result[j, column, 1] * upper[j, column]
                beyond = np.array([under, over], dtype=float)
                log = np.clip(
                    log + p.rate / np.sqrt(horizon) * (beyond - 0.025), -np.log(p.limit), np.log(p.limit)
                )
            result[row, column] = np.exp(log)
    return result


def test_multipliers_equal_a_plain_loop() -> None:
    lower, upper, outcome = rows(400)
    fast = ConformalParameters(rate=0.3, limit=1.6)
    for parameters in (DEFAULT, fast):
        ours = multipliers(parameters, lower, upper, outcome, horizons=HORIZONS)
        np.testing.assert_allclose(ours, plain_loop(parameters, lower, upper, outcome), rtol=1e-12)


def test_a_rate_of_nought_changes_nothing() -> None:
    lower, upper, outcome = rows(60)
    off = multipliers(ConformalParameters(0.0, 3.0), lower, upper, outcome, horizons=HORIZONS)
    assert (off == 1.0).all()


def test_only_outcomes_known_at_the_origin_count() -> None:
    lower, upper, outcome = rows(200)
    before = multipliers(DEFAULT, lower, upper, outcome, horizons=HORIZONS)
    for column, horizon in enumerate(HORIZONS):
        spoilt = outcome.copy()
        spoilt[100:, column] = 99.0
        after = multipliers(DEFAULT, lower, upper, spoilt, horizons=HORIZONS)
        np.testing.assert_array_equal(after[: 100 + horizon], before[: 100 + horizon])
        assert after[100 + horizon, column, 1] > before[100 + horizon, column, 1]


def test_live_calibration_gives_the_same_numbers() -> None:
    lower, upper, outcome = rows(300)
    batch = multipliers(DEFAULT, lower, upper, outcome, horizons=HORIZONS)
    state = conformal.start(DEFAULT, HORIZONS)
    for row in range(300):
        now_known = np.array([outcome[row - h, c] if row >= h else np.nan for c, h in enumerate(HORIZONS)])
        state, factors = conformal.advance(state, lower=lower[row], upper=upper[row], outcome=now_known)
        np.testing.assert_array_equal(factors, batch[row])


def test_multipliers_stay_within_their_limit() -> None:
    n = 4000
    narrow = np.full((n, 1), 1e-6)
    outcome = np.random.default_rng(1).standard_normal((n, 1))
    wide = multipliers(ConformalParameters(0.5, 2.0), -narrow, narrow, outcome, horizons=(1,))
    assert wide.max() == pytest.approx(2.0)
    calm = multipliers(ConformalParameters(0.5, 2.0), -narrow, narrow, 0.0 * outcome, horizons=(1,))
    assert calm.min() == pytest.approx(0.5)


def test_what_is_unknown_or_on_the_wrong_side_teaches_nothing() -> None:
    lower, upper, outcome = rows(80)
    known = multipliers(DEFAULT, lower, upper, outcome, horizons=HORIZONS)
    lower[40], upper[40] = np.nan, -0.01
    gap = multipliers(DEFAULT, lower, upper, outcome, horizons=HORIZONS)
    np.testing.assert_array_equal(gap[41, 0], gap[40, 0])
    assert np.isfinite(gap).all()
    assert (known[41, 0] != known[40, 0]).all()


@pytest.mark.parametrize("seed", range(4))
def test_right_forecasts_keep_the_multiplier_near_one(seed: int) -> None:
    n = 8000
    outcome = np.random.default_rng(seed).standard_normal((n, 1))
    lower, upper = np.full((n, 1), Z), np.full((n, 1), -Z)
    factors = multipliers(DEFAULT, lower, upper, outcome, horizons=(1,))[:, 0]
    np.testing.assert_allclose(factors.mean(axis=0), 1.0, atol=0.04)
    assert (factors.std(axis=0) < 0.09).all()
    assert 0.75 < factors.min() < factors.max() < 1.3


def test_right_forecasts_of_overlapping_days_keep_it_near_one_too() -> None:
    n, horizon = 8000, 22
    steps = np.random.default_rng(11).standard_normal(n + horizon)
    total = np.cumsum(np.append(0.0, steps))
    outcome = (total[1 + horizon :] - total[1:-horizon])[:, np.newaxis] / np.sqrt(horizon)
    lower, upper = np.full(outcome.shape, Z), np.full(outcome.shape, -Z)
    factors = multipliers(DEFAULT, lower, upper, outcome, horizons=(horizon,))[:, 0]
    assert 0.7 < factors.min() < factors.max() < 1.4


def test_a_sigma_too_small_by_30_percent_is_mended() -> None:
    n = 8000
    outcome = np.random.default_rng(7).standard_normal((n, 1))
    lower, upper = np.full((n, 1), 0.7 * Z), np.full((n, 1), -0.7 * Z)
    factors = multipliers(DEFAULT, lower, upper, outcome, horizons=(1,))[:, 0]
    later = slice(1000, None)
    np.testing.assert_allclose(factors[later].mean(axis=0), 1 / 0.7, rtol=0.05)
    raw = (outcome[later, 0] < lower[later, 0]).mean()
    mended = (outcome[later, 0] < factors[later, 0] * lower[later, 0]).mean()
    assert raw > 0.075
    assert mended == pytest.approx(ALPHA, abs=0.004)
    assert (outcome[later, 0] > factors[later, 1] * upper[later, 0]).mean() == pytest.approx(ALPHA, abs=0.004)


def test_the_share_of_exceedances_is_bounded_whatever_comes() -> None:
    """Summing the updates: away from the limit, |share − α| ≤ |ln m| / (rate n), for any sequence at all."""
    n = 5000
    hostile = np.abs(np.sin(np.arange(n) ** 1.3))[:, np.newaxis] * np.linspace(0.2, 2.0, n)[:, np.newaxis]
    outcome = -hostile
    lower, upper = np.full((n, 1), -0.8), np.full((n, 1), 0.8)
    parameters = ConformalParameters(0.05, 50.0)
    factors = multipliers(parameters, lower, upper, outcome, horizons=(1,))[:, 0, 0]
    beyond = outcome[:-1, 0] < factors[:-1] * lower[:-1, 0]
    bound = abs(np.log(factors[-1])) / (0.05 * (n - 1))
    assert abs(beyond.mean() - ALPHA) == pytest.approx(bound, abs=1e-9)


def test_rows_that_do_not_belong_together_are_refused() -> None:
    lower, upper, outcome = rows(50)
    with pytest.raises(LeakError, match="same origins"):
        multipliers(DEFAULT, lower, upper, outcome[:-1], horizons=HORIZONS)
    with pytest.raises(LeakError, match="same origins"):
        multipliers(DEFAULT, lower, upper, outcome, horizons=(1, 5))
