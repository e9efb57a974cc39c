"""What tests of the dashboard in a real browser share: the browser, and a service with something to show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser import browser, chromium
from small_dashboard import Shown, shown


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    chromium()
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    chromium()
    with shown(tmp_path_factory.mktemp("dashboard")) as made:
        yield made
