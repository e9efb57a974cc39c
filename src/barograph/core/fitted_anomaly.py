"""Fitted values of the unsupervised anomaly models (see `measures.anomaly`), as JSON or as arrays for npz."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import BundleError
from barograph.core.fitted_value import FittedValue


@dataclass(frozen=True, slots=True, eq=False)
class IsolationForestParameters(FittedValue):
    """Trees of an isolation forest, one after another; a leaf is its own left and right child."""

    kind: ClassVar[str] = "isolation_forest"
    roots: FloatArray  # [n_trees] node where each tree begins
    feature: FloatArray  # [n_nodes] column compared
    threshold: FloatArray  # [n_nodes] a float32 value; above it the way goes right
    left: FloatArray  # [n_nodes]
    right: FloatArray  # [n_nodes]
    length: FloatArray  # [n_nodes] path length that a leaf stands for; 0 elsewhere
    levels: int  # steps from a root to the deepest leaf
    usual: float  # mean path length in a tree of as many rows
    n_columns: int


@dataclass(frozen=True, slots=True, eq=False)
class EcodParameters(FittedValue):
    """Order statistics of every column, dense in both tails, and the side to which each is skewed."""

    kind: ClassVar[str] = "ecod"
    knots: FloatArray  # [K, F] ascending
    ranks: FloatArray  # [K] rank of each kept order statistic, 1 … n_rows
    n_rows: int  # rows of training
    skewness: FloatArray  # [F]; 0 for a constant column


@dataclass(frozen=True, slots=True, eq=False)
class PcaParameters(FittedValue):
    """Standardised normal scores, and the major and minor principal directions over their deviations."""

    kind: ClassVar[str] = "pca"
    knots: FloatArray  # [K, F] of `measures.anomaly.normal_scores`
    center: FloatArray  # [F] mean score
    weight: FloatArray  # [F] one over the scores' standard deviation; 0 for a constant column
    directions: FloatArray  # [F, Q]


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourParameters(FittedValue):
    """A bounded sample of the training rows, in normal scores."""

    kind: ClassVar[str] = "neighbours"
    knots: FloatArray  # [K, F] of `measures.anomaly.normal_scores`
    reference: FloatArray  # [R, F] normal scores
    neighbour: int  # the neighbour whose distance counts, from 1


@dataclass(frozen=True, slots=True, eq=False)
class DeepAnomalyParameters(FittedValue):
    """What turns the answers of M stacked autoencoders into one score (`measures.anomaly.deep`)."""

    kind: ClassVar[str] = "deep_anomaly"
    knots: FloatArray  # [K, F] of `measures.anomaly.normal_scores`, the networks' inputs
    center: FloatArray  # [M, F] mean residual in training
    root: FloatArray  # [M, F, F] whitens residuals; from the shrunk covariance
    latent_weight: FloatArray  # [M, L] one over the standard deviation; 0 for a factor that never moves
    latents: FloatArray  # [M, R, L] factors of sampled training rows, times their weight
    neighbour: int  # the neighbour whose distance counts, from 1
    quantiles: FloatArray  # [M, Q] order statistics of each member's distance over held-out rows
    shares: FloatArray  # [Q] share of the held-out rows up to each of them
    n_ranked: int  # held-out rows


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyRankParameters(FittedValue):
    """Where a score lies among those of usual records held out of the training."""

    kind: ClassVar[str] = "anomaly_ranks"
    quantiles: FloatArray  # [Q] ascending order statistics of the held-out scores
    shares: FloatArray  # [Q] share of the held-out records up to each of them
    n_ranked: int  # held-out records


ANOMALY_KINDS: dict[str, type[FittedValue]] = {
    cls.kind: cls
    for cls in (
        IsolationForestParameters,
        EcodParameters,
        PcaParameters,
        NeighbourParameters,
        DeepAnomalyParameters,
        AnomalyRankParameters,
    )
}
"""Every kind of this file, by name."""


def anomaly_arrays(value: FittedValue) -> dict[str, AnyArray]:
    """A fitted value of this file as arrays for npz, without pickle; single numbers and the kind are 0-d.

    Forests and reference rows hold a few hundred thousand numbers: a tenth of the size of JSON.
    """
    named = {field.name: np.asarray(getattr(value, field.name)) for field in fields(value)}
    return {"kind": np.asarray(value.kind)} | named


def anomaly_from_arrays(arrays: Mapping[str, AnyArray]) -> FittedValue:
    """The inverse of `anomaly_arrays`; `BundleError` where the kind or a field is not known."""
    kind = str(arrays.get("kind", ""))
    if kind not in ANOMALY_KINDS:
        raise BundleError(
            f"the kind of an anomaly model must be one of {', '.join(sorted(ANOMALY_KINDS))}",
            came=f"got '{kind}'",
            do="Serve this bundle with the version of Barograph that wrote it",
        )
    cls = ANOMALY_KINDS[kind]
    plain = {name: one.item() if one.ndim == 0 else one for name, one in arrays.items()}
    lacking = [field.name for field in fields(cls) if field.name not in plain]
    if lacking:
        raise BundleError(
            f"an anomaly model of kind '{kind}' must have all its fields",
            came=f"{', '.join(lacking)} is lacking",
            do="Restore the file from a copy",
        )
    return cls.from_plain(plain)
