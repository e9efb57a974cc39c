"""Names of columns that say a tenor: m3, 3M, 3 Mo, y10, 10Y, 10-Yr, 6 months, 2 years."""

from __future__ import annotations

import re

UNITS = {"d": 12.0 / 365.0, "w": 12.0 * 7.0 / 365.0, "m": 1.0, "y": 12.0}
"""Unit of a tenor -> months."""
_UNIT = r"(d|days?|w|wks?|weeks?|m|mo|mos|mths?|months?|y|yrs?|years?)"
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_PUBLISHED = re.compile(r"^(?:D?GS|DTB|TB)(\d+)(MO|MS)?$", re.IGNORECASE)
"""Names in FRED: DGS10 and GS10 in years, DGS3MO in months, DTB4WK apart, DTB3 and TB3MS in months."""
_AFTER = re.compile(rf"(?:^|[^a-z0-9.]){_NUMBER}[\s_-]*{_UNIT}\b", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:^|[^a-z0-9]){_UNIT}[\s_-]*{_NUMBER}\b", re.IGNORECASE)
MOST = 1200.0
"""Longest tenor, months."""


def tenor_of(name: str) -> float | None:
    """Months that a column's name says, or None.

    Examples
    --------
    >>> [tenor_of(name) for name in ("m3", "3 Mo", "y10", "10Y", "BC_30YEAR", "DGS10", "rate")]
    [3.0, 3.0, 120.0, 120.0, 360.0, 120.0, None]
    """
    published = _PUBLISHED.match(name.strip())
    if published:
        years = "GS" in name.upper().partition("MS")[0] and published.group(2) is None
        return float(published.group(1)) * (12.0 if years else 1.0)
    plain = name.strip().replace("_", " ")
    after, before = _AFTER.search(plain), _BEFORE.search(plain)
    if after:
        number, unit = after.group(1), after.group(2)
    elif before:
        unit, number = before.group(1), before.group(2)
    else:
        return None
    months = float(number.replace(",", ".")) * UNITS[unit[0].lower()]
    return months if 0.0 < months <= MOST else None


def tenor_name(months: float) -> str:
    """The short name of a tenor.

    Examples
    --------
    >>> tenor_name(3.0), tenor_name(120.0), tenor_name(18.0)
    ('m3', 'y10', 'm18')
    """
    if months >= 12.0 and months % 12.0 == 0.0:
        return f"y{months / 12.0:g}"
    return f"m{round(months, 2):g}"
