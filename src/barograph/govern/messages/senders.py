"""How a message leaves: as a signed webhook, or as e-mail."""

from __future__ import annotations

import json
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

import httpx

from barograph.govern.messages.signing import SIGNATURE, signed

SECONDS = 10.0
"""How long a receiver may take."""


class NotTakenError(Exception):
    """The receiver did not take a message; what it said."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed over."""

    host: str
    sender: str
    port: int = 25
    starttls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Senders:
    """Sends one message to one address.

    Parameters
    ----------
    mail : MailServer, optional
        Without it e-mail is not taken, and waits.
    seconds : callable
        Seconds since 1970, for signatures.
    """

    mail: MailServer | None = None
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
            answer = httpx.post(
                address, content=body, headers=headers, timeout=SECONDS, follow_redirects=False
            )
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a host that is none
            raise NotTakenError(f"{type(error).__name__}: {error}") from error
        if not answer.is_success:
            raise NotTakenError(f"HTTP {answer.status_code}")

    def _mail(self, address: str, identity: str, body: str) -> None:
        if self.mail is None:
            raise NotTakenError("no mail server is set")
        told = json.loads(body)
        message = EmailMessage()
        message["From"], message["To"] = self.mail.sender, address
        message["Message-ID"] = f"<{identity}@barograph>"
        message["Subject"] = " ".join(f"Barograph: {told.get('what', '')} {told.get('study', '')}".split())
        message.set_content("\n".join(f"{key}: {value}" for key, value in told.items()))
        try:
            with smtplib.SMTP(self.mail.host, self.mail.port, timeout=SECONDS) as server:
                if self.mail.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.mail.user:
                    server.login(self.mail.user, self.mail.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotTakenError(f"{type(error).__name__}: {error}") from error
