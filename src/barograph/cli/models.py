"""`barograph models`: the registry."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from barograph.api import models as api
from barograph.cli.plain import as_json
from barograph.cli.show import Column, line, stdout, table
from barograph.cli.words import said
from barograph.core.errors import SettingError
from barograph.govern.registry import Answering, ModelRecord, Step
from barograph.govern.storage import DEFAULT_URL

__all__ = ["group"]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Model = Annotated[str, typer.Argument(metavar="MODEL", help=said("option.model"))]
Study = Annotated[str, typer.Argument(metavar="STUDY", help=said("option.study_name"))]
Where = Annotated[str, typer.Option("--database", metavar="URL", help=said("option.database"))]
Who = Annotated[str, typer.Option("--as", metavar="NAME", help=said("option.as"))]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help=said("option.why"))]
Months = Annotated[int, typer.Option("--months", help=said("option.months"))]
OneObject = Annotated[bool, typer.Option("--json", help=said("option.json"))]


@group.command("list", help=said("models.list"))
def listed(
    study: Annotated[str | None, typer.Option(metavar="STUDY", help=said("option.study_name"))] = None,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """All models."""
    _print(api.models(study=study, database=database), as_one_object)


@group.command(help=said("models.propose"))
def propose(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    who: Who,
    why: Why,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """Register a bundle."""
    _print([api.propose(bundle, by=who, why=why, database=database)], as_one_object)


@group.command(help=said("models.approve"))
def approve(
    model: Model,
    who: Who,
    why: Why,
    challenger: Annotated[bool, typer.Option("--challenger", help=said("option.challenger"))] = False,
    months: Months = 12,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """Let a model answer."""
    done = api.approve(model, by=who, why=why, challenger=challenger, months=months, database=database)
    _print([done], as_one_object)


@group.command(help=said("models.promote"))
def promote(
    model: Model, who: Who, why: Why, database: Where = DEFAULT_URL, as_one_object: OneObject = False
) -> None:
    """Make a challenger the champion."""
    _print([api.promote(model, by=who, why=why, database=database)], as_one_object)


@group.command(help=said("models.extend"))
def extend(
    model: Model,
    who: Who,
    why: Why,
    months: Months = 12,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """Put the date of a review off."""
    _print([api.extend(model, by=who, why=why, months=months, database=database)], as_one_object)


@group.command(help=said("models.retire"))
def retire(
    model: Model, who: Who, why: Why, database: Where = DEFAULT_URL, as_one_object: OneObject = False
) -> None:
    """Take a model out for good."""
    _print([api.retire(model, by=who, why=why, database=database)], as_one_object)


@group.command(help=said("models.rollback"))
def rollback(
    study: Study, who: Who, why: Why, database: Where = DEFAULT_URL, as_one_object: OneObject = False
) -> None:
    """Back to the champion before."""
    _print([api.roll_back(study, by=who, why=why, database=database)], as_one_object)


@group.command(help=said("models.history"))
def history(
    study: Study,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help=said("option.at"))] = None,
    database: Where = DEFAULT_URL,
    as_one_object: OneObject = False,
) -> None:
    """What was when."""
    if at is not None:
        _answered(api.answered_at(study, _instant(at), database=database), study, at, as_one_object)
        return
    steps = api.history(study, database=database)
    if as_one_object:
        sys.stdout.write(as_json({"study": study, "steps": steps}) + "\n")
        return
    columns = [Column(said(f"column.{key}")) for key in ("step", "when", "model", "action", "who", "why")]
    columns.append(Column(said("column.answers")))
    table(stdout(), said("title.history", study=study), columns, [_step(step) for step in steps])


def _answered(found: Answering | None, study: str, at: str, as_one_object: bool) -> None:
    if as_one_object:
        sys.stdout.write(as_json({"study": study, "at": at, "answered": found}) + "\n")
    elif found is None:
        line(stdout(), said("nobody_answered", study=study, at=at))
    else:
        columns = [Column(said("column.key")), Column(said("column.value"))]
        told = {key: _cell(value) for key, value in dataclasses.asdict(found).items()}
        rows = [[said(f"answered.{key}"), value] for key, value in told.items()]
        table(stdout(), said("title.answered", study=study, at=at), columns, rows)


def _instant(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingError(
            "--at must be an instant with its zone", came=f"got '{text}'", do="Write 2026-03-03T14:05+00:00"
        ) from error


def _print(models: list[ModelRecord], as_one_object: bool) -> None:
    if as_one_object:
        sys.stdout.write(as_json({"models": models}) + "\n")
        return
    keys = ("model", "study", "champion", "state", "proposer", "approver", "expires", "findings")
    columns = [Column(said(f"column.{key}")) for key in keys]
    table(stdout(), said("title.models"), columns, [_model(one) for one in models])


def _model(one: ModelRecord) -> list[str]:
    expires = "–" if one.expires_at is None else f"{one.expires_at:%Y-%m-%d}"
    if one.expired:
        expires = said("expired", day=expires)
    who = [one.proposer, one.approver or "–"]
    return [
        one.id,
        one.study,
        one.champion,
        said(f"state.{one.state}"),
        *who,
        expires,
        str(one.open_findings),
    ]


def _step(step: Step) -> list[str]:
    what = said(f"action.{step.action}")
    return [str(step.step), _cell(step.at), step.model, what, step.actor, step.why, step.champion or "–"]


def _cell(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, dt.datetime) else str(value)
