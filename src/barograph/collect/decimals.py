"""What a table of text shows about decimals as a whole: behind a point, or behind a comma."""

from __future__ import annotations

import itertools

import polars as pl

COMMA = r"^\D{0,4}[+-]?(?:\d{1,3}(?:\.\d{3})+,\d*|0,\d+|\d+,\d{1,2}|\d+,\d{4,})\D{0,4}$"
POINT = r"^\D{0,4}[+-]?(?:\d{1,3}(?:,\d{3})+\.\d*|0\.\d+|\d+\.\d{1,2}|\d+\.\d{4,})\D{0,4}$"
NO_NUMBER = r"\d\.\d+\.\d|\d[-/:]\d"
DOTTED_DAY = r"^\s*\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})\b"
LOOKED_AT = 200
"""Columns, and rows of each, that are looked at."""


def decimals_of(frame: pl.DataFrame, delimiter: str) -> str:
    """`point` or `comma` where the columns show it beyond doubt and alike, "" otherwise.

    Where none shows it, a table parted by semicolons with days like 31.12.2020 has decimal commas: so do the
    spreadsheets of the countries that write days so.
    """
    shown: set[str] = set()
    dotted = False
    for series in itertools.islice(frame.head(LOOKED_AT).iter_columns(), LOOKED_AT):
        words = series.str.strip_chars()
        filled = int((words != "").sum())
        comma, point, other, days = (_share(words, sign) for sign in (COMMA, POINT, NO_NUMBER, DOTTED_DAY))
        dotted = dotted or 2 * days > filled
        if comma != point and not other and 2 * max(comma, point) >= filled:
            shown.add("comma" if comma > point else "point")
    if shown:
        return shown.pop() if len(shown) == 1 else ""
    return "comma" if delimiter == ";" and dotted else ""


def _share(words: pl.Series, pattern: str) -> int:
    return int(words.str.contains(pattern).sum())
