"""Where independent tasks run: in this process, in a pool of processes with one thread each, or on Ray.

The tasks decide the figures, not the executor: the same seeds give the same numbers in each.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool, TerminatedWorkerError
from threadpoolctl import threadpool_limits

from barograph.core.contracts import Executor, Outcome, Task
from barograph.core.errors import SettingError
from barograph.core.notes import noted
from barograph.core.on_ray import on_ray
from barograph.pipeline.memory import PeakMemory, own_peak


@dataclass(frozen=True, slots=True)
class InProcess:
    """Runs the tasks one after another, here, on one thread."""

    memory: PeakMemory = field(default_factory=PeakMemory)

    def map(self, work: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        """See `core.contracts.Executor`."""
        for task in tasks:
            with one_thread():
                outcome = work(task)
            yield outcome


@dataclass(slots=True)
class ProcessPool:
    """Runs the tasks in `workers` processes, one thread each; a user's script needs no main guard (loky).

    Large arrays of tasks are mapped, not copied; a task that wrote into one would have the page to itself.
    """

    workers: int
    memory: PeakMemory = field(default_factory=PeakMemory)
    died: bool = False  # a worker, in this or an earlier call of `map`

    def map(self, work: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        """See `core.contracts.Executor`.

        When a worker dies, what is not done yet is begun anew, one task at a time, and a warning says so.
        When one dies again, in this call or a later one, the run ends. An interrupt (Ctrl-C) of a worker is
        one of the run, also where the worker had no task at the time.
        """
        done, at_once = 0, "1.5*n_jobs"
        while True:
            try:
                for outcome in self._outcomes(work, tasks[done:], at_once=at_once):
                    done += 1
                    yield outcome
                return
            except TerminatedWorkerError as error:
                if self.died:
                    raise SettingError(
                        "every worker process must live until its task is done",
                        came="two were killed, most often because memory ran short",
                        do="Continue with --resume, and with fewer processes (--set train.workers=1)",
                    ) from error
                self.died, at_once = True, "1"
                warnings.warn(noted("notes.run.worker_died"), RuntimeWarning, stacklevel=2)
            except BrokenProcessPool as error:
                if "KeyboardInterrupt" in str(error.__cause__):  # loky tells it as a task that cannot be read
                    raise KeyboardInterrupt from error
                raise

    def _outcomes(
        self, work: Callable[[Task], Outcome], tasks: Sequence[Task], *, at_once: str
    ) -> Iterator[Outcome]:
        with parallel_config(backend="loky", inner_max_num_threads=1, verbose=0, mmap_mode="c"):
            pool = Parallel(n_jobs=self.workers, return_as="generator", batch_size=1, pre_dispatch=at_once)
            for outcome, pid, peak in pool(delayed(_measured)(work, task) for task in tasks):
                self.memory.note(pid, peak)
                yield outcome


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread in torch and in every library that multiplies, whatever the environment says.

    torch takes its number from the environment when it first computes, past any limit that was set before:
    it is told itself.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        torch.set_num_threads(before)


def _measured(work: Callable[[Task], Outcome], task: Task) -> tuple[Outcome, int, float]:
    with one_thread():
        outcome = work(task)
    return outcome, os.getpid(), own_peak()


@contextmanager
def executor_for(workers: int, memory: PeakMemory, *, engine: str = "local") -> Iterator[Executor]:
    """The executor for a number of processes; its workers are gone when the block ends.

    This process keeps to one thread for as long: a second one only gets in the way of the workers. With
    `engine` ``ray`` tasks run on the cluster of RAY_ADDRESS, or on one of `workers` processes started here.
    """
    with one_thread():
        if engine == "ray":
            with on_ray(workers, memory.note_elsewhere) as cluster:
                yield cluster
            return
        if workers == 1:
            yield InProcess(memory)
            return
        try:
            yield ProcessPool(workers, memory)
        finally:
            get_reusable_executor(max_workers=workers).shutdown(wait=True)
