"""Variances, deviations, tails and scenarios of levels against plain loops and simulations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from barograph.core.fitted_panels import PanelScaleParameters
from barograph.core.forecast import LEVELS
from barograph.measures.panels.draws import joint_draws
from barograph.measures.panels.moves import anchors, innovations, newest, published, put_together, spreads
from barograph.measures.panels.spread import garch_deviation, moving_variances
from barograph.measures.panels.tails import error_tails, weighted_quantiles


def test_the_moving_variance_is_the_recursion_and_a_missing_value_is_no_news() -> None:
    x = np.random.default_rng(0).normal(size=60)
    x[[0, 30]] = np.nan
    moving, mean = moving_variances(x[:, None], 10.0, warm=5)
    decay, seen, state = 0.5 ** (1 / 10.0), [], None
    for t, value in enumerate(x):
        if np.isfinite(value):
            seen.append(value**2)
            if len(seen) == 5:
                state = float(np.mean(seen))
            elif state is not None:
                state = decay * state + (1 - decay) * value**2
        if state is None:
            assert np.isnan(moving[t, 0])
        else:
            assert moving[t, 0] == pytest.approx(0.95 * state + 0.05 * np.mean(seen), rel=1e-12)
            assert mean[t, 0] == pytest.approx(np.mean(seen), rel=1e-12)


def test_a_series_that_never_moves_has_a_smallest_deviation_and_divides_nothing_by_zero() -> None:
    moving, mean = moving_variances(np.zeros((30, 1)), 5.0, warm=5)
    assert (moving[5:] > 0).all()
    assert (mean[5:] > 0).all()


@pytest.mark.parametrize("order", [0.0, 1.0, 2.0])
def test_deviations_over_steps_are_those_of_simulated_errors_of_the_anchor(order: float) -> None:
    """Independent one-step errors of deviation .3; 40,000 paths, so a root mean square is within 2 %."""
    steps, orders = np.array([[1, 3, 6]]), np.array([order])
    moves = 0.3 * np.random.default_rng(1).normal(size=(40000, 6))
    path = moves.cumsum(axis=1) if order < 2 else moves.cumsum(axis=1).cumsum(axis=1)
    seen = path[:, [0, 2, 5]].std(axis=0)
    np.testing.assert_allclose(0.3 * np.sqrt(spreads(steps, orders)[0]), seen, rtol=0.02)
    constant = PanelScaleParameters(np.zeros(1), np.zeros(1), np.ones(1), np.array([0.09]))
    told = garch_deviation(constant, np.full((4, 1), np.nan), orders, steps)
    np.testing.assert_allclose(told[-1, 0], seen, rtol=0.02)


def test_garch_deviations_sum_the_expected_variances() -> None:
    fitted = PanelScaleParameters(np.array([0.1]), np.array([0.2]), np.array([0.5]), np.array([1.0]))
    moves = np.array([[2.0]])
    h, total = 0.1 + 0.2 * 4.0 + 0.5 * 1.0, 0.0
    for _ in range(3):
        total += h
        h = 0.1 + 0.7 * h
    told = garch_deviation(fitted, moves, np.zeros(1), np.array([[3]]))
    assert told[0, 0, 0] == pytest.approx(np.sqrt(total))


def test_published_newest_anchored_and_put_together_agree_with_a_plain_reading() -> None:
    values = np.array([1.0, 2.0, np.nan, np.nan, 8.0])[:, None]
    assert np.array_equal(
        published(values, np.array([1])).ravel(), [np.nan, 1, 2, np.nan, np.nan], equal_nan=True
    )
    known = newest(values, 1)
    assert np.array_equal(known.ravel(), [1, 2, 2, np.nan, 8], equal_nan=True)
    level, steps = np.array([[1.0], [2.0], [4.0]]), np.array([[1, 3]])
    assert anchors(level, np.array([2.0]), steps)[-1].tolist() == [[6.0, 10.0]]
    assert anchors(level, np.array([1.0]), steps)[-1].tolist() == [[4.0, 4.0]]
    assert innovations(level, np.array([0.0]))[1:].ravel().tolist() == [1.0, 2.0]
    assert innovations(level, np.array([2.0]))[2:].ravel().tolist() == [1.0]
    path = np.zeros((3, 3, 1))
    for order in (1.0, 2.0):
        told = put_together(path, level, np.array([order]), steps)
        assert told[-1].tolist() == anchors(level, np.array([order]), steps)[-1].tolist()


def test_weighted_quantiles_with_equal_weights_are_hazens() -> None:
    x = np.random.default_rng(2).normal(size=501)
    levels = np.array([0.01, 0.1, 0.5, 0.975])
    theirs = np.quantile(x, levels, method="hazen")
    np.testing.assert_allclose(weighted_quantiles(x, np.ones(501), levels), theirs, rtol=1e-12)
    doubled = weighted_quantiles(np.repeat(x, 2), np.ones(1002), levels)
    np.testing.assert_allclose(weighted_quantiles(x, np.full(501, 2.0), levels), doubled, atol=0.02)


def test_tails_of_normal_errors_are_normal_symmetric_and_widen_for_a_series_that_errs_more() -> None:
    error = np.random.default_rng(3).normal(size=(4000, 2)) * [1.0, 1.5]
    tails = error_tails(error, np.ones(4000))
    normal = stats.norm.ppf(LEVELS)
    np.testing.assert_allclose(tails[0], normal, atol=0.12)
    np.testing.assert_allclose(tails[1], 1.5 * normal, atol=0.2)
    np.testing.assert_allclose(tails, -tails[:, ::-1], atol=1e-12)
    assert (np.diff(tails, axis=1) > 0).all()


def test_old_errors_count_less_and_unknown_ones_not_at_all() -> None:
    error = np.concatenate([np.full(200, 5.0), np.ones(200)])[:, None]
    age = 0.5 ** (np.arange(400)[::-1] / 20.0)
    assert error_tails(error, age)[0, LEVELS.index(0.95)] == pytest.approx(1.0)
    assert error_tails(error, np.ones(400))[0, LEVELS.index(0.95)] > 4.0
    assert np.isnan(error_tails(np.full((5, 2), np.nan), np.ones(5))).all()


def test_scenarios_keep_what_moved_together_and_refuse_too_few_joint_errors() -> None:
    stream = np.random.default_rng(4)
    one = stream.normal(size=500)
    errors = np.column_stack([one, 0.8 * one + 0.6 * stream.normal(size=500), np.full(500, np.nan)])
    drawn = joint_draws(errors, np.ones(500), n=20000, generator=np.random.default_rng(5))
    assert np.corrcoef(drawn[:, :2].T)[0, 1] == pytest.approx(0.8, abs=0.05)
    assert abs(drawn[:, :2].mean(axis=0)).max() < 0.03
    assert np.isnan(drawn[:, 2]).all()
    with pytest.raises(ValueError, match="joint errors"):
        joint_draws(errors[:20], np.ones(20), n=5, generator=np.random.default_rng(0))
