"""Models, what became of them, and findings against them.

`models` and `model_history` are written once and never changed: the rules are triggers in the database itself
(`govern/migrations`), so that they hold for whoever writes with SQL of their own.
"""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import METADATA, instant, words

ACTIONS = ("proposed", "approved", "promoted", "extended", "rolled_back", "retired")
"""What can become of a model; `proposed` first, `retired` last."""
SEVERITIES = ("low", "medium", "high", "critical")


def listed(column: str, values: tuple[str, ...]) -> str:
    """SQL: the column holds one of some words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


models = sa.Table(
    "models",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),  # the first digits of the manifest's hash
    sa.Column("study", sa.Text(), nullable=False, index=True),
    words("engine"),
    words("champion"),  # the candidate that the bundle holds, such as "combination"
    words("bundle"),  # its folder
    sa.Column("manifest_hash", sa.Text(), nullable=False, unique=True),  # sha256; it pins every file
    words("data_hash"),
    words("verdict"),
    words("proposer"),
    instant("proposed_at"),
)

model_history = sa.Table(
    "model_history",
    METADATA,
    sa.Column("study", sa.Text(), primary_key=True),
    sa.Column("step", sa.Integer(), primary_key=True, autoincrement=False),  # 1, 2, … within the study
    sa.Column("model", sa.Text(), sa.ForeignKey("models.id"), nullable=False, index=True),
    words("action"),
    sa.Column("champion", sa.Text(), sa.ForeignKey("models.id"), nullable=True),  # who answers after it
    words("actor"),
    words("why"),
    instant("at"),
    instant("expires_at", nullable=True),  # set by what approves or extends
    sa.CheckConstraint(listed("action", ACTIONS), name="action"),
    sa.CheckConstraint("length(trim(why)) > 0", name="why"),
    sa.CheckConstraint("length(trim(actor)) > 0", name="actor"),
)
sa.Index(
    "uq_model_history_approved",
    model_history.c.model,
    unique=True,
    sqlite_where=sa.text("action = 'approved'"),
    postgresql_where=sa.text("action = 'approved'"),
)

findings = sa.Table(
    "findings",
    METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("model", sa.Text(), sa.ForeignKey("models.id"), nullable=False, index=True),
    words("severity"),
    words("what"),
    words("owner"),
    sa.Column("due", sa.Date(), nullable=False),
    instant("opened_at"),
    words("opened_by"),
    instant("closed_at", nullable=True),
    words("closed_by", nullable=True),
    words("closed_why", nullable=True),
    sa.CheckConstraint(listed("severity", SEVERITIES), name="severity"),
    sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
)
