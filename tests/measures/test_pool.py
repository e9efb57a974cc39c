"""The pool's weights against scipy's optimiser and a grid, its shrinkage, and what it buys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from barograph.core.errors import DataError
from barograph.core.fitted import PoolParameters
from barograph.measures.pool import fit_pool, pool

NAMES = ("a", "b", "c", "d")


def forecasts(
    n: int, noise: list[float], seed: int = 0, *, horizons: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """True log variances seen through independent noise, and squared outcomes."""
    rng = np.random.default_rng(seed)
    truth = -9.0 + 0.8 * rng.standard_normal((n, horizons))
    seen = np.stack([truth + level * rng.standard_normal(truth.shape) for level in noise])
    return seen, np.exp(truth) * rng.standard_normal(truth.shape) ** 2


def qlike(weights: np.ndarray, logs: np.ndarray, target: np.ndarray) -> float:
    pooled = weights @ logs
    return float(np.mean(pooled + target * np.exp(-pooled)))


def best(logs: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Unshrunk weights: an enormous number of days."""
    names = NAMES[: logs.shape[0]]
    return fit_pool(names, logs[:, :, None], target=target[:, None], n_days=10**15).weights[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(0.05, 1.5), min_size=2, max_size=4))
def test_weights_are_as_good_as_a_general_optimisers(seed: int, noise: list[float]) -> None:
    logs, target = forecasts(400, noise, seed)
    logs, target = logs[:, :, 0], target[:, 0]
    ours = best(logs, target)
    size = len(noise)
    theirs = minimize(
        qlike,
        np.full(size, 1 / size),
        args=(logs, target),
        method="SLSQP",
        bounds=[(0, 1)] * size,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-13, "maxiter": 500},
    )
    assert ours.min() >= 0
    assert ours.sum() == pytest.approx(1.0, abs=1e-12)
    assert qlike(ours, logs, target) <= theirs.fun + 1e-9


def test_two_weights_equal_a_grid_search() -> None:
    logs, target = forecasts(2000, [0.3, 0.5], 1)
    grid = np.linspace(0, 1, 10_001)
    losses = [qlike(np.array([w, 1 - w]), logs[:, :, 0], target[:, 0]) for w in grid]
    assert best(logs[:, :, 0], target[:, 0])[0] == pytest.approx(grid[int(np.argmin(losses))], abs=1e-4)


def test_a_useless_model_gets_nothing_and_the_only_good_one_all() -> None:
    logs, target = forecasts(3000, [0.0, 2.5, 2.5], 2)
    assert best(logs[:, :, 0], target[:, 0]) == pytest.approx([1.0, 0.0, 0.0], abs=0.05)


def test_twins_do_no_harm() -> None:
    logs, target = forecasts(500, [0.4], 3)
    weights = best(np.repeat(logs[:, :, 0], 3, axis=0), target[:, 0])
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1.0)


def test_few_days_keep_the_weights_near_equal() -> None:
    logs, target = forecasts(3000, [0.1, 1.5], 4)
    full = fit_pool(("a", "b"), logs, target=target, n_days=10**15).weights[0]
    half = fit_pool(("a", "b"), logs, target=target, n_days=1500).weights[0]
    none = fit_pool(("a", "b"), logs, target=target, n_days=0).weights[0]
    np.testing.assert_allclose(none, 0.5)
    np.testing.assert_allclose(half, 0.5 * full + 0.25, rtol=1e-9)


def test_each_horizon_has_its_own_weights_and_unknown_rows_are_left_out() -> None:
    logs, target = forecasts(800, [0.2, 0.6], 5, horizons=2)
    logs[:, :, 1] = logs[::-1, :, 1]
    target[700:, 1] = np.nan
    weights = fit_pool(("a", "b"), logs, target=target, n_days=10**15).weights
    alone = best(logs[:, :700, 1], target[:700, 1])
    np.testing.assert_allclose(weights[1], alone, atol=1e-9)
    assert weights[0, 0] > 0.5 > weights[1, 0]


def test_a_pool_of_independent_errors_beats_its_members() -> None:
    logs, target = forecasts(6000, [0.6, 0.6], 6)
    fitted = fit_pool(("a", "b"), logs[:, :3000], target=target[:3000], n_days=3000)
    later, outcome = logs[:, 3000:], target[3000:]
    pooled = pool(fitted, later)
    losses = [float(np.mean(h + outcome * np.exp(-h))) for h in (pooled, later[0], later[1])]
    assert losses[0] < min(losses[1:])


def test_the_pool_is_a_weighted_geometric_mean() -> None:
    fitted = PoolParameters(("a", "b"), np.array([[0.25, 0.75]]))
    logs = np.log(np.array([[[1.0]], [[16.0]]]))
    assert np.exp(pool(fitted, logs)[0, 0]) == pytest.approx(8.0)


def test_forecasts_without_outcomes_are_refused() -> None:
    logs, target = forecasts(10, [0.2, 0.6], 7)
    with pytest.raises(DataError, match="none is known for horizon number 1"):
        fit_pool(("a", "b"), logs, target=target * np.nan, n_days=10)
    with pytest.raises(DataError, match="one forecast per model"):
        fit_pool(("a",), logs, target=target, n_days=10)
