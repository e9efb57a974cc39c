"""Starting a service: bundles loaded, checked and warmed before the first request is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import uvicorn

from barograph.service import logs
from barograph.service.access import OneToken, new_token
from barograph.service.app import application
from barograph.service.service import Service
from barograph.service.settings import Settings
from barograph.service.studies import Served, Studies

Say = Callable[[str], None]


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
    token = settings.token or new_token()
    if not settings.token:
        on_token(token)
    service = Service(Studies(opened(settings.bundles)), OneToken.of(token), limits=settings.limits)
    logs.configure()
    on_ready(service)
    uvicorn.Server(
        uvicorn.Config(
            application(service),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    ).run()


def opened(bundles: tuple[Path, ...]) -> list[Served]:
    """The bundles, each loaded, checked and warm."""
    return [Served.open(folder) for folder in bundles]
