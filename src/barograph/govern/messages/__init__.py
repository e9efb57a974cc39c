"""Messages out: kept with the change that they tell of, sent until somebody took them."""

from __future__ import annotations

from barograph.govern.messages.courier import Courier
from barograph.govern.messages.delivery import Delivered, deliver_due
from barograph.govern.messages.mail import MailServer, mail_server
from barograph.govern.messages.outbox import outbox_rows
from barograph.govern.messages.receivers import add_receiver, end_receiver, receivers_of, try_receiver
from barograph.govern.messages.reminders import remind
from barograph.govern.messages.senders import Senders
from barograph.govern.messages.signing import SIGNATURE, signature_holds, signed

__all__ = [
    "SIGNATURE",
    "Courier",
    "Delivered",
    "MailServer",
    "Senders",
    "add_receiver",
    "deliver_due",
    "end_receiver",
    "mail_server",
    "outbox_rows",
    "receivers_of",
    "remind",
    "signature_holds",
    "signed",
    "try_receiver",
]
