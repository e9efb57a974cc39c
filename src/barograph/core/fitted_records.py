"""Fitted values of the scoring engine: encoder, scorecard, logistic model, calibrator, stack, grades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.core.arrays import FloatArray
from barograph.core.fitted_value import FittedValue


@dataclass(frozen=True, slots=True, eq=False)
class EncoderParameters(FittedValue):
    """How records become numbers (see `prepare.encoder`): piecewise-linear bins, one-hot, codes for trees.

    A numeric column with bin edges ``e_0 < … < e_b`` becomes b columns, ``clip((x - e_{i-1}) / (e_i -
    e_{i-1}), 0, 1)``, and one more, 1 where it is missing, if `missing` says so. A categorical column
    becomes one column per kept category and, where training had rarer ones, one for all others.
    """

    kind: ClassVar[str] = "encoder"
    numeric: tuple[str, ...]
    edges: tuple[tuple[float, ...], ...]  # per numeric column, ascending; two equal ones if it is constant
    center: FloatArray  # [n_numeric] training mean, which a missing value is read as
    spread: FloatArray  # [n_numeric] training standard deviation > 0
    missing: tuple[bool, ...]  # per numeric column: missing values occurred in training, and known ones
    categorical: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]  # per categorical column, the kept ones; "" is missing
    shares: tuple[tuple[float, ...], ...]  # share of training of each kept category, then of all others
    seen: tuple[tuple[str, ...], ...]  # per categorical column, every category of training, kept or not
    channels: tuple[str, ...]
    channel_mean: FloatArray  # [C]
    channel_scale: FloatArray  # [C] > 0
    limit: float  # standardised columns and channels are clipped to ± limit
    until: str  # ISO date, last day of the fit window; "" without time


@dataclass(frozen=True, slots=True, eq=False)
class LogisticParameters(FittedValue):
    """``sigmoid(intercept + x · coefficients)`` on named inputs; link `identity` is least squares."""

    kind: ClassVar[str] = "logistic"
    names: tuple[str, ...]
    intercept: float
    coefficients: FloatArray  # [n_inputs]
    link: str = "logit"  # "logit" or "identity"


@dataclass(frozen=True, slots=True, eq=False)
class ScorecardParameters(FittedValue):
    """A weight-of-evidence logistic scorecard: log-odds of bad = intercept + Σ coefficient · WoE(bin).

    WoE = ln(share of goods / share of bads) of the bin, so coefficients are negative. A numeric column's bins
    are right-closed between its edges (ascending inner cuts), then one for missing; a categorical column's
    are its groups in order, then one for missing and unseen. `specials` are codes with a bin of their own
    (after the ordinary bins, before missing).
    """

    kind: ClassVar[str] = "scorecard"
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    edges: tuple[tuple[float, ...], ...]  # inner cuts; empty for a categorical column
    specials: tuple[tuple[float, ...], ...]
    groups: tuple[tuple[tuple[str, ...], ...], ...]  # empty for a numeric column
    woe: tuple[tuple[float, ...], ...]  # per column, per bin
    counts: tuple[tuple[tuple[float, float], ...], ...]  # per column, per bin: goods, bads in training
    coefficients: FloatArray  # [n_columns]
    intercept: float


@dataclass(frozen=True, slots=True, eq=False)
class CalibratorParameters(FittedValue):
    """A map from probability to probability (see `measures.credit.calibrators`).

    `platt`: sigmoid(a · logit p + b). `beta`: sigmoid(a · ln p - b · ln(1 - p) + c). `isotonic`: linear
    between the knots. `shift`: sigmoid(logit p + b). `none`: p.
    """

    kind: ClassVar[str] = "calibrator"
    method: str
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StackParameters(FittedValue):
    """Non-negative logit stacking: sigmoid(intercept + Σ weight · logit p_model)."""

    kind: ClassVar[str] = "logit_stack"
    models: tuple[str, ...]
    weights: FloatArray  # [n_models] >= 0
    intercept: float


@dataclass(frozen=True, slots=True, eq=False)
class GradeParameters(FittedValue):
    """A master scale: grade i holds probabilities in (upper[i-1], upper[i]]; the last upper is 1."""

    kind: ClassVar[str] = "grades"
    names: tuple[str, ...]
    upper: FloatArray  # [n_grades] ascending
