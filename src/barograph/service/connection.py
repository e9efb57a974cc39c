"""One connection of the server: a request must come whole within a time, and its head in few bytes.

The parser of HTTP below takes heads of any length, and waits for any time; both would let somebody without a
token fill memory, or hold connections open for ever. A server that stops tells each connection, and waits for
them: this is how streams of the live feed learn of it.
"""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from barograph.service.problems import MEDIA, Problem

FEED = "feed"
"""What the feed is called in the state that the application gives the server when it starts."""
HEAD = 64 * 2**10
"""Bytes of a request's line and headers, at most."""
SECONDS = 60.0
"""From the first byte of a request to its last, at most; a connection may be silent as long before one."""
LINGER = 2.0
"""Seconds that a request may go on after its answer: one that is reset at once may never be read."""


class Whole(asyncio.Transport):
    """A transport that sends the head of an answer together with its body, where that comes at once.

    Two writes would be two calls of the system and often two packets: a tenth of a request's time. What is
    written first waits for the second, or for the turn of the loop to end.

    Parameters
    ----------
    transport : asyncio.Transport
    loop : asyncio.AbstractEventLoop
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport, self._loop, self._held = transport, loop, b""

    def is_closing(self) -> bool:
        """See `asyncio.BaseTransport`."""
        return self._transport.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, at the end of this turn at the latest; in the order in which it is called."""
        if self._held:
            whole, self._held = self._held + data, b""
            self._transport.write(whole)
        elif data:
            self._held = bytes(data)
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Send what was written, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        data, self._held = self._held, b""
        if data and not self.is_closing():
            self._transport.write(data)


class Connection(HttpToolsProtocol):
    """See the module; the base class is uvicorn's, whose callbacks are the parser's."""

    seconds = SECONDS
    head = 0  # bytes of the request's head so far; -1 once it is whole
    begun = False  # whether a request has begun to come and is not whole
    ended = False  # whether one came to its end in this read: what it holds of the next was not counted alone
    timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        super().connection_made(cast(asyncio.Transport, transport))  # a stream, as for every protocol of HTTP
        self.transport = Whole(self.transport, self.loop)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._whole()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self.ended = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.begun or self.cycle is None or self.cycle.response_complete:
            self._wait()  # blanks between two requests end uvicorn's own wait, and begin nothing
        if self.head < 0 or self.ended:
            return
        self.head += len(data)
        if self.head > HEAD:
            detail = f"a request's line and headers may have {HEAD:,} bytes together; these have more."
            self._refuse(Problem(431, "head", detail))

    def on_message_begin(self) -> None:
        """A request begins: its time runs, unless it comes whole in one piece."""
        super().on_message_begin()
        self.head, self.begun = 0, True

    def on_headers_complete(self) -> None:
        """The head is whole: the application has the request."""
        self.head = -1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self.begun, self.ended = False, True
        self._whole()

    def on_response_complete(self) -> None:
        """The request is answered; what still comes of it is thrown away for a moment only."""
        super().on_response_complete()
        if self.timer is not None and self.head < 0:
            self.timer.cancel()
            self.timer = self.loop.call_later(LINGER, self._too_slow)

    def shutdown(self) -> None:
        """The server stops; called for every open connection, before it waits."""
        if FEED in self.app_state:
            self.app_state[FEED].end()
        super().shutdown()

    def _wait(self) -> None:
        if self.timer is None:
            self.timer = self.loop.call_later(self.seconds, self._too_slow)

    def _whole(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _too_slow(self) -> None:
        self.timer = None
        if self.transport.is_closing():
            return
        if self.head == 0 and self.cycle is None:
            self.transport.close()  # silent from the start
            return
        detail = (
            f"a request must come whole within {self.seconds:g} seconds; this one did not. Send it again."
        )
        self._refuse(Problem(408, "slow", detail))

    def _refuse(self, problem: Problem) -> None:
        """Answer for the application and close; only close, where it is in the midst of an answer."""
        one = self.cycle
        if one is not None and (one.response_started if self.head < 0 else not one.response_complete):
            self.transport.close()
            return
        content = problem.content()
        head = f"content-type: {MEDIA}\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[problem.status] + head.encode() + content)
        self.transport.close()
