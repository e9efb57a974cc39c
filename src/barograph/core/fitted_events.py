"""The frozen plan of event features: windows, label delay, lateness, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from barograph.core.errors import SettingError
from barograph.core.fitted_value import FittedValue

SECOND = 1_000_000
"""Microseconds: times inside event features are whole microseconds since 1970-01-01 UTC."""

HOUR, DAY = 3_600, 86_400
KEYS = ("actor", "counterparty")
CENTS = 100.0
EXACT = 2**53
"""Whole numbers below this are exact as floats."""


@dataclass(frozen=True, slots=True, eq=False)
class EventPlan(FittedValue):
    """Which features events get, and by which rules (stated in `prepare.events`). Durations in seconds."""

    kind: ClassVar[str] = "event_plan"
    windows: tuple[int, ...] = (HOUR, DAY, 7 * DAY, 30 * DAY)  # ascending
    keys: tuple[str, ...] = KEYS  # whose counts and amounts: actor, counterparty or both, in this order
    risk_windows: tuple[int, ...] = (DAY, 7 * DAY, 30 * DAY)  # ascending; empty: labels are not used
    delay: int = 7 * DAY  # a label counts from here after its event at the earliest
    lateness: int = DAY  # how far behind the newest time an event may still arrive
    most: int = 4096  # events of one key that a window looks back on at most
    largest: float = 1e10  # money units; a larger amount, of either sign, is refused
    earliest: str = "2000-01-01"  # UTC day; an earlier time is refused
    latest: str = "2050-01-01"  # UTC day; this time and any later one is refused
    utc_offset: int = 0  # added to UTC for night, weekend and hour
    night_ends: int = 6  # hour of the local day; night is from midnight until then
    new_counterparty: bool = True  # whether the actor paid this counterparty within the longest window

    def __post_init__(self) -> None:
        """Refuse settings that no rule covers."""
        _check_windows("windows", self.windows, least=1)
        _check_windows("risk_windows", self.risk_windows, least=0)
        if not self.keys or self.keys != tuple(key for key in KEYS if key in self.keys):
            raise _wrong("keys must be actor, counterparty or both, in this order", self.keys)
        if self.new_counterparty and "actor" not in self.keys:
            raise _wrong("new_counterparty needs the actor among the keys", self.keys)
        if min(self.delay, self.lateness) < 0 or self.most < 1 or not 0 <= self.night_ends <= 24:
            came = (self.delay, self.lateness, self.most, self.night_ends)
            raise _wrong("delay and lateness must not be negative, most >= 1, night_ends 0 to 24", came)
        if not 0 < self.largest * CENTS * self.most < EXACT:
            raise _wrong("largest times most must stay below 9e13, so that sums are exact", self.largest)
        if self.earliest_time >= self.latest_time:
            raise _wrong("earliest must lie before latest", (self.earliest, self.latest))

    @property
    def earliest_time(self) -> int:
        """First admissible time, microseconds."""
        return _microseconds("earliest", self.earliest)

    @property
    def latest_time(self) -> int:
        """First time that is refused again, microseconds."""
        return _microseconds("latest", self.latest)

    @property
    def lookback(self) -> int:
        """The longest window, microseconds."""
        return self.windows[-1] * SECOND

    @property
    def memory(self) -> int:
        """How long behind the newest time an event's id is kept, microseconds: while its label can matter."""
        labels = self.delay + self.risk_windows[-1] if self.risk_windows else 0
        return (self.lateness + labels) * SECOND


def _check_windows(name: str, windows: tuple[int, ...], *, least: int) -> None:
    rising = list(windows) == sorted(set(windows)) and all(one >= 1 for one in windows)
    if len(windows) < least or not rising:
        raise _wrong(f"{name} must be whole seconds, at least 1, rising", windows)


def _microseconds(name: str, day: str) -> int:
    try:
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        raise _wrong(f"{name} must be an ISO date", day) from None
    return int(moment.timestamp()) * SECOND


def _wrong(must: str, came: object) -> SettingError:
    return SettingError(must, came=f"got {came}", do="Correct the event plan")
