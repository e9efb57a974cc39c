"""The outermost layer: what holds for every request, whatever it asks.

Each gets an id, headers that keep browsers safe, its time by stages, a line in the log and a place in the
metrics; each is let in only with a token that holds, not too often, and with a body that is not too large.
"""

from __future__ import annotations

import traceback
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barograph.core.errors import InputError
from barograph.govern.access import Buckets, Principal
from barograph.service import logs
from barograph.service.access import bearer, no_token
from barograph.service.problems import MEDIA, Problem, of_input, too_often
from barograph.service.service import Service
from barograph.service.trace import Trace

OPEN = frozenset({"/", "/healthz", "/readyz"})
"""All that needs no token; "/" leads to the dashboard."""
PAGES = "/dashboard"
"""What begins so is a page: it asks for a session instead of a token, and says its own headers."""
SAFE: list[tuple[bytes, bytes]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
OUR_FAULT = (
    "the service failed; nothing is wrong with the request. Report the instance: the log knows it by that."
)


class Gate:
    """Wraps the application; see the module.

    Parameters
    ----------
    app : ASGIApp
    service : Service
    log : bool
        Whether each request is a line in the log.
    """

    def __init__(self, app: ASGIApp, service: Service, *, log: bool = True) -> None:
        self._app, self._service, self._log = app, service, log
        self._metrics, self._limits = service.metrics, service.limits
        self._buckets = Buckets(self._limits.rate, self._limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace = scope["trace"] = Trace.of(headers.get(b"x-request-id"))
        own = _missing if scope["path"].startswith(PAGES) else _own
        status = 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *own(trace, message)]
            await send(message)

        try:
            await self._admit(scope, headers, trace)
            await self._app(scope, receive, told)
        except Problem as problem:
            await _answer(problem, trace, told)
        except InputError as error:
            await _answer(of_input(error), trace, told)
        except Exception as error:  # noqa: BLE001 - the last resort: the sender gets a problem, the log the story
            logs.write(
                "error", "failed", request=trace.id, traceback="".join(traceback.format_exception(error))
            )
            if not status:
                await _answer(Problem(500, "ours", OUR_FAULT), trace, told)
        finally:
            self._metrics.requested(trace.route, scope["method"], status, trace.seconds)
            if self._log:
                logs.write("info", "request", **trace.line(scope["method"], scope["path"], status))

    async def _admit(self, scope: Scope, headers: dict[bytes, bytes], trace: Trace) -> None:
        """Raise `Problem` or `AccessError` where the request is not to be looked at."""
        if scope["path"] not in OPEN and not scope["path"].startswith(PAGES):
            caller = trace.caller = await self._caller(bearer(headers.get(b"authorization")))
            wait = self._buckets.take(caller.key)
            if wait:
                raise too_often(caller.name, self._buckets.rate, wait)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length[:20]) > self._limits.body:
            raise too_large(self._limits.body)

    async def _caller(self, token: str) -> Principal:
        """Who asks; a token that was not seen for some seconds is looked up on a thread."""
        if not token:
            raise no_token(token)
        access = self._service.access
        found = access.known(token)
        return await self._service.apart(access.principal, token) if found is None else found


def too_large(most: int) -> Problem:
    """The answer to a body that is not read."""
    return Problem(413, "size", f"a body may have {most:,} bytes; this one has more. Send it in parts.")


def _own(trace: Trace, _: Message) -> list[tuple[bytes, bytes]]:
    return [*SAFE, (b"x-request-id", trace.id.encode()), (b"server-timing", trace.timing())]


def _missing(trace: Trace, message: Message) -> list[tuple[bytes, bytes]]:
    """The same, less what a page says itself."""
    said = {name for name, _ in message.get("headers", ())}
    return [one for one in _own(trace, message) if one[0] not in said]


async def _answer(problem: Problem, trace: Trace, send: Any) -> None:
    content = problem.content(instance=trace.id)
    headers = [(key.encode(), value.encode()) for key, value in problem.headers.items()]
    headers += [(b"content-type", MEDIA.encode()), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
