"""What a connection writes: heads and bodies together where they come together, everything in its order; and
what of it counts as a request's head.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from barograph.service.connection import HEAD, Connection, Whole


class Wire:
    """A transport that notes what it is given."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> None:
        return None

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def whole() -> tuple[Wire, Any]:
    wire = Wire()
    return wire, Whole(wire, asyncio.get_running_loop())  # type: ignore[arg-type]


def test_a_head_goes_out_with_its_body() -> None:
    async def answered() -> list[bytes]:
        wire, one = whole()
        one.write(b"head ")
        one.write(b"body")
        await asyncio.sleep(0)
        return wire.sent

    assert asyncio.run(answered()) == [b"head body"]


def test_a_head_whose_body_is_long_in_coming_goes_out_alone() -> None:
    async def answered() -> list[bytes]:
        wire, one = whole()
        one.write(b"head")
        await asyncio.sleep(0.01)
        assert wire.sent == [b"head"]
        one.write(b"first")
        await asyncio.sleep(0.01)
        one.write(b"")
        return wire.sent

    assert asyncio.run(answered()) == [b"head", b"first"]


def test_what_was_written_is_sent_before_the_end_and_nothing_after_it() -> None:
    async def closed() -> Wire:
        wire, one = whole()
        one.write(b"last words")
        one.close()
        assert one.is_closing()
        one.write(b"too late")
        await asyncio.sleep(0.01)
        return wire

    wire = asyncio.run(closed())
    assert wire.sent == [b"last words"]
    assert wire.closed


def test_all_of_many_parts_goes_out_in_its_order() -> None:
    async def sent() -> bytes:
        wire, one = whole()
        for number in range(101):
            one.write(b"%d " % number)
            if number % 7 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        return b"".join(wire.sent)

    assert asyncio.run(sent()) == b"".join(b"%d " % number for number in range(101))


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with how long the body was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    content = b"%d bytes" % size
    headers = [(b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def heard(*reads: bytes) -> bytes:
    """What a connection answers to what it reads, read by read."""
    config = uvicorn.Config(echo, http=Connection, ws="none", log_config=None)
    config.load()
    wire = Wire()
    one = Connection(config=config, server_state=ServerState(), app_state={})
    one.connection_made(wire)  # type: ignore[arg-type]
    for read in reads:
        one.data_received(read)
        await asyncio.sleep(0.01)
    one.connection_lost(None)
    return b"".join(wire.sent)


LONG = 2 * HEAD
FIRST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % LONG


def test_a_body_does_not_count_into_the_head_of_the_request_behind_it() -> None:
    told = asyncio.run(heard(FIRST, b" " * LONG + b"GET / HTTP/1.1\r\nhost", b": x\r\n\r\n"))
    assert [told.count(words) for words in (b" 200 OK", b"%d bytes" % LONG, b"\r\n0 bytes")] == [2, 1, 1]


@pytest.mark.parametrize(
    "before", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"], ids=["first", "behind another"]
)
def test_a_head_that_is_too_long_is_refused_wherever_it_comes(before: bytes) -> None:
    told = asyncio.run(heard(before + b"GET / HTTP/1.1\r\na: ", b"x" * HEAD, b"x"))
    assert told.count(b" 200 OK") == bool(before)
    assert b"HTTP/1.1 431 " in told
