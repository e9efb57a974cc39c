"""The small contracts between rooms: one to three methods each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from barograph.core.arrays import AnyArray, DateArray, FloatArray
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


class Memory(Protocol):
    """Runs tasks and keeps their outcomes, so that a resumed run skips what is done."""

    def run(
        self,
        name: str,
        work: Callable[[Task], Outcome],
        tasks: Sequence[Task],
        *,
        keys: Sequence[str],
        pack: Callable[[Outcome], tuple[dict[str, AnyArray], dict[str, Any]]],
        unpack: Callable[[dict[str, AnyArray], dict[str, Any]], Outcome],
        on_done: Callable[[], None],
    ) -> list[Outcome]:
        """Outcomes in task order; `pack` and `unpack` turn an outcome into arrays and JSON facts and back."""
        ...


class StateStore(Protocol):
    """Keeps the live state of a bundle, as plain arrays, beyond the life of a process."""

    def save(self, name: str, arrays: Mapping[str, AnyArray]) -> None:
        """Keep a state under a name, whole or not at all; the one before is replaced."""
        ...

    def load(self, name: str) -> dict[str, AnyArray] | None:
        """The state last kept under a name, None if none ever was; `StorageError` where it is damaged."""
        ...


class Fitted(Protocol):
    """A transform fitted on a training window; it knows when that window ended."""

    @property
    def until(self) -> np.datetime64:
        """Last day of the fit window."""
        ...

    def apply(self, matrix: FloatArray) -> FloatArray:
        """All rows, [n, n_columns]."""
        ...

    def apply_one(self, row: FloatArray) -> FloatArray:
        """One row, [n_columns]; equal to that row of `apply`."""
        ...

    def apply_for_evaluation(self, matrix: FloatArray, *, times: DateArray) -> FloatArray:
        """Rows that are to be scored; raises `LeakError` if one of their days lies in the fit window."""
        ...


class Transform(Protocol):
    """A transform before it has seen data: settings only."""

    def fit(
        self, matrix: FloatArray, names: Sequence[str], *, times: DateArray, until: np.datetime64
    ) -> Fitted:
        """Fit on the rows of a training window; raises `LeakError` if one of them is later than `until`."""
        ...
