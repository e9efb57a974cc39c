"""Outcomes: labels that came later than the figures they are of."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import AGE, METADATA, instant, words

outcomes = sa.Table(
    "outcomes",
    METADATA,
    sa.Column("study", sa.Text(), primary_key=True),
    sa.Column("subject", sa.Text(), primary_key=True),  # the event or record that the label is of
    sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),  # the highest one holds
    sa.Column("label", sa.Float(), nullable=False),
    instant("known_at"),  # when it became known, as the sender says
    instant("at"),  # when it came
    words("actor"),
    words("source"),
    info={AGE: "at"},
)
