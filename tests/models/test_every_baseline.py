"""One set of checks run on every conventional model of the catalogue, and a few of single models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from arch import arch_model

from barograph.core.errors import DataError, SettingError
from barograph.core.fitted import (
    EwmaParameters,
    FittedValue,
    GarchParameters,
    fitted_from_plain,
)
from barograph.measures import variance
from barograph.measures.garch import persistence
from barograph.measures.returns import sums_ahead
from barograph.models.baselines import (
    BASELINES,
    VARIANCE_MODELS,
    Baseline,
    NotConvergedError,
    baseline_entry,
    fit_baseline,
    refits,
)
from barograph.models.baselines.garch import GarchBaseline

HORIZONS = (1, 5, 22)
TRUTH = GarchParameters(0.05, 0.015, 0.04, 0.1, 0.9, 7.0, 1.5)


def simulated(n: int = 10_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns of a GJR-GARCH-t process, decimals, and a variance proxy less noisy than their squares."""
    rng = np.random.default_rng(seed)
    freedom = TRUTH.degrees_of_freedom
    shocks = rng.standard_t(freedom, n) * np.sqrt((freedom - 2) / freedom)
    returns, proxy, sigma2 = np.empty(n), np.empty(n), 1.5
    for day in range(n):
        surprise = np.sqrt(sigma2) * shocks[day]
        returns[day] = (TRUTH.mean + surprise) / 100
        proxy[day] = sigma2 * rng.chisquare(5) / 5 / 1e4
        news = (TRUTH.alpha + TRUTH.gamma * (surprise < 0)) * surprise**2
        sigma2 = TRUTH.omega + news + TRUTH.beta * sigma2
    return returns, proxy


