"""Every test of this folder that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clocks import SetClock

from barograph.govern.storage import Database, open_database
from databases import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_url(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def database(url: str, clock: SetClock) -> Iterator[Database]:
    opened = open_database(url, clock=clock)
    yield opened
    opened.close()
