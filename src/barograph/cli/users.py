"""`barograph users`: who may come in, at the machine of the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from barograph.api import people as api
from barograph.cli.cells import cell, listing
from barograph.cli.models import OneObject, Where
from barograph.cli.show import line, stdout
from barograph.cli.words import said
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Name = Annotated[str, typer.Argument(metavar="NAME", help=said("option.user"))]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help=said("option.role"))]


@group.command("list", help=said("users.list"))
def listed(database: Where = DEFAULT_URL, as_one_object: OneObject = False) -> None:
    """Everybody."""
    found = api.users(database=database)
    keys = ("name", "role", "created_at", "disabled_at")
    rows = [[cell(one[key]) for key in keys] for one in found]
    listing("users", found, keys, rows, as_one_object=as_one_object)


@group.command(help=said("users.add"))
def add(
    name: Name,
    role: RoleName,
    with_password: Annotated[bool, typer.Option("--password", help=said("option.with_password"))] = False,
    database: Where = DEFAULT_URL,
) -> None:
    """Add a user."""
    api.add_user(name, role, password=_password() if with_password else None, database=database)
    _done(name, said("users.added", role=role))


@group.command(help=said("users.role"))
def role(name: Name, role: RoleName, database: Where = DEFAULT_URL) -> None:
    """Another role."""
    api.set_role(name, role, database=database)
    _done(name, said("users.is", role=role))


@group.command(help=said("users.password"))
def password(name: Name, database: Where = DEFAULT_URL) -> None:
    """A new password."""
    api.set_password(name, _password(), database=database)
    _done(name, said("users.new_password"))


@group.command(help=said("users.disable"))
def disable(name: Name, database: Where = DEFAULT_URL) -> None:
    """Shut out."""
    api.disable(name, database=database)
    _done(name, said("users.out"))


@group.command(help=said("users.enable"))
def enable(name: Name, database: Where = DEFAULT_URL) -> None:
    """Let in again."""
    api.enable(name, database=database)
    _done(name, said("users.back"))


def _password() -> str:
    """Typed twice and not shown; from a pipe, its first line."""
    if sys.stdin.isatty():
        return str(typer.prompt(said("users.asked"), hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _done(name: str, what: str) -> None:
    line(stdout(), said("users.done", name=name, what=what))
