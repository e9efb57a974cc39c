"""Starting a service: bundles loaded, checked and warmed before the first request is taken."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.types import ASGIApp

from barograph.core.errors import SettingError
from barograph.govern.access import Authenticator, first_token
from barograph.govern.messages import Senders, mail_server
from barograph.govern.storage import check_keep, open_database
from barograph.service import logs
from barograph.service.access import OneToken, new_token
from barograph.service.app import application
from barograph.service.connection import Connection
from barograph.service.recording import opened
from barograph.service.service import Service
from barograph.service.settings import Settings
from barograph.service.shared.sharing import Shared
from barograph.service.studies import Served, Studies, check_workers

Say = Callable[[str], None]
GRACE = 10
"""Seconds that requests have left when the service is told to stop."""
OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "http": Connection,
    "ws": "none",
    "timeout_graceful_shutdown": GRACE,
}
"""Of uvicorn."""
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
    UnavailableError
        The database does not answer.
    StorageError
        Another service holds the folder of states.
    """
    if settings.database and settings.bundles:
        raise SettingError(
            "with a database, bundles must come from its registry",
            came=f"got {len(settings.bundles)} on the command line",
            do="Propose them (barograph models propose) and have them approved, or leave --database out",
        )
    if not settings.database and not settings.token:
        settings = dataclasses.replace(settings, token=new_token())
        on_token(settings.token)
    service = _service(settings)
    first = None if service.database is None else first_token(service.database)
    if first is not None:
        on_token(first)
    on_ready(service)
    logs.configure()
    options = {**OPTIONS, "host": settings.host, "port": settings.port}
    if settings.workers == 1:
        try:
            uvicorn.run(application(service), **options)
        except SystemExit:
            if service.failed is not None:
                raise service.failed from None
            raise
        return
    os.environ[SETTINGS] = msgspec.json.encode(settings, enc_hook=str).decode()
    uvicorn.run(
        "barograph.service.server:worker",
        factory=True,
        workers=settings.workers,
        **options,
    )


def worker() -> ASGIApp:
    """The application of one of several processes, which finds its settings in its environment."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    logs.configure()
    return application(_service(msgspec.json.decode(os.environ[SETTINGS], type=Settings, dec_hook=_path)))


def _end_with(sentinel: int) -> None:
    """Stop, as when told to, once who started this process has ended without telling: killed, most likely."""
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _path(kind: type, value: str) -> Path:
    return Path(value)


def _service(settings: Settings) -> Service:
    """Everything named loaded, checked and warm; what the registry names follows when the service opens."""
    studies = Studies([Served.open(folder) for folder in settings.bundles])
    for served in studies:
        check_workers(served, settings.workers, shared=bool(settings.shared))
    shared = Shared.at(settings.shared) if settings.shared else None
    if not settings.database:
        service = Service(
            studies,
            OneToken.of(settings.token),
            limits=settings.limits,
            workers=settings.workers,
            state=settings.state,
            shared=shared,
        )
        for served in studies:
            service.recall(served)
        return service
    mail = mail_server(settings.mail, settings.mail_from) if settings.mail else None
    senders = Senders(mail, settings.lang)
    check_keep(settings.keep)
    database = open_database(settings.database)
    recorder = None if settings.audit is None else opened(database, settings.audit, durable=settings.durable)
    return Service(
        studies,
        Authenticator(database),
        limits=settings.limits,
        workers=settings.workers,
        database=database,
        recorder=recorder,
        state=settings.state,
        senders=senders,
        keep=settings.keep,
        bundles_in=settings.bundles_in,
        shared=shared,
    )
