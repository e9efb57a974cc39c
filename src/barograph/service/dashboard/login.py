"""The door: logging in and out, and the choice of language and theme, which needs no login."""

from __future__ import annotations

import asyncio
import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from barograph.core.errors import AccessError, InputError
from barograph.core.texts import text
from barograph.service import logs
from barograph.service.dashboard.desk import VISIT, Desk, Found, LoggedOut
from barograph.service.dashboard.guard import ROOT, Throttle, check_mark, check_origin, form_of, local
from barograph.service.dashboard.looks import COOKIE as LOOK
from barograph.service.dashboard.looks import YEAR, chosen, look_of
from barograph.service.dashboard.rendering import rendered
from barograph.service.dashboard.sessions import COOKIE
from barograph.service.problems import Problem

LOGIN = f"{ROOT}/login"
SAID = ("dashboard.login.left", "dashboard.login.closed")
"""What a reader may be told at the door, besides what forms do that end a session."""
WRONG = Problem(
    401,
    "access",
    "name and password, or the token, must be right; they are not. Check them, or ask an admin.",
)


class Door:
    """Logging in and out of one service."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._throttle = desk, Throttle()
        self._turn = asyncio.Semaphore(1)  # stretching a password takes a core and 32 MiB: one at a time

    async def shown(self, request: Request) -> Response:
        """The page to log in on; who is logged in already goes on."""
        if await found_or_none(self._desk, request) is not None:
            return RedirectResponse(local(request.query_params.get("next", ROOT)), 303)
        return self._page(request)

    async def entered(self, request: Request) -> Response:
        """Begin a session."""
        check_origin(request)
        form = await form_of(request)
        check_mark(self._desk.mark(request, None), form.get("csrf", ""))
        token, address = form.get("token", "").strip(), request.client.host if request.client else ""
        name = "" if token else form.get("name", "").strip()
        try:
            self._throttle.take(address, name)
            before = request.cookies.get(COOKIE, "")
            async with self._turn:
                arguments = name, form.get("password", ""), token
                session = await self._desk.service.apart(self._desk.sessions.begin, *arguments)
            if before:
                await self._desk.service.apart(self._desk.sessions.end, before)
        except AccessError:
            logs.write("warning", "login refused", address=address, request=request.scope["trace"].id)
            return self._page(request, WRONG, form)
        except Problem as problem:
            return self._page(request, problem, form)
        self._throttle.held(address, name)
        await self._noted(request, session.principal.name, session.principal.role)
        answer = RedirectResponse(local(form.get("next", ROOT)), 303)
        _keep(request, answer, COOKIE, session.cookie)
        return answer

    async def left(self, request: Request) -> Response:
        """End the session."""
        found = await self._desk.found(request)
        check_origin(request)
        check_mark(found.session.csrf, (await form_of(request)).get("csrf", ""))
        await self._desk.service.apart(self._desk.sessions.end, found.session.cookie)
        answer = RedirectResponse(f"{LOGIN}?said={SAID[0]}", 303)
        answer.delete_cookie(COOKIE, path=ROOT)
        return answer

    async def looked(self, request: Request) -> Response:
        """Keep the language or theme that was chosen."""
        found = await found_or_none(self._desk, request)
        check_origin(request)
        form = await form_of(request)
        check_mark(self._desk.mark(request, found), form.get("csrf", ""))
        look = chosen(look_of(request), form.get("lang", ""), form.get("theme", ""))
        answer = RedirectResponse(local(form.get("back", ROOT)), 303)
        _keep(request, answer, LOOK, look.cookie, seconds=YEAR)
        return answer

    def _page(
        self, request: Request, problem: Problem | None = None, form: dict[str, str] | None = None
    ) -> Response:
        visit = request.cookies.get(VISIT) or secrets.token_urlsafe(24)
        request.cookies[VISIT] = visit
        given, look, said = form or {}, look_of(request), request.query_params.get("said", "")
        known = problem is None and (said in SAID or said in self._desk.said)
        shown = self._desk.frame(request, None) | {
            "passwords": self._desk.sessions.passwords,
            "next": local(given.get("next") or request.query_params.get("next", ROOT)),
            "name": given.get("name", ""),
            "problem": "" if problem is None else problem.detail,
            "said": text(said, look.lang) if known else "",
        }
        status = 200 if problem is None else problem.status
        answer = rendered("login.html.j2", look, shown, status=status)
        if problem is not None and "retry-after" in problem.headers:
            answer.headers["retry-after"] = problem.headers["retry-after"]
        _keep(request, answer, VISIT, visit)
        return answer

    async def _noted(self, request: Request, name: str, role: str) -> None:
        """A login is a line of the audit log."""
        recorder = self._desk.service.recorder
        if recorder is not None:
            told = {"name": name, "role": role, "state": "logged in"}
            trace = request.scope["trace"].id
            await recorder.write("access", told, actor=name, request=trace, content=b"")


def to_the_door(request: Request) -> Response:
    """The way of who is not logged in: to the login, and from there to where they wanted.

    A link on another site's page is followed without cookies of ours, which are strict: asked for once more
    from a page of our own, they come.
    """
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        return rendered("again.html.j2", look_of(request), {})
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    told = {"next": path if request.method == "GET" else ROOT}
    if COOKIE in request.cookies:
        told["said"] = request.query_params.get("said", SAID[1])  # what a form did may have ended it
    answer = RedirectResponse(f"{LOGIN}?{urlencode(told)}", 303)
    answer.delete_cookie(COOKIE, path=ROOT)
    return answer


async def found_or_none(desk: Desk, request: Request) -> Found | None:
    """Who asks, if they are logged in and that can be said."""
    try:
        return await desk.found(request)
    except (LoggedOut, InputError, Problem):
        return None


def _keep(request: Request, answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=ROOT,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
