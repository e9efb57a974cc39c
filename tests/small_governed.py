"""A service with a database, and somebody of each role who asks it: what the tests of governance share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.api.models import proposal_of
from barograph.govern import registry
from barograph.govern.access import ROLES, Authenticator, add_user, mint_token
from barograph.govern.storage import Database, open_database
from barograph.service.recording import opened
from barograph.service.service import Service
from barograph.service.studies import Studies
from small_service import CREDIT, Client, asked, bundles, record

WHY = {"why": "validated"}


@dataclass(slots=True)
class Governed:
    """A service with a database, asked by somebody of each role."""

    client: Client
    service: Service
    database: Database
    tokens: dict[str, str]
    folder: Path

    def post(self, role: str, path: str, body: Any, status: int = 200) -> dict[str, Any]:
        answer = self.client.post(path, json=body, headers=self.headers(role))
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def get(self, role: str, path: str, status: int = 200) -> dict[str, Any]:
        answer = self.client.get(path, headers=self.headers(role))
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def headers(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[role]}"}

    def proposed(self, name: str) -> str:
        """A bundle of the credit study under another hash, proposed by the developer; its model's id."""
        folder = self.folder / name
        shutil.copytree(bundles()["credit"], folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "created": name}))
        return registry.propose(self.database, proposal_of(folder), by="developer", why="a better run")

    def audited(self) -> str:
        """The audit log of its only worker, as it is written."""
        (file,) = (self.folder / "audit").glob("worker-1*.journal")
        return file.read_text()

    def answers(self) -> str:
        """The model that answers now."""
        return str(self.post("scorer", f"{CREDIT}/predict", {"records": [record()]})["version"])

    def delete(self, role: str, path: str, status: int = 200) -> dict[str, Any]:
        answer = self.client.request("DELETE", path, headers=self.headers(role))
        assert answer.status_code == status, answer.text
        return dict(answer.json())


@contextmanager
def governed(folder: Path, **more: Any) -> Iterator[Governed]:
    """A service on a file of SQLite in a folder, with an audit log; nothing is proposed yet."""
    database = open_database(f"sqlite:///{folder}/barograph.db")
    tokens = {}
    for role in ROLES:
        add_user(database, role, role, by="first-start")
        tokens[role] = mint_token(database, role, by="first-start")
    recorder = opened(database, folder / "audit")
    served = Service(Studies(), Authenticator(database), database=database, recorder=recorder, **more)
    with asked(served) as client:
        yield Governed(client, served, database, tokens, folder)
