"""The anomaly score as columns beside the encoded features: how it is widened, named, and served."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.deploy.bundle import Bundle
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.unsupervised import (
    FittedUnsupervised,
    UnsupervisedPart,
    read_part,
    served_ranks,
)
from barograph.prepare.encoded import EncodedRecords
from barograph.prepare.encoder_rows import Float32Array

FEATURE = "parts/anomaly_feature.json"
NAME = "anomaly_feature"
EDGES = (0.0, 0.5, 0.9, 0.99, 0.999, 1.0)
"""Ranks at which the bins of the score end: what tells a fraud lies in its tail."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureModel:
    """The model behind the columns, as it scores rows that it was not fitted on."""

    key: str
    columns: tuple[str, ...]  # source columns that it reads
    fitted: FittedUnsupervised


def widened(features: Float32Array, score: FloatArray) -> Float32Array:
    """Features [n, F] and the score's piecewise-linear bins, [n, F + 5], all in [0, 1]."""
    bins = [np.clip((score - low) / (high - low), 0.0, 1.0) for low, high in pairwise(EDGES)]
    return np.concatenate([features, np.stack(bins, axis=1).astype(np.float32)], axis=1)


def column_names() -> tuple[str, ...]:
    """Names of the columns that join."""
    return tuple(f"{NAME}:{number}" for number in range(1, len(EDGES)))


def read_feature(bundle: Bundle[ScoringManifest]) -> UnsupervisedPart | None:
    """The model behind the feature, in a bundle that has one."""
    return read_part(bundle, NAME, 0, bundle.json(FEATURE)["columns"]) if bundle.has(FEATURE) else None


def seen(feature: UnsupervisedPart | None, ready: EncodedRecords) -> Float32Array:
    """What networks and controls see of records in a bundle, [n, features]."""
    return ready.features if feature is None else widened(ready.features, served_ranks(feature, ready))
