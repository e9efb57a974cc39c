"""What keeps forms from being sent by others: their origin, the mark they carry, how often one tries."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from barograph.core.errors import ForbiddenError
from barograph.govern.access import Buckets
from barograph.service.problems import Problem, away

MOST = 256 * 2**10
"""Bytes of a form."""
FIELDS = 2_000
URLENCODED = "application/x-www-form-urlencoded"
ROOT = "/dashboard"


def check_origin(request: Request) -> None:
    """Refuse a form that another site's page has sent, by the headers that browsers set themselves.

    Raises
    ------
    ForbiddenError
        It comes from elsewhere.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    elsewhere = site not in (None, "same-origin", "none")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        elsewhere = True
    if elsewhere:
        raise _foreign()


def mark_of(cookie: str) -> str:
    """What a form of somebody who is not logged in must send back: made of a cookie, like a session's own."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_mark(expected: str, given: str) -> None:
    """Refuse a form without the mark of our own page; raises `ForbiddenError`."""
    if not expected or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise _foreign()


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name; `Problem` where it is too large or is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != URLENCODED:
        raise Problem(415, "media", f"a form must be of type {URLENCODED}. Load the page again.")
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MOST:
            raise Problem(413, "size", f"a form may have {MOST:,} bytes; this one has more. Shorten it.")
    try:
        return dict(parse_qsl(content.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError as error:
        raise Problem(400, "form", "a form must be text in UTF-8 of a few fields. Send it again.") from error


def local(path: str) -> str:
    """A path within the dashboard; its start where a form or link names any other place."""
    plain = path.isprintable() and not any(sign in path for sign in "\\\r\n")
    return path if plain and (path == ROOT or path.startswith((f"{ROOT}/", f"{ROOT}?"))) else ROOT


def _foreign() -> ForbiddenError:
    return ForbiddenError(
        "a form must come from our own page", came="it does not", do="Load the page again, and send it anew"
    )


@dataclass(slots=True)
class Throttle:
    """How often one may try to log in: by both address and name, by address, by name; in this process.

    In this order, and no further than the first that refuses: who is refused uses up nothing of others.
    Keys are hashes: a name that somebody sends may be of any length.
    """

    seconds: Callable[[], float] = time.monotonic
    address: Buckets = field(init=False)
    name: Buckets = field(init=False)
    both: Buckets = field(init=False)

    def __post_init__(self) -> None:
        self.address = Buckets(0.5, 30.0, seconds=self.seconds)
        self.name = Buckets(0.05, 50.0, seconds=self.seconds)
        self.both = Buckets(0.1, 6.0, seconds=self.seconds)

    def take(self, address: str, name: str) -> None:
        """One more try; `Problem` 429 where there were too many: whether it would have held is not said.

        By a token one has no name: ``""``.
        """
        wait = self.both.take(_key(address, name)) or self.address.take(_key(address))
        if name:
            wait = wait or self.name.take(_key(name))
        if wait:
            seconds = away("", wait=wait).headers["retry-after"]
            told = f"too many attempts to log in. Try again in {seconds} seconds."
            raise Problem(429, "rate", told, headers={"retry-after": seconds})

    def held(self, address: str, name: str) -> None:
        """The try was right: those before it count no more."""
        self.both.forget(_key(address, name))
        self.name.forget(_key(name))


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
