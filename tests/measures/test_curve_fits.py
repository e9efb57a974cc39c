"""Nelson-Siegel and Svensson: integrals of forwards, planted curves, days with gaps."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.core.errors import DataError
from barograph.measures import curves

YEARS = np.array([0.25, 0.5, 1, 2, 3, 5, 7, 10, 20, 30])


@pytest.mark.parametrize(
    ("factors", "taus"), [([4.0, -2.0, 1.5], (1.4,)), ([2.0, -1.5, -3.0, 4.0], (1.5, 9.0))]
)
def test_a_zero_rate_is_the_mean_of_the_forwards(factors: list[float], taus: tuple[float, ...]) -> None:
    for years in (0.25, 3.0, 20.0):
        middles = (np.arange(20_000) + 0.5) * years / 20_000
        mean = curves.instantaneous_forward(middles, factors, taus).mean()
        assert curves.spot(years, factors, taus)[0] == pytest.approx(mean, abs=1e-8)


def test_at_maturity_zero_the_loadings_are_their_limits() -> None:
    near, at = curves.loadings([1e-9, 0.0])
    np.testing.assert_allclose(near, at, atol=1e-9)
    assert at.tolist() == [1.0, 1.0, 0.0]


def test_a_decay_per_month_and_per_year_are_the_same_curve() -> None:
    monthly = curves.loadings(12.0 * YEARS)
    np.testing.assert_allclose(monthly, curves.loadings(YEARS, 12.0 * curves.DIEBOLD_LI), rtol=1e-13)


def test_planted_factors_come_back_day_by_day_and_past_gaps() -> None:
    generator = np.random.default_rng(1)
    planted = generator.normal([5.0, -1.0, 0.5], 1.0, (30, 3))
    yields = planted @ curves.loadings(12.0 * YEARS).T
    yields[generator.random(yields.shape) < 0.3] = np.nan
    np.testing.assert_allclose(curves.fit_factors(yields, 12.0 * YEARS), planted, atol=1e-9)


def test_a_planted_nelson_siegel_curve_comes_back() -> None:
    yields = curves.spot(YEARS, [0.045, -0.02, 0.013], (1.83,))
    found = curves.fit_nelson_siegel(yields, YEARS)
    assert found.taus[0] == pytest.approx(1.83, rel=1e-4)
    np.testing.assert_allclose(found.factors, [0.045, -0.02, 0.013], atol=1e-6)
    assert found.error < 1e-8


def test_a_planted_svensson_curve_is_fitted_to_a_hundredth_of_a_point() -> None:
    yields = curves.spot(YEARS, [0.02, -0.015, -0.03, 0.04], (1.5, 9.0))
    found = curves.fit_svensson(yields, YEARS)
    assert found.error < 1e-6
    assert found.taus[0] < found.taus[1]


def test_svensson_fits_no_worse_than_nelson_siegel() -> None:
    generator = np.random.default_rng(2)
    for _ in range(3):
        yields = 0.03 + np.cumsum(generator.normal(0.0, 0.002, YEARS.size))
        yields[4] = np.nan
        few, many = curves.fit_nelson_siegel(yields, YEARS), curves.fit_svensson(yields, YEARS)
        assert many.error <= few.error * 1.001
        assert many.residuals.size == YEARS.size - 1


def test_too_few_maturities_are_refused_with_another_way() -> None:
    with pytest.raises(DataError, match=r"at least 3 .*zero_at"):
        curves.fit_factors([[0.02, np.nan, 0.03]], [1.0, 2.0, 10.0])
    with pytest.raises(DataError, match="at least 4"):
        curves.fit_nelson_siegel([0.02, 0.03, 0.03], [1.0, 2.0, 10.0])
    with pytest.raises(DataError, match="at least 6"):
        curves.fit_svensson([0.02, 0.03, 0.03, 0.03], [1.0, 2.0, 5.0, 10.0])
    with pytest.raises(DataError, match="tau must be above zero"):
        curves.svensson_loadings([1.0], tau1=0.0, tau2=1.0)
