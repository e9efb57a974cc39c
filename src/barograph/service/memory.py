"""What a study took in, kept before it is acknowledged: who was killed goes on as if it had not happened.

Events, days and outcomes go into a journal of the study, in the order in which they moved the state; the
state itself is kept now and then, with the place in the journal at which it was. A model that comes into
service takes in the lines behind its own state again, by the clock of the time. So do a new champion and a
challenger, which learn what came since their bundle was written: what the bundle knows already is refused,
like all that was seen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from barograph.api.answer import Scorer
from barograph.api.live import EventScorer
from barograph.api.newest import LedgerForecaster, LevelForecaster
from barograph.core.errors import InputError, StorageError
from barograph.deploy.state import FolderStore
from barograph.govern.audit import AuditRecord, Journal
from barograph.govern.audit.files import part_of, parts_of
from barograph.govern.audit.lines import decoded
from barograph.service import logs
from barograph.service.disk import Disk
from barograph.service.studies import Served

EVENTS, OUTCOMES, DAY = "events", "outcomes", "day"
PLACE = "memory:place"
TRIES = 3
"""Times that something is taken in which fails for no reason that is a refusal."""


class Place(NamedTuple):
    """A place in a journal: behind a line, in a file, after so many bytes of it."""

    sequence: int = 0
    part: int = 0
    offset: int = 0


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
        self.refused = 0  # lines that a model which was recalled did not take
        self._folder, self._states = folder, FolderStore(folder)
        self._disk = Disk(self.journal)
        self._kept: dict[str, int] = {}  # version of a model -> last line that its kept state has taken in

    def note(self, kind: str, given: Any) -> int:
        """Write down what moved the state; `synced` says when it is on disk."""
        return self.journal.write(kind, study=self.study, output=given, wait=False)

    async def synced(self, sequence: int) -> None:
        """Return once a line is on disk: only then may anybody be told."""
        await self._disk.synced(sequence)

    def recall(self, served: Served) -> int:
        """Bring a model to the state it would have; how many lines that took.

        It goes on from where `served.seen` says that it was recalled to; at first from its kept state, if
        there is one. Lines that it refuses are counted and logged: what its bundle knows already is refused
        rightly, and only a reader can tell that from a journal of another study.
        """
        if served.seen is None:
            served.seen = self._restored(served)
        count, refused, why = 0, 0, ""
        for line, place in self._lines(served.seen):
            error = again(served, line.kind, line.output, at=dt.datetime.fromisoformat(line.at).timestamp())
            if error is not None:
                refused, why = refused + 1, why or str(error)
            count, served.seen = count + 1, place
        if refused:
            self.refused += refused
            about = {"study": self.study, "model": served.version, "lines": refused, "of": count}
            logs.write("warning", "refused at recall", **about, first=why)
        return count

    def keep(self, served: Served) -> None:
        """Keep the state of a model on events as it is now; who calls this holds its lock."""
        place = self.journal.place
        if not isinstance(served.model, EventScorer) or self._kept.get(served.version) == place[0]:
            return
        self.journal.sync(place[0])
        state = {**served.model.snapshot(), PLACE: np.array(place)}
        self._states.save(f"{self._name}.{served.version}", state)
        self._kept[served.version] = place[0]

    def close(self) -> None:
        """Let another process have it."""
        self._disk.close()
        self.journal.close()

    def _restored(self, served: Served) -> Place:
        if not isinstance(served.model, EventScorer):
            return Place()
        state = self._states.load(f"{self._name}.{served.version}")
        if state is None or PLACE not in state:
            return Place()
        place = Place(*(int(one) for one in state.pop(PLACE)))
        served.model.restore(state)
        self._kept[served.version] = place.sequence
        return place

    def _lines(self, since: Place) -> Iterator[tuple[AuditRecord, Place]]:
        """Lines behind a place up to the last one now, as they were written, and the places behind them."""
        until = self.journal.place[0]
        for path in parts_of(self._folder, self._name):
            part = part_of(path)
            if part < since.part:
                continue
            with path.open("rb") as file:
                offset = file.seek(since.offset if part == since.part else 0)
                for line in file if since.sequence < until else ():
                    found = decoded(line)
                    if found is None or not found[1]:
                        raise StorageError(
                            f"every line of {path} must be as it was written",
                            came="one is not",
                            do="Put a copy of the folder back",
                        )
                    offset += len(line)
                    yield found[0], Place(found[0].sequence, part, offset)
                    if found[0].sequence == until:  # what is being written behind it may be half there
                        return


def again(served: Served, kind: str, given: Any, *, at: float) -> Exception | None:
    """Take in again; why not, where it is refused or fails: what was not taken in then is not now."""
    try:
        patiently(served, kind, given, at=at)
    except Exception as error:  # noqa: BLE001 - one line must not keep a study from coming into service
        return error
    return None


def patiently(served: Served, kind: str, given: Any, *, at: float) -> Any:
    """As `take`; what fails for another reason than a refusal is tried `TRIES` times."""
    for _ in range(TRIES - 1):
        try:
            return take(served, kind, given, at=at)
        except InputError:
            raise
        except Exception:  # noqa: BLE001 - the last try says what it is
            continue
    return take(served, kind, given, at=at)


def take(served: Served, kind: str, given: Any, *, at: float) -> Any:
    """Let what was taken in before move the state of a model again, by the clock of the time.

    Parameters
    ----------
    served : Served
    kind : str
        `EVENTS`, `OUTCOMES` or `DAY`.
    given : any
        As `Memory.note` was given it.
    at : float
        When that was, seconds since 1970.

    Returns
    -------
    any
        What the model says to it, a row each; None of a kind that it does not know.

    Raises
    ------
    InputError
        It refuses it; then nothing was taken in.
    """
    model, served.moved = served.model, True
    if isinstance(model, EventScorer):
        clock, model.clock = model.clock, lambda: at
        try:
            if kind == EVENTS:
                return model.update_many(given)
            if kind == OUTCOMES:
                return model.learn_many([(str(one[0]), float(one[1]), one[2]) for one in given])
        finally:
            model.clock = clock
    elif kind == DAY and not isinstance(model, Scorer | LevelForecaster | LedgerForecaster):
        answer = model.update(given).to_dicts()
        served.last[day_of(given)] = given, answer
        return answer
    return None


def day_of(given: Mapping[str, Any]) -> str:
    """Whose day it is, of series that take in one each: the same entity's next one takes its place."""
    return str(given.get("entity", ""))
