"""Tasks in processes of their own: large arrays are shared, and nothing that a task does to one is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, UnavailableError
from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import PeakMemory
from barograph.train.batches import as_float32


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A number, and an array of more than a mebibyte."""

    number: float
    table: FloatArray


def used(task: Task) -> tuple[bool, float]:
    """Whether a tensor is the task's own memory, and the array's first cell before this spoils it."""
    shared = as_float32(task.table).data_ptr() == task.table.ctypes.data
    first = float(task.table[0, 0])
    task.table[0, 0] = task.number
    return shared, first


def test_tasks_share_one_table_without_copies_and_none_sees_what_another_wrote() -> None:
    table = np.ones((600, 600), dtype=np.float32)
    tasks = [Task(float(number), table) for number in range(2, 6)]
    with executor_for(2, PeakMemory()) as executor:
        found = list(executor.map(used, tasks))
    assert found == [(True, 1.0)] * 4
    assert (table == 1.0).all()


def refused(number: int) -> int:
    if number == 1:
        raise DataError("a number must be even", came=f"got {number}", do="Give another")
    raise UnavailableError("a server must answer", came="it does not", do="Wait", retry_after=7.0)


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (1, DataError, "a number must be even; got 1. Give another."),
        (2, UnavailableError, "a server must answer; it does not. Wait."),
    ],
)
def test_what_a_task_refuses_is_refused_here_in_the_same_words(
    number: int, kind: type[Exception], words: str
) -> None:
    with executor_for(2, PeakMemory()) as executor, pytest.raises(kind) as caught:
        list(executor.map(refused, [number, number]))
    assert str(caught.value) == words
    assert getattr(caught.value, "retry_after", 7.0) == 7.0
