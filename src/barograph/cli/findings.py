"""`barograph findings`: what was found wanting in models."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated

import typer

from barograph.api import models as api
from barograph.cli.cells import cell, listing
from barograph.cli.models import Model, OneObject, Where, Who, Why
from barograph.cli.plain import as_json
from barograph.cli.show import line, stdout
from barograph.cli.words import said
from barograph.core.errors import SettingError
from barograph.govern.registry import FindingRecord
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@group.command("list", help=said("findings.list"))
def listed(
    model: Annotated[str | None, typer.Option(metavar="MODEL", help=said("option.model"))] = None,
    only_open: Annotated[bool, typer.Option("--open", help=said("option.only_open"))] = False,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """All findings."""
    found = api.findings(model=model, open_only=only_open, database=database)
    rows = [[one.id, one.model, one.severity, one.what, one.owner, *_days(one)] for one in found]
    keys = ("id", "model", "severity", "words", "owner", "due", "closed_at")
    listing("findings", found, keys, rows, as_one_object=as_one_object)


@group.command("open", help=said("findings.open"))
def opened(
    model: Model,
    who: Who,
    found: Annotated[str, typer.Option("--what", metavar="TEXT", help=said("option.found"))],
    severity: Annotated[str, typer.Option(metavar="WORD", help=said("option.severity"))],
    owner: Annotated[str, typer.Option(metavar="NAME", help=said("option.finding_owner"))],
    due: Annotated[str, typer.Option(metavar="DAY", help=said("option.due"))],
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """Write one."""
    made = api.open_finding(
        model, severity=severity, what=found, owner=owner, due=_day(due), by=who, database=database
    )
    if as_one_object:
        sys.stdout.write(as_json({"id": made}) + "\n")
    else:
        line(stdout(), said("findings.opened", id=made))


@group.command(help=said("findings.close"))
def close(
    finding: Annotated[str, typer.Argument(metavar="FINDING", help=said("option.finding"))],
    who: Who,
    why: Why,
    database: Where = DEFAULT_URL,
) -> None:
    """Close one."""
    api.close_finding(finding, by=who, why=why, database=database)
    line(stdout(), said("findings.closed", id=finding))


def _days(one: FindingRecord) -> tuple[str, str]:
    due = said("expired", day=one.due) if one.overdue else str(one.due)
    return due, cell(one.closed_at)


def _day(given: str) -> dt.date:
    try:
        return dt.datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError as error:
        raise SettingError(
            "--due must be a day", came=f"got '{given}'", do="Write it as 2027-03-31"
        ) from error
