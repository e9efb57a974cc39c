"""Numbers and dates as people write them: read where beyond doubt, refused otherwise."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.collect.records.date_text import read_dates
from barograph.collect.records.number_text import read_again, read_numbers


def numbers(*cells: str | None) -> list[float | None]:
    read = read_numbers(pl.Series("x", cells, dtype=pl.String))
    assert read.doubt == ""
    return read.values.to_list()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", " 2.5 ", "-3e2", ".5", "+4"], [1, 2.5, -300, 0.5, 4]),
        (["$1,200", "$ 950.50", "-$3", "($1,000)"], [1200, 950.5, -3, -1000]),
        (["USD 1,200", "300 USD"], [1200, 300]),
        (["1.200,50 €", "900,00 €", "12 €"], [1200.5, 900, 12]),
        (["12,5", "1.250"], [12.5, 1250]),
        (["1,234,567", "5.5"], [1234567, 5.5]),
        (["1.234.567", "5"], [1234567, 5]),
        (["1 200", "3 400 500"], [1200, 3400500]),
        (["CHF 1'200.50", "CHF 90"], [1200.5, 90]),
        (["5%", "12.5 %"], [5, 12.5]),
        (["1", "", "NA", "n/a", ".", "nan", None], [1, None, None, None, None, None, None]),
        (["1", "oops"], [1, None]),
        (["inf", "-Infinity", "1"], [float("inf"), float("-inf"), 1]),
    ],
)
def test_numbers_are_read_as_written(cells: list[str], expected: list[float | None]) -> None:
    assert numbers(*cells) == expected


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        (["1,200", "3,450"], "'1,200' may be 1200 or 1.200"),
        (["1.200 €", "3.450 €"], "may be 1200 or 1.200"),
        (["$5", "€7"], "EUR and USD"),
        (["5%", "0.05"], "1 of 2 values carry a percent sign"),
    ],
)
def test_what_can_be_read_in_two_ways_is_in_doubt(cells: list[str], doubt: str) -> None:
    assert doubt in read_numbers(pl.Series("x", cells)).doubt


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), min_size=1, max_size=20))
def test_money_of_either_convention_comes_back(values: list[float]) -> None:
    us = [f"${x:,.2f}".replace("$-", "-$") for x in values]
    assert numbers(*us) == values
    german = [f"{x:,.2f} €".translate(str.maketrans(",.", ".,")) for x in values]
    assert numbers(*german) == values


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_plain_numbers_come_back_and_need_nothing_to_be_read_again(values: list[float]) -> None:
    cells = pl.Series("x", [repr(x) for x in values])
    read = read_numbers(cells)
    assert (read.values.to_list(), read.how) == (values, "")
    assert read_again(cells, "").values.to_list() == values


def test_reading_again_keeps_to_the_way_of_training() -> None:
    cells = pl.Series("x", ["1.200", "1.200,5", "1,200.5", "5%"])
    assert read_again(cells, "comma").values.to_list() == [1200, 1200.5, None, None]
    assert read_again(cells, "point").values.to_list() == [1.2, None, 1200.5, None]
    assert read_again(cells, "").values.to_list() == [1.2, None, None, None]
    assert read_again(cells, "percent").values.to_list() == [None, None, None, 5]


days = st.dates(datetime.date(1800, 1, 1), datetime.date(2200, 12, 31))
modern = st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31))
CLEAR = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%b %d, %Y", "%Y-%m-%dT%H:%M:%S")


@given(st.lists(st.tuples(modern, st.sampled_from(CLEAR)), min_size=1, max_size=20))
def test_clear_forms_are_read_even_when_mixed(cells: list[tuple[datetime.date, str]]) -> None:
    written = [datetime.datetime.combine(day, datetime.time(7)).strftime(form) for day, form in cells]
    read = read_dates(pl.Series("d", written))
    assert read.values.to_list() == [day for day, _ in cells]
    assert not read.in_doubt.any()


@given(st.lists(days, min_size=1, max_size=20), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"]))
def test_day_and_month_are_never_swapped(dates: list[datetime.date], form: str) -> None:
    """Whatever is read at all is right, and only what looks alike both ways is left in doubt."""
    read = read_dates(pl.Series("d", [f"{day:{form}}" for day in dates]))
    for day, value, doubt in zip(dates, read.values, read.in_doubt, strict=True):
        assert (value is None and doubt and day.day <= 12) or (value == day and not doubt)
    if any(day.day > 12 for day in dates):
        assert read.values.to_list() == dates


def test_mixed_slashes_are_read_one_by_one_or_left_in_doubt() -> None:
    read = read_dates(pl.Series("d", ["2020-01-31", "25/03/2020", "03/25/2020", "04/04/2020", "03/04/2020"]))
    assert [day.isoformat() if day else None for day in read.values] == [
        *("2020-01-31", "2020-03-25", "2020-03-25", "2020-04-04", None)
    ]
    assert read.in_doubt.to_list() == [False] * 4 + [True]


def test_an_order_known_beforehand_settles_single_values_and_refuses_the_other() -> None:
    cells = pl.Series("d", ["03/04/2020", "25/12/2020", "12/25/2020"])
    read = read_dates(cells, "day first")
    assert read.values.to_list() == [datetime.date(2020, 4, 3), datetime.date(2020, 12, 25), None]


@pytest.mark.parametrize("cell", ["2020-02-30", "31.04.2020", "20201301", "0000-01-01", "soon", "01/02/20"])
def test_what_no_calendar_has_is_no_date(cell: str) -> None:
    assert read_dates(pl.Series("d", [cell])).values.to_list() == [None]


@pytest.mark.parametrize(("form", "order"), [("%m/%d/%Y", "month first"), ("%d/%m/%Y", "day first")])
@pytest.mark.parametrize("step", ["months", "first twelve days"])
def test_an_order_is_found_where_only_one_makes_a_calendar(form: str, order: str, step: str) -> None:
    if step == "months":
        days = [datetime.date(1959 + i // 12, i % 12 + 1, 1) for i in range(40)]
    else:  # the first twelve days of every month, so that no number is above twelve
        days = [datetime.date(2020, month, day) for month in (3, 4, 5) for day in range(1, 13)]
    for shown in (days, days[::-1]):
        read = read_dates(pl.Series("x", [day.strftime(form) for day in shown]))
        assert read.values.to_list() == shown
        assert read.order == order


def test_days_in_no_order_of_time_stay_in_doubt() -> None:
    days = [datetime.date(2020, 1 + (7 * i) % 12, 1 + (5 * i) % 12) for i in range(40)]
    read = read_dates(pl.Series("x", [day.strftime("%m/%d/%Y") for day in days]))
    assert read.order == ""
    assert read.in_doubt.any()
