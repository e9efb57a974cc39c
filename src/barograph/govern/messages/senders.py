"""How a message leaves: as a signed webhook, or as e-mail."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final

from barograph.core.late import late
from barograph.govern.messages.letter import letter
from barograph.govern.messages.mail import MailServer
from barograph.govern.messages.signing import SIGNATURE, signed

SECONDS: Final = 10.0
"""How long a receiver may keep silent."""
WHOLE_SECONDS: Final = 20.0
"""How long a webhook may take in all: one that sends its answer byte by byte is left, too."""


class NotTakenError(Exception):
    """The receiver did not take a message; what it said."""


@dataclass(frozen=True, slots=True)
class Senders:
    """Sends one message to one address.

    Parameters
    ----------
    mail : MailServer, optional
        Without it e-mail is not taken: it waits, and is given up in the end.
    lang : str
        Language of e-mail.
    seconds : callable
        Seconds since 1970, for signatures and the date of e-mail.
    """

    mail: MailServer | None = None
    lang: str = "en"
    seconds: Callable[[], float] = time.time

    def send(self, address: str, secret: str, identity: str, body: str) -> None:
        """Send; returns once it was taken, raises `NotTakenError` otherwise."""
        if address.startswith("mailto:"):
            self._mail(address.removeprefix("mailto:"), identity, body)
        else:
            self._post(address, secret, identity, body.encode())

    def _post(self, address: str, secret: str, identity: str, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            "Barograph-Message": identity,  # the same at every try: a receiver drops what it knows
            SIGNATURE: signed(secret, body, at=self.seconds()),
        }
        try:
            status = asyncio.run(_status(address, body, headers))
        except TimeoutError as error:
            raise NotTakenError(f"no whole answer within {WHOLE_SECONDS:g} seconds") from error
        except (
            _httpx().HTTPError,
            _httpx().InvalidURL,
            ValueError,
        ) as error:  # ValueError: a host that is none
            raise NotTakenError(f"{type(error).__name__}: {error}") from error
        if not 200 <= status < 300:
            raise NotTakenError(f"HTTP {status}")

    def _mail(self, address: str, identity: str, body: str) -> None:
        if self.mail is None:
            raise NotTakenError("no mail server is set")
        message = EmailMessage()
        message["From"], message["To"] = self.mail.sender, address
        message["Date"] = format_datetime(dt.datetime.fromtimestamp(self.seconds(), dt.UTC))
        message["Message-ID"] = f"<{identity}@barograph>"
        message["Subject"], content = letter(json.loads(body), self.lang)
        message.set_content(content)
        try:
            with _session(self.mail) as server:
                if self.mail.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.mail.user:
                    server.login(self.mail.user, self.mail.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotTakenError(f"{type(error).__name__}: {error}") from error


def _httpx() -> Any:
    """The client of webhooks, loaded with the first one: a service starts without its 7 MiB."""
    return late("httpx", need="a webhook", install="Install httpx")


async def _status(address: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; what it says is not read, and where it points to is not gone to."""
    async with (
        asyncio.timeout(WHOLE_SECONDS),
        _httpx().AsyncClient(timeout=SECONDS, follow_redirects=False) as client,
        client.stream("POST", address, content=body, headers=headers) as answer,
    ):
        return int(answer.status_code)


@contextlib.contextmanager
def _session(mail: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server; how it takes leave says nothing about what it took before."""
    server = _connected(mail)
    try:
        yield server
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connected(mail: MailServer) -> smtplib.SMTP:
    if mail.tls:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=context)
    return smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
