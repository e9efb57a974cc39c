"""Users, their tokens and their sessions; of secrets and passwords only hashes."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import AGE, METADATA, instant, words

users = sa.Table(
    "users",
    METADATA,
    sa.Column("name", sa.Text(), primary_key=True),
    words("role"),
    words("password", nullable=True),  # scrypt, with its settings; none: tokens only
    instant("created_at"),
    words("created_by"),
    instant("disabled_at", nullable=True),
)

tokens = sa.Table(
    "tokens",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    words("secret_hash"),
    sa.Column("owner", sa.Text(), sa.ForeignKey("users.name"), nullable=False, index=True),
    words("role"),
    words("label"),
    instant("created_at"),
    words("created_by"),
    instant("expires_at"),
    instant("revoked_at", nullable=True),
    instant("last_used_at", nullable=True),
    sa.Column(
        "first_start", sa.Boolean(), nullable=False
    ),  # printed at first start; ends with the first admin
)

sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id_hash", sa.Text(), primary_key=True),
    sa.Column("owner", sa.Text(), sa.ForeignKey("users.name"), nullable=False, index=True),
    instant("created_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    words("token", nullable=True),  # the id of the token it was begun with; none: a password
    info={AGE: "expires_at"},
)
