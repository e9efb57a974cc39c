"""What monitors remember: counts of inputs by day, figures waiting for their labels, days of a VaR."""

from __future__ import annotations

import sqlalchemy as sa

from barograph.govern.tables.common import AGE, METADATA, instant

input_counts = sa.Table(
    "input_counts",
    METADATA,
    sa.Column("model", sa.Text(), primary_key=True),
    sa.Column("day", sa.Date(), primary_key=True),
    sa.Column("name", sa.Text(), primary_key=True),  # of an input; "" for the figure itself
    sa.Column("cell", sa.Text(), primary_key=True),  # a bin's number, a category, or "missing"
    sa.Column("records", sa.BigInteger(), nullable=False),
    info={AGE: "day"},
)

scored = sa.Table(
    "scored",
    METADATA,
    sa.Column("study", sa.Text(), primary_key=True),
    sa.Column("subject", sa.Text(), primary_key=True),
    sa.Column("model", sa.Text(), primary_key=True),  # the champion and its challengers, side by side
    sa.Column("figure", sa.Float(), nullable=False),
    instant("at"),
    info={AGE: "at"},
)

var_days = sa.Table(
    "var_days",
    METADATA,
    sa.Column("study", sa.Text(), primary_key=True),
    sa.Column("model", sa.Text(), primary_key=True),
    sa.Column("entity", sa.Text(), primary_key=True),
    sa.Column("alpha", sa.Float(), primary_key=True),
    sa.Column("day", sa.Date(), primary_key=True),
    sa.Column("var", sa.Float(), nullable=False),  # loss, positive
    sa.Column("loss", sa.Float(), nullable=True),  # what came; unknown until the day is over
    info={AGE: "day"},
)
