"""What the owner of a study's state takes in, entry by entry: each is answered, whatever it is."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from barograph.core.errors import InputError
from barograph.service import logs, moving
from barograph.service.gate import OUR_FAULT
from barograph.service.memory import DAY, EVENTS, patiently, take
from barograph.service.problems import Problem, of_input
from barograph.service.service import Service
from barograph.service.shared.log import order
from barograph.service.shared.moves import Move
from barograph.service.shared.sharing import refusal_of, reply_of
from barograph.service.studies import Served
from barograph.service.watching import readings_of

WEIGHT = 2_000
"""Events that are taken in before their answers are written, about."""


@dataclass(frozen=True, slots=True)
class Done:
    """An entry that was taken in, its answer, and who is told once that stands."""

    move: Move
    reply: bytes
    tell: Callable[[], None]


@dataclass(slots=True)
class Taker:
    """Takes in the entries of one study's log."""

    service: Service
    study: str
    unwritten: list[Done] = field(default_factory=list)  # taken in; their answers do not stand yet

    def take(self, served: Served, chunk: Sequence[Move]) -> None:
        """Take in entries, those of events of one minute together."""
        if len(chunk) > 1:
            try:
                self._together(served, chunk)
            except Exception as error:  # noqa: BLE001 - one of them, which is found when each is alone
                if not isinstance(error, InputError):  # of which nothing was taken in
                    failed(self.study, "takes in one by one", error)
        for one in chunk:
            if order(one.id) > order(served.seen.position):
                self._alone(served, one)

    def _together(self, served: Served, chunk: Sequence[Move]) -> None:
        given = [event for one in chunk for event in one.given]
        found, start = take(served, EVENTS, given, at=chunk[0].at), 0
        for one in chunk:
            self._answer(served, one, found[start : start + one.weight])
            start += one.weight

    def _alone(self, served: Served, move: Move) -> None:
        """Take in an entry; one that fails however often it is tried is refused: those behind it wait."""
        try:
            moving.check_kind(served, move.kind)
            before = moving.repeated(served, move.kind, move.given)
            found = patiently(served, move.kind, move.given, at=move.at) if before is None else before
            self._answer(served, move, found, anew=before is None)
        except Problem as problem:
            self._refuse(served, move, problem)
        except InputError as error:
            self._refuse(served, move, of_input(error))
        except Exception as error:  # noqa: BLE001 - whatever it is would come again
            failed(self.study, "not taken in", error, entry=move.id.decode())
            self._refuse(served, move, Problem(500, "ours", OUR_FAULT))

    def _refuse(self, served: Served, move: Move, problem: Problem) -> None:
        served.seen = served.seen.behind(move.id)
        self.unwritten.append(Done(move, refusal_of(problem), _nobody))

    def _answer(self, served: Served, move: Move, found: Sequence[Any], *, anew: bool = True) -> None:
        reply = reply_of(served.version, moving.rows_of(move.kind, move.given, found))
        served.seen = seen = served.seen.behind(move.id)

        def tell() -> None:
            kind, given = move.kind, move.given
            if anew:
                moving.tell_shadows(self.service, served, kind, given, found, at=move.at, seen=seen)
                moving.tell_monitors(self.service, served, kind, given, found)
                self._tell_unsaid(served, kind, found)

        self.unwritten.append(Done(move, reply, tell))

    def _tell_unsaid(self, served: Served, kind: str, found: Sequence[Any]) -> None:
        """Figures that no reply can hold, so that who asked cannot hold them to a limit."""
        if kind == DAY:
            figures = readings_of(served.study, found)
            self.service.see([one for one in figures if not math.isfinite(one.value)])


def chunks(moves: Sequence[Move]) -> Iterator[list[Move]]:
    """Entries to be taken in together: of events, of one minute, not too many; everything else is alone."""
    chunk: list[Move] = []
    for one in moves:
        last = chunk[-1] if chunk else one
        alike = one.kind == last.kind == EVENTS and one.at == last.at
        if chunk and (not alike or sum(before.weight for before in chunk) + one.weight > WEIGHT):
            yield chunk
            chunk = []
        chunk.append(one)
    if chunk:
        yield chunk


def failed(study: str, what: str, error: Exception, **about: str) -> None:
    """A line in the log for what is a fault of ours."""
    told = "".join(traceback.format_exception(error))
    logs.write("error", what, study=study, why=str(error) or repr(error), traceback=told, **about)


def _nobody() -> None:
    """Nobody is told of what was refused."""
