"""The packaged sample, against the files it is read from, read here in another way (csv, plain loops)."""

from __future__ import annotations

import csv
import datetime
import gzip
import importlib.util
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from barograph.collect import PACKAGED, PRICES, check, content_hash, open_source
from barograph.core.contracts import Source
from barograph.core.errors import DataError, SettingError
from barograph.core.records import PRICE_COLUMNS, Snapshot
from barograph.core.study import CollectSection

TODAY = datetime.date(2026, 11, 22)


@pytest.fixture(scope="module")
def sample() -> Snapshot:
    return open_source(CollectSection(), today=TODAY).read()


def arch_rows(series: str) -> list[dict[str, str]]:
    spec = importlib.util.find_spec("arch")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "data" / series / f"{series}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def us_day(text: str) -> datetime.date:
    month, day, year = map(int, text.split("/"))
    return datetime.date(year, month, day)


def test_the_sample_has_23_series_in_one_sorted_panel(sample: Snapshot) -> None:
    table = sample.panel.table
    assert len(sample.panel.entities) == 23
    assert sample.panel.entities == PACKAGED["market-samples"].entities
    assert table.schema == pl.Schema(
        {"entity": pl.String, "time": pl.Date, **dict.fromkeys(PRICE_COLUMNS, pl.Float64)}
    )
    keys = list(zip(table["entity"], table["time"], strict=True))
    assert keys == sorted(set(keys))


def test_every_price_column_of_an_index_equals_the_file_in_arch(sample: Snapshot) -> None:
    for entity in ("sp500", "nasdaq"):
        rows = arch_rows(entity)
        table = sample.panel.of(entity)
        assert table["time"].to_list() == [us_day(row["Date"]) for row in rows]
        for column in ("open", "high", "low", "close"):
            assert table[column].to_list() == [float(row[column.title()]) for row in rows]
        volume = [float(row["Volume"]) or None for row in rows]
        assert table["volume"].to_list() == volume


def test_two_volumes_of_zero_are_read_as_not_reported(sample: Snapshot) -> None:
    empty = sample.panel.table.filter(pl.col("open").is_not_null() & pl.col("volume").is_null())
    assert empty.select("entity", "time").rows() == [
        ("nasdaq", datetime.date(2015, 5, 12)),
        ("nasdaq", datetime.date(2018, 1, 9)),
    ]
    assert "volume: zero in 2 rows, read as not reported" in sample.provenance.notes


def test_raw_and_adjusted_close_of_the_indices_are_the_same() -> None:
    for entity in ("sp500", "nasdaq"):
        assert all(row["Close"] == row["Adj Close"] for row in arch_rows(entity))


def test_days_without_a_quotation_of_oil_are_dropped_and_counted(sample: Snapshot) -> None:
    quoted = [(us_day(r["Date"]), float(r["DCOILWTICO"])) for r in arch_rows("wti") if r["DCOILWTICO"] != "."]
    assert sample.panel.of("wti").select("time", "close").rows() == quoted
    assert len(arch_rows("wti")) - len(quoted) == 290
    assert any(note.startswith("wti: 290 days without a quotation") for note in sample.provenance.notes)
    assert min(price for _, price in quoted) > 0


def test_the_stocks_are_the_packaged_closes_without_the_index(sample: Snapshot) -> None:
    stocks = [e for e in sample.panel.entities if e not in ("sp500", "nasdaq", "wti")]
    assert len(stocks) == 20
    apple = sample.panel.of("aapl")
    assert apple.height == 8313
    assert apple["time"][0] == datetime.date(1990, 1, 2)
    assert apple["time"][-1] == datetime.date(2022, 12, 28)
    assert apple["close"].min() == 0.098  # lowest adjusted close of the source file
    assert apple["high"].null_count() == apple.height


def test_the_packaged_stocks_are_the_ones_we_shipped(sample: Snapshot) -> None:
    stocks = sample.panel.table.filter(~pl.col("entity").is_in(["sp500", "nasdaq", "wti"]))
    assert content_hash(stocks) == "eae320335ee742cdf2fb4068163589811159e161a56e0a8ae169b4192bb53470"


