"""Banking and currency books as people write them: read as meant, or refused with place and reason."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from barograph.collect.books import kind_of, read_banking_book, read_currency_book
from barograph.collect.raw import by_rows
from barograph.core.banking_book import BankingBook, Instrument, years_until
from barograph.core.currency_book import CurrencyBook, Holding
from barograph.core.errors import DataError

BANKING: dict[str, list[Any]] = {
    "instrument": ["mortgages", "deposits", "note"],
    "currency": ["usd", "USD", None],
    "notional": [1000.0, 800.0, 200.0],
    "coupon": [0.045, 0.01, 0.03],
    "frequency": [12, 1, 4],
    "maturity": ["2036-06-30", "2027-01-31", "2029-12-31"],
    "type": ["Fixed", None, "floating"],
    "side": ["asset", "liability", "asset"],
}
CURRENCIES: dict[str, list[Any]] = {
    "currency": ["usd", "GBP", "USD"],
    "amount": [100.0, -50.0, 20.0],
    "base": ["EUR", "EUR", "eur"],
    "rate": [0.04, None, 0.04],
}
DAY = datetime.date(2026, 11, 29)


def banking(**changes: list[Any] | None) -> BankingBook:
    columns = {name: column for name, column in (BANKING | changes).items() if column is not None}
    return read_banking_book(pl.DataFrame(columns, strict=False))


def currencies(**changes: list[Any] | None) -> CurrencyBook:
    columns = {name: column for name, column in (CURRENCIES | changes).items() if column is not None}
    return read_currency_book(pl.DataFrame(columns, strict=False))


def test_a_banking_book_is_read_with_its_sides_terms_and_resets() -> None:
    mortgages, deposits, note = banking().instruments
    assert mortgages == Instrument("mortgages", 1000.0, 0.045, datetime.date(2036, 6, 30), "USD", 12)
    assert (deposits.notional, deposits.reprices) == (-800.0, None)
    assert (note.currency, note.reprices) == ("USD", 0.25)
    assert banking().reporting == "USD"
    assert banking().notes == ("1 floating without a reset: taken to reprice in one period",)


def test_a_file_says_the_same_as_a_table(tmp_path: Path) -> None:
    pl.DataFrame(BANKING).write_csv(tmp_path / "book.csv")
    assert read_banking_book(tmp_path / "book.csv") == banking()
    pl.DataFrame(CURRENCIES).write_csv(tmp_path / "currencies.csv")
    assert read_currency_book(tmp_path / "currencies.csv") == currencies()


def test_years_are_terms_too_and_a_reset_never_lies_behind_the_maturity() -> None:
    book = banking(maturity=[9.5, 0.2, 3.0], reprices=[None, None, 5.0])
    assert [one.years(DAY) for one in book.instruments] == [9.5, 0.2, 3.0]
    assert [one.reset(DAY) for one in book.instruments] == [None, None, 3.0]


def test_whole_months_keep_coupons_in_step() -> None:
    assert years_until(datetime.date(2027, 5, 29), DAY, "it") == 0.5
    assert years_until(datetime.date(2026, 12, 1), DAY, "it") == pytest.approx(1 / 12 - 28 / 365.25)
    assert years_until(datetime.date(2056, 11, 29), DAY, "it") == 30.0
    with pytest.raises(DataError, match="after 2026-11-29"):
        years_until(DAY, DAY, "it")


def test_without_sides_a_negative_notional_is_a_liability_and_a_note_says_so() -> None:
    book = banking(side=None, notional=[1000.0, -800.0, 200.0])
    assert [one.notional for one in book.instruments] == [1000.0, -800.0, 200.0]
    assert "1 negative notionals taken as liabilities" in book.notes


def test_a_coupon_whose_unit_is_in_doubt_is_read_with_a_note_that_names_both() -> None:
    percent = banking(coupon=[4.5, 1.0, 3.0])
    assert [one.coupon for one in percent.instruments] == [0.045, 0.01, 0.03]
    assert any(
        "read as percent, 4.5 is 4.5 %; as decimals it would be 450%" in note for note in percent.notes
    )
    doubtful = banking(coupon=[0.5, 0.25, 0.1])
    assert doubtful.instruments[0].coupon == 0.5
    assert any("0.5 is 50%; where 0.5 % is meant" in note for note in doubtful.notes)
    named = banking(coupon=None, coupon_percent=[0.5, -0.25, 4.0])
    assert [one.coupon for one in named.instruments] == [0.005, -0.0025, 0.04]
    assert not any("read as" in note for note in named.notes)


def test_several_currencies_are_added_up_where_the_book_says_how() -> None:
    currency = ["EUR", "USD", "EUR"]
    alone = banking(currency=currency)
    assert (alone.reporting, alone.exchange) == ("", ())
    told = banking(currency=currency, reporting_currency=["EUR"] * 3, exchange_rate=[None, 0.9, 1.0])
    assert (told.reporting, dict(told.exchange)) == ("EUR", {"EUR": 1.0, "USD": 0.9})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"maturity": None}, ["must have a column maturity"]),
        ({"notional": [1.0, None, 2.0]}, ["filled in each row", "row 2"]),
        ({"notional": ["1", "much", "2"]}, ["hold numbers", "row 2 with 'much'"]),
        ({"notional": [0.0, 1.0, 1.0]}, ["not zero", "'mortgages'"]),
        ({"notional": [1.0, -1.0, 1.0]}, ["be positive where a side is given", "row 2"]),
        ({"coupon": [150.0, 1.0, 1.0]}, ["between -1 and 1", "'mortgages' has 1.5"]),
        ({"maturity": ["2036-06-30", "soon", "2029-12-31"]}, ["days, or years", "row 2 with 'soon'"]),
        ({"maturity": [2036, 2027, 2029]}, ["at most 100 years", "row 1 with '2036'"]),
        ({"maturity": ["2036-06-30", None, "2029-12-31"]}, ["'maturity'", "filled in each row"]),
        ({"frequency": [3, 1, 1]}, ["be 1, 2, 4 or 12", "row 1 with '3'"]),
        ({"type": ["fixd", None, None]}, ["fixed, floating", "'fixd'"]),
        ({"side": ["asset", "debt", "asset"]}, ["asset, liability", "'debt'"]),
        ({"currency": ["USD", "dollars", "USD"]}, ["ISO 4217", "'dollars'"]),
        ({"instrument": [None, "a", "b"]}, ["name an instrument", "row 1"]),
        (
            {"currency": ["EUR", "USD", "EUR"], "base": ["EUR"] * 3},
            ["one exchange rate", "USD, in EUR", "none"],
        ),
        ({"base": ["EUR", "USD", "EUR"]}, ["one reporting currency", "EUR, USD"]),
        (
            {"currency": ["EUR", "USD", "USD"], "base": ["EUR"] * 3, "exchange_rate": [1.0, 0.9, 0.8]},
            ["one exchange rate", "0.8, 0.9"],
        ),
    ],
)
def test_a_wrong_banking_book_is_refused(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        banking(**changes)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)


def test_what_has_matured_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="the maturity of 'deposits' must lie after"):
        banking(maturity=["2036-06-30", "2020-01-31", "2029-12-31"]).instruments[1].years(DAY)


def test_a_currency_book_adds_up_and_knows_its_base_and_rates() -> None:
    book = currencies()
    assert book.holdings == (Holding("USD", 120.0, 0.04), Holding("GBP", -50.0))
    assert (book.base, book.interest("USD"), book.interest("EUR")) == ("EUR", 0.04, None)
    assert book.notes == ("rows added up for USD",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": None}, ["one reporting currency", "none", "column base"]),
        ({"base": ["EUR", "USD", "EUR"]}, ["one reporting currency", "EUR, USD"]),
        ({"amount": None}, ["must have a column amount"]),
        ({"amount": ["1", "x", "2"]}, ["hold numbers", "'x'"]),
        ({"currency": ["USD", "pounds", "USD"]}, ["ISO 4217", "'pounds'"]),
        ({"currency": ["USD", None, "USD"]}, ["name a currency", "row 2"]),
        ({"currency": ["EUR", "EUR", "EUR"], "rate": None}, ["in a foreign currency", "all in EUR"]),
        ({"rate": [0.04, None, 0.05]}, ["one decimal per currency", "0.05 and 0.04"]),
        ({"rate": [4.0, None, 4.0]}, ["0.04 for 4 %"]),
    ],
)
def test_a_wrong_currency_book_is_refused(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        currencies(**changes)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)


def test_what_a_table_is_a_book_of_is_told_by_its_columns() -> None:
    def kind(*columns: str) -> str:
        return kind_of(by_rows(pl.DataFrame({name: [1] for name in columns}), label="book"))

    assert kind("Instrument", "Notional", "Coupon", "Maturity Date") == "banking"
    assert kind("ccy", "amount") == "currencies"
    assert kind("ticker", "value", "currency") == "positions"
    assert kind("ticker", "shares", "maturity") == "positions"
    assert kind("instrument", "coupon", "value") == "banking"


def test_the_examples_of_the_documentation_are_read_without_a_doubt() -> None:
    examples = Path(__file__).parents[2] / "docs" / "examples"
    loans = read_banking_book(examples / "banking_book.csv")
    assert loans.notes == ()
    assert sum(one.notional for one in loans.instruments) == 500_000.0
    money = read_currency_book(examples / "currencies.csv")
    assert (money.base, money.notes, money.interest("EUR")) == ("EUR", (), 0.028)
