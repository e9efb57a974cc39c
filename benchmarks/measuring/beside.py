"""Those that serve the same net: ours, started in several ways, and peers in environments of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barograph.api import models
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.live_rows import NUMBERS, feeds_of
from barograph.govern.access import first_token
from barograph.govern.storage import open_database
from measuring.asked import TOKEN
from measuring.cache import PEERS, NoPeer, python_of

BASE = "import sys; sys.modules['numba'] = None; from barograph.cli import main; main()"
"""A service of which the extra `[fast]` is not there."""
NULL, LEAN, LITSERVE, MLFLOW = "application that does nothing", "lean Starlette app", "LitServe", "MLflow"
OURS, GOVERNED, DURABLE = "Barograph", "Barograph, database, audit, state", "Barograph, the same --durable"


@dataclass(frozen=True, slots=True)
class Server:
    """One that can be started on a port and asked for the figure of the same record."""

    name: str
    command: Callable[[int], Sequence[str]]
    ready: str
    path: str
    body: Mapping[str, Any]
    figure: Callable[[Any], float | None]
    token: str = TOKEN
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Question:
    """A record and what it is for the net alone."""

    study: str
    record: Mapping[str, Any]
    numbers: Sequence[float]
    figure: float


def question(bundle: Path) -> Question:
    """The first reference record of a bundle on records."""
    model = load(bundle)
    row = next(model.parts.reference.table.iter_rows(named=True))
    numbers = feeds_of(model.parts.encoder, model.parts.reference)[NUMBERS][0].tolist()
    record = {**row, "made": "2016-05-02"}
    return Question(model.manifest.study, record, numbers, model.predict(record)["probability"].item())


def ours(bundle: Path, asked: Question, folder: Path) -> list[Server]:
    """The service alone; with registry, audit log and state; and with every line on disk before its reply."""
    plain = [sys.executable, "-c", BASE, "serve"]
    path = f"/v1/studies/{asked.study}/predict"
    body = {"records": [asked.record], "figures": ["probability", "grade"]}

    def read(answer: Any) -> float:
        return float(answer["answers"][0]["probability"])

    def server(name: str, words: Sequence[str], token: str = TOKEN) -> Server:
        def command(port: int) -> list[str]:
            return [*plain, *words, "--port", str(port)]

        return Server(name, command, "/readyz", path, body, read, token)

    def governed(name: str, *more: str) -> Server:
        place = folder / name.replace(" ", "-").replace(",", "")
        place.mkdir()
        address = f"sqlite:///{place / 'barograph.db'}"
        model = models.propose(bundle, by="dev", why="a benchmark", database=address)
        models.approve(model.id, by="chief", why="a benchmark", database=address)
        database = open_database(address)
        token = first_token(database) or ""
        database.close()
        words = ["--database", address, "--audit", str(place / "audit"), "--state", str(place / "state")]
        return server(name, [*words, *more], token)

    return [server(OURS, [str(bundle)]), governed(GOVERNED), governed(DURABLE, "--durable")]


def peers(graph: Path, asked: Question, folder: Path) -> tuple[list[Server], list[str]]:
    """Those whose environment could be made, and of the others why not."""
    made, missing = [], []
    for make in (_nothing, _lean, _litserve, _mlflow):
        try:
            made.append(make(graph, asked, folder))
        except NoPeer as error:
            missing.append(f"{make.__name__.lstrip('_')} is not in the table: {error}.")
    return made, missing


def _app(name: str, peer: str, program: str, asked: Question, *given: str, ready: str = "/predict") -> Server:
    start = [str(python_of(peer)), str(PEERS / program), *given]
    body = {"numbers": asked.numbers}
    return Server(
        name, lambda port: [*start, str(port)], ready, "/predict", body, lambda answer: answer["probability"]
    )


def _nothing(graph: Path, asked: Question, folder: Path) -> Server:
    app = _app(NULL, "starlette", "null_app.py", asked)
    return Server(NULL, app.command, app.ready, app.path, app.body, lambda answer: None)


def _lean(graph: Path, asked: Question, folder: Path) -> Server:
    return _app(LEAN, "starlette", "starlette_app.py", asked, str(graph))


def _litserve(graph: Path, asked: Question, folder: Path) -> Server:
    return _app(LITSERVE, "litserve", "litserve_app.py", asked, str(graph), ready="/health")


def _mlflow(graph: Path, asked: Question, folder: Path) -> Server:
    python, model = python_of("mlflow"), folder / "mlflow"
    environment = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(
        [python, PEERS / "mlflow_model.py", graph, model],
        check=True, env={**os.environ, **environment}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    start = [
        str(python.parent / "mlflow"),
        "models",
        "serve",
        "-m",
        str(model),
        "--env-manager",
        "local",
        "-p",
    ]
    return Server(
        MLFLOW,
        lambda port: [*start, str(port)],
        "/ping",
        "/invocations",
        {"inputs": {"numbers": [asked.numbers]}},
        lambda answer: answer["predictions"]["figure"][0],
        environment=environment,
    )
