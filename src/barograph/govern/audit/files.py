"""The files of a chain: numbered parts of one journal, and the end of the last one after a crash."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from barograph.core.errors import SettingError, StorageError
from barograph.govern.audit.lines import CHAIN, decoded, first_hash

SUFFIX: Final = ".journal"
CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain goes on."""

    part: int  # number of the file
    size: int  # bytes of it that are whole lines
    sequence: int  # of the last line; 0 for none
    hash: str
    torn: int  # bytes of a line that was being written when the process died, now set aside


def part_path(folder: Path, chain: str, part: int) -> Path:
    """The file of a part."""
    return folder / f"{chain}.{part:06d}{SUFFIX}"


def part_of(path: Path) -> int:
    """The number of a part."""
    return int(path.name.split(".")[1])


def parts_of(folder: Path, chain: str) -> list[Path]:
    """The files of a chain, oldest first."""
    return sorted(folder.glob(f"{chain}.[0-9]*{SUFFIX}"))


def chains_of(folder: Path) -> list[str]:
    """The chains that have files in a folder."""
    return sorted({path.name.partition(".")[0] for path in folder.glob(f"*.[0-9]*{SUFFIX}")})


def checked_chain(chain: str) -> str:
    """A name that can be a file's."""
    if not CHAIN.fullmatch(chain):
        raise SettingError(
            "a worker's name must be letters, digits, hyphens or underscores, at most 64",
            came=f"got {chain[:100]!r}",
            do="Choose another name",
        )
    return chain


def recovered(folder: Path, chain: str) -> End:
    """The end of a chain; a torn last line is moved into a file of its own beside it.

    A record whose line is torn was never acknowledged: `Journal.write` had not returned.

    Raises
    ------
    StorageError
        The last whole line is none of ours: somebody changed it, or the disk is damaged.
    """
    torn = 0
    for path in reversed(parts_of(folder, chain)):
        size = path.stat().st_size
        whole = _whole(path, size)
        if whole < size:
            _set_aside(path, whole)
            torn = size - whole
        if whole:
            return End(part_of(path), whole, *_last(path, whole), torn)
        path.unlink()  # nothing but a torn line, which is set aside, or a part just begun
    return End(1, 0, 0, first_hash(chain), torn)


def _whole(path: Path, size: int) -> int:
    """Bytes up to and with the last end of a line."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - CHUNK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _set_aside(path: Path, whole: int) -> None:
    with path.open("r+b") as file:
        file.seek(whole)
        aside = path.with_name(f"{path.name}.torn-at-{whole}")
        with aside.open("wb") as kept:
            kept.write(file.read())
            kept.flush()
            os.fsync(kept.fileno())
        file.truncate(whole)
        os.fsync(file.fileno())


def _last(path: Path, whole: int) -> tuple[int, str]:
    start = _whole(path, whole - 1)
    with path.open("rb") as file:
        file.seek(start)
        found = decoded(file.read(whole - start))
    if found is None or not found[1]:
        raise StorageError(
            f"the last line of {path} must be as it was written",
            came="it is not",
            do="Run `barograph audit verify`, and start under another worker's name",
        )
    return found[0].sequence, found[0].hash
