"""The limits of a simulator's settings, refused in one wording."""

from __future__ import annotations

import datetime

from barograph.core.errors import SettingError

MOST_ROWS = 50_000_000
"""Rows a simulated table may be expected to have: it is made in memory, at most about 300 bytes a row."""
FIRST_DAY, LAST_DAY = datetime.date(1971, 1, 1), datetime.date(2089, 12, 31)


def whole(name: str, value: object, low: int, high: int) -> None:
    """Raises `SettingError` unless the value is a whole number in the closed range."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _refused(name, f"a whole number from {low} to {high}", value)


def real(name: str, value: object, low: float, high: float) -> None:
    """Raises `SettingError` unless the value is a number in the closed range."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise _refused(name, f"a number from {low:g} to {high:g}", value)


def span(name: str, value: object, low: float, high: float) -> None:
    """Raises `SettingError` unless the value is a pair of numbers in the range, the first not greater."""
    numbers = value if isinstance(value, tuple) and len(value) == 2 else (None, None)
    plain = [number for number in numbers if isinstance(number, int | float)]
    if len(plain) < 2 or not low <= plain[0] <= plain[1] <= high:
        raise _refused(name, f"two numbers from {low:g} to {high:g}, the first not greater", value)


def whole_span(name: str, value: object, low: int, high: int) -> None:
    """Raises `SettingError` unless the value is a pair of whole numbers, the first not greater."""
    numbers = value if isinstance(value, tuple) and len(value) == 2 else (None, None)
    for number in numbers:
        whole(f"each of the two numbers of {name}", number, low, high)
    span(name, value, low, high)


def calendar(start: object, days: object) -> None:
    """Raises `SettingError` unless start and days lie in the calendar that events may have."""
    if not isinstance(start, datetime.date) or not FIRST_DAY <= start <= LAST_DAY:
        raise _refused("start", f"a date from {FIRST_DAY} to {LAST_DAY}", start)
    whole("days", days, 1, 3660)


def size(rows: float, *, do: str) -> None:
    """Raises `SettingError` where more rows are expected than fit in memory."""
    if rows > MOST_ROWS:
        raise SettingError(
            f"the simulated table must be expected to have at most {MOST_ROWS} rows",
            came=f"these settings make about {rows:.3g}",
            do=do,
        )


def _refused(name: str, must: str, value: object) -> SettingError:
    return SettingError(f"{name} must be {must}", came=f"got {value!r}", do=f"Change {name}")
