"""The audit log of a service: each answer is a line before it is a reply.

A line is with the operating system before the reply goes out, and on disk within a second; lines of events,
outcomes and approvals are on disk before it. Replies that wait for the disk at one time share one sync.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from barograph.core.errors import StorageError
from barograph.govern.audit import DURABLE_KINDS, Journal, Keeper, open_journal
from barograph.govern.audit.files import chains_of
from barograph.govern.storage import Database
from barograph.service.disk import Disk

WORKERS = 64
"""Journals of one folder, at most: one for each process."""
OWN = re.compile(r"worker-\d+(-[0-9a-f]{8})?")
FIGURES = (
    *("record_id", "event_id", "entity", "series", "time", "horizon", "what", "since"),
    *("status", "probability", "loss", "score", "grade", "decision", "alert", "alarm"),
    *("var_99", "es_99", "mean", "moved"),
)
"""Of an answer, what the log keeps."""
KEPT = ("id", "state", "name", "role", "ended", "subject", "assignee", "disposition")
"""Of what was done, what the log keeps."""


class Recorder:
    """Writes the answers of one process into its journal.

    Parameters
    ----------
    journal : Journal
    database : Database
        Where its heads are anchored each second.
    durable : bool
        Every line is on disk before its reply.
    """

    def __init__(self, journal: Journal, database: Database, *, durable: bool = False) -> None:
        self.journal, self._durable = journal, durable
        self._keeper = Keeper(journal, database)
        self._keeper.__enter__()
        self._disk = Disk(journal)

    @property
    def error(self) -> StorageError | None:
        """What failed last in the background; None when all is well."""
        return self._keeper.error

    async def write(
        self, kind: str, answer: Mapping[str, Any], *, actor: str, request: str, content: bytes
    ) -> None:
        """A line for an answer; what must be on disk is when this returns.

        Raises
        ------
        StorageError
            It could not be written: the answer must not go out.
        """
        sequence = self.journal.write(
            kind,
            actor=actor,
            study=str(answer.get("study", "")),
            model=str(answer.get("version", answer.get("id", ""))),
            input_hash=""
            if kind == "access"
            else hashlib.sha256(content).hexdigest(),  # a password may be in it
            output=output_of(answer),
            request=request,
            wait=False,
        )
        if self._durable or kind in DURABLE_KINDS:
            await self._disk.synced(sequence)

    def close(self) -> None:
        """Sync, anchor, and let go of the journal."""
        self._disk.close()
        self._keeper.__exit__(None, None, None)


def opened(database: Database, folder: Path, *, durable: bool = False) -> Recorder:
    """The first journal of a folder that no other process holds.

    Machines that share a database have folders of their own, and no two journals of it may have one name: a
    folder's journals end with a mark of it, made up with the first of them.

    Raises
    ------
    StorageError
        None is free, or the folder is not usable.
    """
    error: StorageError | None = None
    mark = _mark(folder)
    for number in range(1, WORKERS + 1):
        try:
            journal = open_journal(database, folder, f"worker-{number}{mark}", durable=durable)
        except StorageError as held:
            error = held
            if "another process holds it" not in str(held):
                raise
        else:
            return Recorder(journal, database, durable=durable)
    assert error is not None
    raise error


def _mark(folder: Path) -> str:
    """What the names of a folder's journals end with; nothing where they began before there were marks."""
    names = [OWN.fullmatch(chain) for chain in chains_of(folder)]
    marks = sorted({name[1] or "" for name in names if name is not None})
    return marks[0] if marks else f"-{secrets.token_hex(4)}"


def output_of(answer: Mapping[str, Any]) -> Any:
    """What the log keeps of an answer: its figures, row by row; nothing that would let one in."""
    if "token" in answer:
        return {"owner": answer["owner"]}
    if "answers" in answer:
        return [_row(one) for one in answer["answers"]]
    if "changed" in answer:
        return [_row(answer["answer"]), *(_row(one["answer"]) for one in answer["changed"])]
    if "figures" in answer:
        return plain(answer["figures"])
    kept = {name: answer[name] for name in KEPT if name in answer}
    return plain(kept or _row(answer))


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(one[name]) for name in FIGURES if name in one}


def plain(value: Any) -> Any:
    """JSON-ready; a figure that is not finite is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    return str(value)