def test_the_sample_keeps_the_contract_it_is_offered_under(sample: Snapshot) -> None:
    carried = sample.panel.of("nasdaq")
    assert check(carried, PRICES, today=TODAY) == []


def test_provenance_names_terms_and_flaws_of_every_part(sample: Snapshot) -> None:
    for word in ("nasdaq:", "sp500:", "stocks:", "wti:", "NCSA", "BSD-3", "DCOILWTICO"):
        assert word in sample.provenance.licence
    assert any("2004 of 5031" in note for note in sample.provenance.notes)
    assert any("survivors" in note for note in sample.provenance.notes)
    assert (sample.provenance.since, sample.provenance.until) == ("1986-01-02", "2022-12-28")
    assert sample.provenance.rows == sample.panel.table.height == 20 * 8313 + 2 * 5031 + 8321


def test_entities_and_both_windows_narrow_the_panel() -> None:
    section = CollectSection(entities=("msft", "wti"), since="2000-01-01", until="2015-12-31")
    source = open_source(section, today=TODAY)
    assert isinstance(source.read(), Snapshot)
    snapshot = source.read(since="1995-01-01", until="2010-06-30")
    assert snapshot.panel.entities == ("msft", "wti")
    assert (snapshot.provenance.since, snapshot.provenance.until) == ("2000-01-03", "2010-06-30")
    assert "NCSA" in snapshot.provenance.licence
    assert "sp500" not in snapshot.provenance.licence


def test_a_window_shorter_than_the_contract_is_refused() -> None:
    section = CollectSection(entities=("msft",), since="2022-01-01")
    with pytest.raises(DataError, match="fewer than 600 rows"):
        open_source(section, today=TODAY).read()


def test_without_arch_the_stocks_still_read_and_the_indices_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "arch", None)  # Python's own way to make a package absent
    stocks: Source = open_source(CollectSection(entities=("aapl",)), today=TODAY)
    assert stocks.read().panel.entities == ("aapl",)
    with pytest.raises(SettingError, match=r"barograph\[train\]"):
        open_source(CollectSection(), today=TODAY).read()


def test_reading_the_sample_imports_neither_arch_nor_pandas() -> None:
    program = (
        "import sys; from barograph.collect import open_source\n"
        "from barograph.core.study import CollectSection\n"
        "open_source(CollectSection()).read()\n"
        "print([m for m in ('arch', 'pandas', 'pyarrow', 'torch') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_columns_make_no_sense_for_a_packaged_source() -> None:
    with pytest.raises(SettingError, match="Leave it out"):
        open_source(CollectSection(columns={"close": "x"}), today=TODAY).read()


@pytest.mark.parametrize(
    ("word", "said"),
    [("market-sample", "Did you mean 'market-samples'"), ("xyz", "market-samples")],
)
def test_an_unknown_word_names_the_nearest_source(word: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        open_source(CollectSection(source=word))


def test_an_unknown_series_names_the_nearest_one() -> None:
    with pytest.raises(SettingError, match="Did you mean 'nasdaq'"):
        open_source(CollectSection(entities=("nasdq",)), today=TODAY).read()


@pytest.mark.parametrize("path", ["nowhere/prices.csv", "prices.parquet"])
def test_a_path_without_a_file_is_refused_as_a_path(path: str) -> None:
    with pytest.raises(DataError, match="is not there"):
        open_source(CollectSection(source=path))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({"since": "2020-13-01"}, "must be a day"),
        ({"until": "yesterday"}, "must be a day"),
        ({"since": "2020-01-02", "until": "2020-01-01"}, "must not be after"),
    ],
)
def test_a_window_that_is_none_is_a_setting_error(window: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        open_source(CollectSection(entities=("aapl",), **window), today=TODAY).read()  # type: ignore[arg-type]
