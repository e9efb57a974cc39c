"""The application: operations on their paths, health, metrics and description, behind the gate."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive

from barograph.core.errors import InputError
from barograph.govern.access import require
from barograph.service.connection import FEED
from barograph.service.dashboard.routes import dashboard
from barograph.service.description import described
from barograph.service.gate import OUR_FAULT, Gate, too_large
from barograph.service.operation import Operation
from barograph.service.operations import OPERATIONS
from barograph.service.paging import Paging
from barograph.service.performing import performed
from barograph.service.problems import MEDIA, Problem, of_input, of_message
from barograph.service.rolling import refreshed, watched
from barograph.service.service import Service
from barograph.service.trace import Trace
from barograph.service.wire import decoder, encode, has_key_twice

JSON = "application/json"
NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape of a character that JSON knows and PostgreSQL does not keep."""
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def application(service: Service, *, log: bool = True) -> ASGIApp:
    """The service as an ASGI application.

    Parameters
    ----------
    service : Service
        Opened when the application starts, closed when it ends.
    log : bool
        Whether each request is a line in the log.
    """

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        try:
            await refreshed(service)
        except InputError as error:
            service.failed = error  # the server only says that it did not start: whoever started it says why
            raise
        service.open()
        try:
            async with watched(service):
                yield {FEED: service.feed}
        finally:
            service.close()

    app = Starlette(lifespan=life)
    for operation in OPERATIONS:
        app.router.routes.append(_route(operation.path, _endpoint(service, operation), operation.method))
    _add_about(app, service)
    app.router.routes.extend(dashboard(service))
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _failed)
    return Gate(app, service, log=log)


def _route(path: str, answer: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    """A path that takes one method and no other: Starlette would add HEAD to GET."""
    route = Route(path, answer, methods=[method])
    route.methods = {method}
    return route


def _endpoint(service: Service, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """What answers an operation: permission, body, work, reply; each error as its problem."""
    reads = None if operation.body is None else decoder(operation.body)
    route = operation.path.replace(":path", "")

    async def called(request: Request) -> Response:
        trace: Trace = request.scope["trace"]
        trace.route = route
        try:
            assert trace.caller is not None  # the gate lets nobody else in
            require(trace.caller, operation.permission)
            given = operation.given(request.path_params.values(), trace.caller)
            if operation.listens:
                given = [trace.caller.key, request.headers.get("last-event-id", "")]
            if operation.paged:
                given.append(Paging.of(request.query_params, operation.paged))
            body = b""
            if reads is not None:
                body = await _body(request.receive, service.limits.body)
                given.append(_message(request, body, operation, reads))
                trace.mark("read")
            answer = await performed(service, operation, given, trace=trace, content=body)
            if isinstance(answer, Response):
                return answer
            content = encode(answer)
            trace.mark("write")
            return Response(content, media_type=JSON)
        except (msgspec.MsgspecError, RecursionError) as error:
            return _reply(of_message(error), trace)
        except InputError as error:
            return _reply(of_input(error), trace)
        except Problem as problem:
            return _reply(problem, trace)

    return called


def _message(request: Request, content: bytes, operation: Operation, reads: msgspec.json.Decoder[Any]) -> Any:
    if not content and operation.optional:
        return operation.body()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        came = request.headers.get("content-type", "none")[:100]
        raise Problem(
            415, "media", f"a body must be of type {JSON}; got {came}. Set the header content-type."
        )
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        came = request.headers["content-encoding"][:100]
        raise Problem(
            415, "media", f"a body must be sent as it is; got content-encoding {came}. Leave it out."
        )
    if b"\\u0000" in content and NULL.search(content):
        raise Problem(422, "form", "a text must not hold the character U+0000; one does. Leave it out.")
    found = reads.decode(content)
    if has_key_twice(content):
        raise Problem(422, "form", "an object must name each key once; one names a key twice. Leave one out.")
    return found


async def _body(receive: Receive, most: int) -> bytes:
    """The body, counted while it comes."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "gone", "the sender left before the body was whole.")
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        more = message.get("more_body", False)
        if size > most:
            raise too_large(most)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _add_about(app: Starlette, service: Service) -> None:
    """Health, metrics and the API's own description."""

    async def healthz(request: Request) -> Response:
        request.scope["trace"].route = "/healthz"
        return Response(encode({"alive": True}), media_type=JSON)

    async def readyz(request: Request) -> Response:
        request.scope["trace"].route = "/readyz"
        status = 200 if await service.is_ready() else 503
        error = service.audit_error
        why = {} if error is None else {"audit": error.came}  # no paths: this needs no token
        if status == 503 and (fault := service.journal_fault()):
            why["journal"] = fault
        content = encode({"ready": status == 200, "studies": len(service.studies), **why})
        return Response(content, status, media_type=JSON)

    async def metrics(request: Request) -> Response:
        request.scope["trace"].route = "/metrics"
        return Response(service.measured(), media_type=PROMETHEUS)

    description = encode(described(OPERATIONS))

    async def openapi(request: Request) -> Response:
        request.scope["trace"].route = "/openapi.json"
        return Response(description, media_type=JSON)

    for path, answer in (
        ("/healthz", healthz),
        ("/readyz", readyz),
        ("/metrics", metrics),
        ("/openapi.json", openapi),
    ):
        app.router.routes.append(_route(path, answer, "GET"))


def _reply(problem: Problem, trace: Trace) -> Response:
    content = problem.content(instance=trace.id)
    return Response(content, problem.status, headers=problem.headers, media_type=MEDIA)


async def _not_routed(request: Request, error: Exception) -> Response:
    """No such path, or no such method on it."""
    assert isinstance(error, HTTPException)
    kind = {404: "path", 405: "method"}.get(error.status_code, "http")
    detail = (
        f"{request.method} {request.url.path[:200]}: {error.detail}. The API is described at /openapi.json."
    )
    problem = Problem(error.status_code, kind, detail, headers=dict(error.headers or {}))
    return _reply(problem, request.scope["trace"])


async def _failed(request: Request, _: Exception) -> Response:
    return _reply(Problem(500, "ours", OUR_FAULT), request.scope["trace"])
