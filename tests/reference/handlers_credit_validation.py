"""Answers to the cases on validating credit models: discrimination, calibration, back-tests, stability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler, columns

from barograph.core.arrays import FloatArray
from barograph.measures.classification import brier, log_loss
from barograph.measures.credit.calibration_tests import (
    brier_decomposition,
    hosmer_lemeshow,
    reliability_curve,
)
from barograph.measures.credit.delong import delong, delong_interval, delong_paired, delong_unpaired
from barograph.measures.credit.discrimination import (
    auc,
    average_precision,
    convex_hull_auc,
    gini,
    h_measure,
    kolmogorov_smirnov,
    precision_recall_at,
)
from barograph.measures.credit.grade_tests import (
    binomial_test,
    ecb_auc_test,
    jeffreys_test,
    lgd_t_test,
    normal_approximation,
)
from barograph.measures.credit.stability import psi


def _label(table: dict[str, np.ndarray], inputs: dict[str, Any]) -> FloatArray:
    return table[str(inputs.get("label", "y")).split(" ")[0]]


def _discrimination(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    label = _label(table, inputs)
    scores = np.stack([table[name] for name in inputs["scores"]])
    found, paired = delong(label, scores), delong_paired(label, scores[0], scores[1])
    unpaired = delong_unpaired((label, scores[0]), (label, scores[1]))
    variance, size = np.diag(found.covariance), label.size
    share = float(label.mean())
    return {
        "n": size,
        "defaults": int(label.sum()),
        "auc": [auc(label, score) for score in scores],
        "gini": [gini(label, score) for score in scores],
        "ks": [kolmogorov_smirnov(label, score) for score in scores],
        "delong_var": variance.tolist(),
        "delong_cov": float(found.covariance[0, 1]),
        "delong_z": paired.test.statistic,
        "delong_p_two_sided": paired.test.p_value,
        "auc1_95ci_delong": delong_interval(label, scores[0]),
        "auc_convex_hull": [convex_hull_auc(label, score) for score in scores],
        "H_measure_default_severity_ratio": [h_measure(label, score) for score in scores],
        "H_measure_severity_ratio_1_9": [h_measure(label, score, severity_ratio=1 / 9) for score in scores],
        "H_measure_beta_1pi1_1pi0": [
            h_measure(label, score, beta=(1.0 + share, 2.0 - share)) for score in scores
        ],
        "brier": [brier(label, score) for score in scores],
        "average_precision": [average_precision(label, score) for score in scores],
        "log_loss": [log_loss(label, score) for score in scores],
        "unpaired_delong_D_df_p": [unpaired.test.statistic, unpaired.freedom, unpaired.test.p_value],
    }


def _hosmer_lemeshow(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    label, score, groups = _label(table, inputs), table[inputs["score"]], inputs["groups"]
    inside = hosmer_lemeshow(label, score, groups=groups, in_sample=True)
    curve = reliability_curve(label, score, bins=groups)
    return {
        "chi2": inside.statistic,
        "df": curve.n_obs.size - 2,
        "p": inside.p_value,
        "group_sizes": curve.n_obs.tolist(),
        "observed_defaults": curve.defaults.tolist(),
        "expected_defaults": (curve.n_obs * curve.predicted).tolist(),
        "p_if_df_is_10_for_out_of_sample": hosmer_lemeshow(label, score, groups=groups).p_value,
    }


def _at_k(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    table = columns(folder / inputs["file"])
    found = [precision_recall_at(_label(table, inputs), table[inputs["score"]], k) for k in inputs["k"]]
    return {name: [getattr(one, name) for one in found] for name in ("precision", "recall", "lift")}


def _grades(inputs: dict[str, Any]) -> tuple[FloatArray, FloatArray, FloatArray]:
    keys = ("defaults", "n", "pd")
    table = np.array([[grade[key] for key in keys] for grade in inputs["grades"]], dtype=np.float64)
    return table[:, 0], table[:, 1], table[:, 2]


def _murphy(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    defaults, size, pd = _grades(inputs)
    label = np.concatenate(
        [np.arange(n) < bad for bad, n in zip(defaults, size.astype(int), strict=True)], dtype=np.float64
    )
    parts = brier_decomposition(label, np.repeat(pd, size.astype(int)))
    return {
        "brier": parts.brier,
        "reliability": parts.reliability,
        "resolution": parts.resolution,
        "uncertainty": parts.uncertainty,
        "brier_skill_score": parts.skill,
    }


def _grade_back_tests(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    grades = _grades(inputs)
    return {
        "jeffreys_p": jeffreys_test(*grades).tolist(),
        "binomial_p": binomial_test(*grades).tolist(),
        "normal_approx_z": normal_approximation(*grades).tolist(),
        "ecb_reject_5pct": (jeffreys_test(*grades) < 0.05).tolist(),
    }


def _lgd_back_test(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    difference = np.array(inputs["realised_minus_estimated"])
    test = lgd_t_test(difference, np.zeros(difference.size))
    return {"t": test.statistic, "df": test.n_obs - 1, "p": test.p_value}


def _auc_against_the_first(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    test = ecb_auc_test(inputs["auc_initial"], inputs["auc_current"], inputs["variance_current"])
    return {"S": test.statistic, "p": test.p_value}


def _stability(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    found = psi(inputs["expected_counts"], inputs["actual_counts"])
    return {"psi": found.index, "terms": found.terms.tolist(), "band": found.band}


HANDLERS: dict[str, Handler] = {
    "auc gini ks": _discrimination,
    "hosmer lemeshow": _hosmer_lemeshow,
    "precision recall lift": _at_k,
    "brier murphy decomposition": _murphy,
    "binomial jeffreys": _grade_back_tests,
    "lgd back-test": _lgd_back_test,
    "ecb auc discriminatory power": _auc_against_the_first,
    "population stability index": _stability,
}
