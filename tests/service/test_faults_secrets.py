"""What lets somebody in stands in no log, no answer, no metric and no audit line, also when things fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from barograph.govern.messages import add_receiver
from barograph.govern.storage import open_database
from own_postgresql import own_postgresql
from patience import PATIENCE, until
from small_faults import House, running
from small_service import CREDIT, record

WORD = "word-of-the-database-7f3a"


def test_no_secret_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with own_postgresql() as server:
        monkeypatch.setenv("BAROGRAPH_TEST_WORD", WORD)
        url = server.url.replace("test@", "test:${BAROGRAPH_TEST_WORD}@")
        house = House.made(tmp_path, url)
        database = open_database(url)
        _, signing = add_receiver(database, "https://127.0.0.1:1/hook", by="admin")
        database.close()
        heard: list[str] = []

        def ask(method: str, path: str, role: str = "admin", **more: Any) -> httpx.Response:
            headers = {**house.headers(role), "referer": house.tokens[role]}
            answer = httpx.request(
                method, f"{service.address}{path}", headers=headers, timeout=PATIENCE, **more
            )
            heard.append(f"{answer.headers}{answer.text}")
            return answer

        with running(house) as service:
            service.ready()
            asked_for_all(ask)
            server.stop()
            until(
                lambda: ask("POST", "/v1/users", json={"name": "b", "role": "viewer"}).status_code == 503,
                "503",
            )
            until(
                lambda: httpx.get(f"{service.address}/readyz", timeout=PATIENCE).status_code == 503,
                "not ready",
            )
            heard.append(httpx.get(f"{service.address}/readyz", timeout=PATIENCE).text)
            until(lambda: '"about":"away"' in house.log.read_text(), "the log says that it is away")
            server.start()
            service.ready()
            ask("GET", "/metrics")
            service.stopped()
        told = house.log.read_text() + "".join(heard)
        told += "".join(path.read_text(errors="replace") for path in house.audit.iterdir() if path.is_file())
        assert "503" in told
        secrets = [WORD, signing, "the-new-word-of-bob", *(f"secret-word-of-{role}" for role in house.tokens)]
        secrets += [token.rpartition("_")[2] for token in house.tokens.values()]
        for secret in secrets:
            assert secret not in told


def asked_for_all(ask: Callable[..., Any]) -> None:
    """Sound requests, refused ones, and ones that hold secrets where none belong."""
    for role in ("admin", "viewer"):
        for path in ("/v1/users", "/v1/tokens", "/v1/models", "/v1/studies", "/metrics", "/nowhere"):
            ask("GET", path, role)
    ask("POST", f"{CREDIT}/predict", json={"records": [record()]})
    ask("POST", f"{CREDIT}/predict", content=b"{", role="scorer")
    for name in ("bob", "bob", "Bob"):
        ask("POST", "/v1/users", json={"name": name, "role": "viewer", "password": "the-new-word-of-bob"})
    ask("POST", "/v1/users", json={"name": "eve", "role": "king", "password": "the-new-word-of-bob"})
