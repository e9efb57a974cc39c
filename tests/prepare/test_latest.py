"""The newest origin from a tail equals that of the whole history."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_panels import mixed_panel, panel_of, random_table

from barograph.core.errors import DataError
from barograph.core.records import Panel, Samples
from barograph.core.study import PrepareSection
from barograph.prepare.latest import CONTEXT_ROWS, build_latest, context, newest_rows
from barograph.prepare.samples import build

CLASSES = {"alpha": "x", "beta": "x"}


def tails(panel: Panel, rows: int) -> Panel:
    return panel_of(*(panel.of(entity).tail(rows) for entity in panel.entities))


def assert_same_answers(whole: Samples, latest: Samples) -> None:
    """The newest row of each entity and the window behind it agree to the bit."""
    assert whole.entities == latest.entities
    assert whole.feature_names == latest.feature_names
    mine, theirs = newest_rows(whole), newest_rows(latest)
    for name in ("entity", "time", "features", "cross_section", "returns", "proxy", "price", "admissible"):
        np.testing.assert_array_equal(getattr(whole, name)[mine], getattr(latest, name)[theirs], err_msg=name)
    for row, other in zip(mine, theirs, strict=True):
        if whole.admissible[row]:
            steps = np.arange(whole.window)
            np.testing.assert_array_equal(whole.channels[row - steps], latest.channels[other - steps])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([5, 22, 130, 260]))
def test_the_context_of_a_panel_answers_as_the_whole_panel_to_the_bit(seed: int, window: int) -> None:
    section = PrepareSection(window=window)
    panel = mixed_panel(days=520, seed=seed)
    short = context(panel, section)
    assert short.table.height < panel.table.height
    whole = build(panel, section, classes=CLASSES)
    assert_same_answers(whole, build_latest(short, section, panel.entities, classes=CLASSES))
    assert_same_answers(whole, build_latest(panel, section, panel.entities, classes=CLASSES))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([22, 260]))
def test_the_last_context_rows_suffice_where_all_series_end_in_the_same_week(seed: int, window: int) -> None:
    section = PrepareSection(window=window)
    five = random_table("five", days=640, seed=seed, ranges=True)
    seven = random_table("seven", days=900, seed=seed + 1, ranges=False, seven_days=True)
    end = min(five["time"].max(), seven["time"].max())
    panel = panel_of(*(table.filter(pl.col("time") <= end) for table in (five, seven)))
    assert min(panel.of(entity).height for entity in panel.entities) > CONTEXT_ROWS
    latest = build_latest(tails(panel, CONTEXT_ROWS), section, panel.entities)
    assert_same_answers(build(panel, section), latest)


def test_only_the_newest_row_of_an_entity_is_admissible_and_its_window_comes_with_it() -> None:
    section = PrepareSection(window=22)
    panel = mixed_panel(days=420)
    latest = build_latest(panel, section, panel.entities)
    assert np.bincount(latest.entity).tolist() == [22] * 4
    np.testing.assert_array_equal(np.flatnonzero(latest.admissible), newest_rows(latest))
    np.testing.assert_array_equal(newest_rows(latest), [21, 43, 65, 87])


def test_an_entity_with_too_little_history_is_there_but_not_admissible() -> None:
    panel = panel_of(
        random_table("long", days=300, seed=0, ranges=False),
        random_table("new", days=10, seed=1, ranges=False),
    )
    latest = build_latest(panel, PrepareSection(), panel.entities)
    assert np.bincount(latest.entity).tolist() == [22, 9]
    assert latest.admissible[newest_rows(latest)].tolist() == [True, False]


def test_entities_without_rows_keep_their_place_in_the_cross_section() -> None:
    panel = mixed_panel(days=420)
    alone = Panel(panel.of("beta"))
    latest = build_latest(alone, PrepareSection(), panel.entities)
    row = latest.cross_section[newest_rows(latest)[0]]
    assert latest.entities == panel.entities
    assert row[4:].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert np.flatnonzero(row[:4]).tolist() == [1]


def test_a_series_the_model_was_not_prepared_with_is_refused() -> None:
    with pytest.raises(DataError, match="got delta, gamma"):
        build_latest(mixed_panel(days=200), PrepareSection(), ("alpha", "beta"))
