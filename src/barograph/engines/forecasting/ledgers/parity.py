"""What a ledger bundle must reproduce: its graphs' outputs and the figures it was written with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.ledger_table import PARTS
from barograph.deploy.gate import FIGURE_TOLERANCE, GRAPH_TOLERANCE, Check, gap, sizes
from barograph.engines.forecasting.ledgers.inputs import network_inputs
from barograph.engines.forecasting.ledgers.newest import newest_counts, year_quantiles, year_severity
from barograph.engines.forecasting.ledgers.parts import Parts
from barograph.prepare.ledgers import build_ledgers


def check_parity(parts: Parts, stored: Mapping[str, AnyArray]) -> list[Check]:
    """Every graph at the stored rows, whole and in small batches, and the newest figures."""
    checks = []
    samples = build_ledgers(parts.ledger, parts.prepare)
    for name in PARTS:
        if name not in parts.graphs:
            continue
        rows = stored[f"rows_{name}"].astype(np.int64)
        inputs = network_inputs(parts.scaling[name], samples.part(name).take(rows))
        gaps = [
            gap(
                parts.graphs[name].run({key: values[:size] for key, values in inputs.items()})[:, :, 0],
                stored[f"raw_{name}"][:, :size],
            )
            for size in sizes(rows.size)
        ]
        checks.append(Check(f"graph of {name}", max(gaps), GRAPH_TOLERANCE))
    counts = newest_counts(parts, parts.ledger)
    for key in ("mean", "dispersion"):
        checks.append(Check(f"served count {key}", gap(getattr(counts, key), stored[key]), FIGURE_TOLERANCE))
    year = year_quantiles(parts, year_severity(parts, parts.ledger))
    checks.append(Check("served year", gap(year, stored["year"], relative=True), FIGURE_TOLERANCE * 10.0))
    return checks
