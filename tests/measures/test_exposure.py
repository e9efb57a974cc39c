"""Cross rates without gaps, open positions, forwards, normal VaR: identities and simulation as oracles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ks_2samp, spearmanr

from barograph.core.errors import DataError
from barograph.measures import exposure, portfolio

quoted = arrays(np.float64, 4, elements=st.floats(1e-3, 1e4))
COVARIANCE = np.array([[4.0, 1.2, 0.0], [1.2, 1.0, 0.0], [0.0, 0.0, 0.0]]) * 1e-4


@given(quoted)
def test_no_way_round_three_currencies_gains_anything(rates: np.ndarray) -> None:
    cross = exposure.cross_rates(rates)
    for i in range(4):
        for j in range(4):
            for k in range(4):
                assert cross[i, j] * cross[j, k] == pytest.approx(cross[i, k], rel=1e-14)
    np.testing.assert_array_equal(np.diag(cross), 1.0)


def test_crosses_of_a_history_are_those_of_its_days() -> None:
    days = np.exp(np.random.default_rng(3).normal(0.0, 0.1, (20, 3)))
    np.testing.assert_array_equal(exposure.cross_rates(days)[7], exposure.cross_rates(days[7]))
    changes = np.log(exposure.cross_rates(days))
    np.testing.assert_allclose(
        np.diff(changes, axis=0)[:, 0, 2], np.diff(np.log(days[:, 2]) - np.log(days[:, 0])), atol=1e-14
    )


def test_the_variance_of_a_cross_is_that_of_the_difference() -> None:
    returns = np.random.default_rng(4).normal(size=(400, 3)) @ np.array(
        [[1, 0.4, 0], [0, 1, 0.2], [0, 0, 1.0]]
    )
    found = exposure.cross_variance(np.cov(returns.T))
    for i in range(3):
        for j in range(3):
            assert found[i, j] == pytest.approx((returns[:, j] - returns[:, i]).var(ddof=1), abs=1e-12)


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(DataError, match="above zero"):
        exposure.cross_rates([1.0, 0.0])
    with pytest.raises(DataError, match="above zero"):
        exposure.converted(1.0, 0.0, 1.0)


def test_an_open_position_knows_its_aggregates() -> None:
    found = exposure.open_position([300.0, -100.0, 50.0], gold=-20.0)
    assert (found.longs, found.shorts, found.gross, found.net) == (350.0, 100.0, 450.0, 250.0)
    assert (found.shorthand, found.charge) == (370.0, pytest.approx(29.6))


@given(st.floats(0.1, 200.0), st.floats(0.01, 5.0), st.floats(-0.01, 0.1), st.floats(-0.01, 0.1))
def test_a_forward_at_the_parity_rate_is_worth_nothing(
    spot: float, years: float, base: float, foreign: float
) -> None:
    fair = float(exposure.forward_exchange_rate(spot, years, base_rate=base, foreign_rate=foreign))
    borrowed = spot * np.exp(-foreign * years) * np.exp(base * years)  # buy spot with borrowed money and wait
    assert fair == pytest.approx(borrowed)
    contract = exposure.Forward(1000.0, fair, years)
    assert float(contract.value(spot, base_rate=base, foreign_rate=foreign)) == pytest.approx(
        0.0, abs=1e-8 * spot * 1000
    )


def test_a_hedged_position_is_worth_the_same_at_every_spot() -> None:
    units = exposure.hedge_units(5000.0, 0.75, foreign_rate=0.04)
    contract = exposure.Forward(units, 1.2, 0.75)
    spots = np.array([0.5, 1.0, 2.0])
    total = 5000.0 * spots + contract.value(spots, base_rate=0.02, foreign_rate=0.04)
    np.testing.assert_allclose(total, total[0], rtol=1e-12)


def test_no_other_holding_varies_less() -> None:
    values = np.array([100.0, -30.0, 10.0])
    best, still = exposure.least_variance_share(COVARIANCE, values, 1)
    assert not still

    def variance(held: float) -> float:
        book = np.array([100.0, held, 10.0])
        return float(book @ COVARIANCE @ book)

    assert all(variance(best) < variance(best + step) for step in (-1.0, -0.01, 0.01, 1.0))
    assert exposure.least_variance_share(COVARIANCE, values, 2) == (10.0, True)
    assert exposure.least_variance_share(COVARIANCE, values, 1, still=1e-3) == (-30.0, True)


def test_normal_var_is_split_without_a_remainder_and_a_peg_divides_nothing() -> None:
    values = np.array([100.0, -250.0, 1e6])
    found = portfolio.delta_normal(values, COVARIANCE, quantile=2.5)
    assert found.component.sum() == pytest.approx(found.value_at_risk)
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1e-3
        ends = [portfolio.delta_normal(values + way * step, COVARIANCE, quantile=2.5) for way in (1, -1)]
        slope = (ends[0].value_at_risk - ends[1].value_at_risk) / 2e-3
        assert found.marginal[place] == pytest.approx(slope, abs=1e-9)
    assert found.still.tolist() == [False, False, True]
    pegged = portfolio.delta_normal([0.0, 0.0, 5.0], COVARIANCE, quantile=2.5)
    assert (pegged.value_at_risk, pegged.marginal.tolist()) == (0.0, [0.0, 0.0, 0.0])


def test_normal_var_is_that_of_simulated_normal_profits() -> None:
    generator = np.random.default_rng(8)
    values = np.array([100.0, -50.0])
    returns = generator.multivariate_normal([0.0, 0.0], COVARIANCE[:2, :2], 200_000)
    found = portfolio.delta_normal(values, COVARIANCE[:2, :2], quantile=2.326348)
    simulated = portfolio.contributions(values, returns, alpha=0.01)
    assert found.value_at_risk == pytest.approx(simulated.value_at_risk, rel=0.02)
    np.testing.assert_allclose(found.component, simulated.component_value_at_risk, atol=0.25)


def test_attribution_metrics_are_those_of_scipy() -> None:
    generator = np.random.default_rng(9)
    first = generator.normal(size=250).round(1)
    second = (first + generator.normal(0.0, 0.4, 250)).round(1)
    correlation, distance = portfolio.attribution_metrics(first, second)
    assert correlation == pytest.approx(spearmanr(first, second).statistic)
    assert distance == pytest.approx(ks_2samp(first, second).statistic)
    constant = portfolio.attribution_metrics(np.zeros(10), first[:10])
    assert np.isnan(constant[0])
    assert portfolio.attribution_zone(*constant) == "red"


def test_a_reduced_set_without_risk_is_refused() -> None:
    with pytest.raises(DataError, match="above zero"):
        portfolio.stressed_shortfall(10.0, full=5.0, reduced=0.0)
    assert portfolio.stressed_shortfall(10.0, full=5.0, reduced=8.0) == 10.0
