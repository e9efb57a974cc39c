"""Answers to the cases on value at risk, expected shortfall and their back-tests.

One function per kind of question; each reads whichever inputs the case gives (counts, a sequence of hits, a
data file with named columns) and answers under every name the question goes by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler, columns
from scipy.stats import chi2

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.results import TestResult
from barograph.measures import backtests, scores

LAGS = range(1, 9)


@dataclass(frozen=True)
class Days:
    """The daily series of a case; what it does not give is None."""

    alpha: float
    hits: BoolArray
    returns: FloatArray | None
    value_at_risk: FloatArray | None
    expected_shortfall: FloatArray | None
    sigma: FloatArray | None


def _alpha(inputs: dict[str, Any]) -> float:
    for key in ("p", "alpha"):
        if key in inputs:
            return float(inputs[key])
    return 1.0 - float(inputs["confidence"])


def _days(inputs: dict[str, Any], folder: Path) -> Days:
    if "hits" in inputs:
        return Days(_alpha(inputs), np.array(inputs["hits"], dtype=bool), None, None, None, None)
    if "file" in inputs:
        table = columns(folder / inputs["file"])
        given = {
            name: table[inputs[f"{name}_column"]]
            for name in ("return", "var", "es", "sigma")
            if f"{name}_column" in inputs
        }
    else:
        given = {"return": np.array(inputs["pnl"] if "pnl" in inputs else inputs["ret"], dtype=float)}
        given |= {
            name: np.broadcast_to(np.asarray(inputs[name], dtype=float), given["return"].shape)
            for name in ("var", "es", "sigma")
            if name in inputs
        }
    sign = str(inputs.get("var_sign", inputs.get("signs", "positive"))).lower()
    if "negative" in sign and "positive" not in sign:
        given |= {name: -given[name] for name in ("var", "es") if name in given}
    hits = backtests.exceptions(given["return"], given["var"])
    return Days(_alpha(inputs), hits, given["return"], given["var"], given.get("es"), given.get("sigma"))


def _named(names: Sequence[tuple[str, str]], test: TestResult) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for statistic, p_value in names:
        answer |= {statistic: test.statistic, p_value: test.p_value}
    return answer


def _kupiec(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "cases" in inputs:
        parts = [_kupiec(part, folder) for part in inputs["cases"]]
        return {key: [part[key] for part in parts] for key in parts[0]}
    if not {"n_exceptions", "x"} & set(inputs):
        return _sequence(inputs, folder)
    n_obs = inputs.get("n_obs", inputs.get("n"))
    exceptions = inputs.get("n_exceptions", inputs.get("x"))
    coverage = backtests.kupiec(exceptions, n_obs, alpha=_alpha(inputs))
    answer = _named([("LR", "p_value"), ("LR_pof", "p_pof"), ("LR_uc", "p_uc")], coverage)
    if {"n00", "n01", "n10", "n11"} <= set(inputs):
        counts = backtests.Transitions(*(inputs[key] for key in ("n00", "n01", "n10", "n11")))
        answer |= _dependence(counts, exceptions, n_obs, _alpha(inputs))
    return answer


def _dependence(counts: backtests.Transitions, exceptions: int, n_obs: int, alpha: float) -> dict[str, Any]:
    alone = backtests.independence(counts)
    both = backtests.conditional_coverage(counts, exceptions, n_obs=n_obs, alpha=alpha)
    conditional = backtests.conditional_coverage(
        counts, exceptions, n_obs=n_obs, alpha=alpha, convention="after_first"
    )
    return (
        _named([("LR_ind", "p_ind")], alone)
        | _named([("LR_cc", "p_cc")], both)
        | _named([("LR_cc_all_on_N_minus_1", "p_cc_all_on_N_minus_1")], conditional)
        | {"n00": counts.n00, "n01": counts.n01, "n10": counts.n10, "n11": counts.n11}
    )


def _first_failure(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "first_failure" not in inputs:
        answer = _sequence(inputs, folder)
        return answer | {"LR": answer["LR_tuff"], "p_value": answer["p_tuff"]}
    test = backtests.time_until_first_failure(inputs["first_failure"], alpha=_alpha(inputs))
    return _named([("LR", "p_value"), ("LR_tuff", "p_tuff")], test)


def _haas(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    """From the two statistics where they are given, as in the printed example; from the days otherwise."""
    if "LR_TBFI" in inputs:
        number = inputs["n_exceptions"]
        coverage = backtests.kupiec(number, inputs["n_obs"], alpha=_alpha(inputs)).statistic
        answer = {}
        between, total = inputs["LR_TBFI"], inputs["LR_TBFI"] + coverage
        degrees = (number, number + 1)
    else:
        answer = _sequence(inputs, folder)
        between, total = answer["LR_tbfi"], answer["LR_mixed_kupiec"]
        degrees = (len(answer["waiting_times"]), len(answer["waiting_times"]) + 1)
    return answer | {
        "LR_TBFI": between,
        "df_TBFI": degrees[0],
        "p_TBFI": chi2.sf(between, degrees[0]),
        "LR_TBF": total,
        "df_TBF": degrees[1],
        "p_TBF": chi2.sf(total, degrees[1]),
    }


def _traffic_light(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    given = inputs.get("n_exceptions", inputs.get("exceptions"))
    numbers = given if isinstance(given, list) else [given]
    n_obs = inputs.get("n_obs", inputs.get("n"))
    lights = [backtests.traffic_light(x, n_obs, alpha=_alpha(inputs)) for x in numbers]
    answer: dict[str, list[Any]] = {
        "zone": [light.zone for light in lights],
        "cum_prob": [light.cumulative for light in lights],
        "cum_prob_percent": [100.0 * light.cumulative for light in lights],
        "type_I": [light.at_least for light in lights],
        "plus_factor": [backtests.plus_factor(light) for light in lights],
        "plus_factor_basel2": [backtests.plus_factor(light) for light in lights],
        "multiplier_basel2": [backtests.multiplier(light, table=backtests.BASEL_1996) for light in lights],
        "multiplier_basel3_MAR99": [backtests.multiplier(light) for light in lights],
    }
    return answer if isinstance(given, list) else {key: values[0] for key, values in answer.items()}


def _region(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    levels = inputs["p"] if isinstance(inputs["p"], list) else [inputs["p"]]
    sizes = inputs["n"] if isinstance(inputs["n"], list) else [inputs["n"]]
    confidence = inputs.get("test_confidence", 0.95)
    regions = {
        str(alpha): {
            str(n): list(backtests.kupiec_region(n, alpha=alpha, confidence=confidence)) for n in sizes
        }
        for alpha in levels
    }
    return {"exceptions_strictly_between": regions}


def _sequence(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Everything that a sequence of exceptions can be asked; more where the VaR behind it is given."""
    days = _days(inputs, folder)
    n_obs, number, alpha = days.hits.shape[0], int(days.hits.sum()), days.alpha
    times = backtests.waiting_times(days.hits)
    first = int(times[0]) if number else None
    light = backtests.traffic_light(number, n_obs, alpha=alpha)
    spells = backtests.duration(days.hits)
    return (
        {"n": n_obs, "exceptions": number, "first_failure": first, "waiting_times": times.tolist()}
        | _named([("LR_pof", "p_pof"), ("LR", "p_value")], backtests.kupiec(number, n_obs, alpha=alpha))
        | _dependence(backtests.transitions(days.hits), number, n_obs, alpha)
        | _named([("LR_tuff", "p_tuff")], backtests.time_until_first_failure(first, alpha=alpha))
        | _named([("LR_tbfi", "p_tbfi")], backtests.time_between_failures(times, alpha=alpha))
        | _named([("LR_mixed_kupiec", "p_mixed_kupiec")], backtests.mixed_kupiec(times, n_obs, alpha=alpha))
        | {"weibull_duration_b": spells.shape}
        | _named([("weibull_duration_LR", "weibull_duration_p")], spells.test)
        | {"binom_cdf": light.cumulative, "binom_at_least": light.at_least}
        | _dynamic_quantile(days)
        | _mean_scores(days)
    )


