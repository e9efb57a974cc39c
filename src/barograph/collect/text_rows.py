"""Where a table begins and ends among rows of text: titles above its header, totals and sources below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import fmean, median, mode

from barograph.collect.values import BLANK_WORDS
from barograph.core.errors import DataError

HEAD = 60
"""Rows looked at to find the header and the delimiter."""
WIDEST = 200
"""Columns looked at to tell a header from data."""
FEWEST = 3
"""Rows below a header that must show what its columns hold before a row is called data or a second header."""
MOST_BELOW = 10
"""Rows at the end that may be no data."""
NUMBER = re.compile(r"^[+-]?[$€£¥]?\s?[+-]?\d[\d.,' ]*\s?[%€$£]?$")
DAY = re.compile(r"^\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([T ].*)?$")
YEAR = re.compile(r"^(19|20)\d\d$")
NOTE = re.compile(r"[\s:*©]")
TOTALS = frozenset(
    (
        *("total", "totals", "grand total", "sum", "subtotal", "average", "avg", "mean", "median", "count"),
        *(
            "gesamt",
            "gesamtsumme",
            "summe",
            "durchschnitt",
            "mittelwert",
            "somme",
            "moyenne",
            "total general",
        ),
        *(
            "total général",
            "totale",
            "suma",
            "promedio",
            "media",
            "totaal",
            "合计",
            "总计",
            "平均",
            "合計",
            "總計",
        ),
    )
)
Row = Sequence[str]


def header_of(rows: Sequence[Row], label: str) -> int:
    """The place of the header among the first rows of a file (blank ones left out).

    Rows above it are titles: they fill half the columns at most. Of two headers one below the other (codes
    over names), the one next to the data counts.

    Raises
    ------
    DataError
        The first row is data like those below it: there is no header.
    """
    if len(rows) < 2:
        return 0
    width = mode([len(row) for row in rows])
    place = next((at for at, row in enumerate(rows) if _may_head(row, width)), 0)
    if place and not (_all_words(rows[place]) and all(_is_title(row, width) for row in rows[:place])):
        place = 0
    below = [row[:WIDEST] for row in rows[place + 1 :] if len(row) == len(rows[place])]
    if len(below) < FEWEST:
        return place
    if place == 0 and _is_data(rows[0][:WIDEST], below):
        raise DataError(
            f"{label} must begin with a line that names its columns",
            came=f"its first line is data: {', '.join(rows[0][:4])}",
            do="Add one, such as: date,rate; or say which line it is: --set collect.header=1",
        )
    return place + 1 if _is_second_header(below) else place


def rows_below(rows: Sequence[Row], width: int) -> int:
    """How many rows at the end are no data: totals and notes of one cell.

    A total is named so once only, among days or figures or with figures that agree with those above it.
    """
    count = 0
    while count < min(MOST_BELOW, len(rows) - 1) and _is_below(rows, len(rows) - 1 - count, width):
        count += 1
    return count


def _filled(row: Row) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _may_head(row: Row, width: int) -> bool:
    filled = len(_filled(row))
    return len(row) == width and filled >= 2 and 2 * filled > width


def _is_title(row: Row, width: int) -> bool:
    return 2 * len(_filled(row)) <= width


def _kind(cell: str) -> str:
    cell = cell.strip()
    if cell.lower() in BLANK_WORDS:
        return ""
    if NUMBER.match(cell):
        return "number"
    return "day" if DAY.match(cell) else "words"


def _all_words(row: Row) -> bool:
    return all(_kind(cell) in ("", "words") for cell in row)


def _kinds(below: Sequence[Row], column: int) -> str:
    """What a column holds throughout, "" where it is mixed or blank."""
    kinds = {_kind(row[column]) for row in below} - {""}
    return kinds.pop() if len(kinds) == 1 else ""


def _is_data(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row holds in every column what the rows below it hold, figures among them."""
    kinds = [_kind(cell) for cell in row]
    held = [_kinds(below, column) for column in range(len(row))]
    figures = [cell for cell, kind in zip(row, kinds, strict=True) if kind in ("number", "day")]
    years = all(YEAR.match(cell.strip()) for cell in figures)
    alike = all(own in ("", kept) for own, kept in zip(kinds, held, strict=True))
    return bool(figures) and not years and alike


def _is_second_header(below: Sequence[Row]) -> bool:
    """Whether the first row names columns again: different words where all others hold figures."""
    first, rest = below[0], below[1:]
    figures = [at for at in range(len(first)) if _kinds(rest, at) in ("number", "day")]
    words = [first[at].strip() for at in figures]
    named = len(words) >= 2 and all(_kind(word) == "words" for word in words)
    return named and len(rest) >= FEWEST and len(set(words)) == len(words)


def _is_below(rows: Sequence[Row], at: int, width: int) -> bool:
    row = rows[at]
    filled = _filled(row)
    if not filled:
        return False
    column = next(place for place, cell in enumerate(row) if cell.strip())
    if _total(filled[0]):
        before = rows[max(0, at - MOST_BELOW) : at]
        same = sum(len(one) > column and one[column].strip().lower() == filled[0].lower() for one in before)
        among = {_kind(one[0]) for one in before if one and not _total(one[0])} - {""}
        return column == 0 and same == 0 and ("words" not in among or _agrees(rows, at))
    alone = len(filled) == 1 and column == 0 and (len(row) != width or width > 2)
    return alone and _kind(filled[0]) == "words" and NOTE.search(filled[0]) is not None


def _agrees(rows: Sequence[Row], at: int) -> bool:
    """Whether a figure of a row is the sum, mean, median or count of those above it; or there is none in it.

    "Media" may be an average, and a kind of shop.
    """
    end = at
    while end and _total(next(iter(_filled(rows[end - 1])), "")):
        end -= 1  # subtotals
    above = rows[:end]
    row = rows[at]
    figures = [place for place, cell in enumerate(row) if place and _kind(cell) == "number"]
    columns = [[one[place] for one in above if len(one) > place] for place in figures]
    found = [_statistics(row[place], column) for place, column in zip(figures, columns, strict=True)]
    alike = frozenset.intersection(*found) if found else frozenset()
    return not figures or bool(alike) or any("sum" in one for one in found)


def _statistics(cell: str, above: Sequence[str]) -> frozenset[str]:
    """What a figure is of those above it, however decimals are written.

    To half a unit of the last digit shown, or 0.5 %: what was added up was rounded, too.
    """
    return frozenset(name for decimal in ".," for name in _read_so(cell, above, decimal))


def _read_so(cell: str, above: Sequence[str], decimal: str) -> Iterator[str]:
    told = _figure(cell, decimal)
    values = [one for text in above if (one := _figure(text, decimal)) is not None]
    if told is None or len(values) < 2 or not any(values):
        return
    digits = len(cell.strip(" %€$£¥").rpartition(decimal)[2]) if decimal in cell else 0
    known = {"sum": sum(values), "mean": fmean(values), "median": median(values), "count": float(len(values))}
    for name, value in known.items():
        if abs(told - value) <= max(0.5001 * 10.0**-digits, 0.005 * abs(value)):
            yield name


def _figure(cell: str, decimal: str) -> float | None:
    """The number of a cell that writes its decimals with a point or a comma; None where it is none."""
    if _kind(cell) != "number":
        return None
    thousands = ",' " if decimal == "." else ".' "
    plain = cell.strip(" %€$£¥").translate(str.maketrans("", "", f"{thousands}€$£¥"))
    try:
        return float(plain.replace(decimal, "."))
    except ValueError:
        return None


def _total(cell: str) -> bool:
    return cell.strip(" :.*").lower() in TOTALS
