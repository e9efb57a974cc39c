"""How long tests wait for what is bound to happen: a slow machine comes to it late, and no test may mind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE = 300.0
"""Seconds, for a machine many times slower than ours; where all is well nothing waits so long."""


def until(holds: Callable[[], Found], what: str = "", seconds: float = PATIENCE) -> Found:
    """Wait for a condition; what it said."""
    ends = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < ends, f"not within {seconds:g} s: {what or 'what was waited for'}"
        time.sleep(0.02)
    return found
