"""A fresh database of each kind for a test: a file of SQLite, or a schema of its own in PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services import POSTGRESQL, needed

KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh_url(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database; it is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'govern.db'}"
        return
    address, schema = needed(POSTGRESQL), f"t{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
        try:
            yield f"{address}?options=-csearch_path%3D{schema}"
        finally:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
