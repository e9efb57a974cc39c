"""Limits, what was held to them, the alerts of breaches, what was done about them, messages on their way."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import AGE, DONE, METADATA, Instant, instant, words
from barograph.govern.tables.registry import listed

SEVERITIES = ("soft", "hard")
DISPOSITIONS = ("fraud", "false_alarm", "fixed", "accepted", "expired")
NOTES = ("opened", "escalated", "assigned", "comment", "closed")

limits = sa.Table(
    "limits",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("study", sa.Text(), nullable=False, index=True),
    words("figure"),  # such as var, expected_loss, alerts_per_day
    words("entity"),  # "" stands for every one
    sa.Column("soft", sa.Float(), nullable=True),
    sa.Column("hard", sa.Float(), nullable=True),
    sa.Column("below", sa.Boolean(), nullable=False),  # breached from below rather than from above
    words("owner"),
    words("why"),
    instant("expires_at"),
    instant("created_at"),
    words("created_by"),
    instant("ended_at", nullable=True),
    words("ended_by", nullable=True),
    sa.CheckConstraint("soft IS NOT NULL OR hard IS NOT NULL", name="some"),
)

limit_readings = sa.Table(
    "limit_readings",
    METADATA,
    sa.Column("study", sa.Text(), primary_key=True),
    sa.Column("figure", sa.Text(), primary_key=True),
    sa.Column("entity", sa.Text(), primary_key=True),
    sa.Column("hour", Instant(), primary_key=True),
    sa.Column("low", sa.Float(), nullable=True),  # of the hour; NULL where none could be computed
    sa.Column("high", sa.Float(), nullable=True),
    sa.Column("last", sa.Float(), nullable=True),
    sa.Column("readings", sa.Integer(), nullable=False),
    sa.Column("at", Instant(), nullable=False, index=True),  # of the last one
    info={AGE: "at"},
)

alerts = sa.Table(
    "alerts",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("key", sa.Text(), nullable=False, index=True),  # what it is about: one open alert each
    sa.Column("study", sa.Text(), nullable=False, index=True),
    words("kind"),  # "limit", "score", "monitor"
    words("figure"),
    words("entity"),
    words("subject"),  # the event or record, where it is about one
    words("severity"),
    sa.Column("value", sa.Float(), nullable=False),  # the worst reading
    sa.Column("threshold", sa.Float(), nullable=False),
    sa.Column("readings", sa.Integer(), nullable=False),
    instant("opened_at"),
    instant("last_at"),
    words("assignee", nullable=True),
    words("disposition", nullable=True),
    instant("closed_at", nullable=True),
    words("closed_by", nullable=True),
    sa.CheckConstraint(listed("severity", SEVERITIES), name="severity"),
    sa.CheckConstraint(f"disposition IS NULL OR {listed('disposition', DISPOSITIONS)}", name="disposition"),
    sa.CheckConstraint("(closed_at IS NULL) = (disposition IS NULL)", name="closed"),
)
sa.Index(
    "uq_alerts_open",
    alerts.c.key,
    unique=True,
    sqlite_where=sa.text("closed_at IS NULL"),
    postgresql_where=sa.text("closed_at IS NULL"),
)

alert_notes = sa.Table(
    "alert_notes",
    METADATA,
    sa.Column("alert", sa.Text(), sa.ForeignKey(alerts.c.id), primary_key=True),
    sa.Column("step", sa.Integer(), primary_key=True, autoincrement=False),
    words("kind"),
    words("actor"),
    words("words"),
    sa.Column("at", Instant(), nullable=False, index=True),
    sa.CheckConstraint(listed("kind", NOTES), name="kind"),
)

receivers = sa.Table(
    "receivers",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    words("address"),  # https://…, or mailto:…
    words("secret"),  # what a webhook is signed with: it must be known, so it cannot be hashed
    words("study"),  # "" stands for every one
    instant("created_at"),
    words("created_by"),
    instant("ended_at", nullable=True),
)

outbox = sa.Table(
    "outbox",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("receiver", sa.Text(), sa.ForeignKey("receivers.id"), nullable=False),
    words("body"),  # JSON
    instant("created_at"),
    instant("due_at"),
    sa.Column("tries", sa.Integer(), nullable=False),
    words("error", nullable=True),  # of the last try
    instant("sent_at", nullable=True),
    instant("given_up_at", nullable=True),
    info={AGE: "created_at", DONE: ("sent_at", "given_up_at")},
)
