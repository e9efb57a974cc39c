"""Logistic regression, fractional logit and least squares against scikit-learn and statsmodels."""

import json

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from barograph.core.errors import DataError, SettingError
from barograph.core.fitted_records import LogisticParameters
from barograph.measures.credit.linear_predictor import linear_mean, linear_predictor
from barograph.models.baselines.scoring import (
    SCORING_BASELINES,
    choose_l2,
    fit_least_squares,
    fit_logistic,
    scoring_baseline,
)
from barograph.models.baselines.scoring.curvature import Curvature

NAMES = ("a", "b", "c", "d")


def planted(seed: int, n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    stream = np.random.default_rng(seed)
    x = stream.normal(size=(n, 4))
    chance = 1 / (1 + np.exp(2.0 - x @ [1.0, -0.5, 0.0, 0.3]))
    return x, (stream.uniform(size=n) < chance).astype(float)


@pytest.mark.parametrize("l2", [1e-1, 1e-3, 1e-6])
def test_it_agrees_with_scikit_learn(l2: float) -> None:
    x, label = planted(1)
    ours = fit_logistic(x, label, NAMES, l2=l2)
    theirs = LogisticRegression(C=1 / (l2 * label.size), solver="newton-cholesky", tol=1e-10).fit(x, label)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_[0], atol=1e-5)
    np.testing.assert_allclose(linear_mean(ours, x), theirs.predict_proba(x)[:, 1], atol=1e-6)


def test_fractions_agree_with_statsmodels_binomial_glm() -> None:
    x, _ = planted(2)
    share = np.random.default_rng(3).beta(2, 3, size=len(x))
    share[:50], share[50:80] = 0.0, 1.0
    ours = fit_logistic(x, share, NAMES, l2=1e-9)
    theirs = sm.GLM(share, sm.add_constant(x), family=sm.families.Binomial()).fit(tol=1e-12)
    np.testing.assert_allclose([ours.intercept, *ours.coefficients], theirs.params, atol=1e-5)


@given(st.integers(0, 10_000), st.floats(-4.0, 4.0), st.sampled_from([1e-9, 1e-4, 1.0]))
def test_the_slope_vanishes_at_the_solution(seed: int, base: float, l2: float) -> None:
    stream = np.random.default_rng(seed)
    x = stream.normal(size=(200, 4)) * [1.0, 5.0, 0.2, 1.0]
    label = (stream.uniform(size=200) < 1 / (1 + np.exp(-base - 2 * x[:, 0]))).astype(float)
    label[:2] = 0.0, 1.0
    fitted = fit_logistic(x, label, NAMES, l2=l2)
    excess = 1 / (1 + np.exp(-linear_predictor(fitted, x))) - label
    assert excess.mean() == pytest.approx(0.0, abs=1e-7)
    np.testing.assert_allclose(x.T @ excess / 200 + l2 * fitted.coefficients, 0.0, atol=1e-7)


def test_separable_data_have_a_finite_answer() -> None:
    x = np.linspace(-1, 1, 40)[:, np.newaxis]
    fitted = fit_logistic(x, (x[:, 0] > 0).astype(float), ("x",))
    assert np.isfinite(fitted.coefficients).all()
    assert fitted.coefficients[0] > 10


def test_repeated_columns_share_the_weight() -> None:
    x, label = planted(4)
    fitted = fit_logistic(np.column_stack([x, x[:, 0]]), label, (*NAMES, "again"))
    assert fitted.coefficients[0] == pytest.approx(fitted.coefficients[4], abs=1e-5)


def test_a_warm_start_changes_nothing() -> None:
    x, label = planted(5)
    cold = fit_logistic(x, label, NAMES, l2=1e-3)
    warm = fit_logistic(x, label, NAMES, l2=1e-3, warm=fit_logistic(x, label, NAMES, l2=1.0))
    np.testing.assert_allclose(cold.coefficients, warm.coefficients, atol=1e-6)


def test_without_features_the_base_rate_is_left() -> None:
    _, label = planted(6)
    fitted = fit_logistic(np.empty((label.size, 0)), label, ())
    assert fitted.intercept == pytest.approx(np.log(label.mean() / (1 - label.mean())), abs=1e-6)
    level = fit_least_squares(np.empty((label.size, 0)), label, ())
    assert linear_mean(level, np.empty((3, 0))).tolist() == pytest.approx([label.mean()] * 3)


