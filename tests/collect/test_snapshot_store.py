"""A snapshot's hash, and its way to disk and back."""

from __future__ import annotations

import datetime
import hashlib
import json
import resource
import struct
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.collect import content_hash, load, open_source, save
from barograph.collect.snapshot import panel_of, snapshot_of
from barograph.core.errors import StorageError
from barograph.core.records import PRICE_COLUMNS, Snapshot
from barograph.core.study import CollectSection

DAY = datetime.date(2020, 1, 2)


def table_of(rows: list[tuple[str, datetime.date, float | None]]) -> pl.DataFrame:
    schema = {"entity": pl.String, "time": pl.Date, "close": pl.Float64}
    return panel_of(pl.DataFrame(rows, schema=schema, orient="row")).table


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of(
        panel_of(table_of([("b", DAY, 2.0), ("ä", DAY, 1.5), ("b", DAY + datetime.timedelta(1), 2.5)])),
        source="here",
        licence="none",
        notes=("one", "zwei …"),
    )


def slow_hash(table: pl.DataFrame) -> str:
    """The documented bytes, one value at a time."""
    rows = sorted(table.rows(named=True), key=lambda row: (row["entity"], row["time"]))
    digest = hashlib.sha256(b"barograph panel 1\n")
    names = [row["entity"].encode() for row in rows]
    digest.update(f"entity {len(rows)}\n".encode())
    digest.update(b"".join(struct.pack("<i", len(name)) for name in names) + b"".join(names))
    digest.update(f"time {len(rows)}\n".encode())
    for row in rows:
        digest.update(struct.pack("<i", (row["time"] - datetime.date(1970, 1, 1)).days))
    for column in PRICE_COLUMNS:
        digest.update(f"{column} {len(rows)}\n".encode())
        digest.update(bytes(row[column] is not None for row in rows))
        for row in rows:
            digest.update(struct.pack("<d", (row[column] or 0.0) + 0.0))
    return digest.hexdigest()


entries = st.dictionaries(
    st.tuples(
        st.text(min_size=1, max_size=4), st.dates(datetime.date(1850, 1, 1), datetime.date(2100, 1, 1))
    ),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    min_size=1,
    max_size=12,
)


@given(entries, st.randoms())
def test_the_hash_is_that_of_the_documented_bytes_whatever_the_row_order(
    entries: dict, random: object
) -> None:
    rows = [(entity, day, close) for (entity, day), close in entries.items()]
    table = table_of(rows)
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert content_hash(table) == slow_hash(table) == content_hash(table_of(rows))


def test_the_hash_of_a_known_table_never_changes() -> None:
    table = table_of([("a", DAY, 1.0), ("a", DAY + datetime.timedelta(1), None)])
    assert content_hash(table) == slow_hash(table)
    assert content_hash(table) == "6227ae9363c27c29b4744c1b342b491b5a6ef9e56b6eb330514ec481677b8c31"


def test_any_changed_value_changes_the_hash(snapshot: Snapshot) -> None:
    table = snapshot.panel.table
    changed = [
        table.with_columns(close=pl.col("close") * (1 + 1e-15)),
        table.with_columns(time=pl.col("time") + pl.duration(days=1)),
        table.with_columns(entity=pl.col("entity") + "x"),
        table.with_columns(volume=pl.col("close")),
        table.with_columns(open=pl.lit(0.0)),
        table.head(2),
    ]
    hashes = {content_hash(t) for t in (table, *changed)}
    assert len(hashes) == 1 + len(changed)


def test_a_snapshot_comes_back_as_it_was_saved(tmp_path: Path, snapshot: Snapshot) -> None:
    folder = tmp_path / "deep" / "er"
    save(snapshot, folder)
    save(snapshot, folder)
    again = load(folder)
    assert again.panel.table.equals(snapshot.panel.table, null_equal=True)
    assert again.provenance == snapshot.provenance
    assert sorted(path.name for path in folder.iterdir()) == ["panel.parquet", "snapshot.json"]


def test_the_packaged_sample_survives_the_disk(tmp_path: Path) -> None:
    sample = open_source(CollectSection(entities=("nasdaq", "wti"))).read()
    save(sample, tmp_path)
    assert load(tmp_path).provenance == sample.provenance


def test_a_snapshot_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="must hold a snapshot"):
        load(tmp_path)


def test_changed_rows_are_noticed(tmp_path: Path, snapshot: Snapshot) -> None:
    save(snapshot, tmp_path)
    other = snapshot.panel.table.with_columns(close=pl.col("close") + 1)
    other.write_parquet(tmp_path / "panel.parquet")
    with pytest.raises(StorageError, match="not those it was written with"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["panel.parquet", "snapshot.json"])
@pytest.mark.parametrize("keep", [0, 10, 60, 200])
def test_a_truncated_file_is_noticed(tmp_path: Path, snapshot: Snapshot, name: str, keep: int) -> None:
    save(snapshot, tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StorageError):
        load(tmp_path)


@pytest.mark.parametrize("change", [{"format": 2}, {"rows": "many"}, {"notes": "one"}, {"rows": None}])
def test_a_description_that_is_not_ours_is_noticed(tmp_path: Path, snapshot: Snapshot, change: dict) -> None:
    save(snapshot, tmp_path)
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(StorageError):
        load(tmp_path)


@pytest.mark.parametrize("content", ["[]", "3", "null", "{}", "\ud800".encode("utf-8", "surrogatepass")])
def test_a_description_of_another_shape_is_noticed(
    tmp_path: Path, snapshot: Snapshot, content: str | bytes
) -> None:
    save(snapshot, tmp_path)
    (tmp_path / "snapshot.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StorageError):
        load(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="must be written"):
        save(snapshot, tmp_path / "taken")


FULL = """
import resource, signal, sys
from pathlib import Path
from barograph.collect import load, save
from barograph.core.errors import StorageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
snapshot = load(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    save(snapshot, Path(sys.argv[1]))
except StorageError as error:
    print("refused", error)
"""


def test_where_the_disk_takes_no_more_the_old_snapshot_stays(tmp_path: Path, snapshot: Snapshot) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    save(snapshot, tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("refused the snapshot must be written")
    assert load(tmp_path).provenance == snapshot.provenance
    assert sorted(path.name for path in tmp_path.iterdir()) == ["panel.parquet", "snapshot.json"]
