"""What a forecasting bundle must reproduce: its graphs' outputs, and the newest figures of its live state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from barograph.core.records import Panel
from barograph.deploy.gate import FIGURE_TOLERANCE, GRAPH_TOLERANCE, Check, gap, sizes
from barograph.engines.forecasting.live import LiveState, advance
from barograph.engines.forecasting.parts import Parts


def check_parity(parts: Parts, state: LiveState, stored: Mapping[str, np.ndarray[Any, Any]]) -> list[Check]:
    """Run the stored inputs through every graph, and the live state through the whole answer."""
    checks = [_graph(key, parts, stored) for key in parts.networks]
    nothing = Panel(state.prices.table.clear())
    answer = advance(parts, state, nothing)[1]
    order = [list(answer.entity).index(str(name)) for name in stored["entity"]]
    for name in ("variance", "quantiles", "shortfall"):
        served = getattr(answer.distribution, name)[order]
        off = gap(served, stored[name], relative=True)
        checks.append(Check(f"served {name}", off, FIGURE_TOLERANCE))
    return checks


def _graph(key: str, parts: Parts, stored: Mapping[str, np.ndarray[Any, Any]]) -> Check:
    graph = parts.networks[key].graph
    inputs = {name: stored[f"input_{name}"] for name in ("features", "sequence", "cross_section")}
    expected = stored[f"raw_{key}"]
    gaps = [
        gap(graph.run({name: values[:size] for name, values in inputs.items()}), expected[:, :size])
        for size in sizes(expected.shape[1])
    ]
    return Check(f"graph of {key}", max(gaps), GRAPH_TOLERANCE)
