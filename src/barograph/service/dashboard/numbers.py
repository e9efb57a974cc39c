"""Figures and instants as pages write them; what is not known is a dash."""

from __future__ import annotations

import datetime as dt
import math

DASH = "–"
SMALL = 1e-9


def figure(value: object, digits: int = 3) -> str:
    """A number to some significant digits, with groups of thousands; below `SMALL` with a power of ten.

    Examples
    --------
    >>> figure(0.031234), figure(1234567.8), figure(None), figure(float("nan")), figure(12)
    ('0.0312', '1,234,568', '–', '–', '12')
    >>> figure(1e-12), figure(-2.5e-10), figure(1.234e-9)
    ('1.00e−12', '−2.50e−10', '0.00000000123')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return DASH if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return DASH
    if value == 0.0:
        return "0"
    if abs(value) < SMALL:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}".replace("-", "−")


def p_value(value: object) -> str:
    """A p-value to two digits; below one in a thousand that is all that is said.

    Examples
    --------
    >>> p_value(0.0421), p_value(3e-9), p_value(None)
    ('0.042', '< 0.001', '–')
    """
    return "< 0.001" if isinstance(value, float) and value < 0.001 else figure(value, 2)


def percent(value: object, digits: int = 2) -> str:
    """A share of one, in percent.

    Examples
    --------
    >>> percent(0.03123), percent(None)
    ('3.12 %', '–')
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return DASH
    return f"{100.0 * value:.{digits}f} %".replace("-", "−")


def instant(value: object) -> str:
    """A moment in UTC, to the minute.

    Examples
    --------
    >>> instant(dt.datetime(2027, 3, 3, 14, 5, tzinfo=dt.UTC))
    '2027-03-03 14:05 UTC'
    """
    if not isinstance(value, dt.datetime):
        return DASH if value is None else str(value)
    return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def day(value: object) -> str:
    """The day of a moment, in UTC.

    Examples
    --------
    >>> day(dt.datetime(2027, 3, 3, 23, 5, tzinfo=dt.UTC)), day(dt.date(2027, 3, 3)), day(None)
    ('2027-03-03', '2027-03-03', '–')
    """
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d")
    return DASH if value is None else str(value)
