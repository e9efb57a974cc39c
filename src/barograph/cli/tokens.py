"""`barograph tokens`: tokens of the service, made and ended at the machine of the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from barograph.api import people as api
from barograph.cli.cells import cell, listing
from barograph.cli.models import OneObject, Where
from barograph.cli.plain import as_json
from barograph.cli.show import line, stdout
from barograph.cli.words import said
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@group.command("list", help=said("tokens.list"))
def listed(database: Where = DEFAULT_URL, as_one_object: OneObject = False) -> None:
    """All tokens."""
    found = api.tokens(database=database)
    keys = ("id", "owner", "role", "label", "expires_at", "revoked_at", "last_used_at")
    rows = [[cell(one[key]) for key in keys] for one in found]
    listing("tokens", found, keys, rows, as_one_object=as_one_object)


@group.command(help=said("tokens.make"))
def make(
    owner: Annotated[str, typer.Argument(metavar="NAME", help=said("option.user"))],
    role: Annotated[str | None, typer.Option(metavar="ROLE", help=said("option.token_role"))] = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help=said("option.token_label"))] = "",
    days: Annotated[int, typer.Option(help=said("option.token_days"))] = 90,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """Make one."""
    token = api.make_token(owner, role=role, label=label, days=days, database=database)
    if as_one_object:
        sys.stdout.write(as_json({"owner": owner, "token": token}) + "\n")
    else:
        line(stdout(), said("tokens.made", owner=owner, token=token))


@group.command(help=said("tokens.end"))
def end(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help=said("option.token"))],
    database: Where = DEFAULT_URL,
) -> None:
    """End one."""
    api.end_token(token, database=database)
    line(stdout(), said("tokens.ended", id=token))
