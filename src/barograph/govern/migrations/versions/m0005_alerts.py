"""Limits, alerts, their notes, receivers, the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.migrations.rules import Rule, check_updates, forbid_changes, forbid_removal
from barograph.govern.tables.common import Instant

revision = "0005"
down_revision = "0004"

ALERTS = "alerts"

CLOSED = (Rule("OLD.closed_at IS NOT NULL", "a closed alert is never changed"),)
ENDED = (
    Rule("OLD.ended_at IS NOT NULL", "a limit that has ended is never changed"),
    Rule(
        "NEW.figure <> OLD.figure OR NEW.entity <> OLD.entity OR NEW.below <> OLD.below OR "
        "COALESCE(NEW.soft, -1e308) <> COALESCE(OLD.soft, -1e308) OR "
        "COALESCE(NEW.hard, -1e308) <> COALESCE(OLD.hard, -1e308)",
        "a limit is never changed: it ends, and another takes its place",
    ),
)


def upgrade() -> None:
    """Make the tables and their rules."""
    _limits()
    _alerts()
    _messages()
    check_updates("limits", ENDED)
    forbid_removal("limits")
    check_updates("alerts", CLOSED)
    forbid_removal("alerts")
    forbid_changes("alert_notes")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _limits() -> None:
    op.create_table(
        "limits",
        *_texts("id", "study", "figure", "entity"),
        sa.Column("soft", sa.Float()),
        sa.Column("hard", sa.Float()),
        sa.Column("below", sa.Boolean(), nullable=False),
        *_texts("owner", "why"),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        *_texts("created_by"),
        sa.Column("ended_at", Instant()),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_limits"),
        sa.CheckConstraint("soft IS NOT NULL OR hard IS NOT NULL", name="ck_limits_some"),
    )
    op.create_index("ix_limits_study", "limits", ["study"])


def _alerts() -> None:
    found = "disposition IN ('fraud', 'false_alarm', 'fixed', 'accepted', 'expired')"
    op.create_table(
        "alerts",
        *_texts("id", "key", "study", "kind", "figure", "entity", "subject", "severity"),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("disposition", sa.Text()),
        sa.Column("closed_at", Instant()),
        sa.Column("closed_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.CheckConstraint("severity IN ('soft', 'hard')", name="ck_alerts_severity"),
        sa.CheckConstraint(f"disposition IS NULL OR {found}", name="ck_alerts_disposition"),
        sa.CheckConstraint("(closed_at IS NULL) = (disposition IS NULL)", name="ck_alerts_closed"),
    )
    op.create_index("ix_alerts_study", "alerts", ["study"])
    where = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_alerts_open", "alerts", ["key"], unique=True, sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "alert_notes",
        *_texts("alert"),
        sa.Column("step", sa.Integer(), nullable=False),
        *_texts("kind", "actor", "words"),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "step", name="pk_alert_notes"),
        sa.ForeignKeyConstraint(["alert"], [f"{ALERTS}.id"], name="fk_alert_notes_alert"),
        sa.CheckConstraint(
            "kind IN ('opened', 'escalated', 'assigned', 'comment', 'closed')", name="ck_alert_notes_kind"
        ),
    )


def _messages() -> None:
    op.create_table(
        "receivers",
        *_texts("id", "address", "secret", "study"),
        sa.Column("created_at", Instant(), nullable=False),
        *_texts("created_by"),
        sa.Column("ended_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_receivers"),
    )
    op.create_table(
        "outbox",
        *_texts("id", "receiver", "body"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("sent_at", Instant()),
        sa.Column("given_up_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["receiver"], ["receivers.id"], name="fk_outbox_receiver"),
    )
