"""Who is logged in: sessions in the database, or signed ones where a service has none."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from barograph.core.errors import AccessError
from barograph.govern import access
from barograph.govern.access import Principal, Session
from barograph.govern.access.sessions import IDLE, LIFETIME
from barograph.govern.storage import Database
from barograph.service.access import Access, OneToken
from barograph.service.service import Service

COOKIE = "barograph_session"
DRAWN = re.compile(r"[A-Za-z0-9_-]{43}")
"""A secret of 256 bits, as an address holds it."""
SIGNED = re.compile(r"[A-Za-z0-9_=-]{1,2000}\.[0-9a-f]{64}")


class Sessions(Protocol):
    """Begins, finds and ends sessions; may ask a database: not for an event loop."""

    @property
    def passwords(self) -> bool:
        """Whether one may log in by a name and a password."""
        ...

    def begin(self, name: str, password: str, token: str) -> Session:
        """A new session by a token, or where there is none by name and password; else `AccessError`."""
        ...

    def ours(self, cookie: str) -> bool:
        """Whether a cookie could be one of ours by its form: said at once, before anything is looked up."""
        ...

    def find(self, cookie: str, *, used: bool = True) -> Session:
        """The session of a cookie; `AccessError` where none is open."""
        ...

    def end(self, cookie: str) -> None:
        """End it, if it is open."""
        ...


def sessions_for(service: Service) -> Sessions:
    """The sessions that a service keeps."""
    if service.database is not None:
        return KeptSessions(service.database)
    one = service.access
    return SignedSessions(one, one.digest if isinstance(one, OneToken) else secrets.token_bytes(32))


@dataclass(frozen=True, slots=True)
class KeptSessions:
    """Sessions of a database: every process knows them."""

    database: Database
    passwords: bool = True

    def begin(self, name: str, password: str, token: str) -> Session:
        """See `Sessions.begin`."""
        if token:
            return access.log_in_by_token(self.database, token)
        return access.log_in(self.database, name, password)

    def ours(self, cookie: str) -> bool:
        """See `Sessions.ours`."""
        return DRAWN.fullmatch(cookie) is not None

    def find(self, cookie: str, *, used: bool = True) -> Session:
        """See `Sessions.find`."""
        return access.session_of(self.database, cookie, used=used)

    def end(self, cookie: str) -> None:
        """See `Sessions.end`."""
        access.end_session(self.database, cookie)


@dataclass(slots=True)
class SignedSessions:
    """Sessions of a service without a database: the cookie says who, signed by what the token hashes to.

    Processes that share the token know each other's. When one was last used, and which were ended, each
    process knows for itself.
    """

    access: Access
    key: bytes = field(repr=False)
    passwords: bool = False
    _used: dict[str, float] = field(default_factory=dict)  # cookie -> seconds; infinitely long ago: ended
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, password: str, token: str) -> Session:
        """See `Sessions.begin`."""
        if not token:
            raise AccessError(
                "a token must be given", came="none was", do="Paste the one printed at the start"
            )
        who = self.access.known(token) or self.access.principal(token)
        plain = [secrets.token_urlsafe(16), time.time(), who.name, who.role]
        content = base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()
        return self.find(f"{content}.{self._signed(content)}")

    def ours(self, cookie: str) -> bool:
        """See `Sessions.ours`."""
        return SIGNED.fullmatch(cookie) is not None

    def find(self, cookie: str, *, used: bool = True) -> Session:
        """See `Sessions.find`."""
        content, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signed(content).encode()):
            raise _closed()
        _, begun, name, role = json.loads(base64.urlsafe_b64decode(content))
        now = time.time()
        with self._lock:
            self._forget(now)
            last = self._used.get(cookie, now)
            if now >= begun + LIFETIME.total_seconds() or now >= last + IDLE.total_seconds():
                raise _closed()
            if used or cookie not in self._used:
                self._used[cookie] = now
        until = dt.datetime.fromtimestamp(begun, dt.UTC) + LIFETIME
        who = Principal(name, role, hashlib.sha256(cookie.encode()).hexdigest())
        return Session(cookie, who, until)

    def end(self, cookie: str) -> None:
        """See `Sessions.end`."""
        content, _, signature = cookie.partition(".")
        if hmac.compare_digest(signature.encode(), self._signed(content).encode()):
            with self._lock:
                self._used[cookie] = float("-inf")

    def _signed(self, content: str) -> str:
        return hmac.new(self.key, content.encode(), hashlib.sha256).hexdigest()

    def _forget(self, now: float) -> None:
        """What nobody could use any more, whatever it says, once there is much of it."""
        if len(self._used) < 10_000:
            return
        self._used = {
            one: at for one, at in self._used.items() if now - _begun(one) < LIFETIME.total_seconds()
        }


def _begun(cookie: str) -> float:
    plain: list[Any] = json.loads(base64.urlsafe_b64decode(cookie.partition(".")[0]))
    return float(plain[1])


def _closed() -> AccessError:
    return AccessError("a session must be open", came="it is not", do="Log in")
