"""The gate: a level bundle reproduces its graphs' outputs and the figures it was written with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.level_table import LevelSamples
from barograph.engines.forecasting.levels.parts import Parts
from barograph.engines.forecasting.levels.serving import figures, network_inputs
from barograph.engines.forecasting.parity import BATCHES, Check

GRAPH_TOLERANCE = 1e-4
FIGURE_TOLERANCE = 1e-5
"""Largest difference of a served mean or deviation, on the study's scale."""


def check_parity(parts: Parts, samples: LevelSamples, stored: Mapping[str, AnyArray]) -> tuple[Check, ...]:
    """Every graph at the stored origins, whole and in small batches, and the newest figures."""
    rows = stored["rows"].astype(np.int64)
    checks = []
    for key, graph in parts.networks.items():
        worst = 0.0
        for size in (rows.size, *(size for size in BATCHES if size < rows.size)):
            raw = graph.run(network_inputs(parts, samples, rows[:size]))
            worst = max(worst, _gap(raw, stored[f"raw_{key}"][:, :size]))
        checks.append(Check(f"graph of {key}", worst, GRAPH_TOLERANCE))
    newest = figures(parts, samples, np.array([samples.n - 1]))
    for name in ("mean", "deviation"):
        gap = _gap(getattr(newest, name), stored[name])
        checks.append(Check(f"served {name}", gap, FIGURE_TOLERANCE))
    return tuple(checks)


def _gap(served: FloatArray, expected: AnyArray) -> float:
    gap = float(np.abs(served - expected).max())
    return gap if np.isfinite(gap) else float("inf")