def qlike(log_variance: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.nanmean(log_variance + target * np.exp(-log_variance), axis=0)


@pytest.fixture(scope="module")
def market() -> tuple[np.ndarray, np.ndarray]:
    return simulated()


@pytest.mark.parametrize("key", BASELINES)
def test_forecasts_are_finite_and_know_no_future(key: str, market: tuple[np.ndarray, np.ndarray]) -> None:
    returns, proxy = market
    spoilt_returns, spoilt_proxy = returns.copy(), proxy.copy()
    spoilt_returns[1200:], spoilt_proxy[1200:] = 7.0, np.nan
    clean = fit_baseline(key, returns, proxy, [1000, 1200], HORIZONS)
    spoilt = fit_baseline(key, spoilt_returns, spoilt_proxy, [1000, 1200], HORIZONS)
    for a, b in zip(clean, spoilt, strict=True):
        assert a.to_plain() == b.to_plain()
    before = variance.log_variance(clean[1], returns, proxy, HORIZONS)
    after = variance.log_variance(spoilt[1], spoilt_returns, spoilt_proxy, HORIZONS)
    np.testing.assert_array_equal(before[:1200], after[:1200])
    assert np.isfinite(before).all()
    assert before.shape == (returns.size, len(HORIZONS))


@pytest.mark.parametrize("key", BASELINES)
def test_it_beats_a_constant_where_variance_moves(key: str, market: tuple[np.ndarray, np.ndarray]) -> None:
    returns, proxy = market
    fitted = fit_baseline(key, returns, proxy, [3000], HORIZONS)[0]
    target = sums_ahead(returns**2, HORIZONS)[3000:]
    constant = np.log(np.nanmean(sums_ahead(returns[:3000] ** 2, HORIZONS), axis=0))
    gain = qlike(np.broadcast_to(constant, target.shape), target) - qlike(
        variance.log_variance(fitted, returns, proxy, HORIZONS)[3000:], target
    )
    if key == "historical":  # a window of 500 days lags behind; it must only not be absurd
        assert (gain > -0.2).all()
    else:
        assert (gain > 0.01).all()


@pytest.mark.parametrize("key", BASELINES)
def test_live_state_answers_what_history_answers(key: str, market: tuple[np.ndarray, np.ndarray]) -> None:
    returns, proxy = market
    fitted = fit_baseline(key, returns, proxy, [1000], HORIZONS)[0]
    whole = variance.log_variance(fitted, returns[:1200], proxy[:1200], HORIZONS)
    state = variance.start(fitted, returns[:1000], proxy[:1000])
    for day in range(1000, 1200):
        state = variance.advance(state, float(returns[day]), float(proxy[day]))
        np.testing.assert_allclose(variance.forecast(state, HORIZONS), whole[day], rtol=1e-10)


@pytest.mark.parametrize("key", BASELINES)
def test_a_fitted_value_survives_its_plain_form(key: str, market: tuple[np.ndarray, np.ndarray]) -> None:
    returns, proxy = market
    fitted = fit_baseline(key, returns, proxy, [800], HORIZONS)[0]
    again = fitted_from_plain(fitted.to_plain())
    np.testing.assert_array_equal(
        variance.log_variance(again, returns, proxy, HORIZONS),
        variance.log_variance(fitted, returns, proxy, HORIZONS),
    )


@pytest.mark.parametrize("key", BASELINES)
@pytest.mark.parametrize("factor", [0.01, 20.0])
def test_forecasts_scale_with_the_series(
    key: str, factor: float, market: tuple[np.ndarray, np.ndarray]
) -> None:
    returns, proxy = (column[:1200] for column in market)
    plain, scaled = (
        variance.log_variance(
            fit_baseline(key, returns * c, proxy * c**2, [1000], HORIZONS)[0],
            returns * c,
            proxy * c**2,
            HORIZONS,
        )
        for c in (1.0, factor)
    )
    np.testing.assert_allclose(scaled - 2 * np.log(factor), plain, atol=1e-3)


@pytest.mark.parametrize("key", BASELINES)
def test_unknown_days_are_no_obstacle(key: str, market: tuple[np.ndarray, np.ndarray]) -> None:
    returns, proxy = (column[:900].copy() for column in market)
    returns[[0, 400]], proxy[[0, 400]] = np.nan, np.nan
    fitted = fit_baseline(key, returns, proxy, [900], HORIZONS)[0]
    assert np.isfinite(variance.log_variance(fitted, returns, proxy, HORIZONS)[22:]).all()


@pytest.mark.parametrize("key", BASELINES)
def test_too_short_a_history_is_refused(key: str) -> None:
    returns = 0.01 * np.random.default_rng(0).standard_normal(300)
    with pytest.raises(DataError, match=r"at least 250 daily returns.*got 249"):
        fit_baseline(key, returns, returns**2, [249], HORIZONS)


@pytest.mark.parametrize("key", BASELINES)
def test_a_series_that_never_moves_is_refused(key: str) -> None:
    with pytest.raises(DataError, match="must move"):
        fit_baseline(key, np.zeros(400), np.zeros(400), [400], HORIZONS)


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    with pytest.raises(SettingError, match="'gjr_garch_t'"):
        baseline_entry("gjr_garch")


def test_every_entry_names_a_model_that_exists() -> None:
    assert {entry.variance for entry in BASELINES.values()} == set(VARIANCE_MODELS)


def test_garch_fits_the_likelihood_arch_fits(market: tuple[np.ndarray, np.ndarray]) -> None:
    returns = market[0][:2000]
    ours = GarchBaseline(asymmetric=True).fit(returns, returns**2, horizons=HORIZONS)
    model = arch_model(100 * returns, mean="Constant", p=1, o=1, q=1, dist="t", rescale=False)
    theirs = model.fit(disp="off", show_warning=False, options={"ftol": 1e-10})
    vector = np.array([ours.mean, ours.omega, ours.alpha, ours.gamma, ours.beta, ours.degrees_of_freedom])
    assert model.fix(vector).loglikelihood == pytest.approx(theirs.loglikelihood, abs=0.02)
    volatility = np.exp(0.5 * variance.log_variance(ours, returns, returns**2, (1,))[:-1, 0])
    np.testing.assert_allclose(100 * volatility, theirs.conditional_volatility[1:], rtol=0.01)


def test_garch_finds_the_parameters_it_was_made_from() -> None:
    returns, proxy = simulated(12_000, seed=4)
    found = GarchBaseline(asymmetric=True).fit(returns, proxy, horizons=HORIZONS)
    assert found.gamma == pytest.approx(TRUTH.gamma, abs=0.03)
    assert found.beta == pytest.approx(TRUTH.beta, abs=0.03)
    assert found.degrees_of_freedom == pytest.approx(TRUTH.degrees_of_freedom, abs=1.5)
    assert persistence(found) == pytest.approx(persistence(TRUTH), abs=0.015)


def test_symmetric_garch_has_no_asymmetry(market: tuple[np.ndarray, np.ndarray]) -> None:
    assert GarchBaseline(asymmetric=False).fit(*market, horizons=HORIZONS).gamma == 0.0


def test_a_warm_start_finds_what_a_cold_one_finds(market: tuple[np.ndarray, np.ndarray]) -> None:
    returns, proxy = market
    model = GarchBaseline(asymmetric=True)
    first = model.fit(returns[:1500], proxy[:1500], horizons=HORIZONS)
    warm, cold = (model.fit(returns[:1563], proxy[:1563], horizons=HORIZONS, warm=w) for w in (first, None))
    a, b = (variance.log_variance(fit, returns, proxy, (1,)) for fit in (warm, cold))
    np.testing.assert_allclose(a, b, atol=0.01)


def test_a_warm_start_out_of_bounds_is_no_obstacle(market: tuple[np.ndarray, np.ndarray]) -> None:
    absurd = GarchParameters(900.0, -1.0, 3.0, 0.0, 2.0, 1.0, 1.0)
    model = GarchBaseline(asymmetric=True)
    a, b = (model.fit(*market, horizons=HORIZONS, warm=warm).to_plain() for warm in (absurd, None))
    assert a == b


def test_years_of_standstill_are_left_out_of_a_garch_fit() -> None:
    returns, proxy = simulated(2500, seed=5)
    thin = returns.copy()
    thin[:800] *= np.random.default_rng(6).random(800) < 0.15
    model = GarchBaseline(asymmetric=True)
    found = model.fit(thin, proxy, horizons=HORIZONS)
    sound = model.fit(returns[900:], proxy[900:], horizons=HORIZONS)
    assert found.degrees_of_freedom == pytest.approx(sound.degrees_of_freedom, rel=0.3)
    assert found.beta == pytest.approx(sound.beta, abs=0.05)


def degenerate_series() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "mostly zeros": 0.01 * rng.standard_normal(600) * (rng.random(600) < 0.1),
        "one jump": np.concatenate([np.zeros(300), [0.1], np.zeros(300)]),
        "an absurd price": np.append(0.01 * rng.standard_normal(300), 50.0),
        "no variance at all": 0.01 * rng.standard_cauchy(1000),
        "two regimes": np.concatenate([1e-9 * rng.standard_normal(300), 0.01 * rng.standard_normal(300)]),
    }


