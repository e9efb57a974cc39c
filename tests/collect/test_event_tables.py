"""Events as a Parquet table and back, and the hash they are known by."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.collect.events.snapshot import events_hash, provenance_of
from barograph.collect.events.writing import from_parquet, to_parquet
from barograph.collect.files import read_file
from barograph.core.errors import DataError, StorageError
from barograph.core.event_table import Events

NEVER = -(2**63)


@pytest.fixture(scope="module")
def cards() -> Events:
    return simulate_cards(CardWorld(cards=50, terminals=40, days=20, seed=1)).events


@pytest.fixture
def odd() -> Events:
    """Whatever a table may hold: refunds, no counterparty, unknown labels, names without an event."""
    return Events(
        event_id=np.array(["1", "zwei", "三"], dtype=object),
        time=np.array(["2024-01-01T00:00:00.000001", "2024-01-01", "2024-02-29"], dtype="datetime64[us]"),
        actor=np.array([1, 0, 1]),
        counterparty=np.array([-1, 2, 0]),
        amount=np.array([-3.5, 0.0, 12.34]),
        label=np.array([np.nan, 1.0, 0.0]),
        label_time=np.array(["NaT", "2024-01-08", "2024-03-07"], dtype="datetime64[us]"),
        actors=np.array(["b", "a", "never seen"], dtype=object),
        counterparties=np.array(["ü", "unused", "t"], dtype=object),
        columns=pl.DataFrame({"channel": ["online", None, "shop"], "km": [1.5, None, -0.0]}),
    )


def assert_same(left: Events, right: Events) -> None:
    for name in ("time", "actor", "counterparty", "amount", "label", "label_time"):
        one, other = getattr(left, name), getattr(right, name)
        assert one.dtype == other.dtype, name
        assert one.tobytes() == other.tobytes(), name
    for name in ("event_id", "actors", "counterparties"):
        assert getattr(left, name).tolist() == getattr(right, name).tolist(), name
    assert (left.pattern is None) == (right.pattern is None)
    if left.pattern is not None and right.pattern is not None:
        assert left.pattern.tolist() == right.pattern.tolist()
    assert left.columns.equals(right.columns)
    assert events_hash(left) == events_hash(right)


def slow_hash(events: Events) -> str:
    """The documented bytes, one value at a time."""
    digest = hashlib.sha256(b"barograph events 1\n")

    def add(name: str, values: list[Any], kind: str) -> None:
        digest.update(f"{name} {len(values)}\n".encode())
        if kind == "q":
            digest.update(b"".join(struct.pack("<q", value) for value in values))
            return
        known = [value is not None and value == value for value in values]
        digest.update(bytes(known))
        if kind == "d":
            plain = [value + 0.0 if ok else 0.0 for value, ok in zip(values, known, strict=True)]
            digest.update(b"".join(struct.pack("<d", value) for value in plain))
        else:
            texts = [(value or "").encode() for value in values]
            digest.update(b"".join(struct.pack("<i", len(text)) for text in texts) + b"".join(texts))

    add("event_id", events.event_id.tolist(), "s")
    add("time", events.time.astype(np.int64).tolist(), "q")
    add("actor", events.actor.tolist(), "q")
    add("counterparty", events.counterparty.tolist(), "q")
    add("amount", events.amount.tolist(), "d")
    add("label", events.label.tolist(), "d")
    add("label_time", events.label_time.astype(np.int64).tolist(), "q")
    add("actors", events.actors.tolist(), "s")
    add("counterparties", events.counterparties.tolist(), "s")
    if events.pattern is not None:
        add("pattern", events.pattern.tolist(), "s")
    for column in events.columns:
        add(f"column:{column.name}", column.to_list(), "s" if column.dtype == pl.String else "d")
    return digest.hexdigest()


def test_the_hash_is_over_the_documented_bytes(cards: Events, odd: Events) -> None:
    assert odd.label_time.astype(np.int64)[0] == NEVER
    assert events_hash(odd) == slow_hash(odd)
    assert events_hash(cards) == slow_hash(cards)


def test_every_change_changes_the_hash(odd: Events) -> None:
    changes: list[dict[str, Any]] = [
        {"event_id": np.array(["1", "zwe", "i三"], dtype=object)},
        {"time": odd.time + np.timedelta64(1, "us")},
        {"actor": 1 - odd.actor},
        {"counterparty": np.array([0, 2, 0])},
        {"amount": odd.amount * 2},
        {"label": np.array([0.0, 1.0, 0.0])},
        {"label_time": odd.time},
        {"actors": odd.counterparties},
        {"pattern": np.array(["", "", ""], dtype=object)},
        {"columns": odd.columns.rename({"km": "miles"})},
        {"columns": odd.columns.fill_null("")},
    ]
    hashes = {events_hash(replace(odd, **change)) for change in changes} | {events_hash(odd)}
    assert len(hashes) == len(changes) + 1


def test_provenance_counts_rows_and_days(odd: Events) -> None:
    told = provenance_of(odd, source="here", licence="none")
    assert (told.rows, told.since, told.until) == (3, "2024-01-01", "2024-02-29")
    nothing = provenance_of(odd.take(np.array([], dtype=np.int64)), source="here", licence="none")
    assert (nothing.rows, nothing.since) == (0, "")


def test_events_come_back_as_they_were(cards: Events, odd: Events, tmp_path: Path) -> None:
    accounts = simulate_accounts(AccountWorld(accounts=200, days=10)).events
    bare = replace(odd, counterparty=np.full(3, -1), counterparties=np.array([], dtype=object))
    for number, events in enumerate((cards, odd, accounts, bare, odd.take(np.array([], dtype=np.int64)))):
        path = tmp_path / f"{number}.parquet"
        to_parquet(events, path)
        assert_same(events, from_parquet(path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n}.parquet" for n in range(5)]


def test_one_list_of_names_stays_one(tmp_path: Path) -> None:
    accounts = simulate_accounts(AccountWorld(accounts=200, days=5)).events
    to_parquet(accounts, tmp_path / "a.parquet")
    back = from_parquet(tmp_path / "a.parquet")
    assert back.actors is back.counterparties


def test_a_table_of_several_row_groups_comes_back(cards: Events, tmp_path: Path) -> None:
    many = cards.take(np.tile(np.arange(cards.n), 300_000 // cards.n + 1))
    to_parquet(many, tmp_path / "many.parquet")
    assert_same(many, from_parquet(tmp_path / "many.parquet"))


def test_other_programs_read_plain_columns(cards: Events, tmp_path: Path) -> None:
    path = tmp_path / "cards.parquet"
    to_parquet(cards, path)
    table = read_file(path).frame
    plain = ["event_id", "time", "actor", "counterparty", "amount", "label", "label_time", "pattern"]
    assert table.columns == [*plain, "channel"]
    assert table["actor"].cast(pl.String).to_list() == cards.actors[cards.actor].tolist()
    assert table["time"].dtype == pl.Datetime("us", "UTC")
    arrow = pytest.importorskip("pyarrow.parquet").read_table(path)
    assert arrow["counterparty"].to_pylist() == cards.counterparties[cards.counterparty].tolist()
    assert arrow["label"].to_pylist() == cards.label.tolist()


def test_what_is_not_known_is_null_in_the_file(odd: Events, tmp_path: Path) -> None:
    to_parquet(odd, tmp_path / "odd.parquet")
    table = pl.read_parquet(tmp_path / "odd.parquet")
    assert table.select("counterparty", "label", "label_time").row(0) == (None, None, None)


def test_a_second_writing_replaces_the_first(cards: Events, odd: Events, tmp_path: Path) -> None:
    to_parquet(cards, tmp_path / "e.parquet")
    to_parquet(odd, tmp_path / "e.parquet")
    assert_same(odd, from_parquet(tmp_path / "e.parquet"))


def test_a_column_named_like_ours_is_refused(odd: Events, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'label'"):
        to_parquet(replace(odd, columns=pl.DataFrame({"label": [1.0, 2.0, 3.0]})), tmp_path / "e.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_error_of_storage(odd: Events, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="must be written"):
        to_parquet(odd, tmp_path / "no such folder" / "e.parquet")


def test_a_file_that_is_not_ours_is_an_error_of_storage(cards: Events, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        from_parquet(tmp_path / "missing.parquet")
    to_parquet(cards, tmp_path / "ours.parquet")
    whole = (tmp_path / "ours.parquet").read_bytes()
    table = pl.read_parquet(tmp_path / "ours.parquet")
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.parquet").write_text("event_id,time\n1,2\n")
    table.drop("amount").write_parquet(tmp_path / "short.parquet")
    table.with_columns(pl.col("actor").cast(pl.String)).write_parquet(tmp_path / "names.parquet")
    table.with_columns(pl.col("time").dt.replace_time_zone(None)).write_parquet(tmp_path / "zone.parquet")
    for name in ("cut", "text", "short", "names", "zone"):
        with pytest.raises(StorageError, match=r"events that Barograph wrote"):
            from_parquet(tmp_path / f"{name}.parquet")
