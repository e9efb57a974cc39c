"""Servers that some tests need: their addresses, and what happens where nothing answers."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

import pytest

POSTGRESQL = os.environ.get("BAROGRAPH_TEST_POSTGRESQL", "postgresql://127.0.0.1:5432/test")
REDIS = os.environ.get("BAROGRAPH_TEST_REDIS", "redis://127.0.0.1:6379/0")


def needed(address: str) -> str:
    """The address, if something answers there; otherwise the test is skipped, and fails under CI."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=2):
            return address
    except OSError as error:
        reason = f"nothing answers at {parts.scheme}://{parts.hostname}:{parts.port} ({error})"
        if os.environ.get("CI"):
            pytest.fail(f"CI must run this test, but {reason}")
        pytest.skip(reason)
