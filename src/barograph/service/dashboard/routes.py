"""The dashboard's routes: who may look, what a form may do, and the page of each error."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from barograph.govern.access import require
from barograph.service import logs, looking
from barograph.service.dashboard.assets import PATH as STATIC
from barograph.service.dashboard.assets import sent
from barograph.service.dashboard.catalogue import DEEDS, PAGES
from barograph.service.dashboard.desk import Desk, LoggedOut, problem_of
from barograph.service.dashboard.guard import ROOT
from barograph.service.dashboard.login import Door, to_the_door
from barograph.service.dashboard.page import Deed, Page
from barograph.service.dashboard.rendering import sandboxed
from barograph.service.gate import OUR_FAULT
from barograph.service.listening import listen
from barograph.service.problems import Problem
from barograph.service.service import Service

Endpoint = Callable[[Request], Awaitable[Response]]


def dashboard(service: Service) -> list[BaseRoute]:
    """The routes of the dashboard of a service."""
    desk = Desk(service, PAGES, DEEDS)
    door = Door(desk)
    own: list[tuple[str, Endpoint, str]] = [
        (f"{STATIC}/{{name}}", sent, "GET"),
        (f"{ROOT}/login", door.shown, "GET"),
        (f"{ROOT}/login", door.entered, "POST"),
        (f"{ROOT}/logout", door.left, "POST"),
        (f"{ROOT}/look", door.looked, "POST"),
        (f"{ROOT}/stream", _stream(desk), "GET"),
        (f"{ROOT}/report/{{study:path}}", _report(desk), "GET"),
    ]
    own += [(f"{ROOT}{page.path}", _page(desk, page), "GET") for page in PAGES]
    own += [(f"{ROOT}{deed.path}", _deed(desk, deed), "POST") for deed in DEEDS]
    routes: list[BaseRoute] = [
        Route(path, _safe(desk, path, work), methods=[method]) for path, work, method in own
    ]
    routes.append(Route("/", _start, methods=["GET"]))
    nowhere = _safe(desk, f"{ROOT}/…", _nowhere(desk))
    return [*routes, Route(f"{ROOT}/{{rest:path}}", nowhere, methods=["GET", "POST"])]


def _page(desk: Desk, page: Page) -> Endpoint:
    async def looked_at(request: Request) -> Response:
        found = await desk.found(request)
        return await desk.page(request, page, found)

    return looked_at


def _deed(desk: Desk, deed: Deed) -> Endpoint:
    async def asked_for(request: Request) -> Response:
        return await desk.done(request, deed, await desk.found(request))

    return asked_for


def _stream(desk: Desk) -> Endpoint:
    """The live feed, for who is logged in."""

    async def listened(request: Request) -> Response:
        who = (await desk.found(request, used=False)).session.principal
        require(who, "read")
        return await listen(desk.service, who.key, request.headers.get("last-event-id", ""))

    return listened


def _report(desk: Desk) -> Endpoint:
    """The report of a study's run."""

    async def shown(request: Request) -> Response:
        require((await desk.found(request)).session.principal, "read")
        return sandboxed(await looking.report(desk.service, str(request.path_params["study"])))

    return shown


def _safe(desk: Desk, path: str, work: Endpoint) -> Endpoint:
    """Every error is a page: ours too, and then the log has its story."""

    async def answered(request: Request) -> Response:
        request.scope["trace"].route = path.replace(":path", "")
        try:
            return await work(request)
        except LoggedOut:
            return to_the_door(request)
        except Exception as error:  # noqa: BLE001 - the last resort, as in the gate
            problem = problem_of(error)
            if problem is None:
                story = "".join(traceback.format_exception(error))
                logs.write("error", "failed", request=request.scope["trace"].id, traceback=story)
                problem = Problem(500, "ours", OUR_FAULT)
            return desk.refusal(request, problem)

    return answered


async def _start(request: Request) -> Response:
    request.scope["trace"].route = "/"
    return RedirectResponse(ROOT, 303)


def _nowhere(desk: Desk) -> Endpoint:
    async def looked_for(request: Request) -> Response:
        if not request.path_params["rest"]:
            return RedirectResponse(ROOT, 303)
        await desk.found(request)
        raise Problem(404, "path", f"there is no page {request.url.path[:200]}. Follow one of the links.")

    return looked_for
