"""Assessments: the book of each study that was assessed last, in summary."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import AGE, METADATA, instant, words

assessments = sa.Table(
    "assessments",
    METADATA,
    sa.Column("study", sa.Text(), primary_key=True),
    instant("at"),
    words("actor"),  # who asked
    words("model"),  # that answered
    words("figures"),  # JSON; of long tables the largest rows
    words("left_out"),  # JSON: table -> rows that were not kept
    info={AGE: "at"},
)
