"""Errors as problem details (RFC 9457): what must hold, what came and what to do, never a traceback."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.types import Send

from barograph.core.errors import (
    AccessError,
    ConflictError,
    ForbiddenError,
    InputError,
    MissingError,
    StorageError,
    UnavailableError,
    nearest,
)

MEDIA = "application/problem+json"
RETRY = 2
"""Seconds after which one may try again."""
STATUSES: tuple[tuple[type[InputError], int], ...] = (
    (ForbiddenError, 403),
    (AccessError, 401),
    (MissingError, 404),
    (ConflictError, 409),
)
"""The narrower first."""


class Problem(Exception):
    """A request that is not answered, and why."""

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.kind, self.detail = status, kind, detail
        self.headers = dict(headers or {})
        super().__init__(status, kind, detail)

    def __str__(self) -> str:
        return self.detail

    def content(self, *, instance: str = "") -> bytes:
        """The problem as JSON; `instance` is the request's id."""
        return msgspec.json.encode(
            {
                "type": f"urn:barograph:problem:{self.kind}",
                "title": HTTPStatus(self.status).phrase,
                "status": self.status,
                "detail": self.detail,
                **({"instance": f"urn:barograph:request:{instance}"} if instance else {}),
            }
        )


async def replied(problem: Problem, instance: str, send: Send) -> None:
    """Send a problem as the whole answer to a request, whose id is `instance`."""
    content = problem.content(instance=instance)
    headers = [(key.encode(), value.encode()) for key, value in problem.headers.items()]
    headers += [(b"content-type", MEDIA.encode()), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def of_input(error: InputError) -> Problem:
    """An error of ours: by its meaning; what the sender can change is 422, what only storage can is 503."""
    if isinstance(error, StorageError):
        wait = error.retry_after if isinstance(error, UnavailableError) else RETRY
        return away(str(error), wait=wait)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 422)
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return Problem(status, type(error).__name__.removesuffix("Error").lower(), str(error), headers=headers)


def of_message(error: msgspec.MsgspecError | RecursionError) -> Problem:
    """A body that is no JSON, or not of the form asked for."""
    if isinstance(error, msgspec.ValidationError):
        return Problem(422, "form", f"the body must have the form of the API's description; {error}.")
    return Problem(400, "json", f"the body must be JSON; {error}.")


def away(detail: str, *, wait: float = RETRY) -> Problem:
    """Something the service needs is not there for the moment."""
    return Problem(503, "away", detail, headers={"retry-after": str(max(1, math.ceil(wait)))})


def too_often(name: str, rate: float, wait: float) -> Problem:
    """The answer to who asks more often than is allowed."""
    detail = f"a token may ask {rate:g} times a second; {name} asked more often. Wait, then go on."
    return Problem(429, "rate", detail, headers={"retry-after": str(max(1, math.ceil(wait)))})


def too_large(most: int) -> Problem:
    """The answer to a body that is not read."""
    return Problem(413, "size", f"a body may have {most:,} bytes; this one has more. Send it in parts.")


def missing(kind: str, name: str, known: list[str]) -> Problem:
    """There is nothing of that name."""
    return Problem(
        404, "unknown", f"the {kind} must be one that is served; got '{name[:200]}'. {_hint(name, known)}"
    )


def _hint(name: str, known: list[str]) -> str:
    if not known:
        return "None is."
    hint = nearest(name[:200], known)
    return hint[0].upper() + hint[1:] + ("" if hint.endswith("?") else ".")
