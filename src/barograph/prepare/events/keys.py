"""What the live state keeps of one actor and of one counterparty."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.history import NAN, History
from barograph.prepare.events.labels import Labels
from barograph.prepare.events.names import CHANNELS
from barograph.prepare.events.own import MINUTE, WEEK_MINUTES, log_amount, log_gap, week

UNKNOWN = -1.0
"""Stands for a risk that was not known: unlike NaN it can be put in order."""


class Actor:
    """An actor's events, with whom each was and the risk share it was answered with.

    `latest` has the newest time with each partner, so that a known partner need not be looked for.
    """

    __slots__ = ("history", "latest", "partners", "risks")

    def __init__(self, history: History, partners: Iterable[str] = (), risks: Iterable[float] = ()) -> None:
        self.history, self.partners, self.risks = history, list(partners), array("d", risks)
        self.latest = dict(zip(self.partners, history.times, strict=True))

    def met(self, partner: str, time: int, low: int, high: int) -> bool:
        """Whether one of the events from `low` to before `high`, all before `time`, was with a partner."""
        latest = self.latest.get(partner)
        if latest is None or low == high or latest < self.history.times[low]:
            return False
        return latest < time or partner in self.partners[low:high]

    def insert(self, time: int, cents: int, partner: str, risk: float) -> None:
        """Take in one event; equal times and amounts stand in order of risk, then of partner."""
        history, partners, risks = self.history, self.partners, self.risks
        times, prefix = history.times, history.prefix
        if not times or time > times[-1]:
            history.append(time, cents)
            partners.append(partner)
            risks.append(risk)
            self.latest[partner] = time
            return
        place = history.insert(time, cents)
        while (
            place
            and times[place - 1] == time
            and prefix[place] - prefix[place - 1] == cents
            and (risks[place - 1], partners[place - 1]) > (risk, partner)
        ):
            place -= 1
        partners.insert(place, partner)
        risks.insert(place, risk)
        self.latest[partner] = max(time, self.latest.get(partner, time))

    def forget(self, now: int, lookback: int, most: int) -> bool:
        """Drop what no question at `now` or later can reach; whether nothing is left."""
        count = self.history.expired(now, lookback, most)
        if count:
            oldest = self.history.times[count] if count < len(self.partners) else None
            self.history.drop(count)
            for partner in self.partners[:count]:
                if oldest is None or self.latest.get(partner, oldest) < oldest:
                    self.latest.pop(partner, None)
            del self.partners[:count], self.risks[:count]
        return not self.partners

    def steps(self, time: int, cents: int, risk: float, *, length: int, plan: EventPlan) -> FloatArray:
        """The last events strictly before a time, then the event itself; [length, C], NaN where missing."""
        history = self.history
        low, high = history.span(time, plan.lookback, plan.most)
        first = max(low, high - length + 1)
        times, prefix = history.times, history.prefix
        rows = [(times[i], prefix[i + 1] - prefix[i], self.risks[i]) for i in range(first, high)]
        rows.append((time, cents, risk))
        before = times[first - 1] if first > low else None
        table = week(plan.utc_offset, plan.night_ends)
        steps = np.full((length, len(CHANNELS)), NAN)
        for place, (moment, money, share) in enumerate(rows, length - len(rows)):
            gap = NAN if before is None else log_gap(moment - before)
            weekend, night, _, _ = table[moment // MINUTE % WEEK_MINUTES]
            known = NAN if share == UNKNOWN else share
            steps[place] = (log_amount(money), gap, weekend, night, known)
            before = moment
        return steps


class Counterparty:
    """A counterparty's events, and the labels known of them."""

    __slots__ = ("history", "labels")

    def __init__(self, history: History) -> None:
        self.history = history
        self.labels: Labels | None = None

    def forget(self, now: int, lookback: int, most: int, oldest_due: int) -> bool:
        """Drop what no question at `now` or later can reach, labels by when due; whether nothing is left."""
        count = self.history.expired(now, lookback, most)
        if count:
            self.history.drop(count)
        if self.labels is not None and self.labels.drop(oldest_due):
            self.labels = None
        return self.labels is None and not self.history.times
