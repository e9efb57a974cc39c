"""One chain of the audit log, in local files: written before the reply, synced for whoever must wait."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from typing import Any, Final

from barograph.core.errors import StorageError
from barograph.govern.audit.files import checked_chain, part_path, recovered
from barograph.govern.audit.lines import DURABLE_KINDS, encoded
from barograph.govern.storage.clock import Clock, now

PART_BYTES: Final = 256 * 2**20
"""Size at which a journal goes on in a new file."""
ROOM: Final = 64 * 2**10
"""Bytes that must be free for a journal that found no room to be said to go on."""


class Journal:
    """The journal of one worker; no other process can open it meanwhile. Safe to share among threads.

    What `write` returned for has reached the operating system: it survives the end of the process, however
    that comes, and with `sync` (or a durable kind) also that of the machine.

    Parameters
    ----------
    folder : Path
        Of all journals of this machine; made if it is not there.
    chain : str
        The worker's name, the same at every start.
    durable : bool
        Sync every line before `write` returns.
    clock : callable
        The present instant.
    part_bytes : int
        Size at which to go on in a new file.

    Raises
    ------
    StorageError
        Another process writes this chain, the folder is not writable, or the chain's last line was changed.
    """

    def __init__(
        self,
        folder: Path | str,
        chain: str,
        *,
        durable: bool = False,
        clock: Clock = now,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self.folder, self.chain, self.durable = Path(folder), checked_chain(chain), durable
        self._clock, self._part_bytes = clock, part_bytes
        self._writing = threading.Lock()
        self._synced = threading.Condition()
        self._syncing, self._broken, self._full = False, "", ""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._guard = self._locked()
            end = recovered(self.folder, chain)
            self.torn = end.torn
            self._part, self._size = end.part, end.size
            self._file = self._opened(end.part)
        except OSError as error:
            raise self._failed(error) from error
        self._sequence, self._hash = end.sequence, end.hash
        self._head_on_disk = (0, "")
        self.sync()

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last line."""
        with self._writing:
            return self._sequence, self._hash

    @property
    def place(self) -> tuple[int, int, int]:
        """Number of the last line, the number of its file, and how many bytes of that end with it."""
        with self._writing:
            return self._sequence, self._part, self._size

    @property
    def head_on_disk(self) -> tuple[int, str]:
        """Number and hash of the last line that is synced."""
        with self._synced:
            return self._head_on_disk

    def fault(self) -> str:
        """Why no line can be written now; empty where one can, as far as is known.

        A journal that found no room looks again, so that it is known without a line that there is some.
        """
        with self._writing:
            if self._full and not self._broken:
                try:
                    os.posix_fallocate(self._file, self._size, ROOM)
                    self._full = ""
                except OSError as error:
                    self._full = error.strerror or str(error)
                finally:
                    self._cut_back()
            return self._broken or self._full

    def write(
        self,
        kind: str,
        *,
        actor: str = "",
        study: str = "",
        model: str = "",
        input_hash: str = "",
        output: Any = None,
        request: str = "",
        wait: bool = True,
    ) -> int:
        """Write a record; its number. Kinds of `DURABLE_KINDS` are synced before this returns.

        Parameters
        ----------
        kind : str
            Such as "prediction", "event", "outcome", "approval".
        output : JSON-ready
            What was answered; finite numbers only.
        wait : bool
            False leaves that sync to the caller, who calls `sync` before anybody is told.

        Raises
        ------
        StorageError
            It could not be written or synced, and nobody must be told that it was recorded. After a failed
            sync the line may stand in the file all the same, and the journal takes no more.
        """
        with self._writing:
            self._check()
            sequence = self._sequence + 1
            at = self._clock().isoformat(timespec="microseconds")
            items = (sequence, self._hash, at, kind, actor, study, model, input_hash, output, request)
            line, digest = encoded(items)
            if self._size >= self._part_bytes:
                self._next_part()
            self._put(line)
            self._sequence, self._hash = sequence, digest
        if wait and (self.durable or kind in DURABLE_KINDS):
            self.sync(sequence)
        return sequence

    def sync(self, sequence: int | None = None) -> None:
        """Return once the line of a number (by default the last) is on disk.

        Those who wait together share one sync (group commit).

        Raises
        ------
        StorageError
            The disk failed. What it holds is then not known, so the journal takes no more lines.
        """
        wanted = self.head[0] if sequence is None else sequence
        with self._synced:
            while self._syncing and self._head_on_disk[0] < wanted:
                self._synced.wait()
            self._check()
            if self._head_on_disk[0] >= wanted and self._head_on_disk[1]:
                return
            self._syncing = True
        head = (0, "")
        try:
            with self._writing:
                head, file = (self._sequence, self._hash), os.dup(self._file)
            try:
                os.fdatasync(file)
            finally:
                os.close(file)
        except OSError as error:
            self._broken = f"a sync failed: {error.strerror or error}"
            raise self._failed(error) from error
        finally:
            with self._synced:
                self._syncing = False
                if not self._broken:
                    self._head_on_disk = max(self._head_on_disk, head)
                self._synced.notify_all()

    def close(self) -> None:
        """Sync, and let another process open the chain; further lines are refused."""
        if self._file < 0:
            return
        try:
            if not self._broken:
                self.sync()
        finally:
            with self._writing:
                os.close(self._file)
                os.close(self._guard)
                self._file, self._broken = -1, self._broken or "it is closed"

    def _put(self, line: bytes) -> None:
        """All of a line or nothing of it."""
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            self._cut_back()
            self._full = error.strerror or str(error)
            raise self._failed(error) from error
        self._size, self._full = self._size + len(line), ""

    def _cut_back(self) -> None:
        """To the end of the last whole line."""
        try:
            os.ftruncate(self._file, self._size)
        except OSError as error:
            self._broken = f"half a line could not be taken back: {error.strerror or error}"

    def _next_part(self) -> None:
        """Go on in a new file; the one before is on disk first."""
        try:
            os.fdatasync(self._file)
        except OSError as error:
            self._broken = f"a sync failed: {error.strerror or error}"
            raise self._failed(error) from error
        try:
            fresh = self._opened(self._part + 1)
        except OSError as error:
            raise self._failed(error) from error
        os.close(self._file)
        self._file, self._part, self._size = fresh, self._part + 1, 0

    def _opened(self, part: int) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        file = os.open(part_path(self.folder, self.chain, part), flags, 0o640)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # the name of a new file is part of what must not be lost
        finally:
            os.close(folder)
        return file

    def _locked(self) -> int:
        guard = os.open(self.folder / f"{self.chain}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(guard)
            raise StorageError(
                f"a journal has one writer; '{self.chain}' of {self.folder} must not be open elsewhere",
                came="another process holds it",
                do="Stop that one, or give this worker another name",
            ) from error
        return guard

    def _check(self) -> None:
        if self._broken:
            raise StorageError(
                f"the journal '{self.chain}' must be in order to take a line",
                came=self._broken,
                do="See to the disk, then start again: the journal is recovered at the start",
            )

    def _failed(self, error: OSError) -> StorageError:
        return StorageError(
            f"the journal in {self.folder} must be writable, with room on its disk",
            came=f"the system said: {error.strerror or error}",
            do="Answer nothing that was to be recorded; see to the disk, free space or correct the folder",
        )
