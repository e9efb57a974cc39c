"""The outermost layer: what holds for every request, whatever it asks.

Each gets an id, headers that keep browsers safe, its time by stages, a line in the log and a place in the
metrics; each is let in only with a token that holds, not too often, and with a body that is not too large.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barograph.core.errors import InputError
from barograph.govern.access import Buckets, Principal
from barograph.service import logs
from barograph.service.access import bearer, no_token
from barograph.service.problems import Problem, of_input, replied, too_large, too_often
from barograph.service.service import Service
from barograph.service.trace import Trace

OPEN = frozenset({"/", "/healthz", "/readyz"})
"""All that needs no token; "/" leads to the dashboard."""
PAGES = "/dashboard"
"""What begins so is a page: it asks for a session instead of a token, and says its own headers."""
Header = tuple[bytes, bytes]
SAFE: list[Header] = [
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
        trace = scope["trace"] = Trace.of(dict(scope["headers"]))
        path = scope["path"]
        page, status = path.startswith(PAGES), 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = message.get("headers", ())
                message["headers"] = [*said, *(_missing(trace, said) if page else _own(trace))]
            await send(message)

        try:
            if not page and path not in OPEN:
                caller = trace.caller = await self._caller(bearer(trace.headers.get(b"authorization")))
                wait = self._buckets.take(caller.key)
                if wait:
                    raise too_often(caller.name, self._buckets.rate, wait)
            length = trace.headers.get(b"content-length", b"0")
            if not length.isdigit() or int(length[:20]) > self._limits.body:
                raise too_large(self._limits.body)
            await self._app(scope, receive, told)
        except Problem as problem:
            await replied(problem, trace.id, told)
        except InputError as error:
            await replied(of_input(error), trace.id, told)
        except Exception as error:  # noqa: BLE001 - the last resort: the sender gets a problem, the log the story
            logs.write(
                "error", "failed", request=trace.id, traceback="".join(traceback.format_exception(error))
            )
            if not status:
                await replied(Problem(500, "ours", OUR_FAULT), trace.id, told)
        finally:
            self._metrics.requested(trace.route, scope["method"], status, trace.seconds)
            if self._log:
                logs.write("info", "request", **trace.line(scope["method"], path, status))

    async def _caller(self, token: str) -> Principal:
        """Who asks; a token that was not seen for some seconds is looked up on a thread."""
        if not token:
            raise no_token(token)
        access = self._service.access
        found = access.known(token)
        return await self._service.apart(access.principal, token) if found is None else found


def _own(trace: Trace) -> list[Header]:
    return [*SAFE, (b"x-request-id", trace.id.encode()), (b"server-timing", trace.timing())]


def _missing(trace: Trace, said: Iterable[Header]) -> list[Header]:
    """The same, less what a page says itself."""
    names = {name for name, _ in said}
    return [one for one in _own(trace) if one[0] not in names]
