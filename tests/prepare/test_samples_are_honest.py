"""No input sees past its origin, and no target is used before it is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_panels import mixed_panel, panel_of, random_table

from barograph.core.errors import DataError
from barograph.core.records import Panel, Samples
from barograph.core.study import EvaluateSection, PrepareSection
from barograph.evaluate.plan import walk_forward
from barograph.prepare.own import LOOKBACK
from barograph.prepare.samples import build, history_rows
from barograph.prepare.scaler import fit_scaler

SECTION = PrepareSection(horizons=(1, 5, 22), window=22)
CLASSES = {"alpha": "x", "beta": "x"}
INPUTS = ("features", "channels", "cross_section", "returns", "proxy", "price", "admissible")


def garbage_after(panel: Panel, day: np.datetime64, seed: int) -> Panel:
    """The same panel up to a day; later prices are nonsense, some days gone."""
    later = pl.col("time") > day.item()
    random = np.random.default_rng(seed)
    noise = pl.Series(np.exp(random.normal(0.0, 8.0, panel.table.height)))
    table = panel.table.with_columns(
        pl.when(later).then(pl.col(name) * noise).otherwise(pl.col(name)).alias(name)
        for name in ("open", "high", "low", "close")
    )
    return Panel(table.filter(~later | pl.Series(random.random(table.height) < 0.7)))


def assert_same_inputs(one: Samples, other: Samples, rows: np.ndarray, others: np.ndarray) -> None:
    for name in INPUTS:
        np.testing.assert_array_equal(getattr(one, name)[rows], getattr(other, name)[others], err_msg=name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 0.99))
def test_garbage_after_a_day_leaves_every_input_up_to_it_identical_to_the_bit(
    seed: int, share: float
) -> None:
    panel = mixed_panel(days=330, seed=seed)
    days = np.unique(panel.table["time"].to_numpy().astype("datetime64[D]"))
    day = days[int(share * (days.shape[0] - 1))]
    before = build(panel, SECTION, classes=CLASSES)
    after = build(garbage_after(panel, day, seed), SECTION, classes=CLASSES, entities=before.entities)
    rows, others = np.flatnonzero(before.time <= day), np.flatnonzero(after.time <= day)
    np.testing.assert_array_equal(before.time[rows], after.time[others])
    assert_same_inputs(before, after, rows, others)
    assert not np.array_equal(before.target[rows], after.target[others], equal_nan=True)  # it did arrive


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_what_lies_behind_the_longest_window_leaves_no_trace(seed: int) -> None:
    table = random_table("a", days=300, seed=seed, ranges=True)
    whole = build(panel_of(table), SECTION)
    tail = build(panel_of(table.tail(LOOKBACK + 1)), SECTION)
    assert tail.n == LOOKBACK
    assert tail.admissible.tolist() == [False] * (LOOKBACK - 1) + [True]
    np.testing.assert_array_equal(tail.features[-1], whole.features[-1])


def test_targets_sum_the_next_rows_of_the_same_entity_and_are_known_on_the_last_of_them() -> None:
    samples = build(mixed_panel(days=300), SECTION)
    for entity in range(len(samples.entities)):
        rows = samples.rows_of(entity)
        returns, time = samples.returns[rows], samples.time[rows]
        for t in range(0, time.shape[0], 13):
            for column, h in enumerate(samples.horizons):
                target = samples.target[rows][t, column], samples.target_return[rows][t, column]
                known = samples.known_at[rows][t, column]
                if t + h < time.shape[0]:
                    ahead = returns[t + 1 : t + h + 1]
                    np.testing.assert_allclose(target, (sum(ahead**2), sum(ahead)), rtol=1e-10, atol=1e-15)
                    assert known == time[t + h]
                else:
                    assert np.isnan(target).all()
                    assert np.isnat(known)


def test_the_sum_over_a_horizon_is_the_return_between_its_prices() -> None:
    samples = build(mixed_panel(days=300), SECTION)
    rows = samples.rows_of(0)
    price = samples.price[rows]
    expected = np.log(price[22:] / price[:-22])
    np.testing.assert_allclose(samples.target_return[rows][:-22, 2], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("window", [5, 22, 230, 260])
def test_admissible_rows_have_every_input_and_the_first_of_them_comes_as_soon_as_it_can(window: int) -> None:
    section = PrepareSection(window=window)
    samples = build(mixed_panel(days=460), section, classes=CLASSES)
    assert np.isfinite(samples.features[samples.admissible]).all()
    for entity in range(len(samples.entities)):
        rows = samples.rows_of(entity)
        allowed = np.flatnonzero(samples.admissible[rows])
        assert allowed[0] == history_rows(section) - 1
        assert np.isfinite(samples.channels[rows][allowed[0] - window + 1 :]).all()


def test_no_training_row_has_a_target_known_only_after_the_cut_and_the_scaler_sees_no_scored_block() -> None:
    panel = mixed_panel(days=700, seed=4)
    evaluate = EvaluateSection(test_since="2017-01-02")
    samples = build(panel, SECTION)
    for fold in walk_forward(samples, evaluate, refit_every=100, least_days=100):
        training = fold.training_rows(samples)
        assert (samples.known_at[training] <= fold.cut).all()
        assert samples.time[training].max() < fold.cut < fold.test_since
        changed = build(garbage_after(panel, fold.cut, 9), SECTION, entities=samples.entities)
        again = fold.training_rows(changed)
        fitted, refitted = (
            fit_scaler(one.features[rows], one.feature_names, times=one.time[rows], until=fold.cut, limit=6.0)
            for one, rows in ((samples, training), (changed, again))
        )
        np.testing.assert_array_equal(samples.time[training], changed.time[again])
        assert fitted.to_plain() == refitted.to_plain()


def test_rows_are_grouped_by_entity_in_the_order_asked_for() -> None:
    panel = mixed_panel(days=300)
    order = ("gamma", "nowhere", "alpha", "delta", "beta")
    samples = build(panel, SECTION, entities=order)
    assert samples.entities == order
    assert np.all(np.diff(samples.entity) >= 0)
    assert samples.rows_of(1) == slice(0, 0)
    assert not samples.cross_section[:][:, [1, 6]].any()
    alone = build(panel, SECTION)
    np.testing.assert_array_equal(
        samples.features[samples.rows_of(0)], alone.features[alone.rows_of(alone.entities.index("gamma"))]
    )


def test_a_stranger_and_an_empty_panel_are_refused() -> None:
    panel = mixed_panel(days=30)
    with pytest.raises(DataError, match="got gamma"):
        build(panel, SECTION, entities=("alpha", "beta", "delta"))
    with pytest.raises(DataError, match="at least two prices"):
        build(Panel(panel.table.head(1)), SECTION)
    with pytest.raises(DataError, match="at least two prices"):
        build(Panel(panel.table.clear()), SECTION)