def test_the_ridge_with_the_least_held_out_loss_is_chosen() -> None:
    stream = np.random.default_rng(7)
    x, label = planted(8, n=120)
    x = np.column_stack([x, stream.normal(size=(120, 30))])
    other, other_label = planted(9)
    other = np.column_stack([other, stream.normal(size=(800, 30))])
    names = tuple(f"x{i}" for i in range(34))
    chosen, ridge = choose_l2(x, label, other, other_label, names)

    def loss(l2: float) -> float:
        p = linear_mean(fit_logistic(x, label, names, l2=l2), other)
        return float(-np.mean(other_label * np.log(p) + (1 - other_label) * np.log1p(-p)))

    losses = {l2: loss(l2) for l2 in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)}
    assert ridge == min(losses, key=lambda l2: losses[l2])
    np.testing.assert_allclose(
        chosen.coefficients, fit_logistic(x, label, names, l2=ridge).coefficients, atol=1e-4
    )


def test_least_squares_agree_with_statsmodels() -> None:
    x, _ = planted(10)
    loss = 0.5 + x @ [0.1, 0.0, -0.2, 0.05] + np.random.default_rng(11).normal(size=len(x))
    ours = fit_least_squares(x, loss, NAMES, l2=0.0)
    theirs = sm.OLS(loss, sm.add_constant(x)).fit()
    np.testing.assert_allclose([ours.intercept, *ours.coefficients], theirs.params, atol=1e-7)
    np.testing.assert_allclose(linear_mean(ours, x), theirs.fittedvalues, atol=1e-7)


def test_it_survives_json() -> None:
    x, label = planted(12)
    for fitted in (fit_logistic(x, label, NAMES), fit_least_squares(x, label, NAMES)):
        again = LogisticParameters.from_plain(json.loads(json.dumps(fitted.to_plain(), allow_nan=False)))
        np.testing.assert_array_equal(linear_mean(fitted, x), linear_mean(again, x))


@pytest.mark.parametrize(
    ("spoil", "says"), [("nan", "finite"), ("one kind", "both kinds"), ("names", "one name per feature")]
)
def test_unusable_input_is_refused(spoil: str, says: str) -> None:
    x, label = planted(13)
    names = NAMES[:3] if spoil == "names" else NAMES
    if spoil == "nan":
        x[4, 2] = np.nan
    if spoil == "one kind":
        label[:] = 1.0
    with pytest.raises(DataError, match=says):
        fit_logistic(x, label, names)


def test_labels_outside_the_unit_interval_are_refused() -> None:
    x, label = planted(14)
    with pytest.raises(DataError, match=r"\[0, 1\]"):
        fit_logistic(x, label * 2.0, NAMES)


def test_every_name_of_the_catalogue_says_what_it_reads() -> None:
    for key, entry in SCORING_BASELINES.items():
        for target in entry.targets:
            assert scoring_baseline(key, target=target) is entry


@pytest.mark.parametrize(
    ("key", "target"), [("lightgmb", "default"), ("ols", "default"), ("scorecard", "loss")]
)
def test_a_baseline_that_is_unknown_or_unfit_is_refused(key: str, target: str) -> None:
    with pytest.raises(SettingError, match=target):
        scoring_baseline(key, target=target)  # type: ignore[arg-type]


def test_single_precision_gives_the_fit_of_the_same_numbers_in_double() -> None:
    """More rows than a block, so that blocks are joined."""
    x, label = planted(11, n=9_000)
    single = x.astype(np.float32)
    ours = fit_logistic(single, label, NAMES, l2=1e-4)
    theirs = LogisticRegression(C=1 / (1e-4 * label.size), solver="newton-cholesky", tol=1e-10)
    theirs.fit(single.astype(np.float64), label)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_[0], atol=1e-6)
    np.testing.assert_allclose(linear_predictor(ours, single), theirs.decision_function(single), atol=1e-5)


def test_a_curvature_handed_on_moves_no_optimum_even_from_other_labels() -> None:
    x, label = planted(12)
    kept = Curvature()
    fit_logistic(x, 1.0 - label, NAMES, l2=1e-1, curvature=kept)
    found = fit_logistic(x, label, NAMES, l2=1e-3, curvature=kept)
    np.testing.assert_allclose(
        found.coefficients, fit_logistic(x, label, NAMES, l2=1e-3).coefficients, atol=1e-6
    )


def test_repeated_columns_of_single_precision_with_hardly_a_ridge_are_fitted() -> None:
    x, label = planted(13)
    twice = np.concatenate([x, x], axis=1).astype(np.float32)
    found = fit_logistic(twice, label, tuple("abcdefgh"), l2=1e-9)
    alone = fit_logistic(x.astype(np.float32), label, NAMES, l2=1e-9)
    np.testing.assert_allclose(found.coefficients[:4] + found.coefficients[4:], alone.coefficients, atol=1e-4)
