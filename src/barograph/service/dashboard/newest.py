"""The newest figures of what is in service, as the first page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barograph.api.answer import Scorer
from barograph.api.live import EventScorer
from barograph.core.errors import InputError
from barograph.service import looking
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.studies import Served

NAMES = ("entity", "series", "what")
BANDS = (("q_0.05", "q_0.95"), ("q_0.1", "q_0.9"), ("q_0.025", "q_0.975"))
"""Ends of an interval, the first that a forecast has; 90 % where it can be."""


async def newest_of(service: Service, served: Served) -> list[dict[str, Any]]:
    """The forecasts of a study of series at the newest day known; empty for records and events."""
    if isinstance(served.model, Scorer | EventScorer):
        return []
    try:
        rows: list[dict[str, Any]] = (await looking.newest(service, served.study))["answers"]
    except (InputError, Problem):
        return []
    return rows


def first_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the shortest horizon, each with its name, its day and its interval."""
    shortest = min((row["horizon"] for row in rows if "horizon" in row), default=None)
    return [_named(row) for row in rows if row.get("horizon") == shortest]


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = next((band for band in BANDS if band[0] in row and band[1] in row), ("", ""))
    return {
        "name": str(next((row[name] for name in NAMES if name in row), "")),
        "day": next((row[name] for name in ("time", "origin", "since") if name in row), None),
        "horizon": row.get("horizon"),
        "middle": row.get("q_0.5", row.get("mean")),
        "low": row.get(low),
        "high": row.get(high),
        "var": row.get("var_99"),
        "shortfall": row.get("es_99"),
        "probability": row.get("probability"),
    }
