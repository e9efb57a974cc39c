"""The service as people start it: a process that checks its bundles, listens, and stops when told to."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from small_service import CREDIT, bundles, record

COMMAND = str(Path(sys.executable).with_name("barograph"))
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def started(*arguments: str, token: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service as a process, and its address; ready when this returns."""
    port = free_port()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "BAROGRAPH_TOKEN": token}
    process = subprocess.Popen(
        [COMMAND, "serve", *arguments, "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            try:
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield process, address
    finally:
        if process.poll() is None:
            process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()


def test_a_service_answers_with_the_token_it_printed_and_stops_when_told_to() -> None:
    with started(str(bundles()["credit"])) as (process, address):
        assert process.stdout is not None
        token = re.search(r"(\S{43})$", process.stdout.readline())
        assert token is not None
        told = [process.stdout.readline() for _ in range(2)]
        assert told[0].startswith("credit/default: combination, model ")
        assert address in told[1]
        with httpx.Client(headers={"authorization": f"Bearer {token[1]}"}) as client:
            answer = client.post(f"{address}{CREDIT}/predict", json={"records": [record()]})
            assert answer.status_code == 200, answer.text
            assert "server" not in answer.headers
            assert httpx.get(f"{address}/v1/studies").status_code == 401
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in err.splitlines()]
    requests = [line for line in lines if line["about"] == "request" and line["path"].endswith("/predict")]
    assert [(line["status"], line["who"]) for line in requests] == [(200, "admin")]
    assert token[1] not in out + err


def test_a_service_that_was_given_a_token_does_not_print_it() -> None:
    with started(str(bundles()["credit"]), token="chosen") as (process, address):
        assert (
            httpx.get(f"{address}/v1/studies", headers={"authorization": "Bearer chosen"}).status_code == 200
        )
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert "chosen" not in out + err


def test_a_service_does_not_start_with_a_bundle_that_was_changed(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundles()["credit"], folder)
    (folder / "profile.json").write_text("{}")
    done = subprocess.run([COMMAND, "serve", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "profile.json must have the hash its manifest states" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["nowhere"]], ids=["no bundle", "no such bundle"])
def test_a_service_without_a_bundle_does_not_start(arguments: list[str]) -> None:
    done = subprocess.run([COMMAND, "serve", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
