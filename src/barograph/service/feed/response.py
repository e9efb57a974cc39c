"""A reply that goes on: messages as they come, signs of life between them, an end in good order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from barograph.service.feed.hub import Feed, Listener
from barograph.service.feed.messages import HEARTBEAT, Message

MEDIA = "text/event-stream"
BEAT = 15.0
"""Seconds without a message after which a sign of life is sent."""
SLOW = 20.0
"""Seconds that one message may take on its way to a reader; who takes longer is cut off."""
LONGEST = 300.0
"""Seconds after which a stream ends, and the reader comes again with the access it then has."""
AGAIN = b"retry: 1000\n\n"
"""Readers come again after a second."""


class EventStream(Response):
    """The feed to one reader, who was let in before.

    Parameters
    ----------
    feed : Feed
    listener : Listener
        Of `feed.admit`; let go when this ends.
    """

    def __init__(self, feed: Feed, listener: Listener) -> None:
        super().__init__(headers={"x-accel-buffering": "no"}, media_type=MEDIA)
        del self.headers["content-length"]
        self._feed, self._listener = feed, listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        one = self._listener
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _first(_told(one, send), _gone(receive), one.cut.wait())
        finally:
            self._feed.leave(one)
        with contextlib.suppress(TimeoutError):  # who takes nothing loses the connection
            async with asyncio.timeout(SLOW):
                await send({"type": "http.response.body", "body": b""})


async def _told(listener: Listener, send: Send) -> None:
    """Send what comes, until the stream is old enough or the reader too slow."""

    async def sent(content: bytes) -> None:
        async with asyncio.timeout(SLOW):
            await send({"type": "http.response.body", "body": content, "more_body": True})

    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST
    with contextlib.suppress(TimeoutError):
        await sent(AGAIN)
        while loop.time() < until:
            message = await _next(listener)
            await sent(HEARTBEAT if message is None else message.content)


async def _next(listener: Listener) -> Message | None:
    """The next message; None where none comes for a while."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BEAT):
            return await listener.queue.get()
    return None


async def _gone(receive: Receive) -> None:
    """Return when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first(*works: Coroutine[Any, Any, Any]) -> None:
    """Run until one is done, and end the others."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
