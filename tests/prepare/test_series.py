"""Series: returns and variance proxies of one entity, day by day."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import polars as pl
import pytest
from prepare_panels import panel_of, random_table

from barograph.core.errors import DataError
from barograph.core.records import Panel
from barograph.prepare.series import VARIANCE_FLOOR, series_of


def test_there_is_one_row_fewer_than_prices_and_returns_are_log_differences() -> None:
    table = random_table("a", days=40, seed=1, ranges=False)
    series = series_of(panel_of(table), "a")
    close = table["close"].to_list()
    expected = [math.log(close[i] / close[i - 1]) for i in range(1, len(close))]
    assert series.time.tolist() == table["time"].to_list()[1:]
    np.testing.assert_allclose(series.returns, expected, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(series.close, close[1:])


def test_variance_is_range_plus_night_where_the_day_has_a_range_and_the_squared_return_elsewhere() -> None:
    table = random_table("a", days=60, seed=2, ranges=True)
    lacking = pl.int_range(pl.len()) % 5 == 3
    table = table.with_columns(high=pl.when(lacking).then(None).otherwise(pl.col("high")))
    series = series_of(panel_of(table), "a")
    days = table.to_dicts()
    for row in range(1, len(days)):
        o, h, low, c = (days[row][name] for name in ("open", "high", "low", "close"))
        before = days[row - 1]["close"]
        if h is None:
            expected = wide = math.log(c / before) ** 2
        else:
            wide = math.log(h / low) ** 2 / (4 * math.log(2)) + math.log(o / before) ** 2
            expected = math.log(h / c) * math.log(h / o) + math.log(low / c) * math.log(low / o)
            expected = max(expected + math.log(o / before) ** 2, VARIANCE_FLOOR)
        assert series.has_range[row - 1] == (h is not None)
        assert series.proxy[row - 1] == pytest.approx(expected, rel=1e-8, abs=1e-18)
        assert series.parkinson[row - 1] == pytest.approx(wide, rel=1e-8, abs=1e-18)


def test_a_day_without_any_move_has_the_floor_as_range_variance_and_zero_as_squared_return() -> None:
    flat = {"entity": ["a"] * 2, "time": [date(2020, 1, 1), date(2020, 1, 2)], "close": [5.0, 5.0]}
    bars = {name: [5.0, 5.0] for name in ("open", "high", "low")}
    assert series_of(Panel(pl.DataFrame(flat | bars)), "a").proxy.tolist() == [VARIANCE_FLOOR]
    assert series_of(Panel(pl.DataFrame(flat)), "a").proxy.tolist() == [0.0]


def test_an_entity_without_rows_is_an_empty_series() -> None:
    assert series_of(panel_of(random_table("a", days=5, seed=0, ranges=False)), "b").time.shape == (0,)


@pytest.mark.parametrize("bad", [None, float("nan"), 0.0, -1.0])
def test_a_close_that_is_missing_or_not_above_zero_is_named_with_its_day(bad: float | None) -> None:
    days = [date(2020, 1, 1), date(2020, 1, 2)]
    table = pl.DataFrame({"entity": ["a", "a"], "time": days, "close": [5.0, bad]}, strict=False)
    with pytest.raises(DataError, match=r"'a' must have a close.*2020-01-02"):
        series_of(Panel(table), "a")


def test_days_out_of_order_are_refused() -> None:
    days = [date(2020, 1, 2), date(2020, 1, 2)]
    with pytest.raises(DataError, match=r"must ascend.*2020-01-02 comes after 2020-01-02"):
        series_of(Panel(pl.DataFrame({"entity": ["a", "a"], "time": days, "close": [5.0, 6.0]})), "a")
