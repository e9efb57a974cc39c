"""The panel as it stood at each origin, against a plain loop over entities with calendars of their own."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_panels import mixed_panel

from barograph.core.records import Panel, Samples
from barograph.core.study import PrepareSection
from barograph.prepare.own import own_state
from barograph.prepare.panel_state import as_of
from barograph.prepare.samples import build
from barograph.prepare.series import series_of

CLASSES = {"alpha": "index", "gamma": "stock", "delta": "stock"}


def _latest(panel: Panel, entity: str, day: np.datetime64, days: int) -> float | None:
    """The entity's level at its last row at or before a day, if at most seven calendar days old."""
    series = series_of(panel, entity)
    seen = [row for row in range(series.time.shape[0]) if series.time[row] <= day]
    if not seen or (day - series.time[seen[-1]]).astype(int) > 7:
        return None
    value = own_state(series).levels[days][seen[-1]]
    return None if np.isnan(value) else float(value)


def _column(samples: Samples, name: str) -> np.ndarray:
    return samples.features[:, samples.feature_names.index(name)]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return mixed_panel(days=330, seed=3)


@pytest.fixture(scope="module")
def samples(panel: Panel) -> Samples:
    return build(panel, PrepareSection(), classes=CLASSES)


def test_medians_and_cross_section_agree_with_a_loop_over_entities(panel: Panel, samples: Samples) -> None:
    rows = np.flatnonzero(samples.entity >= 0)[::41]
    for row in rows:
        day, mine = samples.time[row], samples.entities[samples.entity[row]]
        for days in (5, 22):
            latest = {name: _latest(panel, name, day, days) for name in samples.entities}
            known = [value for value in latest.values() if value is not None]
            expected = statistics.median(known) if known else np.nan
            np.testing.assert_allclose(_column(samples, f"panel_median_{days}")[row], expected, rtol=1e-14)
            peers = [
                value
                for name, value in latest.items()
                if value is not None and CLASSES.get(name) == CLASSES.get(mine)
            ]
            expected = statistics.median(peers) if peers else np.nan
            expected = expected if mine in CLASSES else 0.0
            np.testing.assert_allclose(_column(samples, f"class_median_{days}")[row], expected, rtol=1e-14)
            if days == 5:
                state = [value or 0.0 for value in latest.values()]
                known_flags = [float(value is not None) for value in latest.values()]
                np.testing.assert_array_equal(samples.cross_section[row], state + known_flags)


def test_the_loop_met_every_case(samples: Samples) -> None:
    known = samples.cross_section[:][:, len(samples.entities) :]
    assert set(known.sum(axis=1)) >= {1.0, 2.0, 3.0, 4.0}
    assert set(_column(samples, "class_known")) == {0.0, 1.0}


def test_each_day_of_the_panel_is_kept_once(samples: Samples) -> None:
    table = samples.cross_section
    assert table.days.shape == (np.unique(samples.time).size, 2 * len(samples.entities))
    rows = np.flatnonzero(samples.entity == 1)[[5, 3, 3]]
    few = table.take(rows)
    np.testing.assert_array_equal(few[:], table[rows])
    np.testing.assert_array_equal(few[1], table[int(rows[1])])
    assert few.days.shape[0] == 2


def test_without_classes_there_are_no_class_columns(panel: Panel) -> None:
    names = build(panel, PrepareSection()).feature_names
    assert not [name for name in names if name.startswith("class")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=0, max_size=12, unique=True),
    st.lists(st.integers(0, 70), min_size=1, max_size=12),
)
def test_as_of_is_the_latest_row_not_more_than_a_week_old(own: list[int], asked: list[int]) -> None:
    start = np.datetime64("2021-03-01")
    days, calendar = np.array(sorted(own), dtype=np.int64), np.array(sorted(asked), dtype=np.int64)
    got = as_of(start + calendar, start + days, 100.0 + days)
    for day, value in zip(calendar, got, strict=True):
        before = [d for d in sorted(own) if d <= day]
        fresh = before and day - before[-1] <= 7
        np.testing.assert_equal(value, 100.0 + before[-1] if fresh else np.nan)
