"""The frozen plan of account-graph features: windows, lateness, reach of paths, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from barograph.core.errors import SettingError
from barograph.core.fitted_value import FittedValue

SECOND = 1_000_000
"""Microseconds: times inside graph features are whole microseconds since 1970-01-01 UTC."""

DAY = 86_400
CENTS = 100.0
LARGEST = 1e11
"""Money units: 900,000 transfers of this size in one window still sum within 64 bits of cents."""


@dataclass(frozen=True, slots=True, eq=False)
class GraphPlan(FittedValue):
    """Which features a transfer gets, and by which rules (stated in `prepare.events_graph`). Seconds."""

    kind: ClassVar[str] = "graph_plan"
    windows: tuple[int, ...] = (DAY, 7 * DAY, 30 * DAY)  # ascending
    lateness: int = DAY  # how far behind the newest time a transfer may still arrive
    fan: int = 50  # transfers of an account, each way, that a path may take
    cap: int = 100  # no count of cycles is larger
    similar: float = 0.1  # an amount is similar within ± this share of the transfer's own
    largest: float = 1e10  # money units; a larger amount is refused
    earliest: str = "2000-01-01"  # UTC day; an earlier time is refused
    latest: str = "2050-01-01"  # UTC day; this time and any later one is refused

    def __post_init__(self) -> None:
        """Refuse settings that no rule covers."""
        rising = list(self.windows) == sorted(set(self.windows)) and all(one >= 1 for one in self.windows)
        if not self.windows or not rising:
            raise _wrong("windows must be whole seconds, at least 1, rising", self.windows)
        if self.lateness < 0 or min(self.fan, self.cap) < 1:
            came = (self.lateness, self.fan, self.cap)
            raise _wrong("lateness must not be negative, fan and cap at least 1", came)
        if not 0.0 <= self.similar < 1.0:
            raise _wrong("similar must be a share from 0 to below 1", self.similar)
        if not 0.0 < self.largest <= LARGEST:
            raise _wrong(f"largest must lie above 0 and be at most {LARGEST:g}", self.largest)
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
    def widths(self) -> tuple[int, ...]:
        """The windows, microseconds."""
        return tuple(window * SECOND for window in self.windows)


def _microseconds(name: str, day: str) -> int:
    try:
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        raise _wrong(f"{name} must be an ISO date", day) from None
    return int(moment.timestamp()) * SECOND


def _wrong(must: str, came: object) -> SettingError:
    return SettingError(f"graph plan: {must}", came=f"got {came}", do="Correct the graph plan")
