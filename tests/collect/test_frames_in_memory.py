"""Tables in memory: polars, pandas and pyarrow give the same snapshot, and other things a clear refusal."""

from __future__ import annotations

import datetime
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from barograph.collect import Contract, from_frame, open_source
from barograph.core.errors import DataError, SettingError
from barograph.core.study import CollectSection

TODAY = datetime.date(2026, 11, 22)
SECTION = CollectSection()
N = 640
DAYS: list[datetime.date] = np.busday_offset("2021-01-01", np.arange(N), roll="forward").tolist()
CLOSES = (20 + np.cumsum(np.random.default_rng(5).uniform(-0.1, 0.2, N))).tolist()
FRAME = pl.DataFrame({"date": DAYS, "close": CLOSES})


def hash_of(frame: object, **options: object) -> str:
    return from_frame(frame, SECTION, today=TODAY, **options).provenance.content_hash  # type: ignore[arg-type]


def test_polars_pandas_and_arrow_give_the_same_panel() -> None:
    expected = hash_of(FRAME)
    pandas = pd.DataFrame({"date": pd.to_datetime(DAYS), "close": CLOSES})
    assert hash_of(pandas) == expected
    assert hash_of(pa.table({"date": DAYS, "close": CLOSES})) == expected


def test_the_dates_of_a_pandas_frame_may_be_its_index() -> None:
    for name in (None, "Date"):
        index = pd.DatetimeIndex(pd.to_datetime(DAYS), name=name)
        assert hash_of(pd.DataFrame({"Close": CLOSES}, index=index)) == hash_of(FRAME)


def test_a_row_number_index_of_pandas_is_no_series_of_a_wide_table() -> None:
    wide = pd.DataFrame({"date": pd.to_datetime(DAYS), "aapl": CLOSES, "msft": CLOSES[::-1]})
    shuffled_labels = wide.set_axis(pd.Index(np.arange(N) * 7 % 641))
    panel = from_frame(shuffled_labels, SECTION, today=TODAY).panel
    assert panel.entities == ("aapl", "msft")


def test_text_categories_decimals_and_small_floats_are_read() -> None:
    table = FRAME.select(
        pl.lit("a").cast(pl.Categorical).alias("ticker"),
        pl.col("date").cast(pl.String),
        pl.col("close").round(2).cast(pl.Decimal(10, 2)),
    )
    panel = from_frame(table, SECTION, today=TODAY).panel
    assert panel.table["close"].to_list() == [round(c, 2) for c in CLOSES]
    small = FRAME.with_columns(pl.col("close").cast(pl.Float32))
    assert (
        from_frame(small, SECTION, today=TODAY).panel.table["close"].to_list() == np.float32(CLOSES).tolist()
    )


def test_days_of_zoned_times_are_local_days() -> None:
    zoned = FRAME.with_columns(
        (pl.col("date").cast(pl.Datetime) + pl.duration(hours=16)).dt.replace_time_zone("America/New_York")
    )
    snapshot = from_frame(zoned, SECTION, today=TODAY)
    assert snapshot.panel.table["time"].to_list() == DAYS
    assert "time: time of day dropped" in snapshot.provenance.notes


def test_the_label_names_the_table_and_the_entity_its_series() -> None:
    snapshot = from_frame(FRAME, SECTION, label="desk prices", entity="gold", today=TODAY)
    assert snapshot.provenance.source == "desk prices"
    assert snapshot.panel.entities == ("gold",)
    with pytest.raises(DataError, match="desk prices must keep"):
        from_frame(FRAME.reverse(), SECTION, label="desk prices", today=TODAY)


def test_part_of_a_panel_is_a_frame_like_any_other() -> None:
    oil = open_source(CollectSection(entities=("aapl",)), today=TODAY).read().panel.of("aapl")
    again = from_frame(oil, SECTION, today=TODAY)
    assert again.panel.table.equals(oil)
    short = from_frame(oil.tail(20), SECTION, contract=Contract(minimum_rows=1), today=TODAY)
    assert short.panel.table.height == 20


@pytest.mark.parametrize("thing", [None, 3, "text", {"date": DAYS}, FRAME.lazy()])
def test_what_is_no_table_is_refused(thing: object) -> None:
    with pytest.raises(DataError, match="must be a polars or pandas frame"):
        from_frame(thing, SECTION, today=TODAY)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("close", [[1.0]] * N),
        pl.Series("close", [{"a": 1}] * N),
        pl.Series("close", [True] * N),
        pl.Series("close", [b"1"] * N),
        pl.Series("close", [datetime.timedelta(1)] * N),
        pl.Series("close", [None] * N),
        pl.Series("close", DAYS),
    ],
)
def test_a_price_column_of_another_type_is_refused(column: pl.Series) -> None:
    with pytest.raises(DataError, match=r"text among numbers|all missing"):
        from_frame(FRAME.with_columns(column), SECTION, today=TODAY)


@pytest.mark.parametrize(
    "column", [pl.Series("date", [True] * N), pl.Series("date", CLOSES), pl.Series("date", [[1]] * N)]
)
def test_a_date_column_of_another_type_is_refused(column: pl.Series) -> None:
    with pytest.raises(DataError, match="not a date"):
        from_frame(FRAME.with_columns(column), SECTION, today=TODAY)


def test_a_pandas_column_of_mixed_types_is_refused() -> None:
    mixed = pd.DataFrame({"date": pd.to_datetime(DAYS), "close": [1.0, "x"] * (N // 2)})
    with pytest.raises(DataError):
        from_frame(mixed, SECTION, today=TODAY)


def test_pandas_without_pyarrow_says_which_extra_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # Python's own way to make a package absent
    pandas = pd.DataFrame({"date": pd.to_datetime(DAYS), "close": CLOSES})
    with pytest.raises(SettingError, match=r"barograph\[data\]"):
        from_frame(pandas, SECTION, today=TODAY)
