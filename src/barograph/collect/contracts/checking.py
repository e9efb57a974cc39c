"""A table against a contract, all rules in one pass over its parts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl

from barograph.collect.contracts.cells import Wrong
from barograph.collect.contracts.columns import ColumnCheck
from barograph.collect.contracts.keys import KeyCheck
from barograph.collect.contracts.terms import TableContract
from barograph.collect.raw import RawTable
from barograph.collect.values import text
from barograph.collect.violation import EXAMPLES, Violation
from barograph.core.arrays import IntArray
from barograph.core.errors import nearest

EMPTY = "(blank)"


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a table breaks."""

    rows: int
    violations: tuple[Violation, ...]
    bad: dict[tuple[str, str], IntArray]  # column and rule -> places of the rows, where places were asked for


@dataclass(slots=True)
class _Count:
    """How often a rule was broken, and where first."""

    do: str
    count: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)
    places: list[IntArray] = field(default_factory=list)


class TableCheck:
    """Takes the parts of a table in order, then tells what they break."""

    def __init__(self, contract: TableContract, *, today: datetime.date, keep_places: bool = False) -> None:
        self._contract, self._today, self._keep = contract, today, keep_places
        self._columns = {name: ColumnCheck(name, terms, today) for name, terms in contract.columns.items()}
        single = [(name,) for name, terms in contract.columns.items() if terms.unique]
        self._keys = [KeyCheck(names) for names in dict.fromkeys([*single, *contract.keys])]
        self._counts: dict[tuple[str, str], _Count] = {}
        self._there: tuple[str, ...] = ()
        self._rows = 0

    def take(self, raw: RawTable, *, columns: tuple[str, ...] = ()) -> None:
        """The next part; `columns` are those of the whole table where the part holds only the named ones."""
        self._there = columns or tuple(raw.frame.columns)
        keys: dict[str, pl.Series] = {}
        for name, check in self._columns.items():
            if name in raw.frame.columns:
                wrong, keys[name] = check.wrong(raw)
                for one in wrong:
                    self._note(raw, name, one)
        for key in self._keys:
            if all(name in keys for name in key.columns):
                key.take(pl.DataFrame([keys[name].alias(name) for name in key.columns]))
        self._rows += raw.frame.height

    def _note(self, raw: RawTable, name: str, wrong: Wrong) -> None:
        self._add(raw, name, wrong.rule, wrong.do, wrong.cells.arg_true().to_numpy().astype(np.int64))

    def _add(self, raw: RawTable, name: str, rule: str, do: str, places: IntArray, start: int = -1) -> None:
        """Count rows of a part by their places in it; examples until there are enough."""
        if not places.size:
            return
        found = self._counts.setdefault((name, rule), _Count(do))
        found.count += places.size
        for place in places[: EXAMPLES - len(found.examples)].tolist():
            shown = [text(raw.frame[one][place : place + 1])[0] for one in name.split(" + ")]
            found.examples.append(
                (raw.numbers[place], " + ".join(EMPTY if one is None else one for one in shown))
            )
        if self._keep:
            found.places.append(places + (self._rows if start < 0 else start))

    def finish(self, parts: Callable[[], Iterator[RawTable]]) -> Findings:
        """What the parts break; `parts` gives them again where repeated keys must be compared."""
        for key in self._keys:
            bad = self._bad()  # what an earlier key sets aside is no twin of a later one
            without = np.unique(np.concatenate([*bad.values()])) if bad else None
            places = key.repeated(partial(self._keys_of, key, parts), without=without)
            self._tell_repeated(key, places, parts)
        rows = [
            Violation(column, rule, one.count, *one.examples[0], one.do, more=tuple(one.examples[1:]))
            for (column, rule), one in self._counts.items()
        ]
        whole = (*self._of_columns(), *self._of_rows(), *self._of_age())
        return Findings(self._rows, (*whole, *rows), self._bad())

    def _bad(self) -> dict[tuple[str, str], IntArray]:
        return {key: np.concatenate(one.places) for key, one in self._counts.items() if one.places}

    def _keys_of(self, key: KeyCheck, parts: Callable[[], Iterator[RawTable]]) -> Iterator[pl.DataFrame]:
        for raw in parts():
            read = {name: self._columns[name].wrong(raw)[1] for name in key.columns}
            yield pl.DataFrame([series.alias(name) for name, series in read.items()])

    def _tell_repeated(
        self, key: KeyCheck, places: IntArray, parts: Callable[[], Iterator[RawTable]]
    ) -> None:
        start, name = 0, " + ".join(key.columns)
        do = "Keep one row of each"
        for raw in parts() if places.size else ():
            inside = places[(places >= start) & (places < start + raw.frame.height)] - start
            self._add(raw, name, "repeated key", do, inside, start)
            start += raw.frame.height

    def _of_columns(self) -> Iterator[Violation]:
        """Columns that lack, that nobody asked for, or of a type that can never be read."""
        named = self._contract.columns
        strangers = [name for name in self._there if name not in named]
        for name, check in self._columns.items():
            if name not in self._there and check.terms.required:
                hint = nearest(name, strangers) if strangers else "the table has no other column"
                yield Violation(name, "missing column", 1, None, "", f"Add or rename a column; {hint}")
            if check.wrong_type:
                do = f"Write it as {check.terms.type}, or correct the contract"
                yield Violation(name, "another type", 1, None, check.wrong_type, do)
        if self._contract.other_columns == "refused":
            for name in strangers:
                yield Violation(name, "not in the contract", 1, None, "", "Leave the column out, or name it")

    def _of_rows(self) -> Iterator[Violation]:
        least = self._contract.least_rows
        if self._rows < least:
            rule = f"fewer than {least:,} rows"
            yield Violation("(table)", rule, 1, None, f"{self._rows:,}", "Give the whole table")

    def _of_age(self) -> Iterator[Violation]:
        terms = self._contract.freshness
        if terms is None or terms.column not in self._there:
            return
        newest = self._columns[terms.column].newest
        if newest is None or (self._today - newest).days > terms.days:
            rule = f"older than {terms.days} days (today is {self._today.isoformat()})"
            yield Violation(terms.column, rule, 1, None, str(newest or "no day"), "Get newer data")


def held(raw: RawTable, contract: TableContract, *, today: datetime.date, places: bool = False) -> Findings:
    """A table in memory against a contract.

    Parameters
    ----------
    raw : RawTable
        As read.
    contract : TableContract
    today : datetime.date
        The clock, for freshness and bounds that say `today`.
    places : bool
        Whether the places of bad rows are wanted; repeated keys are then those among otherwise good rows.
    """
    check = TableCheck(contract, today=today, keep_places=places)
    check.take(raw)
    return check.finish(lambda: iter((raw,)))
