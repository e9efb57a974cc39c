"""Whether a record is like those the model learnt from."""

from __future__ import annotations

from barograph.core.arrays import FloatArray
from barograph.core.record_table import Records
from barograph.engines.scoring.parts import Parts
from barograph.measures.anomaly import rank_in, reconstruction_score
from barograph.prepare import encoder


def anomaly_rank(parts: Parts, ready: Records) -> FloatArray | None:
    """Share of the training population that is rebuilt better than a record, [n]; None without a part."""
    if parts.anomaly is None:
        return None
    features = encoder.features(parts.encoder, ready)
    raw = parts.anomaly.graph.run({"features": features})[0, :, 0]
    error = features - (raw + parts.anomaly.center)
    return rank_in(reconstruction_score(error, parts.anomaly.scale), parts.anomaly.quantiles)
