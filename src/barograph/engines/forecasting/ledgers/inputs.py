"""Standardised inputs of the ledger's graphs, the same when fitting and when serving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted import ScalerParameters
from barograph.core.ledger_table import LedgerPart
from barograph.prepare.scaler import apply_scaler


@dataclass(frozen=True, slots=True, eq=False)
class PartScaling:
    """Standardisation of features and channels of one part."""

    features: ScalerParameters
    channels: ScalerParameters


def network_inputs(scaling: PartScaling, part: LedgerPart) -> dict[str, FloatArray]:
    """What the networks read: features [n, F] and sequence [n, T, C]; there is no cross-section."""
    return {
        "features": apply_scaler(scaling.features, part.inputs),
        "sequence": apply_scaler(scaling.channels, part.sequence),
        "cross_section": np.empty((part.n, 0)),
    }
