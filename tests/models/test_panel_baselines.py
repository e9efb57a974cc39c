"""Conventional models of a panel against other libraries and plain loops; none looks ahead."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from arch import arch_model
from statsmodels.tsa.ar_model import ar_select_order
from statsmodels.tsa.vector_ar.var_model import VAR

from barograph.core.errors import SettingError
from barograph.core.fitted import fitted_from_plain
from barograph.core.fitted_panels import PanelFactorParameters
from barograph.core.panel_table import SeriesFact
from barograph.measures.curves import nelson_siegel
from barograph.measures.panels.forecast import mean_of
from barograph.measures.panels.spread import garch_variances
from barograph.models.baselines.panels import PANEL_BASELINES, Past, panel_baseline
from barograph.models.baselines.panels.walks import fit_autoregression

TENORS = (3.0, 12.0, 24.0, 60.0, 120.0)
STEPS = np.tile(np.array([1, 4]), (5, 1))


def yields(n: int = 300, *, seed: int = 0) -> np.ndarray[Any, Any]:
    stream = np.random.default_rng(seed)
    factors = np.zeros((n, 3))
    for t in range(1, n):
        factors[t] = np.array([0.98, 0.9, 0.8]) * factors[t - 1] + 0.002 * stream.normal(size=3)
    loadings = nelson_siegel.loadings(np.array(TENORS), 0.0609)
    return 0.04 + factors @ loadings.T + 0.0003 * stream.normal(size=(n, 5))


def past(known: np.ndarray[Any, Any], *, order: int = 0, lags: int = 4) -> Past:
    facts = tuple(SeriesFact(f"t{tenor:g}", tenor=tenor, order=order) for tenor in TENORS[: known.shape[1]])  # type: ignore[arg-type]
    return Past(known, np.isfinite(known), facts, STEPS[: known.shape[1]], lags, 0.0609)


def said(key: str, known: np.ndarray[Any, Any], **more: Any) -> np.ndarray[Any, Any]:
    before = past(known, **more)
    return mean_of(panel_baseline(key).fit(before), known, before.orders, before.steps)


def test_the_autoregression_is_that_of_statsmodels_in_order_coefficients_and_forecasts() -> None:
    known = yields()
    found = fit_autoregression(past(known))
    for e in range(5):
        theirs = ar_select_order(known[:, e], 4, ic="bic", trend="c").model.fit()
        order = len(theirs.params) - 1
        np.testing.assert_array_equal(found.coefficients[e, order:], 0.0)
        mine = np.array([found.intercept[e], *found.coefficients[e, :order]])
        rows = np.column_stack([known[4 - lag : 300 - lag, e] for lag in range(order + 1)])
        design = np.column_stack([np.ones(296), rows[:, 1:]])
        np.testing.assert_allclose(mine, np.linalg.lstsq(design, rows[:, 0], rcond=None)[0], rtol=1e-8)
        window = known[:, e].tolist()
        for _ in range(4):
            window.append(mine[0] + sum(c * window[-1 - lag] for lag, c in enumerate(mine[1:])))
        forecast = said("ar", known)[-1, e]
        np.testing.assert_allclose(forecast, [window[300], window[303]], rtol=1e-9)


def test_an_autoregression_of_changes_is_put_together_to_levels() -> None:
    known = np.cumsum(yields(seed=3), axis=0)
    changes = np.diff(known[:, 0])
    fitted = fit_autoregression(past(known, order=1))
    window, level = changes.tolist(), known[-1, 0]
    for _ in range(4):
        window.append(
            fitted.intercept[0] + sum(c * window[-1 - lag] for lag, c in enumerate(fitted.coefficients[0]))
        )
        level += window[-1]
    assert said("ar", known, order=1)[-1, 0, 1] == pytest.approx(level, rel=1e-9)


def test_order_two_extrapolates_the_last_change() -> None:
    known = np.cumsum(np.cumsum(yields(60, seed=3), axis=0), axis=0)
    forecast = said("random_walk", known, order=2)
    np.testing.assert_allclose(forecast[-1, :, 1], known[-1] + 4 * (known[-1] - known[-2]))


def test_the_vector_autoregression_is_that_of_statsmodels() -> None:
    known = yields()
    theirs = VAR(known).fit(1, trend="c").forecast(known[-1:], 4)
    np.testing.assert_allclose(said("var", known)[-1, :, [0, 1]], theirs[[0, 3]], rtol=1e-6)


@pytest.mark.parametrize("joint", [True, False])
def test_dynamic_nelson_siegel_is_least_squares_on_factors_read_day_by_day(joint: bool) -> None:
    known = yields()
    known[20, 1] = np.nan
    loadings = nelson_siegel.loadings(np.array(TENORS), 0.0609)
    factors = np.array(
        [np.linalg.lstsq(loadings[np.isfinite(row)], row[np.isfinite(row)], rcond=None)[0] for row in known]
    )
    state = factors[-1]
    before, after = np.column_stack([np.ones(299), factors[:-1]]), factors[1:]
    whole = np.linalg.lstsq(before, after, rcond=None)[0]
    single = [np.linalg.lstsq(before[:, [0, k + 1]], after[:, k], rcond=None)[0] for k in range(3)]
    for _ in range(4):
        if joint:
            state = np.array([1.0, *state]) @ whole
        else:
            state = np.array([single[k] @ [1.0, state[k]] for k in range(3)])
    key = "dns_var" if joint else "dns_ar"
    np.testing.assert_allclose(said(key, known)[-1, :, 1], loadings @ state, rtol=1e-7)


def test_three_components_rebuild_a_curve_of_three_factors_and_a_late_tenor_follows() -> None:
    known = yields()
    known[:150, 0] = np.nan
    found = panel_baseline("pca_var").fit(past(known))
    assert isinstance(found, PanelFactorParameters)
    assert found.reads.tolist() == [0, 1, 1, 1, 1]
    forecast = said("pca_var", known)
    assert np.isfinite(forecast[-1]).all()
    errors = np.abs(forecast[:-1, :, 0] - known[1:])[150:]
    assert errors.mean() < 2.5 * np.abs(np.diff(known, axis=0))[150:].mean()


def test_the_garch_is_as_likely_as_that_of_arch() -> None:
    stream = np.random.default_rng(5)
    x, variance = np.empty(3000), 1.0
    for t in range(3000):
        x[t] = np.sqrt(variance) * stream.normal()
        variance = 0.05 + 0.1 * x[t] ** 2 + 0.85 * variance
    found = panel_baseline("random_walk_garch").scale(past(0.001 * np.cumsum(x)[:, None]))  # type: ignore[misc]
    assert found.alpha[0] == pytest.approx(0.1, abs=0.03)
    assert found.beta[0] == pytest.approx(0.85, abs=0.05)
    moves = 0.001 * np.diff(np.cumsum(x), prepend=0.0)[:, None]
    moves[0] = np.nan
    mine = garch_variances(found, moves)[1:-1, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = arch_model(1000.0 * moves[1:, 0], mean="Zero", p=1, q=1, dist="normal", rescale=False).fit(
            disp="off"
        )
    path = theirs.conditional_volatility[1:] ** 2 / 1e6

    def loss(h: np.ndarray[Any, Any]) -> float:
        return float(np.mean(np.log(h) + moves[2:, 0] ** 2 / h))

    assert loss(mine) <= loss(path) + 1e-3


@pytest.mark.parametrize("key", sorted(PANEL_BASELINES))
def test_no_model_reads_a_later_row_and_its_value_survives_its_plain_form(key: str) -> None:
    known = yields()
    model = panel_baseline(key)
    fitted = model.fit(past(known[:200]))
    other = known.copy()
    other[250:] = 9.0
    one, two = (mean_of(fitted, table, past(table).orders, STEPS) for table in (known, other))
    assert one[:250].tobytes() == two[:250].tobytes()
    again = fitted_from_plain(fitted.to_plain())
    assert mean_of(again, known, past(known).orders, STEPS).tobytes() == one.tobytes()
    if model.scale:
        scale = model.scale(past(known[:200]))
        moves = np.diff(known, axis=0)
        assert np.array_equal(garch_variances(scale, moves)[:150], garch_variances(scale, moves[:150]))


def test_a_series_too_short_keeps_its_anchor_and_an_unknown_key_is_refused() -> None:
    known = np.full((40, 5), np.nan)
    known[-3:] = yields(3)
    np.testing.assert_allclose(said("ar", known)[-1, :, 1], known[-1])
    assert np.isnan(said("dns_var", known)[-1]).all()
    with pytest.raises(SettingError, match="dns_ar"):
        panel_baseline("dns")
