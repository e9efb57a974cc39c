"""What monitors remember."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.tables.common import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "input_counts",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "day", "name", "cell", name="pk_input_counts"),
    )
    op.create_table(
        "scored",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("study", "subject", "model")),
        sa.Column("figure", sa.Float(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("study", "subject", "model", name="pk_scored"),
    )
    op.create_table(
        "var_days",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("study", "model", "entity")),
        sa.Column("alpha", sa.Float(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("var", sa.Float(), nullable=False),
        sa.Column("loss", sa.Float()),
        sa.PrimaryKeyConstraint("study", "model", "entity", "alpha", "day", name="pk_var_days"),
    )
