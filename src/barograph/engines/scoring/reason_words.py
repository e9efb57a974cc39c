"""Spans of time and windows as people say them."""

from __future__ import annotations

from barograph.core.texts import text

UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "m"), (1.0, "s"))
"""Seconds of a unit, and its letter in the name of a window."""


def window_words(window: str, lang: str) -> str:
    """The name of a window, such as 30d, in words.

    Examples
    --------
    >>> window_words("30d", "en"), window_words("1h", "en"), window_words("", "en")
    ('30 days', '1 hour', '')
    """
    number, unit = window[:-1], window[-1:]
    if not number.isdigit():
        return window
    return text(f"events.window.{'one_' if number == '1' else ''}{unit}", lang, n=number)


def gap_words(seconds: float, lang: str) -> str:
    """A span of time in its largest unit.

    Examples
    --------
    >>> gap_words(90.0, "en"), gap_words(7200.0, "en")
    ('1.5 minutes', '2 hours')
    """
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    number = f"{seconds / size:.3g}"
    return text(f"events.window.{'one_' if number == '1' else ''}{unit}", lang, n=number)
