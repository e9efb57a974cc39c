"""Accepted events and their replies; outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.tables.common import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "events",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("study", "id", "content_hash", "reply", "model")
        ),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("study", "id", name="pk_events"),
    )
    op.create_table(
        "outcomes",
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("label", sa.Float(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("study", "subject", "revision", name="pk_outcomes"),
    )
