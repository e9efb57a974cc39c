"""Tokens checked at the pace of requests: what was found true is believed for some seconds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from barograph.govern.access.roles import Principal
from barograph.govern.access.secrets import hashed
from barograph.govern.access.tokens import principal_of
from barograph.govern.storage import Database


class Authenticator:
    """`principal_of`, remembered for `believed` seconds: so long a revoked token may still work.

    Parameters
    ----------
    database : Database
    believed : float
        Seconds.
    most : int
        Tokens remembered; only tokens that were valid are.
    seconds : callable
        A clock that never jumps back.
    """

    def __init__(
        self,
        database: Database,
        *,
        believed: float = 5.0,
        most: int = 10_000,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._believed, self._most, self._seconds = database, believed, most, seconds
        self._known: OrderedDict[str, tuple[Principal, float]] = OrderedDict()  # hash -> who, until when
        self._lock = threading.Lock()

    def principal(self, token: str) -> Principal:
        """Who asks; raises what `principal_of` does. May ask the database: not for an event loop."""
        found = self.known(token)
        if found is not None:
            return found
        principal = principal_of(self._database, token)
        with self._lock:
            self._known[hashed(token)] = (principal, self._seconds() + self._believed)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return principal

    def known(self, token: str) -> Principal | None:
        """Who asks, if that was found a moment ago; never asks the database."""
        key = hashed(token)
        with self._lock:
            principal, until = self._known.get(key, (None, 0.0))
            if principal is not None and self._seconds() >= until:
                del self._known[key]
                return None
        return principal

    def forget(self) -> None:
        """Believe nothing any more: call it where a token was revoked in this process."""
        with self._lock:
            self._known.clear()
