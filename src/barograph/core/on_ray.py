"""Independent tasks on a Ray cluster: the one that RAY_ADDRESS names, or one started here.

Tasks travel without their large arrays: an array is put into the object store once, and every worker of a
node reads the same memory. Workers must be able to import Barograph, and to see the folders that tasks name.
"""

from __future__ import annotations

import functools
import io
import logging
import os
import pickle
import resource
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.contracts import Outcome, Task
from barograph.core.errors import SettingError, UnavailableError
from barograph.core.late import late

LARGE = 1 << 20
"""Bytes from which an array is shared instead of sent with its task."""
RETRIES = 3
"""How often a task is begun anew whose worker died."""
AT_ONCE, BEFORE_HEARD = 2, 4
"""Tasks sent and not done, and sent and not handed on, per core of the cluster."""
_THREADED = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "NUMBA")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in _THREADED}
ONE_THREAD |= {"VECLIB_MAXIMUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
"""Environment of every worker, whatever that of the machine says: each takes one core."""
NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}
"""Also of every worker: Ray hides no GPU from a task that asks for none."""
OURS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_task_oom_retries": str(RETRIES)}
"""Environment of Ray itself: it reports nothing to its makers, and gives up a task short of memory."""
Heard = Callable[[str, int, float], None]
"""Told with each outcome: node (empty: started by us), process and its peak memory so far, MiB."""


