"""The gate: a bundle reproduces, graph by graph and figure by figure, what it was written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.records import Panel
from barograph.engines.forecasting.live import LiveState, advance
from barograph.engines.forecasting.parts import Parts

GRAPH_TOLERANCE = 1e-4
"""Largest difference of a graph's raw output (log variance units, float32)."""
FIGURE_TOLERANCE = 1e-5
"""Largest relative difference of a served figure."""
BATCHES = (1, 2, 7)
"""Sizes in which the stored rows are sent through each graph, besides all at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of the gate."""

    name: str
    difference: float
    allowed: float

    @property
    def passed(self) -> bool:
        """Whether the difference is known and small enough."""
        return bool(self.difference <= self.allowed)


def check_parity(
    parts: Parts, state: LiveState, stored: Mapping[str, np.ndarray[Any, Any]]
) -> tuple[Check, ...]:
    """Run the stored inputs through every graph, and the live state through the whole answer."""
    checks = [_graph(key, parts, stored) for key in parts.networks]
    nothing = Panel(state.prices.table.clear())
    answer = advance(parts, state, nothing)[1]
    order = [list(answer.entity).index(str(name)) for name in stored["entity"]]
    for name in ("variance", "quantiles", "shortfall"):
        served = getattr(answer.distribution, name)[order]
        checks.append(Check(f"served {name}", _relative(served, stored[name]), FIGURE_TOLERANCE))
    return tuple(checks)


def _graph(key: str, parts: Parts, stored: Mapping[str, np.ndarray[Any, Any]]) -> Check:
    graph = parts.networks[key].graph
    inputs = {name: stored[f"input_{name}"] for name in ("features", "sequence", "cross_section")}
    expected = stored[f"raw_{key}"]
    n = expected.shape[1]
    worst = 0.0
    for size in (n, *(size for size in BATCHES if size < n)):
        part = graph.run({name: values[:size] for name, values in inputs.items()})
        worst = max(worst, float(np.abs(part - expected[:, :size]).max()))
    return Check(f"graph of {key}", worst if np.isfinite(worst) else np.inf, GRAPH_TOLERANCE)


def _relative(served: FloatArray, expected: FloatArray) -> float:
    scale = np.maximum(np.abs(expected), 1e-12)
    difference = float((np.abs(served - expected) / scale).max())
    return difference if np.isfinite(difference) else float("inf")
