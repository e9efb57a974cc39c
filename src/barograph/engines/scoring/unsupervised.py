"""Scores of models that never see a label, as they are served: ranks among usual records held out.

A rank lies in [0, 1] and is strictly increasing even beyond everything known. It is no probability: it says
how much of the usual population is less unusual, not how likely a fraud is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.errors import BundleError
from barograph.core.fitted_anomaly import (
    AnomalyRankParameters,
    DeepAnomalyParameters,
    anomaly_arrays,
    anomaly_from_arrays,
)
from barograph.core.fitted_records import EncoderParameters
from barograph.core.fitted_value import FittedValue
from barograph.deploy.bundle import Bundle, packed
from barograph.deploy.graph import Graph, load_graph
from barograph.deploy.manifest import ScoringManifest
from barograph.measures.anomaly import anomaly_score, deep_anomaly_score, deep_inputs, ranked
from barograph.prepare import encoder
from barograph.prepare.encoded import EncodedRecords
from barograph.prepare.encoder_rows import Float32Array

VALUE, RANKS, STACK = "value:", "ranks:", "stack"
"""Before the names of arrays in a model's file; the trained networks among them."""
UNSUPERVISED = "parts/unsupervised.json"
"""Which of these models a bundle has, and the columns that each reads."""


def part_file(model: str, part: int, kind: str) -> str:
    """Where a model of one part of the bag lies in the bundle: its values (npz), graph or weights."""
    return f"parts/{model}-{part}.{kind}"


@dataclass(frozen=True, slots=True, eq=False)
class FittedUnsupervised:
    """A model that never saw a label, as plain values."""

    value: FittedValue
    ranks: AnomalyRankParameters | None  # None of networks, whose value ranks by itself
    stack: bytes = b""  # the trained networks; empty of other models and in a bundle

    def to_bytes(self, *, whole: bool = True) -> bytes:
        """As an npz file, with the trained networks or without."""
        arrays = {VALUE + name: one for name, one in anomaly_arrays(self.value).items()}
        if self.ranks is not None:
            arrays |= {RANKS + name: one for name, one in anomaly_arrays(self.ranks).items()}
        return packed(arrays | ({STACK: np.frombuffer(self.stack, np.uint8)} if whole else {}))

    @classmethod
    def from_bytes(cls, content: bytes) -> FittedUnsupervised:
        """The inverse of `to_bytes`."""
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return cls.from_arrays({name: file[name] for name in file.files})

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> FittedUnsupervised:
        """Of the arrays of its file; `BundleError` where they are not those of a model."""
        found = _part(arrays, RANKS)
        ranks = anomaly_from_arrays(found) if found else None
        if ranks is not None and not isinstance(ranks, AnomalyRankParameters):
            raise BundleError(
                "ranks of an unsupervised model must be of their own kind",
                came=f"got '{ranks.kind}'",
                do="Restore the file from a copy",
            )
        stack = arrays[STACK].tobytes() if STACK in arrays else b""
        return cls(anomaly_from_arrays(_part(arrays, VALUE)), ranks, stack)


@dataclass(frozen=True, slots=True, eq=False)
class UnsupervisedPart:
    """A model that never saw a label, in a bundle."""

    columns: tuple[str, ...]  # source columns that it reads
    fitted: FittedUnsupervised
    graph: Graph | None  # of the networks


def read_unsupervised(bundle: Bundle[ScoringManifest]) -> dict[str, tuple[UnsupervisedPart, ...]]:
    """The models of a bundle that never saw a label, part by part."""
    if not bundle.has(UNSUPERVISED):
        return {}
    return {
        key: tuple(read_part(bundle, key, number, columns) for number in range(bundle.manifest.parts))
        for key, columns in bundle.json(UNSUPERVISED).items()
    }


def read_part(
    bundle: Bundle[ScoringManifest], key: str, number: int, columns: Sequence[str]
) -> UnsupervisedPart:
    """One model of a bundle that never saw a label."""
    fitted = FittedUnsupervised.from_arrays(bundle.arrays(part_file(key, number, "npz")))
    graph = part_file(key, number, "onnx")
    loaded = load_graph(bundle.folder / graph) if bundle.has(graph) else None
    return UnsupervisedPart(tuple(columns), fitted, loaded)


def anomaly_matrix(
    parameters: EncoderParameters, coded: Float32Array, columns: tuple[str, ...]
) -> FloatArray:
    """What these models read, [n, F]: the columns as they are, missing ones as the mean with a flag beside.

    Parameters
    ----------
    parameters : EncoderParameters
    coded : array [n, columns]
        Of `encoder.coded`: categories stand as their place by frequency.
    columns : tuple of str
        Source columns to read.
    """
    names = encoder.coded_names(parameters)
    places = np.array([names.index(name) for name in columns], dtype=np.int64)
    rest = len(parameters.categorical)
    center = np.concatenate([parameters.center, np.zeros(rest)])[places]
    gaps = np.concatenate([np.array(parameters.missing, dtype=bool), np.zeros(rest, dtype=bool)])[places]
    values = coded[:, places].astype(np.float64)
    unknown = np.isnan(values)
    return np.concatenate([np.where(unknown, center, values), unknown[:, gaps]], axis=1)


def served_ranks(part: UnsupervisedPart, ready: EncodedRecords) -> FloatArray:
    """Ranks of records by a bundle's model, [n]."""
    matrix = anomaly_matrix(ready.parameters, ready.coded, part.columns)
    value = part.fitted.value
    if not isinstance(value, DeepAnomalyParameters):
        return conventional_ranks(part.fitted, matrix)
    if part.graph is None:
        raise BundleError(
            "an unsupervised network must have its graph in the bundle",
            came="it is not there",
            do="Take a fresh copy of the bundle",
        )
    inputs = deep_inputs(value.knots, matrix)
    answer = part.graph.run({"features": inputs, "sequence": inputs[:, :0]})  # [M, n, 1, F + L]
    return within_one(deep_anomaly_score(value, inputs, answer[:, :, 0]), value.n_ranked)


def conventional_ranks(fitted: FittedUnsupervised, matrix: FloatArray) -> FloatArray:
    """Ranks of rows by a conventional model, [n]."""
    assert fitted.ranks is not None
    ranks = fitted.ranks
    raw = anomaly_score(fitted.value, matrix)
    return within_one(ranked(raw, ranks.quantiles, ranks.shares, n_rows=ranks.n_ranked), ranks.n_ranked)


def within_one(rank: FloatArray, n_ranked: int) -> FloatArray:
    """Ranks up to ``1 + 1 / n`` (see `measures.anomaly.ranked`) as numbers in [0, 1], in their order."""
    return np.asarray(rank / (1.0 + 1.0 / n_ranked))


def _part(arrays: Mapping[str, AnyArray], prefix: str) -> dict[str, AnyArray]:
    return {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}
