"""What columns say of a loan beside its features: exposure, loss given default, maturity, arrears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import numbers_of
from barograph.collect.records.rows import refuse_rows
from barograph.core.arrays import FloatArray

SHARE = "Write it as a share of one, or with a percent sign"


@dataclass(frozen=True, slots=True)
class _Range:
    rule: str
    low: float
    high: float
    do: str


RANGES: dict[str, _Range] = {
    "amount": _Range("not be negative: it is an exposure", 0.0, np.inf, "Correct them"),
    "lgd": _Range("lie within 0 and 1: it is a loss given default", 0.0, 1.0, SHARE),
    "maturity": _Range(
        "lie within 0 and 100: it is the years a loan still runs", 0.0, 100.0, "Write years, not months"
    ),
    "arrears": _Range("not be negative: it is the days past due", 0.0, np.inf, "Write 0 where none are due"),
    "pd_origination": _Range("lie within 0 and 1: it is a probability of default", 0.0, 1.0, SHARE),
}
"""What the values of each must be."""


@dataclass(frozen=True, slots=True, eq=False)
class TermColumns:
    """Exposure and terms as they were read."""

    amount: FloatArray | None  # [n] NaN unknown; None without a column
    terms: dict[str, FloatArray]  # of `core.record_table.TERMS`, those with a column
    written: dict[str, str]  # column -> how its text is written


def read_terms(raw: RawTable, columns: Mapping[str, str], written: Mapping[str, str] | None) -> TermColumns:
    """The values of the columns that play these parts.

    Parameters
    ----------
    raw : RawTable
    columns : mapping
        Part (a key of `RANGES`) -> column, or "" where none plays it.
    written : mapping, optional
        How the text of each column was written in training; None finds out.

    Raises
    ------
    DataError
        A value is no number, or out of its range.
    """
    values: dict[str, FloatArray] = {}
    how: dict[str, str] = {}
    for part, name in columns.items():
        if not name:
            continue
        read = numbers_of(raw, name, None if written is None else written.get(name, ""))
        allowed = RANGES[part]
        numbers = read.values / 100.0 if "percent" in read.how and allowed.high == 1.0 else read.values
        bad = (numbers < allowed.low) | (numbers > allowed.high)
        refuse_rows(raw, name, allowed.rule, bad, do=allowed.do)
        values[part] = numbers.fill_null(np.nan).to_numpy().copy()
        how |= {name: read.how} if read.how else {}
    return TermColumns(values.pop("amount", None), values, how)
