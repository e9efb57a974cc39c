"""Addresses of tables and databases that are no local files: what stands before ``://``, and after ``#``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from barograph.core.errors import SettingError

SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
SECRET = re.compile(r"[?&](?:password|passwd|pwd|sslpassword)=([^&]*)", re.IGNORECASE)
"""A secret in an address's query."""
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Server:
    """A server as an address names it, with every variable replaced: for connecting only, never shown."""

    scheme: str
    user: str
    password: str = field(repr=False)
    host: str
    port: int | None
    path: str  # with its first slash; "" for none
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def opened(self) -> str:
        """The address again, with all percent-encoded that would end one of its parts."""
        who = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = host if self.port is None else f"{host}:{self.port}"
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.scheme}://{who + '@' if who else ''}{place}{self.path}{query}"


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the user wrote it; what it opens may hold a secret, what is shown never does."""

    text: str  # as written, without the part after '#': safe to show and to keep
    scheme: str  # lower case
    part: str  # what was written after '#': a table or a query; "" for none

    @property
    def name(self) -> str:
        """Its last word, such as a file's name."""
        path = urlsplit(self.text).path.rstrip("/")
        return unquote(path.rsplit("/", 1)[-1]) or self.text

    @property
    def opened(self) -> str:
        """The text with every ``${NAME}`` replaced from the environment: for connecting only, never kept."""
        return self.filled(self.text)

    def server(self) -> Server | None:
        """The server that it names; None where it cannot be one.

        The address is split as it was written, and only then are its variables replaced: what one holds may
        have any character of an address in it, and is not percent-encoded.
        """
        try:
            written = urlsplit(self.text)
            who, _, where = written.netloc.rpartition("@")
            place = self.filled(where)
            opened = urlsplit(f"//{place}")
            host, port = opened.hostname, opened.port
        except ValueError:  # such as a port of letters; its words would show what was opened
            return None
        if not host or opened.netloc != place or not place.isprintable() or " " in place:
            return None
        user, _, password = who.partition(":")
        return Server(
            written.scheme,
            self.filled(unquote(user)),
            self.filled(unquote(password)),
            host,
            port,
            self.filled(written.path),
            tuple((name, self.filled(value)) for name, value in parse_qsl(written.query)),
        )

    def filled(self, piece: str) -> str:
        """A piece of the text with its variables replaced, which may hold any character."""

        def value(found: re.Match[str]) -> str:
            name = found.group(1)
            if name not in os.environ:
                raise SettingError(
                    f"the environment must hold {name}, which {self.text} asks for",
                    came="it does not",
                    do=f"export {name}=…",
                )
            return os.environ[name]

        return VARIABLE.sub(value, piece)


def address_of(source: str) -> Address | None:
    """The address that a text is, None for a path.

    Raises
    ------
    SettingError
        A password stands in it: addresses are written into settings, reports and lists of processes.

    Examples
    --------
    >>> address_of("postgresql://risk@db/bank#loans")
    Address(text='postgresql://risk@db/bank', scheme='postgresql', part='loans')
    >>> address_of("loans.csv") is None
    True
    """
    found = SCHEME.match(source)
    if found is None:
        return None
    text, _, part = source.partition("#")
    password = _password(text)
    if password and not VARIABLE.fullmatch(password):
        hidden = text.replace(password, "${DB_PASSWORD}")
        raise SettingError(
            "an address must not hold a password: others read settings, reports and lists of processes",
            came="it holds one",
            do=f"Write {hidden} and export DB_PASSWORD (or use the database's own password file)",
        )
    return Address(text, found.group(1).lower(), part.strip())


def _password(text: str) -> str:
    said = SECRET.search(text)
    if said is not None:
        return said.group(1)
    host = text.split("://", 1)[1].split("/", 1)[0]
    if "@" not in host:
        return ""
    return host.rpartition("@")[0].partition(":")[2]
