"""A clock that stands where a test sets it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass
class SetClock:
    at: dt.datetime = dt.datetime(2026, 3, 3, 14, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += dt.timedelta(**by)
