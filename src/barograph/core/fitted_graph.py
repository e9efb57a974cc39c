"""The frozen plan of account-graph features: which windows, how late, how far a path is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.core.errors import SettingError
from barograph.core.fitted_value import FittedValue

DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class GraphPlan(FittedValue):
    """What `prepare.events_graph` computes for a transfer, in a replay and live alike.

    A transfer at t sees transfers of a window w with t - w <= s < t. Of an account's transfers only the
    latest `fan` sent, and the latest `fan` received, are followed along a path.
    """

    kind: ClassVar[str] = "graph_plan"
    windows: tuple[int, ...] = (DAY, 7 * DAY, 30 * DAY)  # seconds, ascending
    lateness: int = 3_600  # seconds a transfer may be older than the newest one that has arrived
    fan: int = 50  # transfers of an account that a path may take, each way
    cap: int = 100  # no count of cycles is larger
    similar: float = 0.1  # an amount is similar within ± this share of the transfer's amount

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in zip(self.windows, self.windows[1:], strict=False))
        if not (self.windows and self.windows[0] > 0 and ascending):
            raise SettingError(
                "the windows of a graph plan must be positive seconds in ascending order",
                came=f"got {self.windows}",
                do="Give whole seconds, such as 86400, 604800, 2592000",
            )
        for name, value, least in (
            ("lateness", self.lateness, 0),
            ("fan", self.fan, 1),
            ("cap", self.cap, 1),
        ):
            if value < least:
                raise SettingError(
                    f"{name} of a graph plan must be a whole number of at least {least}",
                    came=f"got {value}",
                    do=f"Set {name} to {least} or more",
                )
        if not 0.0 <= self.similar < 1.0:
            raise SettingError(
                "similar of a graph plan must be a share from 0 to below 1",
                came=f"got {self.similar}",
                do="Give 0.1 for ± 10 %",
            )
