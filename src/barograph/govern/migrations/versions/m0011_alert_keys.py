"""Alerts are found by what they are about, closed ones too."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_alerts_key", "alerts", ["key"])
