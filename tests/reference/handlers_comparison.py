"""Answers to the cases on forecast comparison and scores, by the code of `barograph.measures`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler, columns
from scipy.stats import norm

from barograph.core.arrays import FloatArray
from barograph.core.results import TestResult
from barograph.measures import scores
from barograph.measures.comparison import (
    ConfidenceSet,
    block_means,
    clark_west,
    clark_west_adjusted,
    confidence_set,
    diebold_mariano,
    giacomini_white,
    indexed_means,
)

NEWEY_WEST_LAGS = 3
BLOCK = 5


def _diebold_mariano(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    first, second = np.abs(table[inputs["e1"]]), np.abs(table[inputs["e2"]])
    answer: dict[str, Any] = {}
    for horizon in (1, 4):
        for power in (1, 2):
            difference = first**power - second**power
            answer[f"dm_h{horizon}_p{power}"] = _statistic_and_p(
                diebold_mariano(difference, horizon=horizon),
                diebold_mariano(difference, horizon=horizon, alternative="greater"),
            )
            answer[f"dm_h{horizon}_p{power}_bartlett"] = _statistic_and_p(
                diebold_mariano(difference, horizon=horizon, kernel="bartlett"),
                diebold_mariano(difference, horizon=horizon, kernel="bartlett", alternative="greater"),
            )
    return answer


def _statistic_and_p(both: TestResult, greater: TestResult) -> dict[str, float]:
    return {"stat": both.statistic, "p": both.p_value, "p_greater": greater.p_value}


def _clark_west(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    forecasts = table["y"], table[inputs["small_model"]], table[inputs["large_model"]]
    plain, robust = clark_west(*forecasts), clark_west(*forecasts, lags=NEWEY_WEST_LAGS)
    return {
        "mean_adj_diff": float(clark_west_adjusted(*forecasts).mean()),
        "t_stat": plain.statistic,
        "p_one_sided": plain.p_value,
        f"t_newey_west_lag{NEWEY_WEST_LAGS}": robust.statistic,
        f"p_newey_west_lag{NEWEY_WEST_LAGS}": robust.p_value,
        "reject_5pct_if_above": round(float(norm.ppf(0.95)), 3),
    }


def _giacomini_white(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    difference = table["e1"] ** 2 - table["e2"] ** 2
    test = giacomini_white(difference, horizon=inputs["horizon"])
    unconditional = diebold_mariano(difference, lags=NEWEY_WEST_LAGS, kernel="bartlett", small_sample=False)
    return {
        "stat": test.statistic,
        "df": len(inputs["instruments"].split(" and ")),
        "p": test.p_value,
        "n_used": test.n_obs,
        f"unconditional_t_newey_west_lag{NEWEY_WEST_LAGS}": unconditional.statistic,
    }


def _model_confidence_set(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["loss_file"])
    names, losses = list(table), np.column_stack(list(table.values()))
    index_file = folder / inputs["fixed_bootstrap_indices"].split(" ")[0]
    fixed = indexed_means(losses, np.loadtxt(index_file, delimiter=",", dtype=np.int64))
    free = block_means(losses, generator=np.random.default_rng(0), resamples=10_000, block=BLOCK)
    by_range, by_max = confidence_set(losses, fixed), confidence_set(losses, fixed, statistic="max")
    return {
        "T_R_fixed_indices": {
            **_elimination(by_range, names),
            "step_stat_and_raw_p": [
                [names[model], statistic, chance]
                for model, statistic, chance in zip(
                    by_range.order, by_range.statistics, by_range.step_p_values, strict=False
                )
            ],
        },
        "T_max_fixed_indices": _elimination(by_max, names),
        "large_B_10000_block5": {
            "T_R": _by_name(confidence_set(losses, free).p_values, names),
            "T_max": _by_name(confidence_set(losses, free, statistic="max").p_values, names),
        },
        "models_in_MCS_90": [names[i] for i in np.flatnonzero(by_range.contains(inputs["size"]))],
    }


def _elimination(found: ConfidenceSet, names: list[str]) -> dict[str, Any]:
    return {
        "pvalues": _by_name(found.p_values, names),
        "elimination_order": [names[model] for model in found.order],
    }


def _by_name(values: FloatArray, names: list[str]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _distribution_scores(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    outcome, mean, deviation = table["y"], table["mu"], table["sigma"]
    ensemble = np.column_stack([column for name, column in table.items() if name.startswith("ens")])
    normal, drawn = scores.crps_normal(outcome, mean, deviation), scores.crps_ensemble(outcome, ensemble)
    return {
        "crps_normal": normal.tolist(),
        "mean_crps_normal": float(normal.mean()),
        "crps_ensemble": drawn.tolist(),
        "mean_crps_ensemble": float(drawn.mean()),
        "mean_crps_ensemble_fair": float(scores.crps_ensemble(outcome, ensemble, fair=True).mean()),
        "mean_log_score_normal": float(scores.log_score_normal(outcome, mean, deviation).mean()),
        "mean_pinball_of_normal_quantiles": {
            str(level): float(scores.pinball(outcome, norm.ppf(level, mean, deviation), level).mean())
            for level in (0.01, 0.05, 0.5, 0.95)
        },
    }


def _unit_scores(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    outcome, quantile, level = np.array([1.0, -2.0]), np.zeros(2), 0.05
    standard = scores.crps_normal(np.array([0.0, 1.0]), np.zeros(2), np.ones(2))
    return {
        "crps_std_normal_at_0": float(standard[0]),
        "crps_std_normal_at_1": float(standard[1]),
        "pinball": {
            "y": outcome.tolist(),
            "q": quantile.tolist(),
            "tau": level,
            "loss": scores.pinball(outcome, quantile, level).tolist(),
        },
    }


def _variance_losses(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    realised = table.pop("realized_var")
    answer: dict[str, Any] = {}
    for name, forecast in table.items():
        line = scores.mincer_zarnowitz(realised, forecast)
        answer[name] = {
            "qlike_patton": float(scores.qlike_patton(realised, forecast).mean()),
            "qlike_gaussian": float(scores.qlike(realised, forecast).mean()),
            "mse": float(scores.squared_error(realised, forecast).mean()),
            "mae": float(scores.absolute_error(realised, forecast).mean()),
            "mz_slope_intercept": [line.slope, line.intercept],
        }
    return answer


def _fissler_ziegel(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    outcome = np.asarray(inputs["y"], dtype=np.float64)
    value_at_risk, shortfall = np.asarray(-inputs["v"]), np.asarray(-inputs["e"])
    return {"loss": scores.fz0(outcome, value_at_risk, shortfall, alpha=inputs["alpha"]).tolist()}


HANDLERS: dict[str, Handler] = {
    "diebold mariano": _diebold_mariano,
    "clark west": _clark_west,
    "giacomini white": _giacomini_white,
    "model confidence set": _model_confidence_set,
    "crps ensemble": _distribution_scores,
    "crps pinball unit": _unit_scores,
    "qlike mincer zarnowitz": _variance_losses,
    "fissler ziegel": _fissler_ziegel,
}
