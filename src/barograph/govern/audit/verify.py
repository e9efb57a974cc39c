"""Are the journals what was written? Every line against the one before it, and against the anchors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from barograph.core.errors import StorageError
from barograph.govern.audit.anchors import anchors_of
from barograph.govern.audit.archived import archived_of
from barograph.govern.audit.chain import ChainCheck, Fault
from barograph.govern.audit.files import chains_of, parts_of
from barograph.govern.storage import Database

__all__ = ["Fault", "Verified", "verify_journals"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at all journals of a folder found."""

    chains: tuple[str, ...]
    lines: int
    anchors: int  # that a line was held against
    beyond: int  # lines after the last anchor of their chain: that they are all there cannot be proven
    faults: tuple[Fault, ...]
    more: int  # faults that are not listed
    torn: tuple[str, ...]  # files whose last line has no end: being written, or cut by a crash
    begins: dict[str, int]  # chains whose first files are not here -> the first record that is
    elsewhere: dict[str, int]  # chains whose first files were moved away -> the last record of those

    @property
    def passed(self) -> bool:
        """Nothing was found."""
        return not self.faults


def verify_journals(
    folder: Path | str, database: Database | None = None, *, archive: Path | str | None = None
) -> Verified:
    """Check every chain of a folder, against the anchors where a database is given.

    Found are lines that were changed, rewritten with their hash, deleted, inserted, reordered, and files cut
    short or gone. Without anchors a chain cut short, or rewritten to its end, looks whole, and one without
    its first files is said to begin later; that is a fault where what they held was anchored, unless the
    database knows that they were moved away (`archive_journals`). With `archive`, the folder they were moved
    to, they are read as well.

    Raises
    ------
    StorageError
        The folder cannot be read; or the database.
    """
    place = Path(folder)
    anchors: Mapping[str, Mapping[int, str]] = {} if database is None else anchors_of(database)
    try:
        if not place.is_dir():
            raise NotADirectoryError(2, "no such folder")
        moved = {} if database is None else archived_of(database)
        folders = [place] if archive is None else [Path(archive), place]
        here = sorted({chain for one in folders for chain in chains_of(one)})
        checks = [
            _checked(folders, ChainCheck(chain, anchors.get(chain, {}), moved.get(chain, {})))
            for chain in here
        ]
    except OSError as error:
        raise StorageError(
            f"the journals in {place} must be readable",
            came=f"the system said: {error.strerror or error}",
            do="Name the folder that the service writes to",
        ) from error
    gone = [
        Fault(chain, "missing", "", 0, f"anchored up to record {max(known):,}, and there is no file of it")
        for chain, known in sorted(anchors.items())
        if chain not in here
    ]
    return Verified(
        chains=tuple(here),
        lines=sum(check.lines for check in checks),
        anchors=sum(len(check.met) for check in checks),
        beyond=sum(max(0, check.newest - max(check.anchors, default=0)) for check in checks),
        faults=(*(fault for check in checks for fault in check.faults), *gone),
        more=sum(check.more for check in checks),
        torn=tuple(check.torn for check in checks if check.torn),
        begins={check.chain: check.first for check in checks if check.first > 1 and not check.elsewhere},
        elsewhere={check.chain: check.elsewhere for check in checks if check.elsewhere},
    )


def _checked(folders: Sequence[Path], check: ChainCheck) -> ChainCheck:
    """A chain by its files, wherever they lie; of two of one name that which was not moved."""
    files = {path.name: path for folder in folders for path in parts_of(folder, check.chain)}
    for number, name in enumerate(sorted(files)):
        check.take_file(files[name], begins=number == 0)
    check.end()
    return check
