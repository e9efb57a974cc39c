"""The Gamma regression with log link against statsmodels, its first-order conditions and known cases."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.models.linear import fit_log_linear


def planted(seed: int, n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    stream = np.random.default_rng(seed)
    x = stream.normal(size=(n, 4))
    eta = np.column_stack([-9.0 + x @ [0.5, -0.2, 0.0, 0.1], -7.0 + x @ [0.3, 0.0, 0.2, 0.0]])
    return x, np.exp(eta) * stream.standard_t(5, size=(n, 2)) ** 2


def test_it_agrees_with_statsmodels_gamma_glm() -> None:
    x, target = planted(1)
    target += 1e-12  # statsmodels' Gamma family needs positive targets
    ours = fit_log_linear(x, target, ridge=0.0)
    for h in range(2):
        family = sm.families.Gamma(sm.families.links.Log())
        theirs = sm.GLM(target[:, h], sm.add_constant(x), family=family).fit(tol=1e-12, maxiter=500)
        assert ours.intercept[h] == pytest.approx(theirs.params[0], abs=1e-5)
        np.testing.assert_allclose(ours.coefficients[h], theirs.params[1:], atol=1e-5)


def test_an_offset_is_what_the_forecast_starts_from() -> None:
    x, target = planted(2)
    shift = np.random.default_rng(3).normal(size=target.shape)
    plain = fit_log_linear(x, target, ridge=0.01)
    moved = fit_log_linear(x, target * np.exp(shift), offset=shift, ridge=0.01)
    np.testing.assert_allclose(plain.coefficients, moved.coefficients, atol=1e-6)
    np.testing.assert_allclose(plain.intercept, moved.intercept, atol=1e-6)


@given(st.integers(0, 10_000), st.floats(0.0, 1.0), st.floats(1e-8, 1e4))
def test_the_gradient_is_zero_at_the_solution(seed: int, zeros: float, unit: float) -> None:
    x, target = planted(seed, n=200)
    stream = np.random.default_rng(seed)
    target = unit * np.where(stream.uniform(size=target.shape) < 0.8 * zeros, 0.0, target)
    fitted = fit_log_linear(x, target, ridge=0.01)
    for h in range(2):
        ratio = target[:, h] * np.exp(-fitted.intercept[h] - x @ fitted.coefficients[h])
        assert ratio.mean() == pytest.approx(1.0, abs=1e-6)
        np.testing.assert_allclose(x.T @ (1 - ratio) / 200 + 0.01 * fitted.coefficients[h], 0.0, atol=1e-6)


def test_one_enormous_day_does_not_stop_it() -> None:
    x, target = planted(4)
    target[17] *= 1e6
    fitted = fit_log_linear(x, target)
    assert np.isfinite(fitted.coefficients).all()


def test_duplicated_columns_are_shared_out_by_the_ridge() -> None:
    x, target = planted(5)
    fitted = fit_log_linear(np.column_stack([x, x[:, 0]]), target, ridge=1e-3)
    np.testing.assert_allclose(fitted.coefficients[:, 0], fitted.coefficients[:, 4], atol=1e-6)


def test_names_travel_with_the_coefficients() -> None:
    x, target = planted(6)
    assert fit_log_linear(x, target, names=("a", "b", "c", "d")).names == ("a", "b", "c", "d")


@pytest.mark.parametrize("spoil", [np.nan, -1.0])
def test_unusable_targets_are_refused(spoil: float) -> None:
    x, target = planted(7)
    target[3, 1] = spoil
    with pytest.raises(DataError, match="at least zero"):
        fit_log_linear(x, target)


def test_a_series_that_never_moves_is_refused() -> None:
    x, target = planted(8)
    target[:, 0] = 0.0
    with pytest.raises(DataError, match="never move"):
        fit_log_linear(x, target)


def test_a_trial_step_that_runs_away_on_a_day_without_a_move_is_not_taken_and_not_warned_of() -> None:
    stream = np.random.default_rng(1)
    x = stream.normal(size=(60, 2))
    x[0] = [30.0, 0.0]
    target = np.exp(3.0 * stream.normal(size=(60, 1))) * 1e-6
    target[0] = 0.0
    target[1:4] *= 1e6
    found = fit_log_linear(x, target, ridge=0.001)
    ratio = target / np.exp(found.intercept + x @ found.coefficients.T)
    gradient = x.T @ (1.0 - ratio) / 60 + 0.001 * found.coefficients.T
    assert np.abs(gradient).max() < 1e-6
