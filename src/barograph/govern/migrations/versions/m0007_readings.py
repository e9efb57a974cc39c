"""What was held to limits, by the hour; alerts' notes by their instants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.tables.common import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "limit_readings",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("study", "figure", "entity")),
        sa.Column("hour", Instant(), nullable=False),
        *(sa.Column(name, sa.Float()) for name in ("low", "high", "last")),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("study", "figure", "entity", "hour", name="pk_limit_readings"),
    )
    op.create_index("ix_limit_readings_at", "limit_readings", ["at"])
    op.create_index("ix_alert_notes_at", "alert_notes", ["at"])
