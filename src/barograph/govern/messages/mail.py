"""The mail server that e-mail is handed to, as an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from barograph.core.address import Address, address_of
from barograph.core.errors import SettingError

PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed over."""

    host: str
    sender: str
    port: int = 25
    starttls: bool = False
    tls: bool = False  # from the first byte on
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(address: str, sender: str) -> MailServer:
    """The server of ``smtp+starttls://USER:${PASSWORD}@HOST:PORT``, or ``smtps://…``, or plain ``smtp://…``.

    Parameters
    ----------
    address : str
        A password comes from the environment, as ``${NAME}``, which holds it as it is: not one character
        of it is percent-encoded.
    sender : str
        Whom e-mail is from.

    Raises
    ------
    SettingError
        It is no such address, no sender is named, or a password would travel in the clear.
    """
    found = address_of(address)
    parts = None if found is None else _parts(found)
    if found is None or parts is None:
        raise SettingError(
            "a mail server must be smtp+starttls://HOST:PORT, smtps://HOST:PORT or smtp://HOST:PORT",
            came="it is none"
            if "@" in address
            else f"got {address!r}",  # what stands before an @ may be secret
            do="Write it so",
        )
    scheme, user, password, host, port = parts
    if "@" not in sender:
        raise SettingError(
            "e-mail must be from an address", came=f"got '{sender}'", do="Name it with --mail-from"
        )
    if password and scheme == "smtp":
        raise SettingError(
            "a password must not travel in the clear",
            came="smtp:// is neither TLS nor STARTTLS",
            do="Write smtp+starttls:// or smtps://",
        )
    return MailServer(
        host,
        sender,
        port,
        starttls=scheme == "smtp+starttls",
        tls=scheme == "smtps",
        user=found.filled(unquote(user)),
        password=found.filled(unquote(password)),
    )


def _parts(found: Address) -> tuple[str, str, str, str, int] | None:
    """Scheme, user and password as written, host and port; None where one of them cannot be.

    The address is split as it was written: what a variable holds may have any character of an address in it.
    """
    try:
        written = urlsplit(found.text)
        who, _, where = written.netloc.rpartition("@")
        server = found.filled(where)
        opened = urlsplit(f"//{server}")
        port = PORTS.get(written.scheme, 0) if opened.port is None else opened.port
    except ValueError:  # such as a port of letters; its words would show what was opened
        return None
    if (
        not opened.hostname
        or opened.netloc != server
        or not server.isprintable()
        or " " in server
        or not port
    ):
        return None
    user, _, password = who.partition(":")
    return (written.scheme, user, password, opened.hostname, port) if written.scheme in PORTS else None
