"""The operations on receivers: who is told of alerts."""

from __future__ import annotations

from barograph.service import notifying
from barograph.service.operation import Operation
from barograph.service.wire import NewReceiver

RECEIVER = "/v1/receivers/{receiver}"

RECEIVERS = (
    Operation(
        "GET",
        "/v1/receivers",
        "manage_receivers",
        "Who is told of alerts, without secrets, and how they fare",
        notifying.receivers,
    ),
    Operation(
        "POST",
        "/v1/receivers",
        "manage_receivers",
        "Tell an address of alerts; the secret that signs webhooks is shown this once",
        notifying.add_receiver,
        NewReceiver,
        {
            "webhook": {"address": "https://hooks.bank.example/risk", "study": "operational/fraud"},
            "mail": {"address": "mailto:risk@bank.example"},
        },
        named=True,
        kind="receiver",
    ),
    Operation(
        "GET",
        f"{RECEIVER}/messages",
        "manage_receivers",
        "What was sent to an address, or waits for it, newest first",
        notifying.messages,
        paged=100,
    ),
    Operation(
        "POST",
        f"{RECEIVER}/test",
        "manage_receivers",
        "Send a message that says nothing but that it comes",
        notifying.try_receiver,
        named=True,
        kind="receiver",
    ),
    Operation(
        "DELETE",
        RECEIVER,
        "manage_receivers",
        "Tell an address nothing any more",
        notifying.end_receiver,
        kind="receiver",
    ),
)
"""Who is told."""
