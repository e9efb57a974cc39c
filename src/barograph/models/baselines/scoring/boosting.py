"""Gradient-boosted trees (LightGBM), stopped early on held-out records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import lightgbm
import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.core.search import Floats, Integers, Space

Objective = Literal["binary", "regression", "cross_entropy"]
Settings = Mapping[str, float | int | str]
Float32Array = npt.NDArray[np.float32]

OBJECTIVES: tuple[Objective, ...] = ("binary", "regression", "cross_entropy")
"""`cross_entropy` is the log loss of labels that may be fractions; `regression` is squared error."""
ROUNDS = 2000
"""Trees at most."""
PATIENCE = 50
"""Trees without a better held-out loss before the boosting stops."""
DEFAULTS: dict[str, float | int] = {
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_child_samples": 50,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "lambda_l2": 1.0,
}
"""Untuned settings, and the first trial of a search: small trees for noisy outcomes."""

SEARCH: Space = {
    "num_leaves": Integers(4, 64, log=True),
    "learning_rate": Floats(0.02, 0.2, log=True),
    "min_child_samples": Integers(10, 300, log=True),
    "feature_fraction": Floats(0.3, 1.0),
    "bagging_fraction": Floats(0.5, 1.0),
    "lambda_l2": Floats(1e-3, 30.0, log=True),
}
"""Where tuning looks; `DEFAULTS` lies inside."""


@dataclass(frozen=True, slots=True)
class Boosted:
    """A fitted booster: plain text, so that it travels between processes and into a run's memory."""

    text: str  # LightGBM's own text format, cut at the best round
    objective: Objective
    n_features: int
    rounds: int

    @property
    def is_probability(self) -> bool:
        """Whether the sum of the trees is a log-odds."""
        return self.objective != "regression"

    def to_bytes(self) -> bytes:
        """What `from_bytes` reads."""
        return f"{self.objective} {self.n_features} {self.rounds}\n{self.text}".encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Boosted:
        """The inverse of `to_bytes`."""
        first, text = content.decode().split("\n", 1)
        objective, n_features, rounds = first.split(" ")
        if objective not in OBJECTIVES:
            raise unknown("a booster's objective", objective, OBJECTIVES)
        return cls(text, objective, int(n_features), int(rounds))


def fit_boosting(
    coded: Float32Array,
    label: FloatArray,
    holdout: Float32Array,
    holdout_label: FloatArray,
    settings: Settings,
    *,
    objective: Objective,
    seed: int,
) -> Boosted:
    """Boost trees until the held-out loss has not fallen for `PATIENCE` rounds; keep the best round.

    One thread, rows in order, every random draw from `seed`: the same arguments give the same trees. Records
    have equal weight; classes are not balanced.

    Parameters
    ----------
    coded : float32 array [n, n_features]
        NaN is missing; categories are numbers.
    label : array [n]
        0 or 1 for `binary`, in [0, 1] for `cross_entropy`, any for `regression`.
    holdout, holdout_label : arrays [m, n_features], [m]
        Watched for the stop, never fitted on.
    settings : mapping
        LightGBM parameters over `DEFAULTS`.
    objective : "binary", "regression" or "cross_entropy"
    seed : int

    Raises
    ------
    DataError
        Where an array is empty or does not fit, or a label is outside the objective's range.
    """
    _check(coded, label, objective)
    _check(holdout, holdout_label, objective)
    parameters = DEFAULTS | dict(settings) | _fixed(objective, seed)
    train = lightgbm.Dataset(coded, label, params=parameters)
    watched = lightgbm.Dataset(holdout, holdout_label, reference=train, params=parameters)
    booster = lightgbm.train(
        parameters,
        train,
        num_boost_round=ROUNDS,
        valid_sets=[watched],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    rounds = max(1, booster.best_iteration)
    text = booster.model_to_string(num_iteration=rounds)
    return Boosted(text, objective, coded.shape[1], rounds)


def predict(boosted: Boosted, coded: Float32Array) -> FloatArray:
    """Probabilities of bad, or losses, [n]; the library's own answer, in double precision."""
    booster = lightgbm.Booster(model_str=boosted.text)
    return np.asarray(booster.predict(coded, num_threads=1), dtype=np.float64)


def gains(boosted: Boosted) -> FloatArray:
    """How much each feature's splits lowered the training loss, all trees together, [n_features]."""
    booster = lightgbm.Booster(model_str=boosted.text)
    return np.asarray(booster.feature_importance("gain"), dtype=np.float64)


def _fixed(objective: Objective, seed: int) -> dict[str, Any]:
    return {
        "objective": objective,
        "metric": "l2" if objective == "regression" else objective.replace("binary", "binary_logloss"),
        "bagging_freq": 1,
        "seed": seed % 2**31,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
    }


def _check(coded: Float32Array, label: FloatArray, objective: Objective) -> None:
    if coded.dtype != np.float32 or coded.ndim != 2 or coded.shape[0] != label.size or not coded.size:
        raise DataError(
            "boosting needs float32 features, one row per label",
            came=f"got {coded.dtype} of shape {coded.shape} and {label.size} labels",
            do="Pass the encoder's coded view",
        )
    low, high = (-np.inf, np.inf) if objective == "regression" else (0.0, 1.0)
    usable = np.isfinite(label) & (label >= low) & (label <= high)
    if objective == "binary":
        usable &= (label == 0.0) | (label == 1.0)
    if not usable.all():
        raise DataError(
            f"labels must suit the objective '{objective}'",
            came=f"{int((~usable).sum())} of {label.size} do not, the first is {label[~usable][0]:g}",
            do="Leave these records out, or choose another objective",
        )
