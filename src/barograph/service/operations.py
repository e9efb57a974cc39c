"""The operations of the API: path, permission, what a body must be, an example, and the work behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from barograph.govern.access import Permission, Principal
from barograph.service import asking, governing
from barograph.service.wire import (
    Assess,
    Events,
    NewToken,
    NewUser,
    Outcomes,
    Predict,
    Reason,
    Review,
    Row,
    WhatIf,
)

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
    permission: Permission
    summary: str
    work: Callable[..., Awaitable[Any]]
    body: Any = None  # the type of its body; None where it has none
    examples: dict[str, Any] | None = None
    optional: bool = False  # whether the body may be left out
    named: bool = False  # whether the work is told who asks
    kind: str = ""  # what the audit log calls it; nothing is written where it is empty

    def given(self, request: Request, caller: Principal) -> list[Any]:
        """What the work is given before the body: names of the path, in their order, then who asks."""
        return [*request.path_params.values(), *([caller.name] if self.named else [])]


OF_STUDY, MODEL = "/v1/studies/{study:path}", "/v1/models/{model}"

GOVERNANCE = (
    Operation("GET", "/v1/models", "read", "All models and where they stand", governing.models),
    Operation("GET", MODEL, "read", "One model and the findings against it", governing.model),
    Operation(
        "POST",
        f"{MODEL}/approve",
        "approve",
        "Let a proposed model answer; not by who proposed it",
        governing.approve,
        Review,
        {"champion": {"why": "validated"}, "shadow": {"why": "to compare", "challenger": True}},
        named=True,
        kind="approval",
    ),
    Operation(
        "POST",
        f"{MODEL}/promote",
        "approve",
        "Make a challenger the champion; not by its proposer",
        governing.promote,
        Reason,
        {"why": {"why": "better in the shadow for a month"}},
        named=True,
        kind="approval",
    ),
    Operation(
        "POST",
        f"{MODEL}/extend",
        "approve",
        "Put a model's review off; not by its proposer",
        governing.extend,
        Review,
        {"months": {"why": "reviewed", "months": 12}},
        named=True,
        kind="approval",
    ),
    Operation(
        "POST",
        f"{MODEL}/retire",
        "approve",
        "Take a model out for good",
        governing.retire,
        Reason,
        {"why": {"why": "superseded"}},
        named=True,
        kind="approval",
    ),
    Operation("GET", f"{OF_STUDY}/history", "read", "Every step of a study's models", governing.history),
    Operation(
        "GET",
        f"{OF_STUDY}/answered/{{at}}",
        "read",
        "Which model answered then, and who approved it",
        governing.answered,
    ),
    Operation(
        "POST",
        f"{OF_STUDY}/roll-back",
        "approve",
        "Let the champion before the present one answer again",
        governing.roll_back,
        Reason,
        {"why": {"why": "alerts doubled overnight"}},
        named=True,
        kind="approval",
    ),
    Operation("GET", "/v1/users", "manage_access", "All users", governing.users),
    Operation(
        "POST",
        "/v1/users",
        "manage_access",
        "Add a user",
        governing.add_user,
        NewUser,
        {"user": {"name": "ada", "role": "approver"}},
        named=True,
        kind="access",
    ),
    Operation("GET", "/v1/tokens", "manage_access", "All tokens, without their secrets", governing.tokens),
    Operation(
        "POST",
        "/v1/tokens",
        "manage_access",
        "Make a token for a user; it is shown this once",
        governing.add_token,
        NewToken,
        {"token": {"owner": "ada", "label": "laptop", "days": 90}},
        named=True,
        kind="access",
    ),
    Operation(
        "DELETE", "/v1/tokens/{token}", "manage_access", "End a token", governing.end_token, kind="access"
    ),
)
"""Who may answer, and who may ask."""

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
        "Late labels of events: what became known, and when",
        asking.outcomes,
        Outcomes,
        {"fraud": {"outcomes": [{"event_id": "p-1", "label": 1, "known_at": "2026-12-03T09:00:00Z"}]}},
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
        kind="prediction",
    ),
    Operation("GET", "/v1/studies", "read", "What is served", asking.studies),
    Operation("GET", "/v1/scenarios", "read", "Scenarios that assess knows", asking.known_scenarios),
    *GOVERNANCE,
    Operation("GET", OF_STUDY, "read", "One study and the model that answers for it", asking.study),
)
"""Those of a busy path first: they are looked at in this order."""
