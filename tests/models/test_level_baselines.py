"""Conventional models of the level branch against other libraries and their own limits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from statsmodels.tsa.ar_model import AutoReg, ar_select_order

from barograph.core.errors import SettingError
from barograph.measures.levels import linear_mean
from barograph.models.baselines.levels import Known, level_baseline


def autoregressive(n: int, *, coefficients: tuple[float, ...], seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=n + 50)
    series = np.zeros(n + 50)
    for t in range(len(coefficients), n + 50):
        series[t] = 1.0 + sum(c * series[t - 1 - i] for i, c in enumerate(coefficients)) + noise[t]
    return series[50:]


def known_of(series: np.ndarray, *, lags: int, extra: np.ndarray | None = None) -> Known:
    """One step ahead, nothing delayed: lag 0 is the newest value."""
    n = series.size
    columns = [np.concatenate([np.full(lag, np.nan), series[: n - lag]]) for lag in range(lags)]
    columns += [] if extra is None else list(extra.T)
    outcome = np.concatenate([series[1:], [np.nan]])[:, None]
    names = tuple(f"x{i}" for i in range(len(columns)))
    return Known(np.column_stack(columns), outcome, names, lags, anchor=0, limit=6.0)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_one_step_autoregression_equals_statsmodels(order: int) -> None:
    series = autoregressive(300, coefficients=(0.5, 0.0, -0.4)[:order], seed=order)
    fitted = level_baseline("ar").fit(known_of(series, lags=4), 0.0)
    chosen = ar_select_order(series, maxlag=4, ic="bic").ar_lags or []
    oracle = AutoReg(series, lags=len(chosen), hold_back=4).fit()
    assert fitted.intercept[0] == pytest.approx(oracle.params[0], abs=1e-9)
    assert fitted.coefficients[0, : len(chosen)] == pytest.approx(oracle.params[1:], abs=1e-9)
    assert not fitted.coefficients[0, len(chosen) :].any()


def test_arx_equals_ridge_regression_on_standardised_inputs() -> None:
    stream = np.random.default_rng(0)
    series, extra = autoregressive(80, coefficients=(0.6,), seed=5), stream.normal(3.0, 2.0, size=(80, 2))
    known = known_of(series, lags=2, extra=extra)
    fitted = level_baseline("arx").fit(known, 0.7)
    rows = known.rows(0)
    x = known.inputs[rows]
    z = np.nan_to_num((x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0))
    oracle = Ridge(alpha=0.7 * rows.size).fit(z, known.outcome[rows, 0])
    assert linear_mean(fitted, known.inputs)[rows, 0] == pytest.approx(oracle.predict(z), abs=1e-8)


def test_a_large_penalty_leaves_the_control_at_its_anchor() -> None:
    known = known_of(autoregressive(60, coefficients=(0.9,), seed=1), lags=3)
    near = linear_mean(level_baseline("linear").fit(known, 1e9), known.inputs)
    assert near[:, 0] == pytest.approx(known.inputs[:, 0], abs=1e-6)


def test_a_small_penalty_lets_the_control_find_a_planted_correction() -> None:
    stream = np.random.default_rng(2)
    extra = stream.normal(size=(200, 1))
    walk = np.cumsum(0.01 * stream.normal(size=200)) + np.concatenate([[0.0], np.cumsum(extra[:-1, 0])])
    known = known_of(walk, lags=1, extra=extra)
    fitted = level_baseline("linear").fit(known, 1e-6)
    said = linear_mean(fitted, known.inputs)[:-1, 0]
    assert np.abs(said - known.outcome[:-1, 0]).max() < 0.1


def test_random_walk_and_experience_say_their_column_as_it_stands() -> None:
    series, extra = autoregressive(30, coefficients=(0.2,), seed=3), np.full((30, 1), -1.5)
    known = known_of(series, lags=1, extra=extra)
    known = Known(known.inputs, known.outcome, known.names, known.lags, anchor=1, limit=6.0)
    walk = linear_mean(level_baseline("random_walk").fit(known, 0.0), known.inputs)
    experience = linear_mean(level_baseline("experience").fit(known, 0.0), known.inputs)
    assert walk[:, 0].tolist() == series.tolist()
    assert (experience == -1.5).all()


def test_too_short_a_history_says_nothing_rather_than_something_wild() -> None:
    known = known_of(autoregressive(6, coefficients=(0.5,), seed=4), lags=4)
    for key in ("ar", "arx"):
        assert np.isnan(linear_mean(level_baseline(key).fit(known, 1.0), known.inputs)).all()
    control = linear_mean(level_baseline("linear").fit(known, 1.0), known.inputs)
    assert control[:, 0].tolist() == known.inputs[:, 0].tolist()


def test_an_unknown_baseline_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingError, match="random_walk"):
        level_baseline("random_wlk")
