"""Sessions that were begun with a token end with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Say of a session which token it was begun with."""
    op.add_column("sessions", sa.Column("token", sa.Text()))
