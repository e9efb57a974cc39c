"""One chain, line by line: what does not follow from what stands before it, or was anchored otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from barograph.govern.audit.archived import Archived, before
from barograph.govern.audit.files import part_of
from barograph.govern.audit.lines import AuditRecord, decoded, first_hash

FaultKind = Literal["changed", "rewritten", "inserted", "deleted", "reordered", "truncated", "missing"]
MOST: Final = 100
"""Faults told of one chain; the others are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written."""

    chain: str
    kind: FaultKind
    file: str  # "" where it is about the chain as a whole
    line: int  # in the file, from 1; 0 as above
    detail: str


@dataclass(slots=True)
class ChainCheck:
    """Takes the lines of a chain in the order of its files and collects what is wrong.

    A line that was changed breaks its own hash. One that was rewritten together with its hash is betrayed by
    the line after it, or by an anchor: whoever rewrites all lines to the end still meets the anchors.
    """

    chain: str
    anchors: Mapping[int, str]
    archived: Mapping[int, Archived] = field(default_factory=dict)  # files that were moved away
    faults: list[Fault] = field(default_factory=list)
    more: int = 0  # faults beyond `MOST`
    lines: int = 0
    newest: int = 0  # highest number seen
    torn: str = ""  # the file whose last line has no end
    first: int = 1  # number of the first line that is here
    elsewhere: int = 0  # records up to this one were moved away, which the database knows
    met: set[int] = field(default_factory=set)  # anchors that a line was held against
    _heads: set[str] = field(default_factory=set)  # hashes that the next line may name; empty: any
    _gap: dict[int, str] = field(default_factory=dict)  # numbers passed over -> file:line where
    _place: tuple[str, int] = ("", 0)
    _before: tuple[str, int] = ("", 0)

    def take_file(self, path: Path, *, begins: bool) -> None:
        """The lines of a file; `begins`: it is the first that is here."""
        moved = before(self.archived, part_of(path)) if begins else None
        if begins and part_of(path) == 1:
            self._heads = {first_hash(self.chain)}
        elif moved is not None:
            self.first, self.newest, self._heads = moved.last + 1, moved.last, {moved.hash}
            self.elsewhere = moved.last
            if self.anchors.get(moved.last, moved.hash) != moved.hash:
                self._fault("rewritten", f"record {moved.last:,}, moved away, was anchored with another hash")
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    self.torn = path.name
                    break
                self._before, self._place = self._place, (path.name, number)
                self._take(line, begins=begins and number == 1)

    def end(self) -> None:
        """All lines were taken: what is missing?"""
        for number, place in sorted(self._gap.items()):
            file, line = place.rsplit(":", 1)
            self._place = (file, int(line))
            self._fault("deleted", f"record {number:,} is gone: it stood before this line")
        self._place = ("", 0)
        lost = [number for number in self.anchors if self.elsewhere < number < self.first]
        if lost:
            self._fault(
                "missing", f"anchored from record {min(lost):,} on, the first that is here is {self.first:,}"
            )
        last = max(self.anchors, default=0)
        if last > self.newest:
            self._fault(
                "truncated", f"anchored up to record {last:,}, the last that is here is {self.newest:,}"
            )

    def _take(self, line: bytes, *, begins: bool) -> None:
        self.lines += 1
        found = decoded(line)
        if found is None:
            self._fault("changed", "this is no line of a journal")
            self.newest, self._heads = self.newest + 1, set()
            return
        record, holds = found
        if begins and not self._heads:
            self.first, self.newest = record.sequence, record.sequence - 1
            if self.newest in self.anchors:
                self._heads = {self.anchors[self.newest]}
                self.met.add(self.newest)
        if not holds:
            self._fault("changed", f"record {record.sequence:,} does not have the hash that stands before it")
            record = self._as_expected(record)
        elif record.sequence in self.anchors:
            self.met.add(record.sequence)
            if self.anchors[record.sequence] != record.hash:
                self._fault("rewritten", f"record {record.sequence:,} was anchored with another hash")
        self._follow(record)

    def _as_expected(self, record: AuditRecord) -> AuditRecord:
        """A changed line may lie about its number; its neighbours say what it was."""
        near = record.sequence == self.newest + 1
        self._heads = self._heads if near else set()
        return record if near else replace(record, sequence=self.newest + 1)

    def _follow(self, record: AuditRecord) -> None:
        number, expected = record.sequence, self.newest + 1
        if number < expected:
            if self._gap.pop(number, None) is not None:
                self._fault("reordered", f"record {number:,} stands after record {self.newest:,}")
            else:
                self._fault("inserted", f"a second record {number:,}: this line or the other was put in")
                self._heads.add(record.hash)
            return
        if number == expected and self._heads and record.previous not in self._heads:
            here, self._place = self._place, self._before
            self._fault("rewritten", f"record {number - 1:,} is not the one that record {number:,} follows")
            self._place = here
        for passed in range(expected, min(number, expected + MOST)):
            self._gap[passed] = f"{self._place[0]}:{self._place[1]}"
        self.more += max(0, number - expected - MOST)
        self.newest, self._heads = number, {record.hash}

    def _fault(self, kind: FaultKind, detail: str) -> None:
        if len(self.faults) >= MOST:
            self.more += 1
            return
        self.faults.append(Fault(self.chain, kind, *self._place, detail))
