"""Where live states are kept (`core.contracts.StateStore`): in memory, or in files of a folder."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.errors import StorageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SEAL = hashlib.sha256().digest_size
"""Bytes at the end of a file: the SHA-256 of all before them."""


class MemoryStore:
    """States of this process; they end with it."""

    def __init__(self) -> None:
        self._states: dict[str, dict[str, AnyArray]] = {}

    def save(self, name: str, arrays: Mapping[str, AnyArray]) -> None:
        """See `StateStore.save`; a copy is kept."""
        check_name(name)
        self._states[name] = {key: np.array(values) for key, values in arrays.items()}

    def load(self, name: str) -> dict[str, AnyArray] | None:
        """See `StateStore.load`; a copy comes back."""
        check_name(name)
        kept = self._states.get(name)
        return None if kept is None else {key: values.copy() for key, values in kept.items()}


class FolderStore:
    """One npz file per name, its SHA-256 behind it; written beside and moved into place.

    Parameters
    ----------
    folder : Path
        Made when something is first kept.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def save(self, name: str, arrays: Mapping[str, AnyArray]) -> None:
        """See `StateStore.save`; on disk when it returns. `StorageError` where it cannot be written."""
        path = self._path(name)
        content = sealed(arrays)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise _failed(self.folder, "writable, with room on its disk", error) from error

    def load(self, name: str) -> dict[str, AnyArray] | None:
        """See `StateStore.load`."""
        path = self._path(name)
        try:
            stored = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(self.folder, "readable", error) from error
        return unsealed(stored, kept_at=str(path))

    def _path(self, name: str) -> Path:
        check_name(name)
        return self.folder / f"{name}.state"


def sealed(arrays: Mapping[str, AnyArray]) -> bytes:
    """Arrays as the bytes of an npz file, the SHA-256 of these behind them."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **dict(arrays))
    content = stream.getvalue()
    return content + hashlib.sha256(content).digest()


def unsealed(stored: bytes, *, kept_at: str) -> dict[str, AnyArray]:
    """What `sealed` made bytes of; `StorageError`, which names the place, where they are not as they were."""
    content = stored[:-SEAL]
    if hashlib.sha256(content).digest() != stored[-SEAL:]:
        raise _damaged(kept_at, "it is cut short or was changed")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise _damaged(kept_at, f"it cannot be read ({error})") from error


def check_name(name: str) -> None:
    """A name under which a state may be kept, anywhere; `StorageError` otherwise."""
    if not NAME.fullmatch(name):
        raise StorageError(
            "a state's name must be letters, digits, points, hyphens or underscores, at most 100",
            came=f"got {name!r}",
            do="Choose another name",
        )


def _failed(folder: Path, must: str, error: OSError) -> StorageError:
    return StorageError(
        f"the folder of states {folder} must be {must}",
        came=f"the system said: {error.strerror or error}",
        do="Correct that, or name another folder",
    )


def _damaged(place: str, came: str) -> StorageError:
    return StorageError(
        f"the state {place} must be as it was written",
        came=came,
        do="Put a copy of it back, or remove it and start from the bundle's own state",
    )
