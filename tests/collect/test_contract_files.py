"""Contracts as YAML: every rule against one bad cell and a plain loop, and what a contract's file may say."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.collect.contracts import (
    REASONS,
    ColumnTerms,
    FreshTerms,
    TableContract,
    accepted,
    checked,
    held,
    proposed,
    quarantined,
    read_contract,
    streamed,
)
from barograph.collect.raw import RawTable, by_rows
from barograph.collect.reading import table_of
from barograph.core.errors import DataError, InputError, SettingError

TODAY = datetime.date(2026, 11, 29)
N = 40


def loans(n: int = N) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [f"L{i:04d}" for i in range(n)],
            "amount": [1000.0 + i for i in range(n)],
            "months": [12 + 12 * (i % 5) for i in range(n)],
            "grade": ["ABC"[i % 3] for i in range(n)],
            "made": [datetime.date(2026, 1, 1) + datetime.timedelta(days=i) for i in range(n)],
        }
    )


Told = tuple[str, str, int, int | None, str]
AGREED = TableContract(
    name="loans",
    columns={
        "id": ColumnTerms(type="text", nullable=False, unique=True),
        "amount": ColumnTerms(type="number", minimum=0.0, maximum=1e6, unit="EUR"),
        "months": ColumnTerms(type="whole", allowed=(12, 24, 36, 48, 60)),
        "grade": ColumnTerms(type="text", allowed=("A", "B", "C"), nullable=False),
        "made": ColumnTerms(type="date", minimum="2020-01-01", maximum="today"),
    },
    keys=(("grade", "made"),),
    freshness=FreshTerms(column="made", days=365),
    other_columns="refused",
)


def text_with(column: str, value: str | None, row: int = 4) -> pl.DataFrame:
    """The loans as a CSV file gives them, one cell replaced."""
    return (
        loans()
        .with_columns(pl.all().cast(pl.String))
        .with_columns(
            pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value)).otherwise(column).alias(column)
        )
    )


def told(frame: pl.DataFrame, contract: TableContract = AGREED) -> list[Told]:
    found = held(by_rows(frame, label="loans.csv"), contract, today=TODAY).violations
    return [(one.column, one.rule, one.count, one.row, one.value) for one in found]


@pytest.mark.parametrize("form", ["typed", "text"])
def test_a_table_that_keeps_its_contract_has_no_violation(form: str) -> None:
    assert told(loans() if form == "typed" else text_with("id", "L0004")) == []


CELLS: dict[str, tuple[str, str | None, str, str]] = {
    "missing": ("id", None, "missing value", "(blank)"),
    "a blank": ("grade", "  ", "missing value", "(blank)"),
    "a word for nothing": ("grade", "n/a", "missing value", "(blank)"),
    "text": ("amount", "much", "not a number", "much"),
    "below": ("amount", "-1", "below 0", "-1"),
    "above": ("amount", "2000000", "above 1e+06", "2000000"),
    "endless": ("amount", "inf", "not finite", "inf"),
    "another currency": ("amount", "$5", "another unit", "$5"),
    "a share": ("amount", "5%", "another unit", "5%"),
    "a fraction": ("months", "12.5", "not a whole number", "12.5"),
    "not in the list": ("months", "13", "not allowed", "13"),
    "no grade": ("grade", "D", "not allowed", "D"),
    "no day": ("made", "soon", "not a date", "soon"),
    "no such day": ("made", "2026-02-30", "not a date", "2026-02-30"),
    "too early": ("made", "2019-12-31", "below 2020-01-01", "2019-12-31"),
    "tomorrow": ("made", "2026-11-30", "above 2026-11-29", "2026-11-30"),
    "again": ("id", " L0003", "repeated key", "L0003"),
}


@pytest.mark.parametrize("case", CELLS)
def test_one_bad_cell_is_told_by_column_rule_count_row_and_value(case: str) -> None:
    column, value, rule, shown = CELLS[case]
    assert (column, rule, 1, 5, shown) in told(text_with(column, value))


def test_a_key_of_several_columns_shows_all_of_them() -> None:
    frame = loans().with_columns(made=pl.col("made").first())
    name, rule, count, row, value = told(frame)[0]
    assert (name, rule, count, row, value) == ("grade + made", "repeated key", N - 3, 4, "A + 2026-01-01")


def test_an_empty_key_is_compared_with_nothing() -> None:
    contract = TableContract(columns={"id": ColumnTerms(type="text", unique=True)})
    assert told(pl.DataFrame({"id": ["a", None, None, ""]}), contract) == []


WHOLE: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], tuple[str, str]]] = {
    "missing column": (lambda t: t.drop("amount"), ("amount", "missing column")),
    "another type": (lambda t: t.with_columns(amount=pl.col("made")), ("amount", "another type")),
    "a stranger": (lambda t: t.with_columns(more=1), ("more", "not in the contract")),
    "no rows": (lambda t: t.clear(), ("(table)", "fewer than 1 rows")),
    "old": (
        lambda t: t.with_columns(made=pl.col("made").dt.offset_by("-2y")),
        ("made", "older than 365 days (today is 2026-11-29)"),
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_wrong_with_the_table_as_a_whole(case: str) -> None:
    change, expected = WHOLE[case]
    assert expected in [(column, rule) for column, rule, _, row, _ in told(change(loans())) if row is None]


def test_a_missing_column_names_the_nearest_one() -> None:
    with pytest.raises(DataError, match="did you mean 'amont'") as caught:
        accepted(by_rows(loans().rename({"amount": "amont"}), label="x"), AGREED, today=TODAY)
    assert str(caught.value).startswith("x must keep the contract loans; 2 rules are broken.")


def test_three_rows_are_shown_and_the_rest_is_counted() -> None:
    frame = loans().with_columns(amount=-pl.col("amount"))
    with pytest.raises(DataError, match=r"below 0 +40 +1: -1000.0, 2: -1001.0, 3: -1002.0, … +Correct"):
        accepted(by_rows(frame, label="x"), AGREED, today=TODAY)


numbers = st.one_of(st.none(), st.just(math.nan), st.sampled_from([-2.1, -2.0, 0.5, 2.0, 2.1]))
words = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "", " ", "NA", " a"]))
tables = st.lists(st.tuples(numbers, words, st.integers(0, 5)), min_size=1, max_size=25)
LOOP = TableContract(
    columns={
        "x": ColumnTerms(type="number", minimum=-2.0, maximum=2.0, nullable=False),
        "w": ColumnTerms(type="text", allowed=("a", "b")),
        "k": ColumnTerms(type="whole"),
    },
    keys=(("w", "k"),),
)


def by_loop(rows: list[tuple[float | None, str | None, int]]) -> dict[tuple[str, str], list[int]]:
    """The rules of `LOOP` told row by row."""
    found: dict[tuple[str, str], list[int]] = {}
    seen: set[tuple[str, int]] = set()
    for place, (x, w, k) in enumerate(rows):
        word = None if w is None or w.strip().lower() in ("", "na") else w.strip()
        known = x is not None and not math.isnan(x)
        told = {
            ("x", "missing value"): not known,
            ("x", "below -2"): known and x < -2,  # type: ignore[operator]
            ("x", "above 2"): known and x > 2,  # type: ignore[operator]
            ("w", "not allowed"): word is not None and word not in ("a", "b"),
            ("w + k", "repeated key"): word is not None and (word, k) in seen,
        }
        if word is not None:
            seen.add((word, k))
        for key, broken in told.items():
            if broken:
                found.setdefault(key, []).append(place)
    return found


@given(rows=tables, size=st.integers(1, 7), written=st.booleans())
def test_any_table_in_any_parts_is_told_like_a_plain_loop_tells_it(
    rows: list[tuple[float | None, str | None, int]], size: int, written: bool
) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "w": pl.String, "k": pl.Int64}, orient="row")
    if written:
        frame = frame.with_columns(pl.col("x").fill_nan(None).cast(pl.String))
    raw = by_rows(frame, label="t")
    check = streamed.TableCheck(LOOP, today=TODAY)
    parts = [
        RawTable(frame[i : i + size], raw.numbers[i : i + size], "row", "t")
        for i in range(0, len(rows), size)
    ]
    for part in parts:
        check.take(part)
    found = check.finish(lambda: iter(parts)).violations
    expected = by_loop(rows)
    assert {(one.column, one.rule): (one.count, one.row) for one in found} == {
        key: (len(places), places[0] + 1) for key, places in expected.items()
    }


@given(rows=tables)
def test_good_rows_stay_bad_rows_go_into_the_file_and_none_is_lost(
    rows: list[tuple[float | None, str | None, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "w": pl.String, "k": pl.Int64}, orient="row")
    raw = by_rows(frame, label="t.csv")
    folder = tmp_path_factory.mktemp("aside")
    cells = {place for key, places in by_loop(rows).items() if "+" not in key[0] for place in places}
    good = [place for place in range(len(rows)) if place not in cells]
    repeats = by_loop([rows[place] for place in good]).get(("w + k", "repeated key"), [])
    expected = [place for i, place in enumerate(good) if i not in repeats]
    if not expected:
        with pytest.raises(DataError, match="fewer than 1 rows"):
            quarantined(raw, LOOP, folder, today=TODAY)
        return
    rest, aside = quarantined(raw, LOOP, folder, today=TODAY)
    assert (rest.numbers - 1).to_list() == expected
    assert rest.frame.equals(frame[expected])
    assert (aside is None) == (len(expected) == len(rows))
    if aside is not None:
        bad = pl.read_csv(folder / "t.quarantine.csv")
        assert sorted([*(bad["(row)"] - 1).to_list(), *expected]) == list(range(len(rows)))
        assert bad[REASONS].null_count() == 0
        assert "set aside" in rest.notes[-1]


def test_a_bad_row_says_all_that_is_wrong_with_it_under_its_line(tmp_path: Path) -> None:
    text_with("amount", "-1").with_columns(
        grade=pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("D")).otherwise("grade")
    ).write_csv(tmp_path / "loans.csv")
    rest, aside = quarantined(table_of(tmp_path / "loans.csv"), AGREED, tmp_path / "bad.csv", today=TODAY)
    assert aside is not None
    assert (aside.rows, aside.of, aside.file) == (1, N, str(tmp_path / "bad.csv"))
    assert aside.reasons == {"amount: below 0": 1, "grade: not allowed": 1}
    bad = pl.read_csv(tmp_path / "bad.csv")
    assert bad.row(0)[-2:] == (6, "amount: below 0; grade: not allowed")
    assert rest.frame.height == N - 1
    assert rest.notes[-1].startswith(f"warning: 1 of {N} rows break loans")


def test_a_row_whose_only_twin_was_set_aside_for_another_key_stays(tmp_path: Path) -> None:
    terms = ColumnTerms(type="text", unique=True)
    two = TableContract(name="two", columns={"a": terms, "b": terms})
    raw = by_rows(pl.DataFrame({"a": ["1", "1", "2"], "b": ["x", "y", "y"]}), label="t.csv")
    rest, aside = quarantined(raw, two, tmp_path, today=TODAY)
    assert rest.frame.rows() == [("1", "x"), ("2", "y")]
    assert aside is not None
    assert aside.reasons == {"a: repeated key": 1}


@pytest.mark.parametrize("name", [REASONS, "(row)"])
def test_a_column_with_a_name_the_file_of_bad_rows_needs_is_refused(tmp_path: Path, name: str) -> None:
    frame = text_with("amount", "-1").with_columns(pl.lit("mine").alias(name))
    loose = AGREED.model_copy(update={"other_columns": "allowed"})
    with pytest.raises(DataError, match="Rename that column"):
        quarantined(by_rows(frame, label="x"), loose, tmp_path / "bad.csv", today=TODAY)
    assert list(tmp_path.iterdir()) == []


def test_decimals_of_a_database_are_held_against_their_terms() -> None:
    money = pl.Series(["12.00", "24.50", "13.00"]).cast(pl.Decimal(10, 2))
    terms = TableContract(name="m", columns={"m": ColumnTerms(type="whole", allowed=(12, 24))})
    found = held(by_rows(pl.DataFrame({"m": money}), label="x"), terms, today=TODAY).violations
    assert {(one.rule, one.count, one.row) for one in found} == {
        ("not a whole number", 1, 2),
        ("not allowed", 2, 2),
    }


def test_words_of_truth_can_be_allowed_however_they_are_written() -> None:
    terms = TableContract(name="m", columns={"m": ColumnTerms(type="text", allowed=("True", "False"))})
    raw = by_rows(pl.DataFrame({"m": ["True", "FALSE", "maybe"]}), label="x")
    assert [(one.rule, one.row) for one in held(raw, terms, today=TODAY).violations] == [("not allowed", 3)]


def test_a_table_broken_as_a_whole_stops_and_sets_nothing_aside(tmp_path: Path) -> None:
    raw = by_rows(text_with("amount", "-1").drop("grade"), label="x")
    with pytest.raises(DataError, match=r"grade +missing column"):
        quarantined(raw, AGREED, tmp_path / "bad.csv", today=TODAY)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_one_of_bad_rows_is_not_replaced(tmp_path: Path) -> None:
    raw = by_rows(text_with("amount", "-1"), label="x")
    (tmp_path / "precious.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SettingError, match="not one of bad rows"):
        quarantined(raw, AGREED, tmp_path / "precious.csv", today=TODAY)
    assert (tmp_path / "precious.csv").read_text() == "a,b\n1,2\n"
    for _ in range(2):
        quarantined(raw, AGREED, tmp_path / "bad.parquet", today=TODAY)
    assert pl.read_parquet(tmp_path / "bad.parquet").height == 1


WRONG = {
    "columns: {a: {typ: number}}": ("'columns.a.typ'", "Did you mean 'type'?"),
    "colums: {a: {type: number}}": ("'colums'", "Did you mean 'columns'?"),
    "freshness: {colum: a, days: 3}": ("'freshness.colum'", "Did you mean 'column'?"),
    "columns: {a: {type: numbr}}": ("columns.a.type must be one of", "Did you mean 'number'?"),
    "columns: {a: {type: number, minimum: 2020-01-01}}": ("columns.a.minimum must be a number", "2020-01-01"),
    "columns: {a: {type: date, maximum: 7}}": ("columns.a.maximum must be an ISO day or today", "7"),
    "columns: {a: {minimum: 7}}": ("must go with type number, whole or date", "any"),
    "keys: [[b]]\ncolumns: {bb: {}}": ("keys.0 must name a column", "Did you mean 'bb'?"),
    "columns: {a: {type: number}}\nfreshness: {column: a, days: 3}": (
        "must be a column of type date",
        "number",
    ),
    "least_rows: many": ("least_rows must be a whole number", "'many'"),
    "columns: {a: {nullable: 3}}": ("columns.a.nullable", "3"),
    "columns: [a": ("must be valid YAML", "--write-contract"),
    "": ("must be a mapping", "--write-contract"),
}


@pytest.mark.parametrize("text", WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_a_wrong_contract_is_told_with_the_nearest_right_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        read_contract(tmp_path / "c.yaml")
    for words in WRONG[text]:
        assert words in str(caught.value)


def test_a_contract_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--write-contract"):
        read_contract(tmp_path / "c.yaml")


cells: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(10**12), 10**12),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "words": st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6),
    "few": st.sampled_from(["yes", "no"]),
    "days": st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)),
}
columns = st.dictionaries(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=5).filter(
        lambda name: bool(name.strip())
    ),
    st.sampled_from(sorted(cells)),
    min_size=1,
    max_size=4,
)


@given(data=st.data(), chosen=columns, rows=st.integers(0, 12))
def test_every_table_keeps_the_contract_proposed_from_it(
    data: st.DataObject, chosen: dict[str, str], rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = {
        name: data.draw(st.lists(st.one_of(st.none(), cells[kind]), min_size=rows, max_size=rows))
        for name, kind in chosen.items()
    }
    frame = pl.DataFrame([pl.Series(name, cells, strict=False) for name, cells in values.items()])
    if data.draw(st.booleans()):
        frame = frame.with_columns(pl.all().cast(pl.String))
    raw = by_rows(frame, label="t.csv")
    path = tmp_path_factory.mktemp("proposed") / "c.yaml"
    path.write_text(proposed(raw), encoding="utf-8")
    assert held(raw, read_contract(path), today=TODAY).violations == ()


def test_a_proposal_tells_types_ranges_lists_and_names(tmp_path: Path) -> None:
    loans().write_csv(tmp_path / "loans.csv")
    (tmp_path / "c.yaml").write_text(proposed(table_of(tmp_path / "loans.csv")))
    terms = read_contract(tmp_path / "c.yaml").columns
    assert terms["id"] == ColumnTerms(type="text", nullable=False, unique=True)
    assert terms["amount"].model_dump(exclude_defaults=True) == {
        "type": "whole",
        "nullable": False,
        "unique": True,
        "minimum": 1000.0,
        "maximum": 1039.0,
    }
    assert terms["grade"].allowed == ("A", "B", "C")
    assert (terms["made"].minimum, terms["made"].maximum) == ("2026-01-01", "2026-02-09")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_read_part_by_part_is_told_like_a_whole_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = text_with("grade", "D").with_columns(id=pl.col("id").replace("L0039", "L0001"))
    path = tmp_path / f"loans.{kind}"
    frame.write_csv(path) if kind == "csv" else frame.write_parquet(path, row_group_size=10)
    whole = held(table_of(path), AGREED, today=TODAY).violations
    assert [one.rule for one in whole] == ["not allowed", "repeated key"]
    monkeypatch.setattr(streamed, "PARQUET_ROWS", 7)
    monkeypatch.setattr(streamed, "TEXT_ROWS", 7)
    monkeypatch.setattr(streamed, "is_large_text", lambda data: kind == "csv")
    found = checked(str(path), AGREED, today=TODAY)
    assert found.findings.violations == whole
    assert found.findings.rows == N
    assert found.refusal is not None
