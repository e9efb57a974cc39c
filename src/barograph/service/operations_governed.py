"""The operations of governance: who may answer, who may ask, what is watched."""

from __future__ import annotations

from barograph.service import alerting, governing
from barograph.service.operation import OF_STUDY, Operation
from barograph.service.wire import Assign, Close, Comment, NewLimit, NewToken, NewUser, Reason, Review

MODEL, ALERT = "/v1/models/{model}", "/v1/alerts/{alert}"

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

WATCHING = (
    Operation("GET", "/v1/alerts", "read", "Open alerts, hard ones first", alerting.queue),
    Operation("GET", "/v1/alerts/closed", "read", "Closed alerts, newest first", alerting.closed),
    Operation("GET", f"{ALERT}/notes", "read", "What was done about an alert", alerting.notes),
    Operation(
        "POST",
        f"{ALERT}/assign",
        "work_alerts",
        "Say who sees to an alert",
        alerting.assign,
        Assign,
        {"to": {"to": "ada"}},
        named=True,
        kind="alert",
    ),
    Operation(
        "POST",
        f"{ALERT}/comment",
        "work_alerts",
        "Say something about an open alert",
        alerting.comment,
        Comment,
        {"words": {"words": "called the card's owner"}},
        named=True,
        kind="alert",
    ),
    Operation(
        "POST",
        f"{ALERT}/close",
        "work_alerts",
        "Close an alert with what it was; of an event it becomes the label",
        alerting.close,
        Close,
        {"fraud": {"disposition": "fraud"}},
        named=True,
        kind="outcome",
    ),
    Operation(
        "GET",
        f"{OF_STUDY}/monitors",
        "read",
        "Drift, labels against figures, exceptions of a VaR",
        alerting.monitored,
    ),
    Operation("GET", "/v1/limits", "read", "The limits that stand", alerting.standing),
    Operation(
        "POST",
        "/v1/limits",
        "set_limits",
        "Set a limit; one on the same figure and entity ends",
        alerting.set_limit,
        NewLimit,
        {
            "var": {
                "study": "market/volatility",
                "figure": "var_99",
                "hard": 0.05,
                "owner": "ada",
                "why": "appetite of 2027",
            }
        },
        named=True,
        kind="limit",
    ),
    Operation(
        "DELETE",
        "/v1/limits/{limit}",
        "set_limits",
        "End a limit",
        alerting.end_limit,
        named=True,
        kind="limit",
    ),
)
"""What is watched, and what is done about it."""
