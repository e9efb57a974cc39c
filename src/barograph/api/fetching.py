"""Watching what is fetched over HTTP."""

from __future__ import annotations

from barograph.collect.reading.web import heard_by

__all__ = ["heard_by"]
