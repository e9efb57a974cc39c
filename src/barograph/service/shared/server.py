"""A Redis server: its address, a client of it, and what it says about keeping what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from barograph.core.address import Server, address_of
from barograph.core.errors import SettingError, UnavailableError
from barograph.core.late import late

SCHEMES = ("redis", "rediss")
SILENCE, CONNECT = 10, 5
"""Seconds after which a server that says nothing, or takes no connection, is away."""


def library() -> Any:
    """The library that speaks to Redis."""
    return late("redis", need="a Redis server", install="pip install 'barograph[redis]'")


def connected(url: str) -> Any:
    """A client that answers with bytes, and gives up on a server that says nothing for a few seconds.

    Raises
    ------
    UnavailableError
        Nothing answers there now.
    """
    client = library().Redis.from_url(url, socket_timeout=SILENCE, socket_connect_timeout=CONNECT)
    with reachable(urlsplit(url).hostname or ""):
        client.ping()
    return client


@contextmanager
def reachable(host: str) -> Iterator[None]:
    """What the server refuses or does not answer meanwhile is that it is away."""
    try:
        yield
    except library().RedisError as error:
        raise UnavailableError(
            f"a Redis server must answer at {host}",
            came=f"the client said: {error}",
            do="Start it, or correct the address; what was sent may have been taken in, so send it again",
        ) from error


def server_and_name(source: str, *, option: str, what: str, default: str = "") -> tuple[str, str]:
    """The server's address, which may hold a secret, and the name behind it.

    Parameters
    ----------
    source : str
        redis://HOST:PORT/DATABASE/NAME.
    option : str
        The flag, for the error.
    what : str
        What the name is of, for the error.
    default : str
        The name where there is none; without one it must be there.

    Raises
    ------
    SettingError
        It is no such address.

    Examples
    --------
    >>> server_and_name("redis://127.0.0.1:6379/0/payments", option="--from", what="STREAM")
    ('redis://127.0.0.1:6379/0', 'payments')
    """
    server = server_of(source)
    path = "" if server is None else server.path.strip("/")
    if server is None or not (path or default):
        raise SettingError(
            f"{option} must be redis://HOST:PORT/DATABASE/{what}",
            came=f"got '{source}'",
            do=f"Write redis://127.0.0.1:6379/0/{default or 'payments'}, for example",
        )
    first, _, rest = path.partition("/")
    if first.isdecimal() and (rest or default):
        database, name = first, rest or default
    else:
        database, name = "0", path or default
    return replace(server, path=f"/{database}").opened, name


def server_of(source: str) -> Server | None:
    """The server of an address of Redis; None where it is no such address."""
    address = address_of(source)
    server = None if address is None else address.server()
    return None if server is None or server.scheme not in SCHEMES else server


def shortcomings(client: Any) -> list[str]:
    """Why what a server acknowledges may be lost, in words; nothing where it keeps everything on disk."""
    try:
        said: dict[str, str] = {}
        for name in ("appendonly", "appendfsync", "save", "maxmemory", "maxmemory-policy"):
            said |= client.config_get(name)
    except library().ResponseError as error:
        return [f"it does not say what it keeps on disk ({error}): see to it that appendonly is yes"]
    found = []
    if said.get("appendonly") != "yes":
        found.append(
            "it keeps nothing on disk: what was acknowledged is lost when it ends; set appendonly yes"
            if not said.get("save")
            else "it keeps a copy on disk now and then: what came since the last one is lost when it ends; "
            "set appendonly yes"
        )
    elif said.get("appendfsync") != "always":
        found.append(
            "it writes to disk about once a second: of what was acknowledged, the last second or two may be "
            "lost when its machine fails, and seldom when it is killed; set appendfsync always"
        )
    if said.get("maxmemory", "0") != "0" and said.get("maxmemory-policy") != "noeviction":
        found.append("it throws keys away when its memory is full; set maxmemory-policy noeviction")
    return found