def _dynamic_quantile(days: Days) -> dict[str, Any]:
    """Constant and lagged hits; with the VaR; with the VaR and yesterday's squared return."""
    answer: dict[str, Any] = {}
    squared = None
    if days.returns is not None:
        squared = np.concatenate([[np.nan], days.returns[:-1] ** 2])
    for lags in LAGS:
        regressors: dict[str, Any] = {f"DQ_const_{lags}hits": None}
        if days.value_at_risk is not None:
            regressors[f"DQ_const_{lags}hits_VaR"] = days.value_at_risk
        if days.value_at_risk is not None and squared is not None and lags == 4:
            regressors["DQ_with_lagged_squared_return"] = np.column_stack([days.value_at_risk, squared])
        for name, extra in regressors.items():
            test = backtests.dynamic_quantile(days.hits, alpha=days.alpha, lags=lags, regressors=extra)
            extra_columns = 0 if extra is None else int(np.atleast_2d(extra.T).shape[0])
            answer |= _named([(name, f"{name}_p")], test) | {f"{name}_df": 1 + lags + extra_columns}
    return answer


def _mean_scores(days: Days) -> dict[str, Any]:
    if days.returns is None or days.value_at_risk is None:
        return {}
    loss = scores.pinball(days.returns, -days.value_at_risk, days.alpha)
    answer = {"mean_pinball_loss": loss.mean()}
    if days.expected_shortfall is not None:
        joint = scores.fz0(days.returns, days.value_at_risk, days.expected_shortfall, alpha=days.alpha)
        answer["mean_FZ0"] = joint.mean()
    return answer


