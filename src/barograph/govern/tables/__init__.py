"""Every table, on one `METADATA`. What makes them is `govern/migrations`; a test holds the two equal."""

from __future__ import annotations

from barograph.govern.tables.access import sessions, tokens, users
from barograph.govern.tables.audit import audit_heads
from barograph.govern.tables.common import METADATA
from barograph.govern.tables.registry import findings, model_history, models

__all__ = ["METADATA", "audit_heads", "findings", "model_history", "models", "sessions", "tokens", "users"]
