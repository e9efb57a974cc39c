"""Own tables that are streams: instants, blocks of hours, the last records before each, a sample undone."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import (
    load_records,
    read_request,
    records_from_frame,
    save_records,
    stream_request,
)
from barograph.core.errors import BarographError, DataError, SettingError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection

TODAY = datetime.date(2026, 1, 1)


def table(n: int = 400, hours: float = 30.0) -> pl.DataFrame:
    """Payments at seconds of a stream, out of order on purpose; every 8th is a fraud."""
    random = np.random.default_rng(5)
    seconds = random.permutation(np.linspace(0.0, hours * 3600 - 1, n).round(1))
    return pl.DataFrame(
        {
            "seconds": seconds,
            "v1": random.normal(size=n),
            "v2": random.normal(size=n),
            "amount": random.exponential(50.0, n).round(2),
            "fraud": (np.arange(n) % 8 == 0).astype(int),
        }
    )


def read(frame: pl.DataFrame, **section: object) -> RecordSnapshot:
    named = {"target": "fraud", "time": "seconds", "amount": "amount", "block_hours": 6, **section}
    return records_from_frame(frame, RecordsSection.model_validate(named), today=TODAY)


def test_seconds_give_the_order_and_the_blocks_of_hours() -> None:
    frame = table()
    records = read(frame).records
    ordered = sorted(frame.rows(named=True), key=lambda row: row["seconds"])
    assert records.table["v1"].to_list() == [row["v1"] for row in ordered]
    assert records.vintage.tolist() == [int(row["seconds"] // 3600) // 6 * 6 for row in ordered]
    midnight = np.datetime64("1970-01-01", "s")
    passed = (records.time - midnight).astype(int).tolist()
    assert passed == [int(row["seconds"]) for row in ordered]
    assert (records.time == records.label_time).all(), "no delay of labels is known"
    assert "seconds" not in records.columns


@pytest.mark.parametrize("written", ["typed", "text", "epoch"])
def test_instants_are_as_good_as_seconds(written: str) -> None:
    frame = table()
    began = datetime.datetime(2024, 5, 1, 7, 30)
    moments = [began + datetime.timedelta(seconds=value) for value in frame["seconds"]]
    shown = {
        "typed": pl.Series(moments, dtype=pl.Datetime("us")),
        "text": pl.Series([f"{moment.isoformat(timespec='seconds')}Z" for moment in moments]),
        "epoch": pl.Series([moment.replace(tzinfo=datetime.UTC).timestamp() for moment in moments]),
    }[written]
    records = read(frame.with_columns(shown.alias("seconds"))).records
    first_midnight = datetime.datetime(2024, 5, 1)
    hours = sorted(int((moment - first_midnight).total_seconds() // 3600) for moment in moments)
    assert records.vintage.tolist() == [hour // 6 * 6 for hour in hours]
    assert str(records.time[0]) == "2024-05-01T07:30:00"


def test_the_last_records_of_the_stream_are_those_before_in_time() -> None:
    frame = table()
    records = read(frame, stream=("v2", "amount"), stream_steps=3).records
    ordered = sorted(frame.rows(named=True), key=lambda row: row["seconds"])
    assert records.channels == ("v2", "amount")
    assert records.sequence.shape == (400, 3, 2)
    for place in (0, 1, 2, 57, 399):
        for step in range(3):
            source = place - 2 + step
            for number, name in enumerate(("v2", "amount")):
                got = records.sequence[place, step, number]
                assert np.isnan(got) if source < 0 else got == ordered[source][name]


def test_a_sample_is_undone_by_weights_which_are_no_feature(tmp_path: Path) -> None:
    snapshot = read(table(), kept=0.25)
    weight, label = snapshot.records.weight, snapshot.records.label
    assert weight is not None
    assert set(weight[label == 1]) == {1.0}
    assert set(weight[label == 0]) == {4.0}
    assert snapshot.records.columns == ("v1", "v2", "amount")
    assert read(table()).records.weight is None
    save_records(snapshot, tmp_path)
    back = load_records(tmp_path).records
    assert back.time.dtype == snapshot.records.time.dtype
    assert (back.time == snapshot.records.time).all()
    np.testing.assert_array_equal(back.weight, weight)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_read_part_by_part_knows_the_records_before_each_part(tmp_path: Path, ending: str) -> None:
    snapshot = read(table(), stream=("v1",), stream_steps=5)
    asked = table().sort("seconds").drop("fraud", "seconds")
    file = tmp_path / f"next.{ending}"
    asked.write_csv(file) if ending == "csv" else asked.write_parquet(file)
    whole, _ = read_request(asked, snapshot.schema)
    parts = list(stream_request(file, snapshot.schema, rows=37))
    assert len(parts) == 11
    np.testing.assert_array_equal(np.concatenate([part.sequence for part in parts]), whole.sequence)
    np.testing.assert_array_equal(whole.sequence, snapshot.records.sequence)
    assert sum(part.n for part in parts) == whole.n


@pytest.mark.parametrize("rows", [3, 37, 111, 200, 400, 1000])
def test_ranges_of_a_file_hold_together_the_records_of_the_whole(tmp_path: Path, rows: int) -> None:
    snapshot = read(table(), stream=("v1",), stream_steps=5)
    asked, file = table().sort("seconds").drop("fraud", "seconds"), tmp_path / "next.parquet"
    asked.write_parquet(file, row_group_size=90)
    ranges = stream_request(file, snapshot.schema, rows=37).partitions(rows)
    assert [one.first for one in ranges] == list(range(0, 400, rows))
    parts = [part for one in ranges for part in one]
    np.testing.assert_array_equal(
        np.concatenate([part.sequence for part in parts]), snapshot.records.sequence
    )
    names = np.concatenate([part.record_id for part in parts])
    assert [str(name) for name in names] == [str(number) for number in range(1, 401)]


@pytest.mark.parametrize(
    ("section", "kind", "words"),
    [
        ({"stream": ("v1",), "block_hours": 0}, SettingError, "collect.block_hours is 0"),
        ({"stream": ("v1",), "time": None}, SettingError, "collect.time names none"),
        ({"stream": ("v1",), "sequence": {"v": ("v1", "v2")}}, SettingError, "one history"),
        ({"stream": ("v9",)}, SettingError, "collect.stream must name a column"),
        ({"stream": ("word",)}, SettingError, "'word' of frame is none"),
        ({"known_after": 2}, SettingError, "the table is a stream of instants"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    section: dict[str, object], kind: type[BarographError], words: str
) -> None:
    frame = table().with_columns(word=pl.Series(["a", "b"] * 200))
    with pytest.raises(kind, match=words):
        read(frame, **section)


def test_a_sample_of_losses_is_refused() -> None:
    section = RecordsSection(target="fraud", time="seconds", block_hours=6, kept=0.5)
    with pytest.raises(SettingError, match="it speaks of good records"):
        records_from_frame(table(), section, loss=True, today=TODAY)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (7, -1.0, "count seconds from 0 upwards"),
        (7, None, "say in every row when the record was made"),
    ],
)
def test_times_that_cannot_be_are_refused(place: int, value: float | None, words: str) -> None:
    frame = table()
    spoilt = frame["seconds"].to_list()
    spoilt[place] = value
    with pytest.raises(DataError, match=words):
        read(frame.with_columns(seconds=pl.Series(spoilt)))


def test_an_instant_in_the_future_is_refused() -> None:
    late = pl.Series([datetime.datetime(2030, 1, 1)] * 400)
    with pytest.raises(DataError, match="not lie in the future"):
        read(table().with_columns(seconds=late))
