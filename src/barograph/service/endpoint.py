"""What answers one operation over HTTP: permission, body, work, reply; each error as its problem.

It stands on the path of every request, so it speaks ASGI itself: a request or a response that is an object
of its own would cost more than most of what happens here.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from barograph.core.errors import InputError
from barograph.govern.access import require
from barograph.service.operation import OF_STUDY, Operation
from barograph.service.paging import Paging
from barograph.service.performing import performed
from barograph.service.problems import Problem, of_input, of_message, replied, too_large
from barograph.service.service import Service
from barograph.service.trace import Trace
from barograph.service.wire import decoder, encode, has_key_twice

JSON = "application/json"
TYPE = (b"content-type", JSON.encode())
NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape of a character that JSON knows and PostgreSQL does not keep."""
STUDIES = OF_STUDY.partition("{")[0]


class Endpoint:
    """An ASGI application behind the gate, and behind what put the names of the path in the scope.

    Parameters
    ----------
    service : Service
    operation : Operation
    """

    def __init__(self, service: Service, operation: Operation) -> None:
        self.operation, self._service = operation, service
        self._reads = None if operation.body is None else decoder(operation.body)
        self._route = operation.path.replace(":path", "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        trace: Trace = scope["trace"]
        trace.route = self._route
        try:
            answer = await self._answered(scope, receive, trace)
            if isinstance(answer, Response):
                await answer(scope, receive, send)
                return
            content = encode(answer)
        except (msgspec.MsgspecError, RecursionError) as error:
            await replied(of_message(error), trace.id, send)
            return
        except InputError as error:
            await replied(of_input(error), trace.id, send)
            return
        except Problem as problem:
            await replied(problem, trace.id, send)
            return
        trace.mark("write")
        headers = [(b"content-length", b"%d" % len(content)), TYPE]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answered(self, scope: Scope, receive: Receive, trace: Trace) -> Any:
        operation, caller = self.operation, trace.caller
        assert caller is not None  # the gate lets nobody else in
        require(caller, operation.permission)
        given = operation.given(scope["path_params"].values(), caller)
        if operation.listens:
            given = [caller.key, trace.header(b"last-event-id")]
        if operation.paged:
            given.append(Paging.of(QueryParams(scope["query_string"]), operation.paged))
        body = b""
        if self._reads is not None:
            body = await _body(receive, self._service.limits.body)
            given.append(self._read(trace, body))
            trace.mark("read")
        return await performed(self._service, operation, given, trace=trace, content=body)

    def _read(self, trace: Trace, content: bytes) -> Any:
        """The body as what it must be."""
        if not content and self.operation.optional:
            return self.operation.body()
        if trace.header(b"content-type") != JSON:
            _check_type(trace.header(b"content-type"))
        if trace.header(b"content-encoding", "identity").strip().lower() != "identity":
            came = trace.header(b"content-encoding")[:100]
            raise Problem(
                415, "media", f"a body must be sent as it is; got content-encoding {came}. Leave it out."
            )
        if b"\\u0000" in content and NULL.search(content):
            raise Problem(422, "form", "a text must not hold the character U+0000; one does. Leave it out.")
        assert self._reads is not None
        found = self._reads.decode(content)
        if has_key_twice(content, found):
            raise Problem(
                422, "form", "an object must name each key once; one names a key twice. Leave one out."
            )
        return found


class Shortcut:
    """Finds the endpoint of a study's operation by the last word of its path, without looking at all paths.

    Parameters
    ----------
    app : ASGIApp
        Answers whatever is not such an operation.
    endpoints : list of Endpoint
        Of all operations.
    """

    def __init__(self, app: ASGIApp, endpoints: list[Endpoint]) -> None:
        self._app = app
        self._known: dict[tuple[str, str], Endpoint] = {}
        for one in endpoints:
            study, _, word = one.operation.path.rpartition("/")
            if study == OF_STUDY:
                self._known[one.operation.method, word] = one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http" and scope["path"].startswith(STUDIES):
            study, _, word = scope["path"].removeprefix(STUDIES).rpartition("/")
            found = self._known.get((scope["method"], word))
            if found is not None:
                scope["path_params"] = {"study": study}
                await found(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _check_type(given: str) -> None:
    """Refuse what is not JSON; parameters such as a charset may follow."""
    if given.partition(";")[0].strip().lower() != JSON:
        came = given[:100] or "none"
        raise Problem(
            415, "media", f"a body must be of type {JSON}; got {came}. Set the header content-type."
        )


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
