"""Models, their history, findings; and the rules of the registry, kept by the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from barograph.govern.migrations.rules import (
    Rule,
    check_inserts,
    check_updates,
    forbid_changes,
    forbid_removal,
)
from barograph.govern.tables.common import Instant

revision = "0002"
down_revision = "0001"

OF_MODEL = "SELECT 1 FROM model_history AS h WHERE h.model = NEW.model AND h.action"
PREVIOUS = (
    "COALESCE((SELECT h.champion FROM model_history AS h WHERE h.study = NEW.study "
    "ORDER BY h.step DESC LIMIT 1), '')"
)

HISTORY = (
    Rule(
        "NEW.step <> (SELECT COALESCE(MAX(h.step), 0) + 1 FROM model_history AS h WHERE h.study = NEW.study)",
        "the history of a study goes on by one step",
    ),
    Rule(
        "NEW.at < (SELECT MAX(h.at) FROM model_history AS h WHERE h.study = NEW.study)",
        "the history of a study never goes back in time",
    ),
    Rule(
        "NOT EXISTS (SELECT 1 FROM models AS m WHERE m.id = NEW.model AND m.study = NEW.study)",
        "a model belongs to its own study",
    ),
    Rule(
        "NEW.action = 'proposed' AND (EXISTS (SELECT 1 FROM model_history AS h WHERE h.model = NEW.model) OR "
        "NOT EXISTS (SELECT 1 FROM models AS m WHERE m.id = NEW.model AND m.proposer = NEW.actor))",
        "a model is proposed once, by its proposer",
    ),
    Rule(
        f"NEW.action <> 'proposed' AND NOT EXISTS ({OF_MODEL} = 'proposed')",
        "a model is proposed before anything else",
    ),
    Rule(f"EXISTS ({OF_MODEL} = 'retired')", "a retired model stays retired"),
    Rule(
        "NEW.action IN ('approved', 'promoted', 'extended') AND EXISTS (SELECT 1 FROM models AS m "
        "WHERE m.id = NEW.model AND lower(trim(m.proposer)) = lower(trim(NEW.actor)))",
        "four eyes: who proposed a model must not approve it",
    ),
    Rule(f"NEW.action = 'approved' AND EXISTS ({OF_MODEL} = 'approved')", "a model is approved once"),
    Rule(
        f"NEW.action IN ('promoted', 'extended', 'rolled_back') AND NOT EXISTS ({OF_MODEL} = 'approved')",
        "a model must be approved first",
    ),
    Rule(
        f"NOT ((COALESCE(NEW.champion, '') = {PREVIOUS} AND NOT (NEW.action = 'retired' AND "
        f"{PREVIOUS} = NEW.model)) OR (NEW.action IN ('approved', 'promoted', 'rolled_back') AND "
        f"COALESCE(NEW.champion, '') = NEW.model) OR (NEW.action = 'retired' AND NEW.champion IS NULL AND "
        f"{PREVIOUS} = NEW.model))",
        "the champion changes only to the approved model that a step names, or goes with its retirement",
    ),
)

MODELS = (
    Rule(
        "EXISTS (SELECT 1 FROM models AS m WHERE m.id = NEW.id OR m.manifest_hash = NEW.manifest_hash)",
        "a bundle is one model, registered once",
    ),
    Rule("length(trim(NEW.proposer)) = 0", "a model has a proposer"),
)

FINDINGS = (
    Rule("EXISTS (SELECT 1 FROM findings AS f WHERE f.id = NEW.id)", "a finding is opened once"),
    Rule("NEW.closed_at IS NOT NULL", "a finding is opened before it is closed"),
)
CLOSING = (
    Rule("OLD.closed_at IS NOT NULL", "a closed finding is never changed"),
    Rule(
        "NEW.id <> OLD.id OR NEW.model <> OLD.model OR NEW.severity <> OLD.severity OR NEW.what <> OLD.what "
        "OR NEW.opened_at <> OLD.opened_at OR NEW.opened_by <> OLD.opened_by",
        "what a finding says is never changed",
    ),
)


def upgrade() -> None:
    """Make the tables and their rules."""
    _models()
    _history()
    _findings()
    check_inserts("models", MODELS)
    forbid_changes("models")
    check_inserts("model_history", HISTORY)
    forbid_changes("model_history")
    check_inserts("findings", FINDINGS)
    check_updates("findings", CLOSING)
    forbid_removal("findings")


def _models() -> None:
    names = (
        "id",
        "study",
        "engine",
        "champion",
        "bundle",
        "manifest_hash",
        "data_hash",
        "verdict",
        "proposer",
    )
    op.create_table(
        "models",
        *(sa.Column(name, sa.Text(), nullable=False) for name in names),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.UniqueConstraint("manifest_hash", name="uq_models_manifest_hash"),
    )
    op.create_index("ix_models_study", "models", ["study"])


def _history() -> None:
    actions = "action IN ('proposed', 'approved', 'promoted', 'extended', 'rolled_back', 'retired')"
    op.create_table(
        "model_history",
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("champion", sa.Text()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.PrimaryKeyConstraint("study", "step", name="pk_model_history"),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name="fk_model_history_model"),
        sa.ForeignKeyConstraint(["champion"], ["models.id"], name="fk_model_history_champion"),
        sa.CheckConstraint(actions, name="ck_model_history_action"),
        sa.CheckConstraint("length(trim(why)) > 0", name="ck_model_history_why"),
        sa.CheckConstraint("length(trim(actor)) > 0", name="ck_model_history_actor"),
    )
    op.create_index("ix_model_history_model", "model_history", ["model"])
    where = sa.text("action = 'approved'")
    op.create_index(
        "uq_model_history_approved",
        "model_history",
        ["model"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.Column("closed_by", sa.Text()),
        sa.Column("closed_why", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name="fk_findings_model"),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high', 'critical')", name="ck_findings_severity"),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="ck_findings_closed"),
    )
    op.create_index("ix_findings_model", "findings", ["model"])