def _shortfall(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    days = _days(inputs, folder)
    series = (days.returns, days.value_at_risk, days.expected_shortfall)
    both = backtests.acerbi_szekely(*series, alpha=days.alpha, simulations=99)
    plain = backtests.mcneil_frey(*series)
    answer = {
        "exceptions": both.exceptions,
        "Z1": both.z1.statistic,
        "Z2": both.z2.statistic,
        "mcneil_frey_mean_excess_residual": plain.mean_residual,
        "mcneil_frey_p_normal_one_sided": plain.test.p_value,
    }
    if days.sigma is not None:
        standardised = backtests.mcneil_frey(*series, sigma=days.sigma)
        answer["mcneil_frey_t_standardised"] = standardised.test.statistic
    return answer | _mean_scores(days)


def _critical_values(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    usual, extreme = {}, {}
    for name in inputs["distributions"]:
        usual[name], extreme[name] = backtests.z2_critical_values(
            [0.05, 0.0001],
            n_obs=inputs["T"],
            alpha=_alpha(inputs),
            degrees_of_freedom=np.inf if name == "normal" else float(name.removeprefix("t")),
        )
    return {
        "crit_5pct": usual,
        "crit_0_01pct": extreme,
        "rule_of_thumb": {
            "yellow_5pct": backtests.Z2_THRESHOLDS[0.05],
            "red_0_01pct": backtests.Z2_THRESHOLDS[0.0001],
        },
    }


HANDLERS: dict[str, Handler] = {
    "kupiec": _kupiec,
    "pof": _kupiec,
    "kupiec region": _region,
    "christoffersen": _kupiec,
    "independence": _kupiec,
    "conditional coverage": _kupiec,
    "tuff": _first_failure,
    "first failure": _first_failure,
    "haas": _haas,
    "tbfi": _haas,
    "mixed kupiec": _haas,
    "haas mixed kupiec": _haas,
    "traffic light": _traffic_light,
    "basel traffic light": _traffic_light,
    "var backtest": _sequence,
    "dq": _sequence,
    "dynamic quantile": _sequence,
    "duration": _sequence,
    "expected shortfall backtest": _shortfall,
    "acerbi szekely": _shortfall,
    "acerbi szekely critical": _critical_values,
    "mcneil frey": _shortfall,
}
