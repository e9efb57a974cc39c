"""What a study took in, kept before it is acknowledged: who was killed goes on as if it had not happened.

Events, days and outcomes go into a journal of the study, in the order in which they moved the state; the
state itself is kept now and then, with the number of the last line in it. A model that comes into service
takes in the lines behind its own state again, by the clock of the time. So does a new champion, which learns
what came since its bundle was written: what the bundle knows already is refused, like all that was seen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from barograph.api.answer import LedgerForecaster, LevelForecaster, Scorer
from barograph.api.live import EventScorer
from barograph.core.errors import InputError, StorageError
from barograph.deploy.state import FolderStore
from barograph.govern.audit import AuditRecord, Journal
from barograph.govern.audit.files import parts_of
from barograph.govern.audit.lines import decoded
from barograph.service.disk import Disk
from barograph.service.studies import Served

EVENTS, OUTCOMES, DAY = "events", "outcomes", "day"
SEQUENCE = "memory:sequence"


class Memory:
    """The memory of one study.

    Parameters
    ----------
    folder : Path
        Of all studies; made if it is not there.
    study : str

    Raises
    ------
    StorageError
        Another process holds it, or it is damaged.
    """

    def __init__(self, folder: Path, study: str) -> None:
        self.study, self._name = study, re.sub(r"[^A-Za-z0-9]+", "-", study).strip("-")[:60] or "study"
        self.journal = Journal(folder, self._name)
        self._folder, self._states = folder, FolderStore(folder)
        self._disk = Disk(self.journal)
        self._kept: dict[str, int] = {}  # version of a model -> last line that its kept state has taken in

    def note(self, kind: str, given: Any) -> int:
        """Write down what moved the state; `synced` says when it is on disk."""
        return self.journal.write(kind, study=self.study, output=given, wait=False)

    async def synced(self, sequence: int) -> None:
        """Return once a line is on disk: only then may anybody be told."""
        await self._disk.synced(sequence)

    def recall(self, served: Served, since: int | None = None) -> int:
        """Bring a model to the state it would have; the number of the last line that it has taken in.

        Parameters
        ----------
        served : Served
        since : int, optional
            The last line it has taken in; by default that of its kept state, if there is one.
        """
        if since is None:
            since = self._restored(served)
        for line in self._lines(since):
            _take(served, line)
            since = line.sequence
        return since

    def keep(self, served: Served) -> None:
        """Keep the state of a model on events as it is now; who calls this holds its lock."""
        sequence = self.journal.head[0]
        if not isinstance(served.model, EventScorer) or self._kept.get(served.version) == sequence:
            return
        self.journal.sync(sequence)
        state = {**served.model.snapshot(), SEQUENCE: np.array([sequence])}
        self._states.save(f"{self._name}.{served.version}", state)
        self._kept[served.version] = sequence

    def close(self) -> None:
        """Let another process have it."""
        self._disk.close()
        self.journal.close()

    def _restored(self, served: Served) -> int:
        if not isinstance(served.model, EventScorer):
            return 0
        state = self._states.load(f"{self._name}.{served.version}")
        if state is None:
            return 0
        sequence = int(state.pop(SEQUENCE)[0])
        served.model.restore(state)
        self._kept[served.version] = sequence
        return sequence

    def _lines(self, since: int) -> Iterator[AuditRecord]:
        """The lines behind a number, each as it was written."""
        for path in parts_of(self._folder, self._name):
            with path.open("rb") as file:
                for line in file:
                    found = decoded(line)
                    if found is None or not found[1]:
                        raise StorageError(
                            f"every line of {path} must be as it was written",
                            came="one is not",
                            do="Put a copy of the folder back",
                        )
                    if found[0].sequence > since:
                        yield found[0]


def _take(served: Served, line: AuditRecord) -> None:
    """One line again; what was refused then is refused now."""
    model = served.model
    try:
        if isinstance(model, EventScorer):
            clock, model.clock = model.clock, dt.datetime.fromisoformat(line.at).timestamp
            try:
                if line.kind == EVENTS:
                    model.update_many(line.output)
                elif line.kind == OUTCOMES:
                    model.learn_many([(str(one[0]), float(one[1]), one[2]) for one in line.output])
            finally:
                model.clock = clock
        elif line.kind == DAY and not isinstance(model, Scorer | LevelForecaster | LedgerForecaster):
            model.update(line.output)
    except InputError:
        return
