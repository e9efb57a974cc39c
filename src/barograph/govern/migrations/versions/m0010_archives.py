"""Files of the audit log that were moved away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.migrations.rules import forbid_changes
from barograph.govern.tables.common import Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table; what was said of a file is never changed."""
    op.create_table(
        "audit_archives",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "part", name="pk_audit_archives"),
    )
    forbid_changes("audit_archives")
