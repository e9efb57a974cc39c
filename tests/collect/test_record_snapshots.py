"""Records on their way to disk and back, and the hash that recognises them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import (
    load_records,
    open_records,
    records_from_frame,
    records_hash,
    save_records,
)
from barograph.core.errors import StorageError
from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scoring_study import RecordsSection

ARRAYS = [
    *("record_id", "time", "vintage", "label", "label_time", "outcome", "event_time", "group", "amount"),
    "sequence",
]


@pytest.fixture(scope="module")
def own() -> RecordSnapshot:
    n, rng = 150, np.random.default_rng(2)
    frame = pl.DataFrame(
        {
            "money": [f"{x:.2f} €".replace(".", ",") for x in rng.uniform(1, 900, n)],
            "kind": rng.choice(["ä", "b", ""], n),
            "p1": rng.normal(size=n),
            "p2": [None if i % 4 else float(i) for i in range(n)],
            "sex": rng.choice(["f", "m"], n),
            "made": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 5, 29), eager=True),
            "bad": rng.permutation([0, 1] * (n // 2)),
        }
    )
    section = RecordsSection(
        target="bad",
        time="made",
        known_after=3,
        amount="money",
        protected=("sex",),
        sequence={"p": ("p2", "p1")},
    )
    return records_from_frame(frame, section)


@pytest.fixture(scope="module")
def loans() -> RecordSnapshot:
    return open_records(RecordsSection(source="sba-loans", since="2012-06-01")).read()


def assert_same(left: Records, right: Records) -> None:
    assert left.table.equals(right.table, null_equal=True)
    assert left.table.schema == right.table.schema
    for name in ARRAYS:
        one, other = getattr(left, name), getattr(right, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    assert (left.numeric, left.categorical, left.channels) == (
        right.numeric,
        right.categorical,
        right.channels,
    )
    assert left.protected.keys() == right.protected.keys()
    assert all((left.protected[name] == right.protected[name]).all() for name in left.protected)
    assert (left.weight is None) == (right.weight is None)
    if left.weight is not None and right.weight is not None:
        np.testing.assert_array_equal(left.weight, right.weight)


@pytest.mark.parametrize("which", ["own", "loans"])
def test_records_come_back_as_they_were(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    snapshot: RecordSnapshot = request.getfixturevalue(which)
    save_records(snapshot, tmp_path / "new" / "folder")
    back = load_records(tmp_path / "new" / "folder")
    assert_same(back.records, snapshot.records)
    assert (back.schema, back.provenance, back.notes) == (
        snapshot.schema,
        snapshot.provenance,
        snapshot.notes,
    )
    assert records_hash(back.records) == snapshot.provenance.content_hash


def test_weights_come_back_are_hashed_where_present_and_go_with_their_records(
    own: RecordSnapshot, tmp_path: Path
) -> None:
    assert own.records.weight is None
    assert own.records.take(np.arange(5)).weight is None
    weight = np.linspace(0.5, 6.0, own.records.n)
    weighted = dataclasses.replace(own.records, weight=weight)
    hashed = records_hash(weighted)
    assert hashed != own.provenance.content_hash
    np.testing.assert_array_equal(weighted.take(np.array([7, 3])).weight, weight[[7, 3]])
    provenance = dataclasses.replace(own.provenance, content_hash=hashed)
    save_records(dataclasses.replace(own, records=weighted, provenance=provenance), tmp_path)
    assert_same(load_records(tmp_path).records, weighted)


@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "record_id"])
def test_the_hash_sees_every_array(own: RecordSnapshot, name: str) -> None:
    values = getattr(own.records, name).copy()
    values.flat[-1] = values.flat[-1] + 1 if not name.endswith("time") else np.datetime64("1999-01-01")
    assert records_hash(dataclasses.replace(own.records, **{name: values})) != own.provenance.content_hash


def test_the_hash_sees_features_names_order_and_protected_columns(own: RecordSnapshot) -> None:
    records, seen = own.records, {own.provenance.content_hash}
    seen.add(records_hash(dataclasses.replace(records, table=records.table.with_columns(kind=pl.lit("b")))))
    seen.add(records_hash(records.take(np.arange(records.n)[::-1])))
    seen.add(records_hash(dataclasses.replace(records, protected={})))
    seen.add(records_hash(dataclasses.replace(records, channels=("q",))))
    seen.add(records_hash(dataclasses.replace(records, record_id=records.record_id[::-1])))
    assert len(seen) == 6


def test_changed_damaged_and_missing_snapshots_are_refused(own: RecordSnapshot, tmp_path: Path) -> None:
    def load_after(change: str) -> str:
        save_records(own, tmp_path)
        table, words = tmp_path / "records.parquet", tmp_path / "records.json"
        if change == "row":
            pl.read_parquet(table).with_columns(pl.lit(0.5).alias("of:label")).write_parquet(table)
        if change == "table":
            table.write_bytes(table.read_bytes()[:200])
        if change == "words":
            words.write_text("{")
        if change == "format":
            words.write_text(json.dumps(json.loads(words.read_text()) | {"format": 99}))
        if change == "gone":
            table.unlink()
        with pytest.raises(StorageError) as caught:
            load_records(tmp_path)
        return str(caught.value)

    assert "not those it was written with" in load_after("row")
    assert "damaged" in load_after("table")
    assert "damaged" in load_after("words")
    assert "damaged" in load_after("format")
    assert "No such file" in load_after("gone")


def test_a_folder_that_cannot_be_written_is_said(own: RecordSnapshot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="must be written"):
        save_records(own, tmp_path / "file")
