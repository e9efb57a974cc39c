"""Leases; and no table of events any more: what a study takes in is in its journal (`service/memory.py`)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.tables.common import Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the one, drop the other, which nothing ever wrote to."""
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.drop_table("events")
