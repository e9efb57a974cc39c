"""The mail server that e-mail is handed to, as an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from barograph.core.address import address_of
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
    server = None if found is None else found.server()
    port = 0 if server is None else PORTS.get(server.scheme, 0)
    if server is None or not port or server.port == 0:
        raise SettingError(
            "a mail server must be smtp+starttls://HOST:PORT, smtps://HOST:PORT or smtp://HOST:PORT",
            came="it is none"
            if "@" in address
            else f"got {address!r}",  # what stands before an @ may be secret
            do="Write it so",
        )
    if "@" not in sender:
        raise SettingError(
            "e-mail must be from an address", came=f"got '{sender}'", do="Name it with --mail-from"
        )
    if server.password and server.scheme == "smtp":
        raise SettingError(
            "a password must not travel in the clear",
            came="smtp:// is neither TLS nor STARTTLS",
            do="Write smtp+starttls:// or smtps://",
        )
    return MailServer(
        server.host,
        sender,
        server.port or port,
        starttls=server.scheme == "smtp+starttls",
        tls=server.scheme == "smtps",
        user=server.user,
        password=server.password,
    )
