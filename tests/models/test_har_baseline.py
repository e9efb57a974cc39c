"""HAR's fit: the estimating equations of its weighted regression, and what the proxy is good for."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.measures import variance
from barograph.measures.returns import sums_ahead
from barograph.models.baselines.har import HarBaseline


def moving(n: int = 9000) -> tuple[np.ndarray, np.ndarray]:
    """Returns whose variance moves by itself, and a proxy less noisy than their squares.

    (In a GARCH world the squared return is the news itself, and no proxy can be better.)
    """
    rng = np.random.default_rng(8)
    logs = np.zeros(n)
    for day in range(1, n):
        logs[day] = 0.97 * logs[day - 1] + 0.2 * rng.standard_normal()
    sigma2 = 1e-4 * np.exp(logs)
    return np.sqrt(sigma2) * rng.standard_normal(n), sigma2 * rng.chisquare(5, n) / 5


def test_har_equals_iterated_weighted_least_squares() -> None:
    """At its end, residuals over fitted² are orthogonal to every regressor: the slope of QLIKE is nought."""
    returns, proxy = moving()
    fitted = HarBaseline(passes=60).fit(returns, proxy, horizons=(5,))
    target = sums_ahead(returns**2, (5,))[21:-5, 0]
    means = [np.convolve(proxy, np.ones(days) / days)[21 : returns.size - 5] for days in (1, 5, 22)]
    inputs = np.column_stack([np.ones(target.size), *means])
    line = np.clip(inputs @ fitted.coefficients[0], fitted.floor[0], fitted.cap[0])
    slope = (inputs * ((target - line) / line**2)[:, None]).mean(axis=0)
    slope /= (inputs / line[:, None]).mean(axis=0)
    assert np.abs(slope).max() < 1e-3
    assert fitted.cap[0] == target.max()
    assert fitted.floor[0] == pytest.approx(0.05 * target.mean())


def test_one_pass_of_har_is_ordinary_least_squares() -> None:
    returns, proxy = moving()
    fitted = HarBaseline(passes=1).fit(returns, proxy, horizons=(1,))
    means = [np.convolve(proxy, np.ones(days) / days)[21 : returns.size - 1] for days in (1, 5, 22)]
    inputs = np.column_stack([np.ones(returns.size - 22), *means])
    expected = np.linalg.lstsq(inputs, returns[22:] ** 2, rcond=None)[0]
    np.testing.assert_allclose(fitted.coefficients[0], expected, rtol=1e-6)


def test_har_gains_by_a_proxy_less_noisy_than_squares() -> None:
    returns, proxy = moving()
    target = sums_ahead(returns**2, (1,))[3000:]
    losses = []
    for measure in (proxy, returns**2):
        fitted = HarBaseline().fit(returns[:3000], measure[:3000], horizons=(1,))
        logs = variance.log_variance(fitted, returns, measure, (1,))[3000:]
        losses.append(float(np.nanmean(logs + target * np.exp(-logs))))
    assert losses[0] < losses[1] - 0.02
