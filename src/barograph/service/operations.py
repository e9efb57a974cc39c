"""The operations of the API, in the order in which paths are looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from barograph.service import alerting, asking, listening, looking
from barograph.service.operation import OF_STUDY, Operation
from barograph.service.operations_governed import GOVERNANCE
from barograph.service.operations_notified import RECEIVERS
from barograph.service.operations_watched import WATCHING
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

OPERATIONS = (
    Operation(
        "POST",
        f"{OF_STUDY}/events",
        "score",
        "Take in events, in their order, and score them",
        asking.events,
        Events,
        {"one": PAYMENT, "several": {"events": [PAYMENT]}},
        kind="event",
    ),
    Operation(
        "POST",
        f"{OF_STUDY}/predict",
        "score",
        "Figures of records, or forecasts of series",
        asking.predict,
        Predict,
        {
            "records": {"records": [RECORD], "reasons": True},
            "newest": {"entities": ["ko"]},
            "days": {"records": [DAY]},
        },
        optional=True,
        kind="prediction",
    ),
    Operation(
        "POST",
        f"{OF_STUDY}/update",
        "score",
        "Take in one day, fixing or curve, and forecast at it",
        asking.update,
        Row,
        {"prices": DAY, "curve": {"time": "2026-11-27", "y2": 0.035, "y10": 0.041}},
        kind="event",
    ),
    Operation(
        "POST",
        f"{OF_STUDY}/outcomes",
        "label",
        "Late labels: what became known of events or records, and when",
        alerting.outcomes,
        Outcomes,
        {"fraud": {"outcomes": [{"event_id": "p-1", "label": 1, "known_at": "2026-12-03T09:00:00Z"}]}},
        named=True,
        kind="outcome",
    ),
    Operation(
        "POST",
        f"{OF_STUDY}/what-if",
        "score",
        "Change a record and see the figure move",
        asking.what_if,
        WhatIf,
        {"term": {"record": RECORD, "changes": [{"term": 24}, {"amount": 8_000}]}},
        kind="prediction",
    ),
    Operation(
        "POST",
        f"{OF_STUDY}/assess",
        "score",
        "Figures of a book, and what a scenario would do to it",
        asking.assess,
        Assess,
        {"book": {"book": [{"entity": "ko", "value": 100_000}], "scenario": "crisis_2008"}},
        named=True,
        kind="prediction",
    ),
    Operation("GET", "/v1/studies", "read", "What is served", asking.studies),
    Operation("GET", "/v1/scenarios", "read", "Scenarios that assess knows", asking.known_scenarios),
    Operation(
        "GET", f"{OF_STUDY}/newest", "read", "The newest forecasts; not held to limits", looking.newest
    ),
    Operation(
        "GET", f"{OF_STUDY}/drivers", "read", "What moves the figure: mean size of reasons", looking.drivers
    ),
    Operation(
        "GET",
        f"{OF_STUDY}/assessed",
        "read",
        "The book assessed last: when, by whom, and its figures; of long tables the largest rows",
        looking.assessed,
    ),
    Operation("GET", f"{OF_STUDY}/run", "read", "Claims and scores of the run behind the model", looking.run),
    *GOVERNANCE,
    *WATCHING,
    Operation(
        "GET",
        "/v1/stream",
        "read",
        "What happens, as server-sent events",
        listening.listen,
        listens=True,
    ),
    *RECEIVERS,
    Operation("GET", OF_STUDY, "read", "One study and the model that answers for it", asking.study),
)
"""Those of a busy path first: they are looked at in this order."""


def operation_of(work: Callable[..., Awaitable[Any]]) -> Operation:
    """The operation behind which some work is done."""
    return next(one for one in OPERATIONS if one.work is work)
