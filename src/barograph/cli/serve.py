"""`barograph serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.show import line, stdout
from barograph.cli.words import said
from barograph.service.server import serve
from barograph.service.service import Service
from barograph.service.settings import HOST, PORT, Settings

__all__ = ["TOKEN", "command"]

TOKEN = "BAROGRAPH_TOKEN"
"""The variable that holds the token of a service, where one is not to be made at every start."""


def command(
    bundle: Annotated[list[Path], typer.Argument(metavar="BUNDLE…", help=said("option.bundles_served"))],
    host: Annotated[str, typer.Option(help=said("option.host"))] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65_535, help=said("option.port"))] = PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help=said("option.service_workers"))] = 1,
) -> None:
    """Answer over HTTP until interrupted."""
    settings = Settings(tuple(bundle), host, port, workers, token=os.environ.get(TOKEN, ""))
    serve(settings, on_token=_token, on_ready=lambda service: _ready(service, settings))


def _token(token: str) -> None:
    line(stdout(), said("serve.token", token=token))


def _ready(service: Service, settings: Settings) -> None:
    for one in service.studies:
        line(
            stdout(),
            said("serve.study", study=one.study, champion=one.about["champion"], version=one.version),
        )
    line(stdout(), said("serve.ready", address=f"http://{settings.host}:{settings.port}"))
