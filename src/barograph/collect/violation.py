"""What a broken contract looks like, and the one message that shows all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.core.errors import DataError

EXAMPLES = 3
"""Rows that are shown of those that break a rule."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken in one column.

    `row` is the first offending row as the user finds it: the line of a text file (its header is line 1),
    the row of a table otherwise (1-based); None where the rule is about the table as a whole.
    """

    column: str
    rule: str  # what is wrong, in a few words
    count: int  # rows, or series, or columns that break the rule
    row: int | None
    value: str  # the first offending value, as text
    do: str  # what to do, without a full stop
    entity: str = ""  # the series of the first offending row
    more: tuple[tuple[int, str], ...] = ()  # further rows and their values, `EXAMPLES` with the first


def refusal(
    violations: Sequence[Violation],
    *,
    label: str,
    place: str,
    names: Mapping[str, str],
    several: bool = False,
    contract: str = "the price contract",
) -> DataError:
    """One error with a line per violation: column, what is wrong, how often, where first, and what to do.

    Parameters
    ----------
    violations : sequence of Violation
        At least one.
    label : str
        How the user calls the table, such as a file's name.
    place : str
        What `row` counts: ``"line"`` or ``"row"``.
    names : mapping
        Canonical column name -> the table's own, where they differ.
    several : bool
        Whether the table holds several series, so that each line must name its series.
    contract : str
        What was broken.
    """
    header = ["column", "what is wrong", "count", f"first {place}s and values", "what to do"]
    rows = [_cells(violation, names) for violation in violations]
    if several:
        header.insert(1, "entity")
        for row, violation in zip(rows, violations, strict=True):
            row.insert(1, violation.entity or "–")
    noun = "rule is" if len(violations) == 1 else "rules are"
    return DataError(
        f"{label} must keep {contract}",
        came=f"{len(violations)} {noun} broken",
        do="Correct what is listed and read it again:\n" + _aligned([header, *rows]),
    )


def _cells(violation: Violation, names: Mapping[str, str]) -> list[str]:
    return [
        names.get(violation.column, violation.column),
        violation.rule,
        str(violation.count),
        examples(violation),
        violation.do,
    ]


def examples(violation: Violation) -> str:
    """The first rows that break a rule with their values; of a whole table, what came.

    Examples
    --------
    >>> examples(Violation("close", "below zero", 3, 2, "-1.0", "Correct it", more=((5, "-2.0"),)))
    '2: -1.0, 5: -2.0, …'
    """
    if violation.row is None:
        return shortened(violation.value) or "–"
    some = ((violation.row, violation.value), *violation.more)
    shown = [f"{row}: {shortened(value)}" if value else str(row) for row, value in some]
    return ", ".join([*shown, "…"] if violation.count > len(shown) else shown)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join("  " + line.rstrip() for line in lines)


def shortened(value: str, limit: int = 32) -> str:
    """A value as one printable line of at most `limit` characters."""
    printable = "".join(character if character.isprintable() else "�" for character in value)
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"


def quoted(word: str) -> str:
    """A word as a shell wants it.

    Examples
    --------
    >>> quoted("loan status"), quoted("default")
    ("'loan status'", 'default')
    """
    return f"'{word}'" if any(sign in word for sign in " ;&|#$()<>*?[]'\"") else word