@dataclass(slots=True)
class OnRay:
    """`core.contracts.Executor` on a cluster of Ray; made by `on_ray`."""

    ray: Any
    heard: Heard
    started: bool = False  # by us: its workers are children of this process
    shared: dict[int, tuple[weakref.ref[AnyArray], Any]] = field(default_factory=dict)  # by id of the array

    def map(self, work: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        """See `core.contracts.Executor`. A task whose worker dies is begun anew, `RETRIES` times at most.

        A few tasks per core are on their way at a time, however many there are.
        """
        cores = self._cores()
        send = self.ray.remote(_done).options(
            num_cpus=1, max_retries=RETRIES, runtime_env={"env_vars": ONE_THREAD | NO_GPU}
        )
        todo = iter(tasks)
        sent: deque[Any] = deque()
        running: list[Any] = []
        try:
            while True:
                while len(running) < AT_ONCE * cores and len(sent) < BEFORE_HEARD * cores:
                    task = next(todo, END)
                    if task is END:
                        break
                    content, arrays = self._packed((work, task))
                    running.append(send.remote(content, *arrays))
                    sent.append(running[-1])
                if not sent:
                    return
                if sent[0] in running:
                    _, running = self.ray.wait(running, num_returns=1, fetch_local=False)
                    continue
                yield self._outcome(sent.popleft())
        finally:
            with suppress(self.ray.exceptions.RayError):
                for one in sent:
                    self.ray.cancel(one, force=True)

    def _cores(self) -> int:
        cores = int(self.ray.cluster_resources().get("CPU", 0))
        if cores < 1:
            raise UnavailableError(
                "a Ray cluster must have at least one CPU for tasks",
                came="it has none",
                do="Start a worker node (ray start --address=…), or run without --engine ray",
            )
        return cores

    def _packed(self, content: object) -> tuple[bytes, list[Any]]:
        """A task as bytes, and the references of the large arrays that were left out of them."""
        places: dict[int, int] = {}
        references: list[Any] = []

        def place(value: object) -> int | None:
            if type(value) is not np.ndarray or value.nbytes < LARGE or value.dtype.hasobject:
                return None
            if id(value) not in places:
                places[id(value)] = len(references)
                references.append(self._reference(value))
            return places[id(value)]

        class Packer(self.ray.cloudpickle.CloudPickler):  # type: ignore[misc, name-defined]  # known only where Ray is
            def persistent_id(self, value: object) -> int | None:
                return place(value)

        stream = io.BytesIO()
        Packer(stream).dump(content)
        return stream.getvalue(), references

    def _reference(self, array: AnyArray) -> Any:
        """Of an array in the object store; it leaves the store when the array here is gone."""
        key = id(array)
        if key not in self.shared:
            gone = weakref.ref(array, lambda _: self.shared.pop(key, None))
            self.shared[key] = gone, self.ray.put(array)
        return self.shared[key][1]

    def _outcome(self, reference: Any) -> Any:
        trouble = self.ray.exceptions
        try:
            content = self.ray.get(reference)
        except trouble.RayTaskError as error:  # what the task raised, as it would have been raised here
            raise error.cause from error
        except trouble.OutOfMemoryError as error:
            raise SettingError(
                "every Ray worker must have the memory that its task needs",
                came="memory of its node ran short, also when it was tried again",
                do="Continue with --resume, on nodes with more memory or fewer CPUs for Ray each",
            ) from error
        except trouble.RayError as error:
            raise SettingError(
                "every Ray worker must live until its task is done",
                came=f"it did not come back, also when it was tried again ({_first_line(error)})",
                do="See that Barograph and Ray are the same there as here, then continue with --resume",
            ) from error
        outcome, node, process, peak = pickle.loads(content)  # noqa: S301 - what our own worker made
        self.heard("" if self.started else node, process, peak)
        return outcome


END = object()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _done(content: bytes, *arrays: AnyArray) -> bytes:
    """Do a task; runs in a worker. The outcome goes back as bytes, so that its arrays can be written to."""
    ray = late("ray", need="a Ray worker", install=INSTALL)
    unpacker = _Unpacker(io.BytesIO(content))
    unpacker.arrays = arrays
    work, task = unpacker.load()
    outcome = work(task)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    node = ray.get_runtime_context().get_node_id()
    return bytes(ray.cloudpickle.dumps((outcome, node, os.getpid(), peak)))


class _Unpacker(pickle.Unpickler):
    arrays: tuple[AnyArray, ...] = ()

    def persistent_load(self, place: int) -> AnyArray:
        return self.arrays[place]


INSTALL = "pip install 'barograph[ray]'"


@contextmanager
def on_ray(cpus: int, heard: Heard = lambda node, process, peak: None) -> Iterator[OnRay]:
    """An executor on Ray; what was started for it is gone when the block ends, however it ends.

    Parameters
    ----------
    cpus : int
        Processes of a cluster started here, one thread each; a cluster that is there says for itself.
    heard : callable, optional
        Told of the memory of workers.

    Raises
    ------
    SettingError
        Ray is not installed.
    UnavailableError
        RAY_ADDRESS names a cluster that does not answer.
    """
    ray = late("ray", need="--engine ray", install=INSTALL)
    if ray.is_initialized():  # by whoever calls us, who will end it
        yield OnRay(ray, heard)
        return
    log = logging.getLogger("ray")
    level, handler = log.level, signal.getsignal(signal.SIGTERM)
    log.setLevel(logging.CRITICAL)
    try:
        with _cluster(ray, cpus) as started:
            yield OnRay(ray, heard, started)
    finally:
        log.setLevel(level)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # Ray sets its own


@contextmanager
def _cluster(ray: Any, cpus: int) -> Iterator[bool]:
    """Join the cluster of RAY_ADDRESS, or start one; leave or end it. Whether it was started."""
    address = os.environ.get("RAY_ADDRESS", "")
    folder = "" if address else tempfile.mkdtemp(prefix="barograph-ray-", dir=_short_folder())
    try:
        if address:
            _join(ray, address)
        else:
            _start(ray, cpus, folder)
        yield not address
    finally:
        ray.shutdown(wait_for_processes=True)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _join(ray: Any, address: str) -> None:
    try:
        _knock(address)
        with _environment(OURS):
            ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise UnavailableError(
            "RAY_ADDRESS must be the address of a Ray cluster that runs the same Ray and Python",
            came=f"'{address}' does not: {_first_line(error)}",
            do="Start it (ray start --head), or unset RAY_ADDRESS to start one here",
        ) from error


def _knock(address: str) -> None:
    """Raise `OSError` where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def _start(ray: Any, cpus: int, folder: str) -> None:
    """Start a cluster of one node, which nobody but us may ask and which reports to nobody."""
    ours = dict(OURS)
    if not {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & set(os.environ):
        ours["RAY_AUTH_TOKEN"] = _token()  # else Ray leaves one in the home folder
    with _environment(ours):
        ray.init(
            address="local",
            num_cpus=cpus,
            include_dashboard=False,
            log_to_driver=False,
            configure_logging=False,
            _temp_dir=folder,
        )


@functools.cache
def _token() -> str:
    """One for this process: Ray keeps the first that it reads."""
    return secrets.token_hex(32)


def _short_folder() -> str | None:
    """Where Ray's sockets can lie: their whole path may have 107 bytes, of which Ray takes most."""
    return "/tmp" if Path("/tmp").is_dir() else None


@contextmanager
def _environment(ours: dict[str, str]) -> Iterator[None]:
    """Variables that hold while the block lasts, and what Ray sets in it gone afterwards."""
    before = dict(os.environ)
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
