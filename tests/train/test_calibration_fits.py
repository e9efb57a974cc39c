"""Fits of calibrators and blends, seen through the functions that serve them; scikit-learn as oracle."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from barograph.core.errors import DataError, SettingError
from barograph.core.fitted_records import CalibratorParameters, StackParameters
from barograph.measures.credit.calibrators import calibrate
from barograph.measures.credit.stacking import stack
from barograph.train.calibrate import LEAST_OF_EACH, fit_calibrator, shift_to_rate
from barograph.train.stacking import fit_stack

MAPS = ("platt", "beta", "isotonic")


def skewed(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a model said, what came, and the true probability behind it."""
    stream = np.random.default_rng(seed)
    truth = expit(stream.normal(-2.0, 1.0, size=n))
    said = expit(1.8 * logit(truth) + 1.5)
    return said, (stream.uniform(size=n) < truth).astype(float), truth


def log_loss(p: np.ndarray, label: np.ndarray) -> float:
    return float(-np.mean(label * np.log(p) + (1 - label) * np.log1p(-p)))


@pytest.mark.parametrize("method", MAPS)
def test_a_map_brings_held_out_probabilities_to_the_truth(method: str) -> None:
    said, label, _ = skewed(1, n=8000)
    fit = fit_calibrator(method, said, label)
    assert fit.note == ""
    other, other_label, truth = skewed(2, n=8000)
    mapped = calibrate(fit.parameters, other)
    assert log_loss(mapped, other_label) < log_loss(other, other_label) - 0.02
    assert np.abs(mapped - truth).mean() < 0.02


@settings(max_examples=25)
@given(st.sampled_from([*MAPS, "shift", "none"]), st.integers(0, 10_000), st.floats(-1.0, 3.0))
def test_no_map_ever_falls(method: str, seed: int, strength: float) -> None:
    stream = np.random.default_rng(seed)
    odds = stream.normal(-1.0, 1.5, size=300)
    label = (stream.uniform(size=300) < expit(strength * odds)).astype(float)
    fit = fit_calibrator(method, expit(odds), label)
    grid = calibrate(fit.parameters, np.linspace(0.0, 1.0, 500))
    assert (np.diff(grid) >= -1e-15).all()
    assert (grid > 0.0).all()
    assert (grid < 1.0).all()


def test_platt_agrees_with_scikit_learn() -> None:
    said, label, _ = skewed(3)
    fitted = fit_calibrator("platt", said, label).parameters
    theirs = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky").fit(
        logit(said)[:, None], label
    )
    assert fitted.a == pytest.approx(theirs.coef_[0, 0], abs=1e-4)
    assert fitted.b == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_beta_agrees_with_scikit_learn_where_both_slopes_are_positive() -> None:
    stream = np.random.default_rng(4)
    said = stream.beta(1, 3, size=6000)
    label = (stream.uniform(size=6000) < expit(0.6 * np.log(said) - 2.0 * np.log1p(-said) - 0.4)).astype(
        float
    )
    fitted = fit_calibrator("beta", said, label).parameters
    columns = np.stack([np.log(said), -np.log1p(-said)], axis=1)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky").fit(columns, label)
    np.testing.assert_allclose([fitted.a, fitted.b], theirs.coef_[0], atol=1e-4)
    assert fitted.c == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_beta_leaves_out_a_slope_that_would_be_negative() -> None:
    stream = np.random.default_rng(5)
    said = stream.beta(1, 2, size=6000)
    label = (stream.uniform(size=6000) < expit(1.5 * np.log(said) + 0.8 * np.log1p(-said))).astype(float)
    columns = np.stack([np.log(said), -np.log1p(-said)], axis=1)
    free = LogisticRegression(C=np.inf, tol=1e-10).fit(columns, label)
    assert free.coef_[0, 1] < -0.2
    alone = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky").fit(columns[:, :1], label)
    fitted = fit_calibrator("beta", said, label).parameters
    assert fitted.b == 0.0
    assert fitted.a == pytest.approx(alone.coef_[0, 0], abs=1e-4)


def test_isotonic_agrees_with_scikit_learn_between_the_ends() -> None:
    said, label, _ = skewed(6)
    said = said.round(2)  # ties
    fitted = fit_calibrator("isotonic", said, label).parameters
    theirs = IsotonicRegression(out_of_bounds="clip").fit(said, label)
    grid = np.unique(said)  # beyond a block the clipped end slopes a little less
    margin = 1.0 / (label.size + 2)
    inside = np.clip(theirs.predict(grid), margin, 1 - margin)
    np.testing.assert_allclose(calibrate(fitted, grid), inside, atol=1e-9)
    assert len(fitted.knots) < 60


@given(st.integers(0, 10_000), st.floats(0.01, 0.99))
def test_a_shift_meets_the_observed_number(seed: int, share: float) -> None:
    stream = np.random.default_rng(seed)
    p, weight = stream.beta(1, 9, size=400), stream.integers(0, 3, size=400).astype(float)
    observed = share * weight.sum()
    shift = shift_to_rate(p, weight, observed)
    assert weight @ expit(logit(np.clip(p, 1e-6, 1 - 1e-6)) + shift) == pytest.approx(observed, rel=1e-8)


@pytest.mark.parametrize("observed", [0.0, 10.0, 11.0])
def test_a_shift_to_none_or_all_is_refused(observed: float) -> None:
    with pytest.raises(DataError, match="between none and all"):
        shift_to_rate(np.full(10, 0.1), np.ones(10), observed)


