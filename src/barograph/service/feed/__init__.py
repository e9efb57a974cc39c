"""The live feed: what happens, told to those who listen, as server-sent events."""

from __future__ import annotations

from barograph.service.feed.hub import Feed, Listener
from barograph.service.feed.response import EventStream

__all__ = ["EventStream", "Feed", "Listener"]
