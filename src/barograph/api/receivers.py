"""Who is told of alerts: webhooks and addresses of e-mail, set at the machine of the database."""

from __future__ import annotations

from typing import Any

from barograph.api.models import opened
from barograph.govern import messages
from barograph.govern.storage import DEFAULT_URL


def receivers(*, database: str = DEFAULT_URL) -> list[dict[str, Any]]:
    """The receivers that stand, without their secrets, and how they fare (see `messages.receivers_of`)."""
    with opened(database) as kept:
        return messages.receivers_of(kept)


def add(address: str, *, by: str, study: str = "", database: str = DEFAULT_URL) -> tuple[str, str]:
    """Tell an address of alerts; its id, and the secret that webhooks are signed with."""
    with opened(database) as kept:
        return messages.add_receiver(kept, address, by=by, study=study)


def end(receiver: str, *, database: str = DEFAULT_URL) -> None:
    """Tell an address nothing any more; what waits for it is given up."""
    with opened(database) as kept:
        messages.end_receiver(kept, receiver)


def try_out(receiver: str, *, by: str, database: str = DEFAULT_URL) -> str:
    """Write a message that says nothing but that it comes; a service on this database sends it."""
    with opened(database) as kept:
        return messages.try_receiver(kept, receiver, by=by)
