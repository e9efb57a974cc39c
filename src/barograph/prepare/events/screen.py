"""Which rows of a table are taken in, and which are refused: the same judgement as the live state's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.event_table import Events
from barograph.core.fitted_events import CENTS, SECOND, EventPlan
from barograph.prepare.events.names import BAD_AMOUNT, BAD_TIME, DUPLICATE, LATE, NEW, TOO_LATE, USED_ID


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """What becomes of each row of a table, in order of arrival."""

    status: npt.NDArray[np.int8]  # [n] place in `names.STATUSES`
    source: IntArray  # [n] the row whose features answer this one: itself, or the first of a duplicate; -1
    time: IntArray  # [n] microseconds; meaningless where the time is missing
    cents: IntArray  # [n] 0 where the amount is refused
    watermark: int  # newest accepted time, microseconds

    @property
    def rows(self) -> IntArray:
        """The rows taken in, in order of arrival."""
        return np.flatnonzero(self.status <= LATE).astype(np.int64)


def screen(events: Events, plan: EventPlan) -> Screening:
    """Judge every row as `EventState.judge` would, had the rows before it been streamed.

    Parameters
    ----------
    events : Events
        In order of arrival; ids may repeat.
    plan : EventPlan

    Returns
    -------
    Screening
    """
    time = microseconds(events.time)
    with np.errstate(over="ignore"):  # infinite is beyond the limit too
        scaled = np.asarray(events.amount, dtype=np.float64) * CENTS
    payable = np.abs(scaled) <= plan.largest * CENTS
    timely = (time >= plan.earliest_time) & (time < plan.latest_time)
    cents = np.rint(np.where(payable, scaled, 0.0)).astype(np.int64)
    status = np.full(events.n, NEW, dtype=np.int8)
    status[~payable] = BAD_AMOUNT
    status[~timely] = BAD_TIME
    source = np.arange(events.n, dtype=np.int64)
    ids = events.event_id.tolist()
    if len(set(ids)) == len(ids):
        _judge_at_once(status, time, plan)
    else:
        _judge_in_turn(status, source, time, ids, plan)
    taken = status <= LATE
    source[status > DUPLICATE] = -1
    return Screening(status, source, time, cents, int(time[taken].max(initial=plan.earliest_time)))


def microseconds(time: AnyArray) -> IntArray:
    """Instants as microseconds since 1970-01-01 UTC; NaT becomes the smallest integer."""
    return np.asarray(time).astype("datetime64[us]").astype(np.int64)


def _judge_at_once(status: npt.NDArray[np.int8], time: IntArray, plan: EventPlan) -> None:
    """Lateness where no id repeats: a row too late lies below the newest time and cannot move it."""
    fit = status == NEW
    newest = np.maximum.accumulate(np.where(fit, time, plan.earliest_time))
    before = np.concatenate([[plan.earliest_time], newest[:-1]]) if time.size else newest
    status[fit & (time < before)] = LATE
    status[fit & (time < before - plan.lateness * SECOND)] = TOO_LATE


def _judge_in_turn(
    status: npt.NDArray[np.int8], source: IntArray, time: IntArray, ids: list[str], plan: EventPlan
) -> None:
    """Row by row, where ids repeat: what was taken in decides what an id that comes again means."""
    taken: dict[str, int] = {}
    times, judged = time.tolist(), status.tolist()
    newest, lateness = plan.earliest_time, plan.lateness * SECOND
    for row, (name, moment) in enumerate(zip(ids, times, strict=True)):
        first = taken.get(name)
        if first is not None and times[first] >= newest - plan.memory:
            judged[row] = DUPLICATE if times[first] >= newest - lateness else USED_ID
            source[row] = first
        elif judged[row] == NEW:
            if moment < newest:
                judged[row] = LATE if moment >= newest - lateness else TOO_LATE
            if judged[row] <= LATE:
                taken[name] = row
                newest = max(newest, moment)
    status[:] = judged


def known_labels(events: Events) -> tuple[FloatArray, IntArray]:
    """Label of every row, NaN where it never became known, and when it did (microseconds)."""
    known = np.isin(events.label, (0.0, 1.0)) & ~np.isnat(events.label_time)
    return np.where(known, events.label, np.nan), microseconds(events.label_time)
