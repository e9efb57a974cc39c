"""Answers to the cases on distributions: their VaR and ES, and tests of whole forecast distributions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler, columns
from scipy.special import ndtri

from barograph.measures import backtests, distributions, tail

BINS = (4, 5, 8, 10, 16, 20, 25, 40, 50)
BOX_LAGS = (*range(1, 11), 12, 15, 20)
TAILS = (0.01, 0.025, 0.05, 0.1)


def _alphas(inputs: dict[str, Any]) -> list[float]:
    given = inputs["confidence"]
    return [1.0 - level for level in (given if isinstance(given, list) else [given])]


def _shaped(inputs: dict[str, Any], values: list[float]) -> Any:
    """A list where the case asks for several confidences, one number otherwise."""
    return values if isinstance(inputs["confidence"], list) else values[0]


def _transforms(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    pit = table[inputs["pit_column"]]
    z = table[inputs["z_column"]] if "z_column" in inputs else ndtri(pit)
    distance = backtests.kolmogorov_smirnov(pit)
    answer = {"ks_stat": distance.statistic, "ks_p_asymptotic": distance.p_value}
    for bins in BINS:
        test = backtests.uniform_bins(pit, bins=bins)
        answer |= {f"chi2_{bins}_equal_bins": test.statistic, f"chi2_{bins}_p_df{bins - 1}": test.p_value}
    for lags in BOX_LAGS:
        plain = backtests.ljung_box(pit, lags=lags)
        squared = backtests.ljung_box((pit - pit.mean()) ** 2, lags=lags)
        name = f"ljung_box_{lags}_pit"
        answer |= {name: plain.statistic, f"{name}_p": plain.p_value}
        answer |= {
            f"{name}_demeaned_squared": squared.statistic,
            f"{name}_demeaned_squared_p": squared.p_value,
        }
    return answer | _berkowitz(z)


def _berkowitz(z: np.ndarray) -> dict[str, Any]:
    two, three = backtests.berkowitz_mean_variance(z), backtests.berkowitz(z)
    exact = backtests.berkowitz_exact(z)
    answer: dict[str, Any] = {
        "berkowitz_LR2_mean_variance_only": two.statistic,
        "berkowitz_LR2_p": two.p_value,
        "berkowitz_LR3_conditional_AR1": three.statistic,
        "berkowitz_LR3_conditional_p": three.p_value,
        "berkowitz_LR3_exact_AR1": exact.statistic,
        "berkowitz_LR3_exact_p": exact.p_value,
    }
    for alpha in TAILS:
        test, mean, deviation = backtests.berkowitz_tail(z, alpha=alpha)
        name = f"berkowitz_tail{100 * alpha:g}"
        answer |= {f"{name}_LR2": test.statistic, f"{name}_p": test.p_value}
        answer |= {f"{name}_mu": mean, f"{name}_sigma": deviation}
    return answer


def _closed_forms(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    alphas, degrees = _alphas(inputs), inputs.get("t_df")
    answer = {
        "normal_VaR": _shaped(inputs, [distributions.normal_value_at_risk(a) for a in alphas]),
        "normal_ES": _shaped(inputs, [distributions.normal_expected_shortfall(a) for a in alphas]),
    }
    for v in degrees if isinstance(degrees, list) else [degrees] if degrees is not None else []:
        risk = [distributions.student_value_at_risk(a, degrees_of_freedom=v) for a in alphas]
        shortfall = [distributions.student_expected_shortfall(a, degrees_of_freedom=v) for a in alphas]
        answer[f"t{v}_unit_variance_VaR"] = _shaped(inputs, risk)
        answer[f"t{v}_unit_variance_ES"] = _shaped(inputs, shortfall)
    return answer


def _variance_covariance(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    def over(days: float) -> distributions.VarianceCovariance:
        return distributions.variance_covariance(
            inputs["positions"],
            inputs["daily_vol"],
            correlation=inputs["corr"],
            alpha=1.0 - inputs["confidence"],
            days=days,
            multiple=inputs.get("z_used"),
        )

    day, horizon = over(1.0), over(inputs["horizon_days"])
    word = {1: "one", 2: "two", 5: "five", 10: "ten"}.get(inputs["horizon_days"], inputs["horizon_days"])
    return {
        f"{word}_day_VaR": horizon.single,
        f"portfolio_{word}_day_VaR": horizon.total,
        "one_day_VaR": day.single,
        "portfolio_one_day_VaR": day.total,
        "portfolio_daily_sd": day.standard_deviation,
        "diversification_benefit": horizon.diversification,
    }


def _pareto(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    fit = {
        "shape": inputs["xi"],
        "scale": inputs["beta"],
        "threshold": inputs["u"],
        "n_obs": inputs["n"],
        "n_exceedances": inputs["n_u"],
    }
    alphas = _alphas(inputs)
    return {
        "VaR": _shaped(inputs, [tail.pareto_value_at_risk(a, **fit) for a in alphas]),
        "ES": _shaped(inputs, [tail.pareto_expected_shortfall(a, **fit) for a in alphas]),
    }


def _historical(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    returns, alpha = inputs["pnl"], _alphas(inputs)[0]
    number = distributions.tail_count(len(returns), alpha)
    conventions = {
        "empirical_order_statistic": "order_statistic",
        "linear_type7": "linear",
        "hazen_type5": "hazen",
    }
    return {
        f"VaR_{name}": distributions.empirical_value_at_risk(returns, alpha, convention=convention)
        for name, convention in conventions.items()
    } | {
        f"ES_mean_of_{number}_worst": distributions.empirical_expected_shortfall(returns, alpha),
        "n_tail": number,
    }


HANDLERS: dict[str, Handler] = {
    "pit": _transforms,
    "berkowitz": _transforms,
    "closed form var": _closed_forms,
    "student t var": _closed_forms,
    "variance covariance": _variance_covariance,
    "gpd": _pareto,
    "evt": _pareto,
    "historical simulation": _historical,
}
