"""What a level bundle must reproduce: its graphs' outputs and the figures it was written with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.level_table import LevelSamples
from barograph.deploy.gate import FIGURE_TOLERANCE, GRAPH_TOLERANCE, Check, gap, sizes
from barograph.engines.forecasting.levels.parts import Parts
from barograph.engines.forecasting.levels.serving import figures, network_inputs


def check_parity(parts: Parts, samples: LevelSamples, stored: Mapping[str, AnyArray]) -> list[Check]:
    """Every graph at the stored origins, whole and in small batches, and the newest figures."""
    rows = stored["rows"].astype(np.int64)
    checks = []
    for key, graph in parts.networks.items():
        gaps = [
            gap(graph.run(network_inputs(parts, samples, rows[:size])), stored[f"raw_{key}"][:, :size])
            for size in sizes(rows.size)
        ]
        checks.append(Check(f"graph of {key}", max(gaps), GRAPH_TOLERANCE))
    newest = figures(parts, samples, np.array([samples.n - 1]))
    for name in ("mean", "deviation"):
        checks.append(Check(f"served {name}", gap(getattr(newest, name), stored[name]), FIGURE_TOLERANCE))
    return checks
