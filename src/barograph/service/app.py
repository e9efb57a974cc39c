"""The application: operations on their paths, health, metrics and description, behind the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from barograph.core.errors import InputError
from barograph.service.connection import FEED
from barograph.service.dashboard.routes import dashboard
from barograph.service.description import described
from barograph.service.endpoint import JSON, Endpoint, Shortcut
from barograph.service.gate import OUR_FAULT, Gate
from barograph.service.operations import OPERATIONS
from barograph.service.problems import MEDIA, Problem
from barograph.service.rolling import refreshed, watched
from barograph.service.service import Service
from barograph.service.trace import Trace
from barograph.service.wire import encode

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
    endpoints = [Endpoint(service, operation) for operation in OPERATIONS]
    for one in endpoints:
        app.router.routes.append(_route(one.operation.path, one, one.operation.method))
    _add_about(app, service)
    app.router.routes.extend(dashboard(service))
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _failed)
    return Gate(Shortcut(app, endpoints), service, log=log)


def _route(path: str, answer: Callable[..., Awaitable[Any]], method: str) -> Route:
    """A path that takes one method and no other: Starlette would add HEAD to GET."""
    route = Route(path, answer, methods=[method])
    route.methods = {method}
    return route


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
