"""Anchors of the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.migrations.rules import Rule, check_inserts, forbid_changes
from barograph.govern.tables.common import Instant

revision = "0003"
down_revision = "0002"

FORWARD = Rule(
    "NEW.sequence <= (SELECT MAX(a.sequence) FROM audit_heads AS a WHERE a.chain = NEW.chain)",
    "anchors of a chain go forward",
)


def upgrade() -> None:
    """Make the table and its rules."""
    op.create_table(
        "audit_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "sequence", name="pk_audit_heads"),
    )
    check_inserts("audit_heads", (FORWARD,))
    forbid_changes("audit_heads")
