"""The small contracts between rooms: one to three methods each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from barograph.core.records import Snapshot

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Source(Protocol):
    """Reads a panel, checked against its contract, with provenance."""

    def read(self, since: str | None = None, until: str | None = None) -> Snapshot:
        """The rows between two ISO dates, both inclusive; raises `DataError` where the contract is broken."""
        ...


class Executor(Protocol):
    """Runs independent tasks; the results are the same whichever executor runs them."""

    def map(self, work: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Outcomes in the order of the tasks. `work` and the tasks must be picklable."""
        ...


class Progress(Protocol):
    """Hears how far a run has come; it watches and never steers."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins (the one before has ended); `total` steps are expected, 0 if unknown."""
        ...

    def advance(self, n: int = 1) -> None:
        """`n` more steps of the stage are done."""
        ...

    def close(self) -> None:
        """Nothing more will be said."""
        ...
