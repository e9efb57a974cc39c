"""Anchors of the audit log: what the last line of each chain was, once a second."""

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
