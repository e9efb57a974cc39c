"""What every live state does alike: judge what arrives, remember answers and labels, count."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted_events import CENTS, SECOND, EventPlan
from barograph.prepare.events.ledger import Kept, Ledger
from barograph.prepare.events.messages import (
    BAD_KNOWN_AT,
    CORRECTED,
    LABEL_STATUSES,
    LEARNED,
    REPEATED,
    UNKNOWN_ID,
    Answer,
    Event,
    Row,
)
from barograph.prepare.events.names import (
    BAD_AMOUNT,
    BAD_TIME,
    DUPLICATE,
    LATE,
    NEW,
    STATUSES,
    TOO_LATE,
    USED_ID,
    feature_names,
)


class LiveState(ABC):
    """All that the features of the next event depend on; `prepare.events` states the rules.

    Two ways to the same bits: `EventState` in plain Python, `CompiledState` where numba is installed.

    Parameters
    ----------
    plan : EventPlan
    """

    actors: Mapping[str, object]
    """What is kept of every actor."""

    def __init__(self, plan: EventPlan) -> None:
        self.plan = plan
        self.watermark = plan.earliest_time  # newest accepted time, microseconds
        self.latest = plan.latest_time  # first time that is refused; a service moves it with its clock
        self.counts = [0] * len(STATUSES)  # events by status
        self.label_counts = [0] * len(LABEL_STATUSES)
        self.width = len(feature_names(plan))
        self.ledger = Ledger(self.width)
        self._earliest = plan.earliest_time
        self._limit = plan.largest * CENTS
        self._lateness, self._delay = plan.lateness * SECOND, plan.delay * SECOND
        self._memory = plan.memory
        self._longest_risk = max(plan.risk_windows, default=0) * SECOND

    @abstractmethod
    def update(self, event: Event) -> Answer:
        """Take in one event and answer its features.

        Parameters
        ----------
        event : Event

        Returns
        -------
        Answer
            The row is [F] as `feature_names`; empty where the event is refused, and then nothing has changed
            but `counts`.
        """

    @abstractmethod
    def update_many(self, events: Sequence[Event]) -> list[Answer]:
        """`update` of one event after the other; answers in their order."""

    @abstractmethod
    def expire(self) -> None:
        """Forget all that has expired, at once; it goes little by little else."""

    @abstractmethod
    def steps(self, event: Event, row: Row, *, length: int = 20) -> FloatArray:
        """The actor's last events and this one as the last step, as `last_events`; asked after its `update`.

        Returns
        -------
        array [length, C]
            Channels as `names.CHANNELS`, oldest first; NaN where there are fewer events.
        """

    @abstractmethod
    def actor_events(
        self,
    ) -> Iterable[tuple[str, Sequence[int], Sequence[int], Sequence[str], Sequence[float]]]:
        """Of every actor its name, and of its events times, cents, partners and risks, in order."""

    @abstractmethod
    def counterparty_events(self) -> Iterable[tuple[str, Sequence[int], Sequence[int]]]:
        """Of every counterparty that the plan asks for its name, and of its events times and cents."""

    @abstractmethod
    def put_actor(
        self, name: str, times: IntArray, cents: IntArray, partners: Sequence[str], risks: FloatArray
    ) -> None:
        """Put back what `actor_events` said of an actor."""

    @abstractmethod
    def put_counterparty(self, name: str, times: IntArray, cents: IntArray) -> None:
        """Put back what `counterparty_events` said of a counterparty."""

    @abstractmethod
    def key_bytes(self) -> int:
        """A bound on the bytes of all that is kept by key, for names of up to 16 characters."""

    @abstractmethod
    def _label(self, name: str, enter: int, due: int, fraud: bool, *, add: bool) -> None:
        """Add or take back a label of a counterparty (see `Labels`)."""

    @property
    def recent(self) -> int:
        """The earliest time that an event may still arrive with, microseconds."""
        return self.watermark - self._lateness

    def judge(self, event: Event) -> int:
        """What `update` would make of an event: a place in `names.STATUSES`. Changes nothing."""
        event_id, time, _, _, amount = event
        kept = self.ledger.ids.get(event_id)
        if kept is not None and kept[0] >= self.watermark - self._memory:
            return DUPLICATE if kept[0] >= self.watermark - self._lateness else USED_ID
        limit = self._limit
        if self.watermark <= time < self.latest and -limit <= amount * CENTS <= limit:
            return NEW
        if not self._earliest <= time < self.latest:
            return BAD_TIME
        if not -self._limit <= amount * CENTS <= self._limit:
            return BAD_AMOUNT
        return LATE if time >= self.watermark - self._lateness else TOO_LATE

    def refused(self, status: int, event_id: str) -> Answer:
        """The answer to an event that is not taken in: a duplicate has the row of its first."""
        self.counts[status] += 1
        if status != DUPLICATE:
            return Answer(STATUSES[status], ())
        return Answer(STATUSES[status], self.ledger.row(self.ledger.ids[event_id][4]))

    def learn(self, event_id: str, label: float, known_at: int) -> str:
        """Take in what became known of an event: it counts as `prepare.events` states, whenever it is told.

        Parameters
        ----------
        event_id : str
        label : float
            1 = fraud, 0 = legitimate.
        known_at : int
            Microseconds since 1970-01-01 UTC; may lie ahead.

        Returns
        -------
        str
            One of `LABEL_STATUSES`. The same label twice is `repeated` and changes nothing; another label is
            a correction: the first is taken back, the second counts from when it was known.

        Raises
        ------
        DataError
            If the label is neither 0 nor 1.
        """
        if label not in (0.0, 1.0):
            raise DataError(
                "a label must be 1 (fraud) or 0 (legitimate)", came=f"got {label}", do="Correct the label"
            )
        status = self._learn(event_id, int(label), known_at)
        self.label_counts[status] += 1
        return LABEL_STATUSES[status]

    def _learn(self, event_id: str, label: int, known_at: int) -> int:
        kept = self.ledger.ids.get(event_id)
        if kept is None or kept[0] < self.watermark - self._memory:
            return UNKNOWN_ID
        if not self._earliest <= known_at < self.latest:
            return BAD_KNOWN_AT
        if kept[2] == label:
            return REPEATED
        if kept[2] >= 0:
            self.count(kept, add=False)
        self.ledger.ids[event_id] = now = (kept[0], kept[1], label, known_at, kept[4])
        self.count(now, add=True)
        return LEARNED if kept[2] < 0 else CORRECTED

    def count(self, kept: Kept, *, add: bool) -> None:
        """Add or take back the label of an event, if there is one that some risk window can still show."""
        time, name, label, known_at, _ = kept
        due = time + self._delay
        enter = max(known_at, due)
        if label < 0 or not name or due < self.recent - self._longest_risk:
            return
        if enter >= due + self._longest_risk:
            return
        self._label(name, enter, due, bool(label), add=add)
