"""Each rule of the contract: caught in a table with one thing wrong, by column, count, line and value."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect import PRICES, Contract, Violation, check, open_source
from barograph.core.errors import DataError
from barograph.core.study import CollectSection

TODAY = datetime.date(2026, 11, 22)
N = 700


def rows_of(n: int = N) -> list[list[str]]:
    """Date, open, high, low, close, volume of a random walk on weekdays."""
    generator = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(0.01 * generator.standard_normal(n)))
    days = np.busday_offset("2020-01-01", np.arange(n), roll="forward")
    rows = []
    for day, price in zip(days, close, strict=True):
        rows.append(
            [str(day), f"{price:.4f}", f"{price * 1.01:.4f}", f"{price * 0.99:.4f}", f"{price:.4f}", "1000"]
        )
    for i, row in enumerate(rows):
        row[5] = str(1000 + i)
    return rows


HEADER = ["date", "open", "high", "low", "close", "volume"]


def written(folder: Path, rows: list[list[str]], header: list[str] | None = None) -> Path:
    path = folder / "prices.csv"
    lines = [",".join(header or HEADER), *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        open_source(CollectSection(source=str(path)), today=TODAY).read()
    return str(caught.value)


def long(rows: list[list[str]], header: list[str] | None = None) -> pl.DataFrame:
    names = ["time" if name == "date" else name for name in header or HEADER]
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    lines = pl.Series("row", range(2, len(rows) + 2), dtype=pl.Int64)
    return table.with_columns(lines, entity=pl.lit("mine"))


def only(rows: list[list[str]]) -> Violation:
    violations = check(long(rows), PRICES, today=TODAY)
    assert len(violations) == 1, violations
    return violations[0]


def told(violation: Violation) -> tuple[str, str, int, int | None, str]:
    return violation.column, violation.rule, violation.count, violation.row, violation.value


def test_a_clean_table_has_no_violation() -> None:
    assert check(long(rows_of()), PRICES, today=TODAY) == []


def test_a_misspelt_column_is_missing_and_the_nearest_is_named(tmp_path: Path) -> None:
    header = ["dte", "open", "high", "low", "clsoe", "volume"]
    message = refusal(written(tmp_path, rows_of(), header))
    assert re.search(r"close +missing column .*did you mean 'clsoe'\?", message)
    assert re.search(r"time +missing column .*did you mean 'dte'\?", message)


def test_a_missing_column_is_named_even_where_nothing_resembles_it() -> None:
    table = long(rows_of()).drop("close")
    (violation,) = check(table, PRICES, today=TODAY)
    assert (violation.column, violation.rule) == ("close", "missing column")


def test_duplicate_dates() -> None:
    rows = rows_of()
    rows[10][0] = rows[9][0]
    rows[20][0] = rows[19][0]
    assert told(only(rows)) == ("time", "duplicate date", 2, 12, rows[9][0])


def test_unsorted_dates_are_refused_and_not_sorted() -> None:
    rows = rows_of()
    rows[30][0], rows[31][0] = rows[31][0], rows[30][0]
    assert told(only(rows)) == ("time", "dates not ascending", 1, 33, rows[31][0])


def test_descending_dates_are_refused() -> None:
    assert only(rows_of()[::-1]).count == N - 1


def test_a_gap_of_more_than_30_days() -> None:
    rows = rows_of(N + 30)
    del rows[100:130]
    violation = only(rows)
    days = (datetime.date.fromisoformat(rows[100][0]) - datetime.date.fromisoformat(rows[99][0])).days
    assert told(violation) == ("time", "gap of more than 30 days", 1, 102, f"{rows[100][0]} ({days} days)")


def test_a_gap_of_30_days_is_still_kept() -> None:
    rows = [
        [str(day), *row[1:]]
        for day, row in zip(np.arange("2020-01-01", "2021-12-01", dtype="M8[D]"), rows_of(), strict=True)
    ]
    del rows[100:129]
    assert check(long(rows), PRICES, today=TODAY) == []
    del rows[100]
    assert only(rows).rule == "gap of more than 30 days"


@pytest.mark.parametrize("column", [4, 5])
def test_an_all_missing_column(column: int) -> None:
    rows = rows_of()
    for row in rows:
        row[column] = ""
    assert told(only(rows)) == (HEADER[column], "all missing", N, None, "")


def test_a_constant_column() -> None:
    rows = [[row[0], "5", "5", "5", "5", row[5]] for row in rows_of()]
    violations = check(long(rows), PRICES, today=TODAY)
    assert [(v.column, v.rule, v.row) for v in violations] == [
        (column, "constant", 2) for column in ("open", "high", "low", "close")
    ]


@pytest.mark.parametrize("price", ["0", "-3.5"])
def test_a_zero_or_negative_price(price: str) -> None:
    rows = [[row[0], row[4]] for row in rows_of()]
    rows[4][1] = price
    table = long(rows, ["date", "close"])
    (violation,) = check(table, PRICES, today=TODAY)
    assert told(violation) == ("close", "zero or negative price", 1, 6, str(float(price)))


def test_a_negative_volume() -> None:
    rows = rows_of()
    rows[8][5] = "-1"
    assert told(only(rows)) == ("volume", "below zero", 1, 10, "-1.0")


@pytest.mark.parametrize("word", ["abc", "12 USD", "1,234.5", "1_000", "0x10"])
def test_text_among_numbers(word: str) -> None:
    rows = rows_of()
    rows[5][4] = word
    rows[9][4] = word
    assert told(only(rows)) == ("close", "text among numbers", 2, 7, word)


@pytest.mark.parametrize("word", ["inf", "-Infinity", "9" * 400])
def test_infinities(word: str) -> None:
    rows = rows_of()
    rows[5][5] = word
    violation = only(rows)
    assert (violation.column, violation.rule, violation.row) == ("volume", "infinite", 7)


def test_nan_inside() -> None:
    rows = rows_of()
    rows[5][4] = "NaN"
    assert told(only(rows)) == ("close", "NaN", 1, 7, "nan")


@pytest.mark.parametrize("word", ["", "NA", "n/a", "null", "."])
def test_a_blank_close_inside(word: str) -> None:
    rows = rows_of()
    rows[5][4] = word
    assert told(only(rows)) == ("close", "missing value", 1, 7, "(blank)")


def test_a_blank_range_on_one_day_is_allowed() -> None:
    rows = rows_of()
    rows[5][1:4] = ["", "", ""]
    assert check(long(rows), PRICES, today=TODAY) == []


def test_fewer_rows_than_a_study_needs_says_how_many_are() -> None:
    violation = only(rows_of(599))
    assert told(violation) == ("close", "fewer than 600 rows", 1, 2, "599 rows")
    assert "at least 600 rows" in violation.do
    assert check(long(rows_of(600)), PRICES, today=TODAY) == []
    assert check(long(rows_of(50)), Contract(minimum_rows=50), today=TODAY) == []


def test_a_date_after_today() -> None:
    rows = rows_of()
    last = datetime.date.fromisoformat(rows[-1][0])
    violations = check(long(rows), PRICES, today=last - datetime.timedelta(days=1))
    assert [told(v) for v in violations] == [("time", "in the future", 1, N + 1, last.isoformat())]
    assert check(long(rows), PRICES, today=last) == []


@pytest.mark.parametrize("word", ["soon", "2020-02-30", "0020-01-03", "45000"])
def test_a_date_that_is_none(word: str) -> None:
    rows = rows_of()
    rows[3][0] = word
    assert told(only(rows)) == ("time", "not a date beyond doubt", 1, 5, word)


def test_dates_whose_day_and_month_could_be_swapped_are_not_guessed() -> None:
    rows = rows_of()[:1]
    rows[0][0] = "01/02/2020"
    violations = check(long(rows), Contract(minimum_rows=1), today=TODAY)
    assert [told(v) for v in violations] == [("time", "not a date beyond doubt", 1, 2, "01/02/2020")]


def test_high_below_low() -> None:
    rows = rows_of()
    rows[6][2], rows[6][3] = rows[6][3], rows[6][2]
    violation = only(rows)
    assert (violation.column, violation.rule, violation.count, violation.row) == (
        "high",
        "high below low",
        1,
        8,
    )


@pytest.mark.parametrize(("column", "factor"), [(1, 1.02), (4, 0.98)])
def test_open_or_close_outside_the_range(column: int, factor: float) -> None:
    rows = rows_of()
    rows[6][column] = str(float(rows[6][column]) * factor)
    violation = only(rows)
    assert (violation.column, violation.rule, violation.row) == (HEADER[column], "outside low … high", 8)


def test_rounding_within_one_millionth_of_the_price_is_no_violation() -> None:
    rows = rows_of()
    rows[6][2] = str(float(rows[6][4]) * (1 - 5e-7))
    assert check(long(rows), PRICES, today=TODAY) == []
    rows[6][1], rows[6][2] = rows[6][3], str(float(rows[6][4]) * (1 - 5e-6))
    assert only(rows).rule == "outside low … high"


def test_a_row_without_a_series_name() -> None:
    table = long(rows_of()).with_columns(entity=pl.when(pl.col("row") != 4).then(pl.lit("mine")))
    violations = check(table, PRICES, today=TODAY)
    assert ("entity", "missing value", 4) in [(v.column, v.rule, v.row) for v in violations]


def test_everything_wrong_is_told_in_one_message_under_the_files_own_names(tmp_path: Path) -> None:
    rows = rows_of()
    rows[5][4] = "abc"
    rows[7][4] = ""
    rows[9][0] = rows[8][0]
    rows[11][5] = "-1"
    header = ["Date", "Open", "High", "Low", "Last", "Volume"]
    message = refusal(written(tmp_path, rows, header))
    assert message.startswith("prices.csv must keep the price contract; 4 rules are broken.")
    assert re.search(r"column +what is wrong +count +first lines and values +what to do", message)
    assert re.search(r"Last +text among numbers +1 +7: abc +Write", message)
    assert re.search(r"Last +missing value +1 +9: \(blank\) +Fill", message)
    assert re.search(rf"Date +duplicate date +1 +11: {rows[8][0]} +Keep", message)
    assert re.search(r"Volume +below zero +1 +13: -1.0 +Give", message)


def test_a_violation_in_a_table_of_several_series_names_the_series(tmp_path: Path) -> None:
    rows = [["a", *row] for row in rows_of()] + [["b", *row] for row in rows_of()]
    rows[N + 3][5] = "-1"
    message = refusal(written(tmp_path, rows, ["ticker", *HEADER]))
    assert re.search(rf"close +b +zero or negative price +1 +{N + 5}", message)


def test_rules_hold_per_series_and_a_file_may_interleave_them() -> None:
    a = long(rows_of()).with_columns(entity=pl.lit("a"))
    b = long(rows_of()).with_columns(entity=pl.lit("b"))
    mixed = pl.concat([a, b]).sort("time", "entity").drop("row")
    assert check(mixed, PRICES, today=TODAY) == []
