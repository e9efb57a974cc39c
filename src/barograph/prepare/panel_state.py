"""What the whole panel looked like on every day: each entity's latest level, and medians over entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.records import ByDay
from barograph.measures.features import median_of_known
from barograph.prepare.columns import CLASS_KNOWN
from barograph.prepare.own import OwnState
from barograph.prepare.series import Series

STALE_AFTER = np.timedelta64(7, "D")
"""A value older than this many calendar days no longer says anything of today."""


def as_of(calendar: DateArray, time: DateArray, values: FloatArray) -> FloatArray:
    """An entity's latest value at or before each day of a calendar.

    Parameters
    ----------
    calendar : array [n_calendar] of datetime64[D]
    time : array [n] of datetime64[D]
        The entity's own days, ascending.
    values : array [n]

    Returns
    -------
    array [n_calendar]
        NaN before the first row, where the latest row is more than `STALE_AFTER` old, and where it is NaN.
    """
    if time.size == 0:
        return np.full(calendar.shape[0], np.nan)
    latest = np.searchsorted(time, calendar, side="right") - 1
    row = np.maximum(latest, 0)
    fresh = (latest >= 0) & (calendar - time[row] <= STALE_AFTER)
    return np.where(fresh, values[row], np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class PanelState:
    """Levels of every entity on every day on which any of them traded.

    `levels[days]` is the log mean r² over that many days, [n_calendar, n_entities], NaN where unknown.
    `classes` names each entity's class, None where it is unknown.
    """

    calendar: DateArray  # [n_calendar]
    levels: dict[int, FloatArray]
    medians: dict[int, FloatArray]  # [n_calendar] over all entities
    classes: tuple[str | None, ...]  # [n_entities]
    class_medians: dict[tuple[int, str], FloatArray]  # (days, class) -> [n_calendar]

    def place(self, time: DateArray) -> IntArray:
        """The calendar's row of each day."""
        return np.searchsorted(self.calendar, time).astype(np.int64)

    def features(self, entity: int, time: DateArray) -> dict[str, FloatArray]:
        """Medians at the origins of one entity; those of its class too if any entity's class is known."""
        at = self.place(time)
        columns = {f"panel_median_{days}": median[at] for days, median in self.medians.items()}
        if not self.class_medians:
            return columns
        own = self.classes[entity]
        columns[CLASS_KNOWN] = np.full(time.shape[0], float(own is not None))
        for days in self.levels:
            nothing = np.zeros(time.shape[0])
            columns[f"class_median_{days}"] = nothing if own is None else self.class_medians[days, own][at]
        return columns

    def cross_section(self, time: DateArray) -> ByDay:
        """Week's level of every entity at each origin, then 1 where it is known and 0 where not."""
        known = np.isfinite(self.levels[5])
        days = np.concatenate([np.where(known, self.levels[5], 0.0), known.astype(np.float64)], axis=1)
        return ByDay(days, self.place(time))


def panel_state(
    series: Sequence[Series], states: Sequence[OwnState], *, classes: Mapping[str, str]
) -> PanelState:
    """Lay every entity's levels on the union of their calendars and take the medians."""
    calendar = np.unique(np.concatenate([one.time for one in series]))
    levels = {
        days: np.stack(
            [
                as_of(calendar, one.time, state.levels[days])
                for one, state in zip(series, states, strict=True)
            ],
            axis=1,
        )
        for days in states[0].levels
    }
    own = tuple(classes.get(one.entity) for one in series)
    members: dict[str, list[int]] = {}
    for place, name in enumerate(own):
        if name is not None:
            members.setdefault(name, []).append(place)
    class_medians = {
        (days, name): median_of_known(level[:, columns])
        for days, level in levels.items()
        for name, columns in members.items()
    }
    medians = {days: median_of_known(level) for days, level in levels.items()}
    return PanelState(calendar, levels, medians, own, class_medians)
