"""Capital and portfolio formulas against integrals, simulation and what the rules say of their shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from barograph.core.errors import DataError, SettingError
from barograph.measures.credit import capital, vasicek

PDS, RHOS = st.floats(0.0005, 0.5), st.floats(0.01, 0.9)
classes = pytest.mark.parametrize("asset_class", capital.ASSET_CLASSES)


def requirement(pd: float, asset_class: capital.AssetClass, **more: float) -> float:
    return float(
        capital.irb_capital(pd, lgd=0.45, ead=1.0, asset_class=asset_class, **more).requirement  # type: ignore[arg-type]
    )


@classes
def test_capital_without_maturity_is_the_portfolio_quantile_less_the_expected_loss(
    asset_class: capital.AssetClass,
) -> None:
    """At M = 1 the maturity factor is one: (1 - 1.5 b) / (1 - 1.5 b)."""
    for pd in (0.002, 0.03, 0.4):
        shared = float(capital.correlation(pd, asset_class=asset_class, turnover=20.0))
        worst = vasicek.loss_quantile(pd, lgd=0.45, ead=1.0, correlation=shared, level=0.999)
        found = requirement(pd, asset_class, maturity=1.0, turnover=20.0)
        assert found == pytest.approx(worst - 0.45 * pd, rel=1e-10)


@classes
def test_exposures_broadcast_and_the_figures_belong_together(asset_class: capital.AssetClass) -> None:
    pd, lgd = np.array([0.001, 0.02, np.nan, 1.0]), np.array([0.2, 0.4, 0.5, 0.6])
    found = capital.irb_capital(pd, lgd=lgd, ead=1000.0, asset_class=asset_class)
    np.testing.assert_allclose(found.risk_weight, 12.5 * found.requirement)
    np.testing.assert_allclose(found.risk_weighted_assets, 1000 * found.risk_weight)
    np.testing.assert_allclose(found.expected_loss, pd * lgd * 1000)
    assert np.isnan(found.requirement).tolist() == [False, False, True, False]
    assert found.requirement[3] == pytest.approx(0.0, abs=1e-12)  # in default: all loss is expected
    assert np.isnan(found.maturity_slope[0]) == (asset_class not in ("corporate", "sme"))


def test_floors_are_those_of_the_rules() -> None:
    assert requirement(0.0, "corporate") == requirement(0.0005, "corporate")
    assert requirement(0.0002, "revolving") == requirement(0.001, "revolving")
    assert requirement(0.0, "mortgage", pd_floor=capital.BASEL_II_FLOOR) == requirement(
        0.0003, "mortgage", pd_floor=capital.LOWEST_PD
    )
    assert requirement(0.0003, "mortgage", pd_floor=capital.LOWEST_PD) < requirement(0.0003, "mortgage")
    with pytest.raises(DataError, match="floor of the PD"):
        requirement(0.01, "corporate", pd_floor=0.0)


def test_size_maturity_and_kind_of_firm_move_capital_the_right_way() -> None:
    assert requirement(0.01, "sme", turnover=5.0) < requirement(0.01, "sme", turnover=25.0)
    assert requirement(0.01, "sme", turnover=500.0) == requirement(0.01, "corporate")
    assert requirement(0.01, "sme", turnover=1.0) == requirement(0.01, "sme", turnover=5.0)
    assert requirement(0.01, "corporate", maturity=1.0) < requirement(0.01, "corporate", maturity=5.0)
    assert requirement(0.01, "corporate", maturity=9.0) == requirement(0.01, "corporate", maturity=5.0)
    financial = requirement(0.01, "corporate", multiplier=capital.FINANCIAL_MULTIPLIER)
    assert financial > requirement(0.01, "corporate")
    assert requirement(0.01, "mortgage", maturity=5.0) == requirement(0.01, "mortgage", maturity=1.0)


@given(st.floats(0.0005, 0.999))
def test_correlations_stay_within_their_ends(pd: float) -> None:
    assert 0.12 <= capital.correlation(pd, asset_class="corporate") <= 0.24
    assert 0.03 <= capital.correlation(pd, asset_class="other_retail") <= 0.16
    large = capital.correlation(pd, asset_class="corporate")
    assert capital.correlation(pd, asset_class="sme", turnover=5.0) == pytest.approx(large - 0.04)


def test_in_default_only_the_unexpected_loss_needs_capital() -> None:
    found = capital.defaulted_capital([0.5, 0.3], best_estimate=[0.4, 0.4], ead=[100.0, 10.0])
    np.testing.assert_allclose(found.requirement, [0.1, 0.0])
    np.testing.assert_allclose(found.expected_loss, [40.0, 4.0])


def test_percentages_and_unknown_classes_are_refused() -> None:
    with pytest.raises(DataError, match="shares, not percentages"):
        capital.irb_capital(2.0, lgd=0.45, ead=1.0, asset_class="corporate")
    with pytest.raises(DataError, match="shares, not percentages"):
        capital.expected_loss(0.1, lgd=45.0, ead=1.0)
    with pytest.raises(SettingError, match="asset class"):
        capital.irb_capital(0.02, lgd=0.45, ead=1.0, asset_class="mortgages")  # type: ignore[arg-type]


def test_expected_loss_has_no_floor() -> None:
    np.testing.assert_allclose(capital.expected_loss([0.0, 0.1], lgd=0.5, ead=[10.0, 20.0]), [0.0, 1.0])


@given(PDS, RHOS)
def test_joint_default_is_the_bivariate_normal_probability(pd: float, rho: float) -> None:
    threshold = stats.norm.ppf(pd)
    expected = integrate.quad(
        lambda z: (
            stats.norm.cdf((threshold - np.sqrt(rho) * z) / np.sqrt(1 - rho)) ** 2
            * np.exp(-(z**2) / 2)
            / np.sqrt(2 * np.pi)
        ),
        -9.0,
        9.0,
        epsabs=1e-12,
        limit=200,
    )[0]
    assert vasicek.joint_default_probability(pd, correlation=rho) == pytest.approx(expected, rel=1e-6)


@given(PDS, RHOS, st.floats(0.01, 0.9999))
def test_the_worst_case_is_the_quantile_of_the_default_rate(pd: float, rho: float, level: float) -> None:
    worst = vasicek.worst_case_default_rate(pd, correlation=rho, level=level)
    if 1e-12 < worst < 1 - 1e-6:  # further out the rate itself is rounded
        assert vasicek.default_rate_cdf(worst, pd=pd, correlation=rho) == pytest.approx(level, abs=1e-6)


@pytest.mark.parametrize(("pd", "rho"), [(0.02, 0.12), (0.1, 0.3)])
def test_density_integrates_to_the_distribution_and_its_moments(pd: float, rho: float) -> None:
    def density(rate: float) -> float:
        return float(vasicek.default_rate_density(rate, pd=pd, correlation=rho))

    part = integrate.quad(density, 0.0, 0.05, limit=200)[0]
    assert part == pytest.approx(float(vasicek.default_rate_cdf(0.05, pd=pd, correlation=rho)), abs=1e-7)
    moments = vasicek.default_rate_moments(pd, correlation=rho)
    mean = integrate.quad(lambda x: x * density(x), 0.0, 1.0, limit=300)[0]
    square = integrate.quad(lambda x: x**2 * density(x), 0.0, 1.0, limit=300)[0]
    assert mean == pytest.approx(float(moments.mean), rel=1e-6)
    assert np.sqrt(square - mean**2) == pytest.approx(float(moments.standard_deviation), rel=1e-5)


def test_a_simulated_portfolio_has_the_quantile_of_the_formula() -> None:
    rng = np.random.default_rng(3)
    pd, lgd, ead = np.array([0.01, 0.05, 0.2]), np.array([0.4, 0.5, 0.6]), np.array([3.0, 2.0, 1.0])
    factor = rng.standard_normal((100_000, 1))
    rates = stats.norm.cdf((stats.norm.ppf(pd) - np.sqrt(0.15) * factor) / np.sqrt(0.85))
    simulated = np.quantile(rates @ (lgd * ead), 0.99)
    formula = vasicek.loss_quantile(pd, lgd=lgd, ead=ead, correlation=0.15, level=0.99)
    assert formula == pytest.approx(simulated, rel=0.02)


def test_certain_defaults_and_perfect_correlation_are_refused() -> None:
    for pd, rho in ((1.0, 0.2), (0.0, 0.2), (0.1, 1.0), (0.1, 0.0)):
        with pytest.raises(DataError, match="strictly between"):
            vasicek.worst_case_default_rate(pd, correlation=rho)