@pytest.mark.parametrize("asymmetric", [True, False])
@pytest.mark.parametrize("name", degenerate_series())
def test_a_hopeless_series_gives_an_error_or_a_sane_fit(name: str, asymmetric: bool) -> None:
    """The optimiser reports success far from any maximum on some of these: a mean of −290 % a day."""
    returns = degenerate_series()[name]
    try:
        found = GarchBaseline(asymmetric).fit(returns, returns**2, horizons=HORIZONS)
    except NotConvergedError:
        return
    lowest, highest = 100 * np.quantile(returns, [0.1, 0.9])
    assert lowest <= found.mean <= highest
    assert found.omega > 0
    assert np.isfinite(variance.log_variance(found, returns, returns**2, HORIZONS)).all()


def test_a_series_of_zeros_with_few_moves_has_no_maximum() -> None:
    returns = degenerate_series()["one jump"]
    with pytest.raises(NotConvergedError, match="must reach its maximum; it did not from 3 starting points"):
        GarchBaseline(asymmetric=True).fit(returns, returns**2, horizons=HORIZONS)


class Stubborn(Baseline):
    """Converges on 300 and 500 rows only; the contract of a baseline, by hand."""

    def fit(
        self,
        returns: np.ndarray,
        proxy: np.ndarray,
        *,
        horizons: Sequence[int],
        warm: FittedValue | None = None,
    ) -> EwmaParameters:
        if returns.size not in (300, 500):
            raise NotConvergedError("it must converge", came="it did not", do="Leave it out")
        return EwmaParameters(0.94, float(returns.size))


def test_a_refit_without_convergence_is_never_silent() -> None:
    zeros = np.zeros(600)
    with pytest.raises(NotConvergedError, match="must converge"):
        refits(Stubborn(), zeros, zeros, [300, 400, 500], HORIZONS, name="x", notes=None)
    notes: list[str] = []
    kept = refits(Stubborn(), zeros, zeros, [300, 400, 500], HORIZONS, name="x", notes=notes)
    assert [value.initial for value in kept if isinstance(value, EwmaParameters)] == [300.0, 300.0, 500.0]
    assert notes == ["x: the refit on 400 rows kept the parameters of the one before (it did not)"]


def test_a_first_fit_without_convergence_raises_even_with_notes() -> None:
    zeros = np.zeros(600)
    with pytest.raises(NotConvergedError):
        refits(Stubborn(), zeros, zeros, [400, 500], HORIZONS, name="x", notes=[])


def test_a_default_likelihood_is_the_same_in_every_order_of_cuts() -> None:
    returns, proxy = simulated(1300, seed=9)
    through = fit_baseline("garch_t", returns, proxy, [800, 1000, 1300], HORIZONS)[-1]
    alone = fit_baseline("garch_t", returns, proxy, [1300], HORIZONS)[0]
    a, b = (variance.log_variance(fit, returns, proxy, (1,)) for fit in (through, alone))
    np.testing.assert_allclose(a, b, atol=0.01)


def test_a_flat_likelihood_is_climbed_to_its_top_from_whatever_start() -> None:
    """On noise of constant variance the optimiser's line search may end anywhere on the plateau."""
    model = GarchBaseline(asymmetric=True)
    for seed in range(12):
        returns = 0.01 * np.random.default_rng(seed).standard_normal(769)
        found = model.fit(returns, returns**2, horizons=HORIZONS)
        level = np.exp(variance.log_variance(found, returns, returns**2, HORIZONS)[-1, 0])
        assert level == pytest.approx(returns.var(), rel=0.35)
