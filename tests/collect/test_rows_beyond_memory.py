"""Tables larger than memory: which rows are held, and what is written of the others."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import drawn as drawing
from barograph.collect.records.catalogue import open_records
from barograph.collect.records.drawn import drawn_rows, rows_beyond
from barograph.collect.records.row_file import MISSING, NEW, RowFile, write_rows
from barograph.core.errors import DataError, SettingError, StorageError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection

TODAY = datetime.date(2026, 11, 22)
N, HELD = 5000, 600


def table(n: int = N, *, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    days = np.sort(random.integers(0, 3000, n))
    income = random.lognormal(1.0, 0.5, n).round(3)
    return pl.DataFrame(
        {
            "customer": [f"C{i:05d}" for i in random.integers(0, n // 2, n)],
            "made": np.datetime64("2015-01-01", "D") + days,
            "income": pl.Series(income).set(pl.Series(random.random(n) < 0.1), None),
            "born": np.datetime64("1970-01-01", "D") + random.integers(0, 9000, n),
            "region": random.choice(["north", "south", "east", None], n).tolist(),
            "odd": [f"town {i}" for i in random.integers(0, n // 4, n)],
            "bad": random.choice(["yes", "no"], n, p=[0.3, 0.7]),
        }
    )


def section(path: Path, **changes: Any) -> RecordsSection:
    plain = {"source": str(path), "target": "bad", "positive": "yes", "time": "made", "in_memory": HELD}
    return RecordsSection(**{**plain, **changes})


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tables") / "loans.parquet"
    table().write_parquet(file, row_group_size=700)
    return file


def snapshot(path: Path, **changes: Any) -> RecordSnapshot:
    return open_records(section(path, **changes), seed=3, today=TODAY).read()


def written(path: Path, to: Path, **changes: Any) -> RowFile:
    return write_rows(snapshot(path, **changes), section(path, **changes), to, loss=False, today=TODAY)


def every_row(file: RowFile) -> np.ndarray:
    return np.concatenate([file.block(one) for one in range(file.blocks)])


@pytest.mark.parametrize("entity", [None, "customer"])
def test_held_rows_and_those_beyond_make_up_the_file(path: Path, entity: str | None) -> None:
    found = drawn_rows(section(path, entity=entity), seed=3)
    assert found is not None
    raw, beyond = found
    others = [part.numbers for part in rows_beyond(beyond, ["made"])]
    assert HELD * 0.9 < raw.frame.height <= HELD
    assert beyond.rows == N - raw.frame.height
    numbers = pl.concat([raw.numbers, *others])
    assert numbers.sort().to_list() == list(range(1, N + 1))
    assert raw.frame.equals(table()[(raw.numbers - 1).to_list()])


def test_the_draw_does_not_depend_on_the_size_of_a_part(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drawn_rows(section(path, entity="customer"), seed=3)
    monkeypatch.setattr(drawing, "PART", 97)
    parts = drawn_rows(section(path, entity="customer"), seed=3)
    assert whole is not None
    assert parts is not None
    assert whole[0].numbers.equals(parts[0].numbers)
    assert whole[1] == parts[1]


def test_another_seed_draws_other_rows_and_all_of_the_file_is_drawn_from(path: Path) -> None:
    one, other = (drawn_rows(section(path), seed=seed) for seed in (3, 4))
    assert one is not None
    assert other is not None
    assert len(set(one[0].numbers) & set(other[0].numbers)) < HELD * 0.3
    quarters = np.bincount(one[0].numbers.to_numpy() * 4 // (N + 1))
    assert quarters.min() > HELD / 4 * 0.7


def test_customers_of_many_rows_are_held_whole_however_their_rows_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "PART", 13)
    names = np.random.default_rng(2).integers(0, 40, 2000).astype(str)
    table(2000).with_columns(customer=pl.Series(names)).write_parquet(tmp_path / "loans.parquet")
    for held in (120, 333, 600, 950):
        found = drawn_rows(section(tmp_path / "loans.parquet", entity="customer", in_memory=held), seed=5)
        assert found is not None
        whole = set(found[0].frame["customer"])
        assert found[0].frame.height == np.isin(names, list(whole)).sum() <= held


def test_customers_are_held_whole(path: Path) -> None:
    found = drawn_rows(section(path, entity="Customer"), seed=3)
    assert found is not None
    beyond = pl.concat([part.frame["customer"] for part in rows_beyond(found[1], ["made"])])
    assert not set(found[0].frame["customer"]) & set(beyond)


def test_a_file_that_memory_holds_is_read_as_ever(path: Path) -> None:
    usual, all_held = snapshot(path, in_memory=0), snapshot(path, in_memory=N)
    assert all_held.beyond is None
    assert all_held.provenance == usual.provenance


def test_what_was_left_out_is_said(path: Path) -> None:
    made = snapshot(path)
    assert made.beyond is not None
    (said,) = made.provenance.warnings
    assert f"{made.records.n:,} of {N:,} rows are held in memory" in said
    assert made.beyond.digest in said


def test_the_row_file_holds_every_record_as_it_was_read(path: Path, tmp_path: Path) -> None:
    made, whole = snapshot(path, entity="customer"), snapshot(path, in_memory=0, entity="customer")
    rows = every_row(written(path, tmp_path / "rows.bin", entity="customer"))
    assert rows.shape[0] == N
    held = made.records.n
    np.testing.assert_array_equal(rows["place"][:held], np.arange(held))
    assert (rows["place"][held:] == -1).all()
    place = whole.records.numeric.index("income")
    for name, values in (("numbers", whole.records.table["income"]), ("label", whole.records.label)):
        ours = rows[name][:, place] if name == "numbers" else rows[name]
        known = values.fill_null(np.nan).to_numpy() if isinstance(values, pl.Series) else values
        np.testing.assert_array_equal(np.sort(ours), np.sort(known))
    # Line by line, by a day and an income that together are nearly always one record's.
    born = whole.records.numeric.index("born")
    ours = {tuple(row) for row in rows["numbers"][:, [place, born]].tolist() if row[0] == row[0]}
    theirs = whole.records.table.select("income", "born").drop_nulls().rows()
    assert ours == set(theirs)


@pytest.mark.parametrize("other", [("no", "no"), ("no", "yes")])  # as a feature it is left out, or kept
def test_of_columns_alike_the_target_is_the_one_of_the_very_name(
    tmp_path: Path, other: tuple[str, str]
) -> None:
    given = table()
    given.insert_column(0, pl.Series("Bad", other * (N // 2))).write_parquet(tmp_path / "in.parquet")
    rows = every_row(written(tmp_path / "in.parquet", tmp_path / "rows.bin"))
    assert rows["outcome"].sum() == (given["bad"] == "yes").sum()


def test_categories_are_those_of_the_records_in_memory(path: Path, tmp_path: Path) -> None:
    file = written(path, tmp_path / "rows.bin")
    rows, made = every_row(file), snapshot(path)
    for column, name in enumerate(file.categorical):
        words = np.array([*file.words[column], None, None], dtype=object)
        codes = rows["codes"][: file.held, column]
        assert words[codes].tolist() == made.records.table[name].to_list()
        assert NEW not in codes
    towns = rows["codes"][file.held :, file.categorical.index("odd")]
    assert (towns == NEW).any()
    assert (towns >= 0).any()
    assert not (towns == MISSING).any()
    regions = rows["codes"][file.held :, file.categorical.index("region")]
    assert (regions == MISSING).any()
    assert not (regions == NEW).any()


def test_the_file_does_not_depend_on_the_size_of_a_part(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = written(path, tmp_path / "one.bin")
    monkeypatch.setattr(drawing, "PART", 97)
    other = written(path, tmp_path / "other.bin")
    assert one.path.read_bytes() == other.path.read_bytes()
    assert one.block_rows == other.block_rows


def test_rows_without_a_target_or_outside_the_window_are_left_out(tmp_path: Path) -> None:
    frame = table().with_columns(
        bad=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise(pl.col("bad"))
    )
    frame.write_parquet(tmp_path / "loans.parquet")
    rows = every_row(written(tmp_path / "loans.parquet", tmp_path / "rows.bin", since="2017-01-01"))
    wanted = frame.filter(pl.col("bad").is_not_null() & (pl.col("made") >= datetime.date(2017, 1, 1)))
    assert rows.shape[0] == wanted.height
    assert rows["outcome"].sum() == (wanted["bad"] == "yes").sum()
    assert rows["vintage"].min() == 2017


def test_a_label_that_is_young_is_not_known_yet(tmp_path: Path) -> None:
    frame = table().with_columns(made=pl.col("made") + pl.duration(days=1200))
    frame.write_parquet(tmp_path / "loans.parquet")
    rows = every_row(written(tmp_path / "loans.parquet", tmp_path / "rows.bin", known_after=24))
    known = frame.filter(pl.col("made").dt.offset_by("24mo") <= TODAY)
    assert 0 < known.height < N
    assert np.isfinite(rows["label"]).sum() == known.height
    assert np.isfinite(rows["outcome"]).all()


def changed(path: Path, tmp_path: Path, **values: Any) -> Path:
    """The table with another value in the last row beyond memory."""
    found = drawn_rows(section(path), seed=3)
    assert found is not None
    last = pl.concat([part.numbers for part in rows_beyond(found[1], ["made"])])[-1]
    (name, value), frame = *values.items(), pl.read_parquet(path)
    cell = pl.when(pl.int_range(pl.len()) == last - 1).then(pl.lit(value)).otherwise(pl.col(name))
    frame.with_columns(cell.alias(name)).write_parquet(tmp_path / "changed.parquet")
    return tmp_path / "changed.parquet"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ({"bad": "perhaps"}, "hold the outcomes of training"),
        ({"income": float("inf")}, "hold finite numbers"),
        ({"made": datetime.date(2099, 1, 1)}, "not lie in the future"),
        ({"made": None}, "say when every record is made"),
    ],
)
def test_a_row_beyond_that_cannot_be_read_is_refused_with_its_number(
    path: Path, tmp_path: Path, cell: dict[str, Any], says: str
) -> None:
    with pytest.raises(DataError, match=says) as caught:
        written(changed(path, tmp_path, **cell), tmp_path / "rows.bin")
    assert "first in row" in str(caught.value)


def test_what_is_no_parquet_file_is_refused(path: Path, tmp_path: Path) -> None:
    table(700).write_csv(tmp_path / "loans.csv")
    for source in (tmp_path / "loans.csv", tmp_path):
        with pytest.raises(SettingError, match="one Parquet file"):
            drawn_rows(section(source), seed=3)
    with pytest.raises(StorageError, match="must be a readable file"):
        drawn_rows(section(tmp_path / "none.parquet"), seed=3)


def test_a_customer_with_more_rows_than_memory_is_refused(tmp_path: Path) -> None:
    table(700).with_columns(customer=pl.lit("one")).write_parquet(tmp_path / "loans.parquet")
    with pytest.raises(SettingError, match="rows of any customer"):
        drawn_rows(section(tmp_path / "loans.parquet", entity="customer"), seed=3)


def test_a_row_file_that_was_cut_off_is_refused(path: Path, tmp_path: Path) -> None:
    file = written(path, tmp_path / "rows.bin")
    content = file.path.read_bytes()
    file.path.write_bytes(content[:-1])
    with pytest.raises(StorageError, match="shorter than it was written"):
        file.block(file.blocks - 1)
