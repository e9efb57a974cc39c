"""What a connection writes: heads and bodies together where they come together, everything in its order."""

from __future__ import annotations

import asyncio
from typing import Any

from barograph.service.connection import Whole


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

    def get_extra_info(self, name: str) -> str:
        return name


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
