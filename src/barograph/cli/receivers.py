"""`barograph receivers`: who is told of alerts."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from barograph.api import receivers as api
from barograph.cli.cells import cell, listing
from barograph.cli.models import OneObject, Where, Who
from barograph.cli.plain import as_json
from barograph.cli.show import line, stdout
from barograph.cli.words import said
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Receiver = Annotated[str, typer.Argument(metavar="RECEIVER", help=said("option.receiver"))]


@group.command("list", help=said("receivers.list"))
def listed(database: Where = DEFAULT_URL, as_one_object: OneObject = False) -> None:
    """All that stand."""
    found = api.receivers(database=database)
    keys = ("id", "address", "study", "by", "waiting", "sent_at", "error")
    rows = [[cell(one["created_by" if key == "by" else key]) for key in keys] for one in found]
    listing("receivers", found, keys, rows, as_one_object=as_one_object)


@group.command(help=said("receivers.add"))
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=said("option.address"))],
    who: Who,
    study: Annotated[str, typer.Option(metavar="STUDY", help=said("option.told_of"))] = "",
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """Tell an address."""
    made, secret = api.add(address, by=who, study=study, database=database)
    if as_one_object:
        sys.stdout.write(as_json({"id": made, "secret": secret}) + "\n")
        return
    line(stdout(), said("receivers.added", id=made))
    if not address.startswith("mailto:"):
        line(stdout(), said("receivers.secret", secret=secret))


@group.command(help=said("receivers.end"))
def end(receiver: Receiver, database: Where = DEFAULT_URL) -> None:
    """Tell it nothing any more."""
    api.end(receiver, database=database)
    line(stdout(), said("receivers.ended", id=receiver))


@group.command("test", help=said("receivers.test"))
def tried(receiver: Receiver, who: Who, database: Where = DEFAULT_URL) -> None:
    """Try it."""
    api.try_out(receiver, by=who, database=database)
    line(stdout(), said("receivers.tried", id=receiver))
