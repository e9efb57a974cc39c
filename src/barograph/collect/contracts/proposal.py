"""A contract proposed from a table as read: what it shows now, for a person to widen or narrow."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator

import polars as pl

from barograph.collect.contracts.cells import cells_of
from barograph.collect.contracts.columns import ColumnCheck
from barograph.collect.contracts.terms import ColumnTerms
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import TypedColumn, categories, typed
from barograph.collect.violation import shortened
from barograph.core.errors import DataError
from barograph.core.plain_yaml import written

FEW = 20
"""Different texts up to which they are listed as the only ones allowed."""
LEAST_REPEATS = 3.0
"""Rows per different text from which the texts seen count as a list."""


def proposed(raw: RawTable) -> str:
    """The YAML of a contract that the table keeps.

    Ranges are those of the values seen; texts are listed where they are few and each is frequent; a column
    of whole numbers or texts that never repeats is proposed as unique. Units and freshness stand as
    comments: values do not show them.
    """
    lines = [
        f"# Proposed from {shortened(raw.label, 80)}, {raw.frame.height:,} rows:",
        "# ranges and lists are what it holds now. Widen, narrow or remove what should not be promised.",
        f"name: {written(raw.label)}",
        "columns:",
    ]
    dated = ""
    for name in raw.frame.columns:
        terms = terms_of(raw, name)
        dated = dated or (name if terms.type == "date" else "")
        lines += _column(name, terms)
    lines += ["other_columns: allowed", f"least_rows: {1 if raw.frame.height else 0}"]
    lines += [
        "# keys:  # columns that together name a row",
        "#   - [a, b]",
        "# freshness:",
        f"#   column: {written(dated or 'a column of dates')}",
        "#   days: 45",
    ]
    return "\n".join(lines) + "\n"


def _column(name: str, terms: ColumnTerms) -> Iterator[str]:
    yield f"  {written(name)}:"
    for key, value in terms.model_dump(exclude_defaults=True).items():
        plain = int(value) if terms.type == "whole" and isinstance(value, float) else value
        yield f"    {key}: {written(plain)}"
    if terms.type in ("number", "whole"):
        yield "    # unit: EUR"
    if not terms.model_dump(exclude_defaults=True):
        yield "    type: any"


def terms_of(raw: RawTable, name: str) -> ColumnTerms:
    """What a column keeps now."""
    series = raw.frame[name]
    try:
        read = typed(raw, name)
    except DataError:
        return ColumnTerms()
    kind = _kind(series, read)
    cells = cells_of(series, kind, raw.written.get(name), raw.decimal)
    if cells is None or cells.wrong:
        return ColumnTerms()
    filled = cells.values.drop_nulls() if cells.empty is None else cells.values.filter(~cells.empty)
    values: dict[str, object] = {"type": kind, "nullable": cells.empty is not None or not len(series)}
    if kind in ("number", "whole", "date") and len(filled):
        least, most = filled.min(), filled.max()
        bounds = {"minimum": least, "maximum": most}
        values |= {key: str(one) if kind == "date" else _decimal(one) for key, one in bounds.items()}
    elif kind == "text" and len(filled):
        words = categories(filled).unique().sort()
        if len(words) <= FEW and len(filled) >= LEAST_REPEATS * len(words):
            values["allowed"] = tuple(words.to_list())
    terms = ColumnTerms.model_validate(values)
    return terms.model_copy(update={"unique": True}) if _names_rows(raw, name, terms) else terms


def _kind(series: pl.Series, read: TypedColumn) -> str:
    if read.kind == "date":
        return "date"
    if read.kind == "numeric":
        filled = read.values.drop_nulls()
        return "whole" if len(filled) and bool((filled == filled.floor()).all()) else "number"
    return "any" if series.dtype == pl.Null else "text"


def _decimal(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]  # the least or largest of numbers
    return number if math.isfinite(number) else 0.0


def _names_rows(raw: RawTable, name: str, terms: ColumnTerms) -> bool:
    if terms.type not in ("whole", "text") or terms.nullable or terms.allowed or raw.frame.height < 2:
        return False
    check = ColumnCheck(name, terms, today=datetime.date.min)
    return check.wrong(raw)[1].n_unique() == raw.frame.height
