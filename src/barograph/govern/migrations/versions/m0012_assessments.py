"""The book of each study that was assessed last, for every worker to show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.tables.common import Instant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "assessments",
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "model", "figures", "left_out")),
        sa.PrimaryKeyConstraint("study", name="pk_assessments"),
    )
