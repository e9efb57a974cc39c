"""Tasks for workers on Ray, which import this module by name: each does one thing, or dies of it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_info

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.late import late
from barograph.train.batches import as_float32


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A number, and an array of more than a mebibyte."""

    number: int
    table: FloatArray


@dataclass(frozen=True, slots=True)
class Marked:
    """A number, and a file by which a task knows that it is not the first to try."""

    number: int
    mark: Path


def square(number: int) -> int:
    return number * number


def placed(task: Task) -> dict[str, Any]:
    """Where a task ran, with what threads and GPUs, and whether it read the shared array as it lies."""
    np.linalg.inv(np.eye(4))  # whatever threads numpy has are there now
    time.sleep(0.2)  # long enough for the other node to get some
    return {
        "number": task.number,
        "node": late("ray", need="a test", install="ray").get_runtime_context().get_node_id(),
        "process": os.getpid(),
        "threads": max([pl.thread_pool_size(), *(one["num_threads"] for one in threadpool_info())]),
        "shared": as_float32(task.table).data_ptr() == task.table.ctypes.data,
        "writable": task.table.flags.writeable,
        "gpus": os.environ["CUDA_VISIBLE_DEVICES"],
        "sum": float(task.table.sum()),
    }


def killed_once(task: Marked) -> int:
    """Dies as by a system short of memory, where nobody did before."""
    if task.number == 2 and not task.mark.exists():
        task.mark.write_text(str(os.getpid()), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return task.number


def killed_always(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def begun_often(task: Marked) -> int:
    """Long, until it was begun `number` times."""
    with task.mark.open("a", encoding="utf-8") as file:
        file.write("x")
    begun = task.mark.stat().st_size
    time.sleep(0 if begun > task.number else 60)
    return begun


def refuse(number: int) -> int:
    if number == 1:
        raise DataError("a number must be even", came=f"got {number}", do="Give another")
    return number


def ones(number: int) -> FloatArray:
    return np.full((600, 600), float(number))


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds
