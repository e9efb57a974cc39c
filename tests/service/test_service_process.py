"""The service as people start it: a process that checks its bundles, listens, and stops when told to."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from barograph.api import models
from patience import PATIENCE, until
from small_service import COMMAND, CREDIT, bundles, record, started


def test_a_service_answers_with_the_token_it_printed_and_stops_when_told_to() -> None:
    with started(str(bundles()["credit"])) as (process, address):
        assert process.stdout is not None
        token = re.search(r"(\S{43})$", process.stdout.readline())
        assert token is not None
        told = [process.stdout.readline() for _ in range(2)]
        assert told[0].startswith("credit/default: combination, model ")
        assert address in told[1]
        with httpx.Client(headers={"authorization": f"Bearer {token[1]}"}, timeout=PATIENCE) as client:
            answer = client.post(f"{address}{CREDIT}/predict", json={"records": [record()]})
            assert answer.status_code == 200, answer.text
            assert "server" not in answer.headers
            assert client.get(f"{address}/v1/studies", headers={"authorization": ""}).status_code == 401
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in err.splitlines()]
    requests = [line for line in lines if line["about"] == "request" and line["path"].endswith("/predict")]
    assert [(line["status"], line["who"]) for line in requests] == [(200, "admin")]
    assert token[1] not in out + err


def test_workers_end_with_the_process_that_started_them_however_it_ends() -> None:
    with started(str(bundles()["credit"]), "--workers", "2", token="chosen") as (process, address):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("this system does not say what a process has started")
        workers = [Path(f"/proc/{pid}") for pid in children.read_text().split()]
        assert len(workers) >= 2
        process.kill()
        until(lambda: not any(one.exists() for one in workers), "the workers have ended")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/healthz", timeout=PATIENCE)


def test_a_service_that_was_given_a_token_does_not_print_it() -> None:
    with started(str(bundles()["credit"]), token="chosen") as (process, address):
        headers = {"authorization": "Bearer chosen"}
        assert httpx.get(f"{address}/v1/studies", headers=headers, timeout=PATIENCE).status_code == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert "chosen" not in out + err


def test_a_service_does_not_start_with_a_bundle_that_was_changed(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundles()["credit"], folder)
    (folder / "profile.json").write_text("{}")
    done = subprocess.run(
        [COMMAND, "serve", str(folder)], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert "profile.json must have the hash its manifest states" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["--database", "sqlite:///no/such/folder/a.db"],
        ["--database", "mysql://bank"],
        ["--workers", "0"],
    ],
    ids=["no such bundle", "no such folder", "another database", "no worker"],
)
def test_a_service_that_cannot_be_started_says_why(arguments: list[str]) -> None:
    done = subprocess.run(
        [COMMAND, "serve", *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_a_service_with_a_database_starts_with_nothing_and_prints_a_token_once(tmp_path: Path) -> None:
    places = ("--database", f"sqlite:///{tmp_path}/a.db", "--audit", str(tmp_path / "audit"))
    arguments = (*places, "--state", str(tmp_path / "state"))
    with started(*arguments) as (process, address):
        assert process.stdout is not None
        token = re.search(r"(bg_\S+)$", process.stdout.readline())
        assert token is not None
        headers = {"authorization": f"Bearer {token[1]}"}
        assert httpx.get(f"{address}/v1/models", headers=headers, timeout=PATIENCE).json() == {"models": []}
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    with started(*arguments) as (process, address):
        assert process.stdout is not None
        assert token[1] not in process.stdout.readline()
        assert httpx.get(f"{address}/v1/models", headers=headers, timeout=PATIENCE).status_code == 200


def test_a_second_service_on_the_same_states_says_why_it_does_not_start(tmp_path: Path) -> None:
    commands = []
    for name in ("a", "b"):
        database = f"sqlite:///{tmp_path}/{name}.db"
        one = models.propose(bundles()["market"], by="dev", why="first", database=database)
        models.approve(one.id, by="boss", why="read", database=database)
        places = ["--database", database, "--audit", str(tmp_path / name)]
        commands.append([*places, "--state", str(tmp_path / "state")])
    with started(*commands[0]) as (process, _):
        other = [COMMAND, "serve", *commands[1], "--port", "0"]
        done = subprocess.run(other, capture_output=True, text=True, check=False, timeout=PATIENCE)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: a journal has one writer")
