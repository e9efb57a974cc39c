"""Leases: work that one process does at a time, whoever it is."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import METADATA, instant, words

leases = sa.Table(
    "leases",
    METADATA,
    sa.Column("name", sa.Text(), primary_key=True),  # of the work
    words("holder"),
    instant("until"),
)
