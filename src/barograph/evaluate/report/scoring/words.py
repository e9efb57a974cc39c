"""How a scoring report prints its numbers, beside the house's way."""

from __future__ import annotations

import math

from barograph.evaluate.report.words import BLANK, MINUS, Words, number


def signed(value: float | None, digits: int = 4) -> str:
    """A difference with its sign, plus included.

    Examples
    --------
    >>> signed(0.0123), signed(-0.5, 1), signed(None)
    ('+0.0123', '−0.5', '–')
    """
    said = number(value, digits)
    return f"+{said}" if value is not None and value > 0 and said != BLANK else said


def interval(lower: float | None, upper: float | None, digits: int = 4) -> str:
    """The ends of an interval; one dash where there is none.

    Examples
    --------
    >>> interval(-0.001, 0.02, 3), interval(None, None)
    ('−0.001 … +0.020', '–')
    """
    if lower is None or upper is None:
        return BLANK
    return f"{signed(lower, digits)} … {signed(upper, digits)}"


def money(value: float) -> str:
    """An amount, to the unit; small ones with their cents.

    Examples
    --------
    >>> money(1234567.8), money(0.0), money(12.345)
    ('1,234,568', '0', '12.35')
    """
    said = f"{value:,.0f}" if abs(value) >= 1000 or value == 0 else f"{value:,.2f}"
    return said.replace("-", MINUS)


def count(value: float) -> str:
    """A number of events; of weighted ones, which need not be whole, to the nearest.

    Examples
    --------
    >>> count(12345.6)
    '12,346'
    """
    return BLANK if math.isnan(value) else f"{value:,.0f}"


def duration(seconds: float, words: Words) -> str:
    """A time to detection in the unit that suits it; at once, or never.

    Examples
    --------
    >>> duration(0.0, Words("en")), duration(5400.0, Words("en")), duration(math.inf, Words("en"))
    ('at once', '1.5 h', 'never')
    """
    if math.isinf(seconds) or seconds == 0.0:
        return words(f"alerts.duration.{'never' if seconds else 'at_once'}")
    for unit, length in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= length:
            return words(f"alerts.duration.{unit}", value=number(seconds / length, 1))
    return words("alerts.duration.seconds", value=number(seconds, 0))
