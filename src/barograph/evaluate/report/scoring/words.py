"""How a scoring report prints its numbers, beside the house's way."""

from __future__ import annotations

from barograph.evaluate.report.words import BLANK, number


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
    return f"{value:,.0f}" if abs(value) >= 1000 or value == 0 else f"{value:,.2f}"
