"""Reads the live feed of an application in this process, message by message."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from patience import PATIENCE
from small_service import Client


@dataclass
class Reader:
    """Somebody who listens. `stuck` takes nothing more from then on, like a browser that sleeps."""

    app: Any
    headers: dict[str, str]
    path: str = "/v1/stream"
    status: int = 0
    text: str = ""
    ended: bool = False  # in good order
    stuck: bool = False
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def listen(self) -> Reader:
        headers = [(key.lower().encode(), value.encode()) for key, value in self.headers.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": self.path, "raw_path": self.path.encode(), "query_string": b"",
            "root_path": "", "headers": headers, "client": ("127.0.0.1", 1), "server": ("service", 80),
        }  # fmt: skip
        self._task = asyncio.create_task(self.app(scope, self._receive, self._send))
        await self._until(lambda: self.status > 0)
        return self

    @property
    def messages(self) -> list[tuple[str, dict[str, Any]]]:
        """Kinds and contents so far."""
        return [(one["event"], json.loads(one["data"])) for one in self._fields if "event" in one]

    @property
    def last(self) -> str:
        """The id of the last message."""
        return [one["id"] for one in self._fields if "id" in one][-1]

    @property
    def _fields(self) -> list[dict[str, str]]:
        parts = [part for part in self.text.split("\n\n")[:-1] if not part.startswith(":")]
        return [dict(line.split(": ", 1) for line in part.split("\n")) for part in parts]

    async def told(self, kind: str, **said: Any) -> dict[str, Any]:
        """Wait for a message that says so."""

        def found() -> list[dict[str, Any]]:
            same = (content for one, content in self.messages if one == kind)
            return [one for one in same if said.items() <= one.items()]

        await self._until(lambda: bool(found()))
        return found()[0]

    async def over(self) -> None:
        """Wait until the service has let go of it."""
        assert self._task is not None
        await asyncio.wait_for(self._task, PATIENCE)

    async def leave(self) -> None:
        """Listen no more."""
        self._left.set()
        await self.over()

    async def _until(self, holds: Any) -> None:
        async def wait() -> None:
            while not holds():
                self._came.clear()
                if self._task is not None and self._task.done() and not holds():
                    raise AssertionError(f"the stream ended with {self.status}: {self.text}")
                await asyncio.wait(
                    [asyncio.ensure_future(self._came.wait()), *([self._task] if self._task else [])],
                    return_when=asyncio.FIRST_COMPLETED,
                )

        await asyncio.wait_for(wait(), PATIENCE)

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        while self.stuck:
            await asyncio.sleep(3600)
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message["body"].decode()
            self.ended = not message.get("more_body", False)
        self._came.set()


def reader(client: Client, app: Any, headers: dict[str, str], last: str = "") -> Reader:
    """Somebody who listens from now on, or from where they were."""
    more = {"last-event-id": last} if last else {}

    async def listen() -> Reader:
        return await Reader(app, {**headers, **more}).listen()

    return client.run(listen())
