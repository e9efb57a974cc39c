"""The operations of the API: path, permission, what a body must be, an example, and the work behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from barograph.service import asking
from barograph.service.wire import Assess, Events, Outcomes, Predict, Row, WhatIf

PAYMENT = {
    "event_id": "p-1",
    "time": "2026-11-29T10:00:00Z",
    "actor": "card-17",
    "counterparty": "shop-4",
    "amount": 42.5,
}
RECORD = {"amount": 12_000, "term": 36, "purpose": "car"}
DAY = {"entity": "ko", "time": "2026-11-27", "close": 41.0}


@dataclass(frozen=True, slots=True)
class Operation:
    """One path and method of the API."""

    method: str
    path: str
    permission: str
    summary: str
    work: Callable[..., Awaitable[Any]]
    body: Any = None  # the type of its body; None where it has none
    examples: dict[str, Any] | None = None
    optional: bool = False  # whether the body may be left out


OF_STUDY = "/v1/studies/{study:path}"

OPERATIONS = (
    Operation(
        "POST", f"{OF_STUDY}/events", "score", "Take in events, in their order, and score them",
        asking.events, Events, {"one": PAYMENT, "several": {"events": [PAYMENT]}},
    ),
    Operation(
        "POST", f"{OF_STUDY}/predict", "score", "Figures of records, or forecasts of series",
        asking.predict, Predict,
        {
            "records": {"records": [RECORD], "reasons": True},
            "newest": {"entities": ["ko"]},
            "days": {"records": [DAY]},
        },
        optional=True,
    ),
    Operation(
        "POST", f"{OF_STUDY}/update", "score", "Take in one day, fixing or curve, and forecast at it",
        asking.update, Row, {"prices": DAY, "curve": {"time": "2026-11-27", "y2": 0.035, "y10": 0.041}},
    ),
    Operation(
        "POST", f"{OF_STUDY}/outcomes", "label", "Late labels of events: what became known, and when",
        asking.outcomes, Outcomes,
        {"fraud": {"outcomes": [{"event_id": "p-1", "label": 1, "known_at": "2026-12-03T09:00:00Z"}]}},
    ),
    Operation(
        "POST", f"{OF_STUDY}/what-if", "score", "Change a record and see the figure move",
        asking.what_if, WhatIf, {"term": {"record": RECORD, "changes": [{"term": 24}, {"amount": 8_000}]}},
    ),
    Operation(
        "POST", f"{OF_STUDY}/assess", "score", "Figures of a book, and what a scenario would do to it",
        asking.assess, Assess,
        {"book": {"book": [{"entity": "ko", "value": 100_000}], "scenario": "crisis_2008"}},
    ),
    Operation("GET", "/v1/studies", "read", "What is served", asking.studies),
    Operation("GET", "/v1/scenarios", "read", "Scenarios that assess knows", asking.known_scenarios),
    Operation("GET", OF_STUDY, "read", "One study and the model that answers for it", asking.study),
)  # fmt: skip
"""Those of a busy path first: they are looked at in this order."""
