"""The audit log in the database: anchors, once a second, and which of its files lie elsewhere."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import METADATA, instant, words

audit_heads = sa.Table(
    "audit_heads",
    METADATA,
    sa.Column("chain", sa.Text(), primary_key=True),
    sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
    words("hash"),
    instant("at"),
)

audit_archives = sa.Table(
    "audit_archives",
    METADATA,
    sa.Column("chain", sa.Text(), primary_key=True),
    sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),  # the number of the file
    sa.Column("first", sa.BigInteger(), nullable=False),  # its records
    sa.Column("last", sa.BigInteger(), nullable=False),
    words("hash"),  # of the last one
    instant("at"),
    words("actor"),
)
