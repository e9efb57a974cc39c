"""Fetches over HTTP: cached by content, retried with growing pauses, resumed where they broke off."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from barograph.core.errors import DataError, StorageError
from barograph.core.late import late
from barograph.core.notes import noted

if TYPE_CHECKING:
    import httpx

BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which the same request may succeed."""


Heard = Callable[[int, int], None]


def _nobody(done: int, total: int) -> None:
    """Who hears of a fetch that nobody watches."""


_LISTENER: ContextVar[Heard] = ContextVar("listener", default=_nobody)


@dataclass(frozen=True, slots=True)
class Web:
    """How to fetch. `pause` and `clock` are the machine's; tests hand in their own."""

    cache: Path
    offline: bool = False
    tries: int = 5
    timeout: float = 30.0  # seconds without a byte
    deadline: float = 600.0  # seconds for one address, all tries together
    gap: float = 0.1  # seconds between two requests to one host
    longest_pause: float = 60.0  # seconds; a server that asks for more gets an error instead
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    heard: Heard = _nobody  # told the bytes so far, and in all (0: not said)
    _last: dict[str, float] = field(default_factory=dict)

    def fetch(
        self, url: str, *, params: Mapping[str, str] | None = None, secret: tuple[str, ...] = ()
    ) -> tuple[Path, tuple[str, ...]]:
        """The content behind an address, as a file of the cache, and what is to be said of it.

        Parameters
        ----------
        url : str
            http or https.
        params : mapping, optional
            The query.
        secret : tuple of str
            Names of parameters that are never kept or shown.

        Raises
        ------
        StorageError
            The server cannot be reached, breaks off, or is too slow; what came so far is kept and resumed.
        DataError
            The server refuses; its own words are in the message.
        """
        shown = _shown(url, params or {}, secret)
        entry = Entry.of(self.cache, shown)
        known = entry.read()
        if self.offline:
            if known is None:
                raise StorageError(
                    f"{shown} must be in the cache to be used offline",
                    came="it is not",
                    do="Fetch it once online",
                )
            return entry.content(known), (noted("notes.reading.cached", why=_age(known)),)
        fresh = self._download(url, dict(params or {}), shown, entry, known)
        return entry.content(fresh), () if fresh is not known else (noted("notes.reading.unchanged"),)

    def _download(
        self, url: str, params: dict[str, str], shown: str, entry: Entry, known: dict[str, Any] | None
    ) -> dict[str, Any]:
        began, came = self.clock(), ""
        for attempt in range(self.tries):
            self._wait_turn(url)
            try:
                with self._answer(url, params, entry, known) as answer:
                    if answer.status_code == 304 and known is not None:
                        return known
                    if answer.status_code not in BUSY:
                        _refuse(answer, shown)
                        return self._kept(answer, shown, entry, began)
                    came = f"it answered {answer.status_code} {answer.reason_phrase}"
                    asked = _asked(answer.headers.get("retry-after", ""))
            except _broken() as error:
                came, asked = str(error) or type(error).__name__, 0.0
            wait = max(asked, min(0.5 * 2.0**attempt, self.longest_pause))
            if wait > self.longest_pause:
                came = f"{came} and asks to wait {asked:.0f} seconds"
                break
            if self.clock() - began + wait > self.deadline:
                break
            if attempt + 1 < self.tries:
                self.pause(wait)
        hint = "Try again later: what came so far is kept"
        if known is not None:
            hint += f", or set BAROGRAPH_OFFLINE=1 to use the copy of {_age(known)} ago"
        raise StorageError(f"{shown} must answer", came=came or "it was too slow", do=hint)

    def _wait_turn(self, url: str) -> None:
        host = urlsplit(url).netloc
        wait = self._last.get(host, -self.gap) + self.gap - self.clock()
        if wait > 0:
            self.pause(wait)
        self._last[host] = self.clock()

    @contextmanager
    def _answer(
        self, url: str, params: dict[str, str], entry: Entry, known: dict[str, Any] | None
    ) -> Iterator[httpx.Response]:
        client = _httpx()
        headers = {"user-agent": "barograph", "accept-encoding": "identity"}
        partial = entry.partial_tag()
        there = entry.partial.stat().st_size if entry.partial.exists() else 0
        if partial and there:
            headers |= {"range": f"bytes={there}-", "if-range": partial}
        elif known is not None and known.get("tag"):
            headers["if-none-match"] = known["tag"]
        with client.stream(
            "GET", url, params=params or None, headers=headers, timeout=self.timeout, follow_redirects=True
        ) as answer:
            yield answer

    def _kept(self, answer: httpx.Response, shown: str, entry: Entry, began: float) -> dict[str, Any]:
        """Write the body beside what is there already, then move it into the cache under its hash."""
        packed = answer.headers.get("content-encoding", "identity") != "identity"
        tag = "" if packed else answer.headers.get("etag", "")  # what is unpacked here cannot be resumed
        resumed = answer.status_code == 206
        entry.begin(tag)
        done = entry.partial.stat().st_size if resumed else 0
        length = 0 if packed else int(answer.headers.get("content-length", "0") or 0)
        total = done + length if length else 0
        with entry.partial.open("ab" if resumed else "wb") as out:
            for chunk in answer.iter_bytes():
                out.write(chunk)
                done += len(chunk)
                self.heard(done, total)
                if self.clock() - began > self.deadline:
                    raise StorageError(
                        f"{shown} must come within {self.deadline:.0f} seconds",
                        came=f"only {done:,} bytes did",
                        do="Run it again: it goes on where it stopped",
                    )
        return entry.finish(shown, tag)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an address stands in the cache: facts by address, content by hash."""

    folder: Path
    key: str

    @classmethod
    def of(cls, cache: Path, shown: str) -> Entry:
        """The entry of an address as it is shown."""
        return cls(cache, hashlib.sha256(shown.encode()).hexdigest())

    @property
    def partial(self) -> Path:
        """The content as far as it came."""
        return self.folder / "partial" / self.key

    def read(self) -> dict[str, Any] | None:
        """The facts of the last complete fetch, None without one or where its content is damaged."""
        path = self.folder / "addresses" / f"{self.key}.json"
        try:
            facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
            content = self.content(facts).read_bytes()
        except (OSError, ValueError, KeyError):
            return None
        return facts if hashlib.sha256(content).hexdigest() == facts["hash"] else None

    def content(self, facts: Mapping[str, Any]) -> Path:
        """The content's file."""
        return self.folder / "content" / str(facts["hash"])

    def partial_tag(self) -> str:
        """The tag of the content that is partly there; "" if it cannot be resumed."""
        try:
            return self.partial.with_suffix(".tag").read_text("utf-8")
        except OSError:
            return ""

    def begin(self, tag: str) -> None:
        """Remember whose content is coming."""
        try:
            self.partial.parent.mkdir(parents=True, exist_ok=True)
            self.partial.with_suffix(".tag").write_text(tag, "utf-8")
        except OSError as error:
            raise StorageError(
                f"the cache {self.folder} must be writable",
                came=error.strerror or type(error).__name__,
                do="Set BAROGRAPH_CACHE to another folder",
            ) from error

    def finish(self, shown: str, tag: str) -> dict[str, Any]:
        """Move the content into place and write its facts."""
        content = self.partial.read_bytes()
        facts = {
            "address": shown,
            "hash": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "tag": tag,
            "fetched": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        for name in ("content", "addresses"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.partial.replace(self.content(facts))
        self.partial.with_suffix(".tag").unlink(missing_ok=True)
        written = self.folder / "addresses" / f"{self.key}.new"
        written.write_text(json.dumps(facts), "utf-8")
        written.replace(written.with_suffix(".json"))
        return facts


def from_environment() -> Web:
    """BAROGRAPH_CACHE (a folder) and BAROGRAPH_OFFLINE (1) say where and whether to fetch."""
    place = os.environ.get("BAROGRAPH_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "barograph"
    )
    offline = os.environ.get("BAROGRAPH_OFFLINE", "") not in ("", "0")
    return Web(Path(place), offline=offline, heard=_LISTENER.get())


@contextmanager
def heard_by(listener: Heard) -> Iterator[None]:
    """Within the block, fetches tell `listener` the bytes of an address so far and in all (0: not said)."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def _httpx() -> Any:
    return late("httpx", need="an address of the web", install="pip install httpx")


def _broken() -> tuple[type[Exception], ...]:
    return (_httpx().TransportError,)


def _shown(url: str, params: Mapping[str, str], secret: tuple[str, ...]) -> str:
    said = "&".join(f"{name}={value}" for name, value in params.items() if name not in secret)
    return f"{url}?{said}" if said else url


def _asked(header: str) -> float:
    """Seconds that a server asks to wait; 0 where it says nothing readable."""
    return float(header) if header.strip().isdigit() else 0.0


def _refuse(answer: httpx.Response, shown: str) -> None:
    if answer.status_code < 400:
        return
    answer.read()
    said = " ".join(answer.text.split())[:200]
    raise DataError(
        f"{shown} must be there and open to us",
        came=f"it answered {answer.status_code} {answer.reason_phrase}{f': {said}' if said else ''}",
        do="Check the address and the key",
    )


def _age(facts: Mapping[str, Any]) -> str:
    then = datetime.datetime.fromisoformat(str(facts["fetched"]))
    seconds = (datetime.datetime.now(datetime.UTC) - then).total_seconds()
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return noted(f"notes.age.{unit}", n=seconds / size)
    return noted("notes.age.seconds", n=max(seconds, 0))
