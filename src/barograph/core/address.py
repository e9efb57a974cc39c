"""Addresses of tables and databases that are no local files: what stands before ``://``, and after ``#``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from barograph.core.errors import SettingError

SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
SECRET = re.compile(r"[?&](?:password|passwd|pwd|sslpassword)=([^&]*)", re.IGNORECASE)
"""A secret in an address's query."""
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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
