"""The work behind the operations on receivers: who is told of alerts."""

from __future__ import annotations

import json
from typing import Any

from barograph.govern import messages as out
from barograph.service.governing import kept
from barograph.service.paging import Paging
from barograph.service.service import Service
from barograph.service.wire import NewReceiver


async def receivers(service: Service) -> dict[str, Any]:
    """Who is told, without secrets."""
    return {"receivers": await service.apart(out.receivers_of, kept(service))}


async def add_receiver(service: Service, by: str, ask: NewReceiver) -> dict[str, Any]:
    """Tell an address of alerts."""
    database = kept(service)
    made, secret = await service.apart(
        lambda: out.add_receiver(database, ask.address, by=by, study=ask.study)
    )
    return {"id": made, "secret": secret}


async def messages(service: Service, receiver: str, page: Paging) -> dict[str, Any]:
    """What was sent to a receiver or waits for it, newest first, a page at a time."""
    database = kept(service)
    rows = await service.apart(
        lambda: out.outbox_rows(
            database, waiting=False, receiver=receiver, most=page.looked_for, after=page.after
        )
    )
    told = [
        {**{key: value for key, value in row.items() if key != "receiver"}, "body": json.loads(row["body"])}
        for row in rows
    ]
    return {"receiver": receiver, **page.told("messages", told)}


async def try_receiver(service: Service, receiver: str, by: str) -> dict[str, Any]:
    """Send a message that says nothing but that it comes; whether it was taken stands in the list."""
    database = kept(service)
    message = await service.apart(lambda: out.try_receiver(database, receiver, by=by))
    return {"id": receiver, "message": message}


async def end_receiver(service: Service, receiver: str) -> dict[str, Any]:
    """Tell an address nothing any more."""
    await service.apart(out.end_receiver, kept(service), receiver)
    return {"ended": receiver}
