"""`barograph serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from barograph.cli.words import language, said
from barograph.core.address import address_of
from barograph.core.errors import SettingError
from barograph.core.texts import text
from barograph.govern.storage import DEFAULT_URL
from barograph.service.server import serve
from barograph.service.service import Service
from barograph.service.settings import HOST, PORT, Settings

__all__ = ["TOKEN", "command"]

JOURNALS, STATES = Path("barograph-audit"), Path("barograph-state")
TOKEN = "BAROGRAPH_TOKEN"
"""The variable that holds the token of a service, where one is not to be made at every start."""


def command(
    bundle: Annotated[
        list[Path] | None, typer.Argument(metavar="BUNDLE…", help=said("option.bundles_served"))
    ] = None,
    database: Annotated[str | None, typer.Option(metavar="URL", help=said("option.database_served"))] = None,
    audit: Annotated[Path, typer.Option(metavar="FOLDER", help=said("option.audit"))] = JOURNALS,
    state: Annotated[str | None, typer.Option(metavar="FOLDER|URL", help=said("option.state_served"))] = None,
    durable: Annotated[bool, typer.Option("--durable", help=said("option.durable"))] = False,
    host: Annotated[str, typer.Option(help=said("option.host"))] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65_535, help=said("option.port"))] = PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help=said("option.service_workers"))] = 1,
    mail: Annotated[str, typer.Option(metavar="URL", envvar="BAROGRAPH_MAIL", help=said("option.mail"))] = "",
    mail_from: Annotated[
        str, typer.Option(metavar="ADDRESS", envvar="BAROGRAPH_MAIL_FROM", help=said("option.mail_from"))
    ] = "",
    keep: Annotated[list[str] | None, typer.Option(metavar="TABLE=DAYS", help=said("option.keep"))] = None,
    bundles_in: Annotated[
        list[Path] | None, typer.Option(metavar="FOLDER", help=said("option.bundles_in"))
    ] = None,
) -> None:
    """Answer over HTTP until interrupted."""
    named = tuple(bundle or ())
    address = database or ("" if named else DEFAULT_URL)
    settings = Settings(
        named,
        host,
        port,
        workers,
        database=address,
        audit=audit if address else None,
        **_place(state, STATES if address else None),
        durable=durable,
        mail=mail,
        mail_from=mail_from,
        lang=language(),
        keep=dict(_kept(one) for one in keep or ()),
        bundles_in=tuple(folder.resolve() for folder in bundles_in or ()),
        token=os.environ.get(TOKEN, ""),
    )
    serve(settings, on_token=_token, on_ready=lambda service: _ready(service, settings))


def _place(state: str | None, usual: Path | None) -> dict[str, Any]:
    """Where states are kept: a folder, or an address that workers share."""
    if state is not None and address_of(state) is not None:
        return {"shared": state}
    return {"state": usual if state is None else Path(state)}


def _kept(given: str) -> tuple[str, int]:
    table, _, days = given.partition("=")
    if not days.isdecimal():
        raise SettingError(
            "--keep must be TABLE=DAYS", came=f"got '{given}'", do="Write it so, such as scored=400"
        )
    return table, int(days)


def _token(token: str) -> None:
    print(text("service.token", language(), token=token), flush=True)


def _ready(service: Service, settings: Settings) -> None:
    for one in service.studies:
        champion = one.about["champion"]
        print(text("service.study", language(), study=one.study, champion=champion, version=one.version))
    address = f"http://{settings.host}:{settings.port}"
    print(text("service.ready", language(), address=address), flush=True)
