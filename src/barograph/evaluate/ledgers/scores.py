"""The score table of a ledger run: every model and figure over the held-out years."""

from __future__ import annotations

import numpy as np

from barograph.core.ledger_table import LedgerRecord
from barograph.core.results import Score
from barograph.core.texts import text
from barograph.evaluate.ledgers.losses import METRICS, losses

SPREAD = ("count_log_score", "count_crps", "severity_log_score")
"""Figures that are worked out for every seed."""


def ledger_scores(record: LedgerRecord, *, lang: str = "en") -> list[Score]:
    """Every cell: model × figure. A model that forecasts one part alone has blank cells in the other."""
    cells = []
    for metric, name in METRICS.items():
        part = record.part(name)
        for model in record.candidates:
            if model not in part.forecasts:
                cells.append(Score(model, metric, None, note=text(f"ledgers.blank.{name}", lang)))
                continue
            value = float(losses(part, part.forecasts[model], metric).mean())
            if not np.isfinite(value):
                cells.append(Score(model, metric, None, note=text("ledgers.blank.infinite", lang)))
                continue
            seeds = part.members.get(model, ()) if metric in SPREAD else ()
            each = [float(losses(part, seed, metric).mean()) for seed in seeds]
            sd = float(np.std(each, ddof=1)) if len(each) > 1 else None
            cells.append(Score(model, metric, value, sd=sd))
    return cells
