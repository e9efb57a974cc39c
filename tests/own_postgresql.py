"""A PostgreSQL server of a test's own, which it may stop and start as it likes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from patience import PATIENCE, until
from small_service import free_port

UNPRIVILEGED = "postgres", "nobody"
"""Users that the server may run as; it refuses to run as root."""


@dataclass
class Server:
    """One that keeps its data between its starts."""

    binaries: Path
    folder: Path
    user: str | None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://test@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        plain = ["-D", str(self.folder / "data"), "-A", "trust", "-U", "test", "-E", "UTF8", "--locale=C"]
        done = subprocess.run(self._command("initdb", *plain), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Returns once it answers."""
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=50"]
        command = self._command("postgres", "-D", str(self.folder / "data"), "-p", str(self.port))
        command += ["-k", str(self.folder), *options]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        until(self._answers, f"PostgreSQL answers: {self.folder / 'log'}")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: int = signal.SIGQUIT) -> None:
        """By default at once, as in a crash: what it had committed is recovered at its next start."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=PATIENCE)
            self.process = None

    def _command(self, name: str, *arguments: str) -> list[str]:
        as_user = [] if self.user is None else ["setpriv", f"--reuid={self.user}", "--clear-groups"]
        return [*as_user, str(self.binaries / name), *arguments]


@contextmanager
def own_postgresql() -> Iterator[Server]:
    """A server that runs; skips where it is not installed, and fails under CI."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found is None and not places:
        if os.environ.get("CI"):
            pytest.fail("CI must run this test, but PostgreSQL's server is not installed")
        pytest.skip("PostgreSQL's server is not installed")
    binaries = places[-1].parent if found is None else Path(found).parent
    folder = Path(tempfile.mkdtemp(prefix="barograph-postgresql-"))
    server = Server(binaries, folder, _unprivileged(folder))
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> str | None:
    """Who is to run it, where this process may not: who owns its folder from now on."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            shutil.chown(folder, name)
        except LookupError:
            continue
        return name
    pytest.skip(f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)}")
