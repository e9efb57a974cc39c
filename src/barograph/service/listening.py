"""The work behind the live feed: somebody is let in to listen."""

from __future__ import annotations

from barograph.service.feed import EventStream
from barograph.service.service import Service


async def listen(service: Service, key: str, last: str) -> EventStream:
    """What happens from now on, or from the message after `last` on; `key` is of the token or session.

    Messages: `hello` and `reload` (read the state anew), `alert` (opened, escalated, assigned, comment,
    closed), `reading` (of a figure under a limit), `limit` (set, ended), `registry` (a step of a model),
    `model` (another one answers here, or none), `study` (a day was taken in), `scores` (sums of a second).
    """
    return EventStream(service.feed, service.feed.admit(key, last))
