"""Kept tables: named by their content, found by a few digits, given back exactly, refused when altered."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.collect.kept import CARD, TABLE, content_hash, found, keep, listed
from barograph.collect.raw import RawTable, by_rows
from barograph.core.errors import DataError, SettingError, StorageError

TOLD = {"source": "loans.csv", "set_aside": 2, "set_aside_in": "bad.csv"}
STUDY = {"study": "credit/default", "engine": "scoring", "hash": "ab" * 32, "collect": {"target": "bad"}}


def raw(*values: float, label: str = "loans.csv") -> RawTable:
    return by_rows(pl.DataFrame({"x": list(values)}), label=label, notes=("said",))


EVERY_TYPE = pl.DataFrame(
    {
        "text": ["a", None, "ä\n"],
        "whole": pl.Series([1, None, 2**63 - 1], dtype=pl.Int64),
        "large": pl.Series([2**64 - 1, None, 0], dtype=pl.UInt64),
        "number": [1.5, None, float("inf")],
        "yes": [True, None, False],
        "day": [datetime.date(2020, 1, 1), None, datetime.date(1900, 1, 1)],
        "instant": pl.Series([datetime.datetime(2020, 1, 1, 12), None, None], dtype=pl.Datetime("ns", "UTC")),
        "clock": [datetime.time(1, 2), None, None],
        "list": [[1, 2], None, []],
        "struct": [{"a": 1}, {"a": 2}, None],
        "bytes": [b"x", None, b""],
        "code": pl.Series(["u", "v", None], dtype=pl.Categorical),
        "money": pl.Series(["1.10", None, "2.00"]).cast(pl.Decimal(10, 2)),
        "nothing": [None, None, None],
    }
)


def test_a_table_of_every_type_comes_back_as_it_was(tmp_path: Path) -> None:
    numbers = pl.Series("row", [2, 5, 9], dtype=pl.Int64)
    table = RawTable(EVERY_TYPE, numbers, "line", "loans.csv", ("said",))
    card = keep(table, TOLD, STUDY, store=tmp_path)
    back, told = found(card.hash[:6], tmp_path)
    assert back.frame.equals(EVERY_TYPE)
    assert back.frame.schema == EVERY_TYPE.schema
    assert (back.numbers.to_list(), back.place, back.label, back.notes) == (
        [2, 5, 9],
        "line",
        "loans.csv",
        ("said",),
    )
    assert told == card
    assert (told.rows, told.source, told.set_aside, told.set_aside_in) == (3, "loans.csv", 2, "bad.csv")
    assert told.columns["day"] == {
        "type": "Date",
        "empty": 1,
        "least": "1900-01-01",
        "largest": "2020-01-01",
    }


def test_the_hash_is_what_it_was_when_the_format_was_fixed() -> None:
    table = RawTable(EVERY_TYPE, pl.Series("row", [2, 5, 9], dtype=pl.Int64), "line", "loans.csv")
    assert content_hash(table) == "9ba28da4e7352a7111b160859cdcdfba80b2147bae63d2602ec9e7af7a8e4fdc"


cells = st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=1, max_size=6)


@given(one=cells, other=cells)
def test_tables_have_one_hash_where_they_are_equal_and_only_there(
    one: list[str | None], other: list[str | None]
) -> None:
    first, second = (
        by_rows(pl.DataFrame({"x": values}, schema={"x": pl.String}), label="t") for values in (one, other)
    )
    assert (content_hash(first) == content_hash(second)) == (one == other)


@pytest.mark.parametrize("what", ["label", "place", "numbers", "name", "type"])
def test_whatever_a_study_could_see_is_in_the_hash(what: str) -> None:
    table = raw(1.0, 2.0)
    changed = {
        "label": dataclasses.replace(table, label="other.csv"),
        "place": dataclasses.replace(table, place="line"),
        "numbers": dataclasses.replace(table, numbers=table.numbers + 1),
        "name": dataclasses.replace(table, frame=table.frame.rename({"x": "y"})),
        "type": dataclasses.replace(table, frame=table.frame.cast(pl.Int64)),
    }[what]
    assert content_hash(changed) != content_hash(table)


def test_a_table_is_kept_once_and_its_card_tells_every_study(tmp_path: Path) -> None:
    keep(raw(1.0), TOLD, STUDY, store=tmp_path)
    again = keep(raw(1.0), TOLD, {**STUDY, "study": "credit/lgd", "hash": "cd" * 32}, store=tmp_path)
    assert [one["study"] for one in again.studies] == ["credit/default", "credit/lgd"]
    assert keep(raw(1.0), TOLD, STUDY, store=tmp_path).rows == 1
    assert len(listed(tmp_path)) == 1
    assert found("cdcdcd", tmp_path)[1].hash == again.hash


def test_studies_that_made_the_same_of_a_table_stand_beside_each_other(tmp_path: Path) -> None:
    keep(raw(1.0), TOLD, STUDY, store=tmp_path)
    keep(raw(1.0), TOLD, {**STUDY, "study": "credit/lgd"}, store=tmp_path)
    again = keep(raw(1.0), TOLD, STUDY, store=tmp_path)
    assert sorted(one["study"] for one in again.studies) == ["credit/default", "credit/lgd"]


def test_a_column_with_the_name_of_the_rows_numbers_is_refused(tmp_path: Path) -> None:
    table = by_rows(pl.DataFrame({"(number)": ["mine"]}), label="loans.csv")
    with pytest.raises(DataError, match="Rename that column"):
        keep(table, TOLD, STUDY, store=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_hash_lists_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="none in") as caught:
        found("abcdef", tmp_path)
    card = keep(raw(1.0), TOLD, STUDY, store=tmp_path)
    for wrong in ("0000", card.hash[:3], ""):
        with pytest.raises(SettingError) as caught:
            found(wrong, tmp_path)
        assert f"{card.hash[:12]}  {card.kept[:10]}  1 rows  loans.csv  credit/default" in str(caught.value)


def test_a_hash_of_two_tables_is_refused_and_both_are_named(tmp_path: Path) -> None:
    """Two files of which a study made the same records share the hash of these."""
    first = keep(raw(1.0), TOLD, STUDY, store=tmp_path)
    second = keep(raw(2.0), TOLD, STUDY, store=tmp_path)
    with pytest.raises(SettingError, match="2 begin with 'abab'") as caught:
        found("abab", tmp_path)
    for card in (first, second):
        assert card.hash[:12] in str(caught.value)
        assert found(card.hash[:12], tmp_path)[1].hash == card.hash


def altered_table(folder: Path) -> None:
    frame = pl.read_parquet(folder / TABLE)
    frame.with_columns(x=pl.col("x") + 1).write_parquet(folder / TABLE)


def altered_label(folder: Path) -> None:
    told = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(told | {"label": "other.csv"}))


def cut(folder: Path) -> None:
    (folder / TABLE).write_bytes((folder / TABLE).read_bytes()[:-40])


@pytest.mark.parametrize("damage", [altered_table, altered_label, cut], ids=["table", "label", "cut"])
def test_an_altered_snapshot_is_refused(tmp_path: Path, damage: Any) -> None:
    card = keep(raw(1.0, 2.0), TOLD, STUDY, store=tmp_path)
    damage(tmp_path / card.hash)
    with pytest.raises(StorageError, match="must hold a snapshot as it was kept"):
        found(card.hash, tmp_path)


def test_a_folder_of_another_name_is_no_snapshot(tmp_path: Path) -> None:
    card = keep(raw(1.0), TOLD, STUDY, store=tmp_path)
    (tmp_path / card.hash).rename(tmp_path / ("0" * 64))
    assert listed(tmp_path) == []


def test_python_objects_are_not_kept(tmp_path: Path) -> None:
    table = by_rows(pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)}), label="t")
    with pytest.raises(DataError, match="must hold plain values"):
        keep(table, TOLD, STUDY, store=tmp_path)
    assert list(tmp_path.iterdir()) == []
