"""What a service is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HOST, PORT = "127.0.0.1", 8710


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may ask at most."""

    body: int = 16 * 2**20
    """Bytes of a body, counted before it is parsed."""
    rate: float = 20_000.0
    """Requests a second of one token, on average."""
    burst: float = 40_000.0
    """Requests of one token at once."""
    waiting: int = 64
    """Requests that wait for a thread; more are told to come again."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one service is run; plain, so that it reaches the workers of a service as it is."""

    bundles: tuple[Path, ...] = ()
    host: str = HOST
    port: int = PORT
    workers: int = 1
    database: str = ""
    """Its address; empty for a service that serves the bundles named and nothing else."""
    audit: Path | None = None
    """Folder of the audit log; only with a database, where it is anchored."""
    state: Path | None = None
    """Folder of what studies took in, so that it outlives the process."""
    shared: str = ""
    """Address of states that several workers share; empty for none. Then `state` is not used."""
    durable: bool = False
    """Every line of the audit log is on disk before its reply."""
    mail: str = ""
    """Address of the mail server, its password as ``${NAME}``; empty: no e-mail is sent."""
    mail_from: str = ""
    """Whom e-mail is from."""
    lang: str = "en"
    """Language of e-mail."""
    keep: dict[str, int] = field(default_factory=dict)
    """Table -> days that its rows are kept; of the others none is deleted."""
    bundles_in: tuple[Path, ...] = ()
    """Folders from which models may be proposed over HTTP."""
    token: str = ""
    """The token of a service without a database; with one, tokens are in its tables."""
    limits: Limits = field(default_factory=Limits)
