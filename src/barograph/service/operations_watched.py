"""The operations on what is watched: alerts, monitors, limits."""

from __future__ import annotations

from barograph.service import alerting
from barograph.service.operation import OF_STUDY, Operation
from barograph.service.wire import Assign, Close, Comment, NewLimit

ALERT = "/v1/alerts/{alert}"
ALERTS = 1_000
"""Alerts of a page, at most."""

WATCHING = (
    Operation("GET", "/v1/alerts", "read", "Open alerts, hard ones first", alerting.queue, paged=ALERTS),
    Operation(
        "GET", "/v1/alerts/closed", "read", "Closed alerts, newest first", alerting.closed, paged=ALERTS
    ),
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
    Operation(
        "GET",
        f"{OF_STUDY}/var-days/{{entity}}",
        "read",
        "An entity's VaR day by day, and the losses that came",
        alerting.var_days,
        paged=alerting.DAYS,
    ),
    Operation(
        "GET",
        "/v1/limits/{limit}/readings",
        "read",
        "A limit, those it replaced, and what was held to it",
        alerting.limit_readings,
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
