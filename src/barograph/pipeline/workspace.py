"""A run's folder while it is being made, and the memory that lets a killed run resume.

Everything is written beside the target (`DIR.part`) and moved into place when the run is complete, so that
neither a bad input nor a killed process leaves a half-written run, and a finished run is never damaged by the
next one.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from barograph.core.contracts import Executor
from barograph.core.errors import ConflictError, SettingError, StorageError

Plain = Mapping[str, Any]
Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

MARKER = "barograph-run.json"
"""The file by which a folder is known to be a run of ours."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The part folder of one run."""

    target: Path
    part: Path
    resumed: bool = False  # goes on with an unfinished run: its clock does not know what was done before

    @property
    def cache(self) -> Path:
        """Outcomes of finished tasks; gone when the run is complete."""
        return self.part.absolute() / "work"  # workers may stand elsewhere

    def path(self, *names: str) -> Path:
        """A file or folder of the run."""
        return self.part.joinpath(*names)

    def key(self, *parts: object) -> str:
        """A file-safe name for a task: readable head, hash of everything it depends on."""
        digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]
        return f"{str(parts[0]).replace('/', '-')}-{digest}"

    def finish(self) -> None:
        """Drop the task memory and move the run into place; an earlier run in that place is replaced."""
        with storage(self.target):
            shutil.rmtree(self.cache, ignore_errors=True)
            old = self.target.with_name(self.target.name + ".old")
            shutil.rmtree(old, ignore_errors=True)
            if self.target.exists():
                os.replace(self.target, old)
            os.replace(self.part, self.target)
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def open_workspace(target: Path, identity: Plain, *, resume: bool) -> Iterator[Workspace]:
    """Make (or reopen) the part folder of a run, which is that run's alone while the block lasts.

    Parameters
    ----------
    target : Path
        Where the finished run will stand.
    identity : mapping
        Settings and data hash; a resumed run must have the same.
    resume : bool
        Reopen an unfinished run instead of starting afresh.

    Raises
    ------
    ConflictError
        Another process is at it. One that was killed is not: the system gives its lock back.
    StorageError
        The folder cannot be written, now or in the block.
    """
    part = target.with_name(target.name + ".part")
    with storage(target):
        _refuse_strangers(target)
        with _alone(part):
            yield _prepared(Workspace(target, part), identity, resume=resume)


def _prepared(work: Workspace, identity: Plain, *, resume: bool) -> Workspace:
    known = work.path("identity.json")
    text = json.dumps(identity, sort_keys=True, indent=1)
    if resume and known.exists():
        if known.read_text(encoding="utf-8") != text:
            raise SettingError(
                "a resumed run must have the settings and data it was started with",
                came=f"the unfinished run in {work.part} has others",
                do="Repeat the first command with --resume added, or start afresh without --resume",
            )
        return replace(work, resumed=True)
    for old in work.part.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    work.cache.mkdir()
    known.write_text(text, encoding="utf-8")
    return work


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Hold a folder, made if need be, against every other run for as long as the block lasts."""
    handle = _held(part)
    try:
        yield
    finally:
        os.close(handle)


def _held(part: Path) -> int:
    """The folder, opened and locked; where its file system knows no locks, only opened."""
    while True:
        part.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(part, os.O_RDONLY)
        except FileNotFoundError:
            continue  # as below
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise ConflictError(
                "a folder must be made by one run at a time",
                came=f"another run is writing {part}",
                do="Wait until it has ended, or name another folder with --out",
            ) from error
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.ENOLCK):
                os.close(handle)
                raise
        if part.exists() and os.path.samestat(os.fstat(handle), part.stat()):
            return handle
        os.close(handle)  # the run that made it has ended meanwhile and moved it into place


def _refuse_strangers(target: Path) -> None:
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not (target / MARKER).exists()):
        raise SettingError(
            "the output folder must be new, empty, or an earlier run of Barograph",
            came=f"{target} holds something else",
            do="Name another folder with --out",
        )


@contextmanager
def storage(place: Path) -> Iterator[None]:
    """Turn an operating-system error into one that says which folder and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOMEM or isinstance(error, ConnectionError):
            raise  # no file's fault
        raise StorageError(
            f"{place} must be writable and its disk must have room",
            came=f"the system said: {error.strerror or error}",
            do="Free space or name another folder with --out; what existed is untouched, --resume continues",
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that it is either whole or absent."""
    with storage(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_bytes(content)
        os.replace(fresh, path)


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], facts: Plain) -> None:
    """Arrays and JSON facts in one npz file, atomically, without pickle."""
    with storage(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as handle:
            np.savez(handle, __facts__=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
        os.replace(fresh, path)


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """The inverse of `save_arrays`; raises `StorageError` where the file is damaged."""
    try:
        with storage(path.parent), np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "__facts__"}
            facts = json.loads(stored["__facts__"].tobytes().decode())
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StorageError(
            f"{path} must hold the outcome of a finished task",
            came="it is damaged",
            do="Delete that file and continue with --resume: its task is done again",
        ) from error
    return arrays, facts


@dataclass(frozen=True, slots=True)
class DiskMemory:
    """`core.contracts.Memory` in the workspace: one file per finished task."""

    workspace: Workspace
    executor: Executor

    def run(
        self,
        name: str,
        work: Callable[[Task], Outcome],
        tasks: Sequence[Task],
        *,
        keys: Sequence[str],
        pack: Callable[[Outcome], tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]],
        unpack: Callable[[dict[str, np.ndarray[Any, Any]], dict[str, Any]], Outcome],
        on_done: Callable[[], None],
    ) -> list[Outcome]:
        """See `core.contracts.Memory`."""
        paths = [self.workspace.cache / f"{self.workspace.key(name, key)}.npz" for key in keys]
        missing = [i for i, path in enumerate(paths) if not path.exists()]
        for i, outcome in zip(missing, self.executor.map(work, [tasks[i] for i in missing]), strict=True):
            save_arrays(paths[i], *pack(outcome))
            on_done()
        for _ in range(len(tasks) - len(missing)):
            on_done()
        return [unpack(*load_arrays(path)) for path in paths]
