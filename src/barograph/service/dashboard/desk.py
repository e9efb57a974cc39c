"""What stands between a request and a page: session, permission, forgery checks, and errors in words."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from barograph.core.errors import AccessError, InputError
from barograph.core.texts import text
from barograph.govern.access import Buckets, Session, require
from barograph.service.dashboard.guard import ROOT, check_mark, check_origin, form_of, mark_of
from barograph.service.dashboard.looks import Look, look_of
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.dashboard.rendering import rendered
from barograph.service.dashboard.sessions import COOKIE, sessions_for
from barograph.service.performing import performed
from barograph.service.problems import Problem, of_input, too_often
from barograph.service.service import Service

VISIT = "barograph_visit"
"""The cookie of who is not logged in, of which the mark of their forms is made."""
LIVE = "x-barograph-live"
"""The header of requests that a page sends by itself: they do not keep a session in use."""
RATE, BURST = 20.0, 200.0
"""Pages a second of one session, and at once."""


class LoggedOut(Exception):
    """No session is open."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who is logged in."""

    session: Session
    look: Look


class Desk:
    """The pages of one service.

    Parameters
    ----------
    service : Service
    pages : sequence of Page
        In the order of the navigation.
    deeds : sequence of Deed
    """

    def __init__(self, service: Service, pages: Sequence[Page], deeds: Sequence[Deed]) -> None:
        self.service, self.sessions = service, sessions_for(service)
        self._pages = {page.path: page for page in pages}
        self.said = {deed.said for deed in deeds}
        self._buckets = Buckets(RATE, BURST)

    async def found(self, request: Request, *, used: bool = True) -> Found:
        """Who asks; raises `LoggedOut` where no session is open. Looked up once in a request.

        What a page asks for by itself (`used` false, or the header `LIVE`) does not keep a session in use.
        """
        if hasattr(request.state, "found"):
            return cast(Found, request.state.found)
        cookie = request.cookies.get(COOKIE, "")
        if not self.sessions.ours(cookie):
            raise LoggedOut
        try:
            find = functools.partial(self.sessions.find, used=used and LIVE not in request.headers)
            session = await self.service.apart(find, cookie)
        except AccessError as error:
            raise LoggedOut from error
        request.scope["trace"].caller = session.principal
        wait = self._buckets.take(session.principal.key)
        if wait:
            raise too_often(session.principal.name, RATE, wait)
        found = request.state.found = Found(session, look_of(request))
        return found

    async def page(
        self,
        request: Request,
        page: Page,
        found: Found,
        *,
        problem: Problem | None = None,
        given: Mapping[str, str] | None = None,
        answer: Any = None,
    ) -> Response:
        """A page that its reader may see; with why a form of it was refused, or what it answered."""
        who = found.session.principal
        require(who, page.permission)
        names = {key: str(value) for key, value in request.path_params.items()}
        visit = Visit(self.service, who, found.look.lang, names, request.query_params, given or {}, answer)
        shown = await page.view(visit)
        request.scope["trace"].mark("model")
        if isinstance(shown, Response):
            return shown
        said = request.query_params.get("said", "")
        frame = self.frame(request, found) | {
            "title": visit.say(page.title, **names),
            "here": page.under or page.path,
            "given": given or {},
            "problem": "" if problem is None else problem.detail,
            "said": visit.say(said) if said in self.said and problem is None else "",
            "answer": answer,
        }
        if request.method != "GET":
            frame["back"] = _place(page, request.path_params)
        status = 200 if problem is None else problem.status
        if not page.charts:
            return rendered(page.template, found.look, frame | shown, status=status)
        make = functools.partial(rendered, status=status, charts=True)  # figures of some MB: not on the loop
        return await self.service.apart(make, page.template, found.look, frame | shown)

    async def done(self, request: Request, deed: Deed, found: Found) -> Response:
        """What a form asks for; refused, its page says why and keeps what was written."""
        check_origin(request)
        form = await form_of(request)
        check_mark(found.session.csrf, form.pop("csrf", ""))
        who, page = found.session.principal, self._pages[deed.page]
        try:
            require(who, deed.operation.permission)
            told = [request.path_params[name] for name in deed.names or request.path_params]
            given, content = deed.operation.given(told, who), b""
            if deed.operation.body is not None:
                given.append(_message(deed, form))
                content = msgspec.json.encode(given[-1])
            trace = request.scope["trace"]
            answer = await performed(self.service, deed.operation, given, trace=trace, content=content)
        except (InputError, Problem, msgspec.ValidationError) as error:
            return await self._refused(request, page, found, error, form)
        if deed.shown:
            kept = _open(form) if deed.again else None
            return await self.page(request, page, found, given=kept, answer=answer)
        names = {**form, **request.path_params, **(answer if isinstance(answer, dict) else {})}
        place = deed.then.format(**{key: quote(str(value)) for key, value in names.items()})
        return RedirectResponse(f"{ROOT}{place}?{urlencode({'said': deed.said})}", 303)

    async def _refused(
        self, request: Request, page: Page, found: Found, error: Exception, form: Mapping[str, str]
    ) -> Response:
        """The page of a form with why it was refused; the refusal alone where there is no such page."""
        try:
            return await self.page(request, page, found, problem=problem_of(error), given=_open(form))
        except (InputError, Problem):
            raise error from None

    def refusal(self, request: Request, problem: Problem) -> Response:
        """The page of an error."""
        look, found = look_of(request), getattr(request.state, "found", None)
        shown = self.frame(request, found) | {
            "title": text("dashboard.problem.title", look.lang),
            "here": "",
            "said": "",
            "problem": "",
            "status": problem.status,
            "words": problem.detail,
            "request": request.scope["trace"].id,
        }
        answer = rendered("problem.html.j2", look, shown, status=problem.status)
        if "retry-after" in problem.headers:
            answer.headers["retry-after"] = problem.headers["retry-after"]
        return answer

    def mark(self, request: Request, found: Found | None) -> str:
        """What the forms of this reader send back; empty where they can have none."""
        if found is not None:
            return found.session.csrf
        return mark_of(request.cookies[VISIT]) if request.cookies.get(VISIT) else ""

    def frame(self, request: Request, found: Found | None) -> dict[str, Any]:
        """What every page shows around its own."""
        who = None if found is None else found.session.principal
        pages = [] if who is None else [one for one in self._pages.values() if one.menu]
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return {
            "root": ROOT,
            "caller": who,
            "csrf": self.mark(request, found),
            "menu": [one for one in pages if who is not None and who.may(one.permission)],
            "back": here if request.method == "GET" else ROOT,
        }


def _place(page: Page, names: Mapping[str, object]) -> str:
    """The address of a page of which the reader sees a form's outcome."""
    told = {name: quote(str(value)) for name, value in names.items()}
    return ROOT + page.path.replace(":path}", "}").format(**told)


def _open(form: Mapping[str, str]) -> dict[str, str]:
    """What a form held and may be shown again."""
    return {key: value for key, value in form.items() if "password" not in key and key != "token"}


def problem_of(error: Exception) -> Problem | None:
    """An error that is to be told in its words; None for one that is our fault."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, InputError):
        return of_input(error)
    if isinstance(error, msgspec.ValidationError):
        return Problem(422, "form", f"a form must be filled in as its fields say; {error}. Correct it.")
    return None


def _message(deed: Deed, form: Mapping[str, str]) -> Any:
    """The body of the operation that a form asks for; a field left empty is one left out."""
    if deed.read is not None:
        return deed.read(form)
    filled = {key: value for key, value in form.items() if value.strip()}
    return msgspec.convert(filled, deed.operation.body, strict=False)
