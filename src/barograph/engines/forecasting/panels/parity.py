"""What a panel bundle must reproduce: its graphs' outputs and the figures it was written with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.panel_table import PanelSamples
from barograph.deploy.gate import GRAPH_TOLERANCE, Check, gap, sizes
from barograph.engines.forecasting.panels.parts import Parts
from barograph.engines.forecasting.panels.serving import figures, network_inputs


def check_parity(parts: Parts, samples: PanelSamples, stored: Mapping[str, AnyArray]) -> list[Check]:
    """Every graph at the stored rows, whole and in small batches, and the newest figures."""
    rows = stored["rows"].astype(np.int64)
    checks = []
    for key, graph in parts.networks.items():
        gaps = [
            gap(graph.run(network_inputs(parts, samples, rows[:size])), stored[f"raw_{key}"][:, :size])
            for size in sizes(rows.size)
        ]
        checks.append(Check(f"graph of {key}", max(gaps), GRAPH_TOLERANCE))
    newest = figures(parts, samples, np.array([samples.time.size - 1]))
    alive = np.isfinite(stored["mean"]) & np.isfinite(newest.mean)
    same = bool(np.array_equal(np.isfinite(stored["mean"]), np.isfinite(newest.mean))) and alive.any()
    for name in ("mean", "deviation"):
        away = (getattr(newest, name) - stored[name])[alive] / stored["deviation"][alive]
        worst = float(np.abs(away).max()) if same else float("inf")
        checks.append(Check(f"served {name}", worst, GRAPH_TOLERANCE))  # in deviations
    return checks
