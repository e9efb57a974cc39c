"""What a contract in a YAML file may say of a table: the file's keys, one by one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from barograph.core.section import Section

Scalar = bool | int | float | str


class ColumnTerms(Section):
    """What one column must keep."""

    type: Literal["any", "number", "whole", "text", "date"] = "any"
    """`whole`: numbers without a fraction; `date`: a day, with or without a time of day behind it."""
    unit: str = ""
    """Such as EUR, percent or decimal; a cell that shows another sign (% or a currency) breaks it."""
    required: bool = True
    """Whether the column must be there."""
    nullable: bool = True
    """Whether cells may be empty (NaN counts as empty)."""
    unique: bool = False
    """Whether no value may come twice; empty cells are not compared."""
    minimum: float | str | None = None
    """Least value that is allowed: a number, an ISO day, or `today`."""
    maximum: float | str | None = None
    """Largest value that is allowed: a number, an ISO day, or `today`."""
    allowed: tuple[Scalar, ...] = ()
    """The only values that are allowed; empty allows any."""


class FreshTerms(Section):
    """How old the newest row may be."""

    column: str
    """A column of dates."""
    days: int = Field(ge=0)
    """Calendar days between its newest day and today, at most."""


class TableContract(Section):
    """What a table must keep before a study sees it."""

    name: str = ""
    """How messages call the contract; the file's name if empty."""
    columns: dict[str, ColumnTerms] = Field(default_factory=dict)
    """Column -> what it must keep."""
    keys: tuple[tuple[str, ...], ...] = ()
    """Groups of columns whose values together name a row: no two rows may share them."""
    freshness: FreshTerms | None = None
    """How old the newest row may be."""
    least_rows: int = Field(1, ge=0)
    """Rows that the table must have."""
    other_columns: Literal["allowed", "refused"] = "allowed"
    """Whether there may be columns that the contract does not name."""
