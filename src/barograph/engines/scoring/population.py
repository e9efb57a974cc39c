"""Whether a record is like those the model learnt from."""

from __future__ import annotations

from barograph.core.arrays import FloatArray
from barograph.engines.scoring.parts import Parts
from barograph.measures.anomaly import rank_in, reconstruction_score
from barograph.prepare.encoded import EncodedRecords

OUTLYING = 0.99
"""Rank of the anomaly score above which a record counts as unlike the training population."""


def anomaly_rank(parts: Parts, ready: EncodedRecords) -> FloatArray | None:
    """Share of the training population that is rebuilt better than a record, [n]; None without a part."""
    if parts.anomaly is None:
        return None
    raw = parts.anomaly.graph.run({"features": ready.features})[0, :, 0]
    error = ready.features - (raw + parts.anomaly.center)
    return rank_in(reconstruction_score(error, parts.anomaly.scale), parts.anomaly.quantiles)
