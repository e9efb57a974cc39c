"""Maps of probabilities as served: calibration, blend and grades keep order and bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from sklearn.isotonic import IsotonicRegression

from barograph.core.errors import DataError, SettingError
from barograph.core.fitted_records import CalibratorParameters, StackParameters
from barograph.measures.credit.calibrators import METHODS, calibrate
from barograph.measures.credit.grades import assign, master_scale
from barograph.measures.credit.log_odds import SMALLEST, logit, sigmoid
from barograph.measures.credit.stacking import stack

CHANCES = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30).map(sorted)
SLOPES = st.floats(0.0, 50.0)
SHIFTS = st.floats(-50.0, 50.0)


@given(st.floats(-13.0, 13.0))
def test_log_odds_and_back(z: float) -> None:
    assert logit(sigmoid(z)) == pytest.approx(z, abs=1e-6)


def test_log_odds_are_finite_at_the_ends_and_nan_stays_nan() -> None:
    assert np.isfinite(logit([0.0, 1.0])).all()
    assert np.isnan(logit([np.nan])).all()
    assert sigmoid([-1e9, 1e9]).tolist() == [SMALLEST, 1 - SMALLEST]


@given(CHANCES, SLOPES, SLOPES, SHIFTS, st.sampled_from(METHODS))
def test_every_calibration_keeps_order_and_stays_inside(
    p: list[float], a: float, b: float, c: float, method: str
) -> None:
    knots, values = (0.1, 0.4, 0.7), (0.0, 0.3, 1.0)
    shift = {"platt": c, "shift": c}.get(method, b)
    found = calibrate(CalibratorParameters(method, a, shift, c, knots, values), p)
    assert np.all((found > 0.0) & (found < 1.0))
    assert np.all(np.diff(found) >= -1e-12)


def test_each_calibration_is_its_formula() -> None:
    p = np.linspace(0.01, 0.99, 25)
    z = special.logit(p)
    for parameters, expected in (
        (CalibratorParameters("platt", 1.3, -0.4), special.expit(1.3 * z - 0.4)),
        (CalibratorParameters("shift", 9.0, -0.4), special.expit(z - 0.4)),
        (CalibratorParameters("none", 9.0, 9.0), p),
        (
            CalibratorParameters("beta", 0.7, 1.6, 0.2),
            1 / (1 + 1 / (np.exp(0.2) * p**0.7 / (1 - p) ** 1.6)),  # Kull et al., equation of the family
        ),
    ):
        np.testing.assert_allclose(calibrate(parameters, p), expected, rtol=1e-12)


@given(st.floats(0.05, 5.0), SHIFTS.map(lambda c: c / 10), CHANCES)
def test_platt_is_the_beta_calibration_with_equal_slopes(a: float, c: float, p: list[float]) -> None:
    beta = calibrate(CalibratorParameters("beta", a, a, c), p)
    np.testing.assert_allclose(beta, calibrate(CalibratorParameters("platt", a, c), p), rtol=1e-9)


def test_isotonic_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(400)
    fitted = IsotonicRegression(out_of_bounds="clip").fit(p, rng.random(400) < p)
    ours = CalibratorParameters(
        "isotonic", knots=tuple(fitted.X_thresholds_), values=tuple(fitted.y_thresholds_)
    )
    new = rng.random(200)
    expected = np.clip(fitted.predict(new), SMALLEST, 1 - SMALLEST)
    np.testing.assert_allclose(calibrate(ours, new), expected, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_probability_stays_missing(method: str) -> None:
    parameters = CalibratorParameters(method, knots=(0.2, 0.5), values=(0.1, 0.6))
    assert np.isnan(calibrate(parameters, [np.nan, 0.3])).tolist() == [True, False]


@pytest.mark.parametrize(
    "parameters",
    [
        CalibratorParameters("platt", -0.1),
        CalibratorParameters("beta", 0.5, -0.2),
        CalibratorParameters("isotonic", knots=(0.1, 0.2), values=(0.3, 0.2)),
        CalibratorParameters("isotonic", knots=(0.2, 0.2), values=(0.2, 0.3)),
        CalibratorParameters("isotonic"),
    ],
)
def test_a_calibration_that_falls_is_refused(parameters: CalibratorParameters) -> None:
    with pytest.raises(DataError, match=r"must not fall|at each of its knots"):
        calibrate(parameters, [0.5])


def test_an_unknown_calibration_names_the_nearest() -> None:
    with pytest.raises(SettingError, match="'isotonic'"):
        calibrate(CalibratorParameters("isotone"), [0.5])


def test_a_stack_is_the_weighted_log_odds() -> None:
    parameters = StackParameters(("a", "b", "c"), np.array([0.6, 0.0, 0.9]), -0.2)
    p = np.random.default_rng(1).uniform(0.01, 0.99, (3, 50))
    expected = special.expit(-0.2 + 0.6 * special.logit(p[0]) + 0.9 * special.logit(p[2]))
    np.testing.assert_allclose(stack(parameters, p), expected, rtol=1e-12)


def test_a_model_without_weight_cannot_spoil_a_stack() -> None:
    parameters = StackParameters(("a", "b"), np.array([1.0, 0.0]), 0.0)
    np.testing.assert_allclose(stack(parameters, [[0.3, 0.3], [np.nan, 0.9]]), [0.3, 0.3])
    assert np.isnan(stack(parameters, [[np.nan], [0.3]])).all()


@pytest.mark.parametrize("shape", [(3, 5), (2,), (5, 2)])
def test_a_stack_wants_one_row_per_model(shape: tuple[int, ...]) -> None:
    parameters = StackParameters(("net", "tree"), np.array([0.5, 0.5]), 0.0)
    with pytest.raises(DataError, match="net, tree"):
        stack(parameters, np.full(shape, 0.5))


@given(st.integers(0, 10_000), st.integers(2, 25), st.floats(0.0, 3.0))
def test_a_master_scale_has_bands_of_one_ratio_that_cover_everything(seed: int, n: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    pds = special.expit(rng.normal(-3.0, width, 300))
    scale = master_scale(pds, n)
    assert scale.names == tuple(str(i) for i in range(1, n + 1))
    assert scale.upper[-1] == 1.0
    assert np.all(np.diff(scale.upper) > 0)
    ratios = scale.upper[1:-1] / scale.upper[:-2]
    np.testing.assert_allclose(ratios, ratios[0] if ratios.size else 1.0, rtol=1e-9)
    found = assign(scale, [0.0, *pds, 1.0])
    assert found.min() == 0
    assert found.max() == n - 1
    for grade, pd in zip(found[1:-1], pds, strict=True):
        lower = scale.upper[grade - 1] if grade else 0.0
        assert lower < pd <= scale.upper[grade]


def test_a_bound_belongs_to_the_better_grade() -> None:
    scale = master_scale([0.01, 0.02, 0.04], 3)
    assert assign(scale, scale.upper).tolist() == [0, 1, 2]


@pytest.mark.parametrize("pds", [[0.05] * 4, [1.0] * 3, [0.0] * 3])
def test_equal_pds_still_have_a_scale(pds: list[float]) -> None:
    scale = master_scale(pds, 5)
    assert np.all(np.diff(scale.upper) > 0)
    assert 0 <= int(assign(scale, pds)[0]) < 5


def test_no_grade_without_a_pd() -> None:
    scale = master_scale([0.01, 0.1], 3)
    for wrong in ([np.nan], [1.2], [-0.1]):
        with pytest.raises(DataError, match="a grade needs"):
            assign(scale, wrong)
    with pytest.raises(DataError, match="at least two grades"):
        master_scale([0.1], 1)
    with pytest.raises(DataError, match="0 PDs"):
        master_scale([np.nan], 4)
