"""Starting a service: bundles loaded, checked and warmed before the first request is taken."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvicorn
from starlette.types import ASGIApp

from barograph.core.errors import SettingError
from barograph.service import logs
from barograph.service.access import OneToken, new_token
from barograph.service.app import application
from barograph.service.service import Service
from barograph.service.settings import Settings
from barograph.service.studies import Served, Studies

Say = Callable[[str], None]
GRACE = 10
"""Seconds that requests have left when the service is told to stop."""
SETTINGS = "BAROGRAPH_SERVICE"
"""The variable in which workers find the settings."""


def serve(settings: Settings, *, on_token: Say, on_ready: Callable[[Service], None]) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    settings : Settings
    on_token : callable
        Hears the token of a service that was given none, once.
    on_ready : callable
        Hears of the service when it is about to listen.

    Raises
    ------
    BundleError, SettingError
        A bundle may not serve.
    """
    if not settings.token:
        settings = dataclasses.replace(settings, token=new_token())
        on_token(settings.token)
    service = _service(settings)
    _check_workers(service, settings.workers)
    on_ready(service)
    logs.configure()
    options = {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": GRACE,
    }
    if settings.workers == 1:
        uvicorn.run(application(service), **options)  # type: ignore[arg-type]
        return
    os.environ[SETTINGS] = msgspec.json.encode(settings, enc_hook=str).decode()
    uvicorn.run(  # type: ignore[misc]
        "barograph.service.server:worker",
        factory=True,
        workers=settings.workers,
        **options,  # type: ignore[arg-type]
    )


def worker() -> ASGIApp:
    """The application of one of several processes, which finds its settings in its environment."""
    logs.configure()
    return application(_service(msgspec.json.decode(os.environ[SETTINGS], type=Settings, dec_hook=_path)))


def _path(kind: type, value: str) -> Path:
    return Path(value)


def _service(settings: Settings) -> Service:
    """Everything loaded, checked and warm."""
    studies = Studies([Served.open(folder) for folder in settings.bundles])
    return Service(studies, OneToken.of(settings.token), limits=settings.limits)


def _check_workers(service: Service, workers: int) -> None:
    """Refuse to part a live state among processes that do not know of each other."""
    live = [served.study for served in service.studies if served.has_state]
    if workers > 1 and live:
        raise SettingError(
            "bundles with a live state must be served by one worker",
            came=f"{', '.join(live)} with {workers}",
            do="Leave --workers out, or serve the other bundles apart",
        )