@pytest.mark.parametrize("bads", [0, 3, int(LEAST_OF_EACH) - 1])
@pytest.mark.parametrize("method", MAPS)
def test_too_few_bads_leave_a_shift_that_says_so(method: str, bads: int) -> None:
    label = (np.arange(1000) < bads).astype(float)
    said = np.random.default_rng(7).beta(1, 9, size=1000)
    fit = fit_calibrator(method, said, label)
    assert fit.parameters.method == "shift"
    assert f"only {bads} bads" in fit.note
    assert calibrate(fit.parameters, said).mean() == pytest.approx((bads + 0.5) / 1001, rel=1e-3)


@pytest.mark.parametrize("method", MAPS)
def test_probabilities_that_rank_backwards_leave_a_shift_that_says_so(method: str) -> None:
    said, label, _ = skewed(8)
    fit = fit_calibrator(method, 1.0 - said, label)
    assert fit.parameters.method == "shift"
    assert "did not rank" in fit.note


@pytest.mark.parametrize("method", MAPS)
def test_fractions_of_a_loss_can_be_calibrated(method: str) -> None:
    stream = np.random.default_rng(9)
    truth = stream.beta(3, 2, size=4000)
    loss = np.clip(truth + stream.normal(0, 0.1, size=4000), 0, 1)
    fit = fit_calibrator(method, truth**2, loss)
    assert fit.note == ""
    assert np.abs(calibrate(fit.parameters, truth**2) - truth).mean() < 0.03


@pytest.mark.parametrize("method", [*MAPS, "shift", "none"])
def test_calibrators_survive_json(method: str) -> None:
    said, label, _ = skewed(10)
    fitted = fit_calibrator(method, said, label).parameters
    again = CalibratorParameters.from_plain(json.loads(json.dumps(fitted.to_plain(), allow_nan=False)))
    np.testing.assert_array_equal(calibrate(fitted, said), calibrate(again, said))


def test_unusable_arguments_are_refused() -> None:
    said, label, _ = skewed(11)
    with pytest.raises(SettingError, match="platt"):
        fit_calibrator("plat", said, label)
    with pytest.raises(DataError, match=r"in \[0, 1\]"):
        fit_calibrator("platt", np.where(np.arange(said.size) == 5, np.nan, said), label)
    with pytest.raises(DataError, match="needs records"):
        fit_calibrator("beta", said[:0], label[:0])


def three_models(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models that each know another part of the risk, and one that knows nothing."""
    stream = np.random.default_rng(seed)
    parts = stream.normal(size=(2, n))
    label = (stream.uniform(size=n) < expit(-2.0 + parts.sum(axis=0))).astype(float)
    return expit(np.stack([-2.0 + parts[0], -2.0 + parts[1], stream.normal(size=n) - 2.0])), label


def test_a_blend_finds_who_knows_what() -> None:
    said, label = three_models(12, 20_000)
    blend = fit_stack(("a", "b", "c"), said, label)
    np.testing.assert_allclose(blend.weights, [1.0, 1.0, 0.0], atol=0.1)
    other, other_label = three_models(13, 20_000)
    losses = [log_loss(each, other_label) for each in other]
    assert log_loss(stack(blend, other), other_label) < min(losses) - 0.02


def test_a_vanishing_pull_leaves_the_maximum_likelihood() -> None:
    said, label = three_models(14, 4000)
    blend = fit_stack(("a", "b"), said[:2], label, l2_to_equal=1e-9)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky").fit(logit(said[:2]).T, label)
    np.testing.assert_allclose(blend.weights, theirs.coef_[0], atol=1e-4)
    assert blend.intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_a_strong_pull_leaves_equal_weights() -> None:
    said, label = three_models(15, 1000)
    np.testing.assert_allclose(fit_stack("abc", said, label, l2_to_equal=1e9).weights, 1 / 3, atol=1e-3)


def test_the_pull_counts_like_records() -> None:
    n = 20_000
    stream = np.random.default_rng(16)
    common, apart = stream.normal(-1.0, 1.0, size=n), 0.3 * stream.normal(size=n)
    said = expit(np.stack([common + apart, common - apart]))
    label = (stream.uniform(size=n) < expit(common + 0.8 * apart)).astype(float)  # weights 0.9 and 0.1
    free, half = (fit_stack("ab", said, label, l2_to_equal=k).weights for k in (1e-6, float(n)))
    way = (half[0] - half[1]) / (free[0] - free[1])
    assert way == pytest.approx(0.5, abs=0.05)


def test_a_model_that_counts_against_itself_gets_no_weight() -> None:
    said, label = three_models(17, 4000)
    blend = fit_stack(("a", "wrong"), np.stack([said[0], 1.0 - said[0] * 0.5]), label)
    assert (blend.weights >= 0.0).all()


def test_twins_and_a_single_model_are_fine() -> None:
    said, label = three_models(18, 2000)
    twins = fit_stack("ab", said[[0, 0]], label)
    assert twins.weights[0] == pytest.approx(twins.weights[1], abs=1e-3)
    assert fit_stack("a", said[:1], label).weights[0] > 0.5


def test_blends_survive_json() -> None:
    said, label = three_models(19, 2000)
    blend = fit_stack("abc", said, label)
    again = StackParameters.from_plain(json.loads(json.dumps(blend.to_plain(), allow_nan=False)))
    np.testing.assert_array_equal(stack(blend, said), stack(again, said))


def test_a_blend_of_unusable_arguments_is_refused() -> None:
    said, label = three_models(20, 100)
    with pytest.raises(DataError, match="every model"):
        fit_stack("ab", said, label)
    with pytest.raises(DataError, match="not all the same"):
        fit_stack("abc", said, np.zeros(100))
