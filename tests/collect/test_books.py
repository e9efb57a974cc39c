"""Books from files and frames: what is read, what is assumed, and every way in which one can be wrong."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from barograph.collect.books import read_book
from barograph.collect.market_samples import ENTITIES
from barograph.core.book import Book, Position
from barograph.core.errors import DataError

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "book.csv"


def written(folder: Path, content: str | bytes, name: str = "book.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(book: object) -> str:
    with pytest.raises(DataError) as caught:
        read_book(book)
    return str(caught.value)


def test_a_csv_a_parquet_and_frames_are_the_same_book(tmp_path: Path) -> None:
    table = pl.DataFrame({"entity": ["ko", "wti"], "value": [1000.0, -250.5], "currency": ["USD", "USD"]})
    table.write_parquet(tmp_path / "book.parquet")
    text = "entity,value,currency\nko,1000,USD\nwti,-250.5,USD\n"
    frame = pd.DataFrame({"entity": ["ko", "wti"], "value": [1000.0, -250.5], "currency": ["USD", "USD"]})
    books = [read_book(b) for b in (written(tmp_path, text), str(tmp_path / "book.parquet"), table, frame)]
    expected = (Position("ko", value=1000.0), Position("wti", value=-250.5))
    assert [book.positions for book in books] == [expected] * 4
    assert read_book(books[0]) is books[0]


def test_quantity_or_value_may_be_given_row_by_row(tmp_path: Path) -> None:
    book = read_book(written(tmp_path, "Ticker;Shares;Market Value\nko;10;\nxom;;500\n"))
    assert book.positions == (Position("ko", quantity=10.0), Position("xom", value=500.0))
    assert book.currency == "USD"
    assert book.notes == ("delimiter: semicolon",)


def test_decimal_commas_are_read_and_noted(tmp_path: Path) -> None:
    book = read_book(written(tmp_path, "entity;value\nko;1000,5\nxom;-2,25\n"))
    assert [p.value for p in book.positions] == [1000.5, -2.25]
    assert book.notes == ("delimiter: semicolon", "value: decimal commas read")


def test_rows_of_the_same_entity_are_added_up_and_noted() -> None:
    book = read_book(pl.DataFrame({"entity": ["ko", "pep", "ko"], "quantity": [10.0, 5.0, -4.0]}))
    assert book.positions == (Position("ko", quantity=6.0), Position("pep", quantity=5.0))
    assert book.notes == ("rows added up for ko",)


def test_currency_and_class_are_read_whatever_their_case(tmp_path: Path) -> None:
    book = read_book(written(tmp_path, "entity,value,currency,class\nsap,10,eur,Stock\ndax,5,EUR,index\n"))
    assert [p.asset_class for p in book.positions] == ["stock", "index"]
    assert book.currency == "EUR"


def test_a_ticker_called_na_is_a_ticker(tmp_path: Path) -> None:
    assert read_book(written(tmp_path, "entity,value\nNA,10\nNO,5\n")).entities == ("NA", "NO")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["must hold a table", "empty"]),
        ("entity,value\n", ["must hold positions", "no row"]),
        ("entity\nko\n", ["one column only", "entity and value (or quantity)"]),
        ("entity,valeu\nko,10\n", ["column value or quantity", "Did you mean 'valeu'?"]),
        ("name,value\nko,10\n", ["must have a column entity", "it has name, value"]),
        ("entity,value\nko,10\nxom,abc\npep,x\n", ["column 'value'", "2 of 3 rows", "line 3 with 'abc'"]),
        ("entity,value\nko,10\nxom,nan\n", ["finite numbers", "line 3 with 'nan'"]),
        ("entity,value\nko,inf\n", ["finite numbers", "1 of 1 rows", "line 2"]),
        ("entity,value\nko,1e300\n", ["at most 1e+15", "'ko'"]),
        ("entity,value\nko,10\nxom,\n", ["filled in each row", "line 3"]),
        ("entity,value,quantity\nko,10,3\n", ["empty where a quantity is given", "line 2 with '10'"]),
        ("entity,value\n,10\n", ["name an entity", "line 2"]),
        ("entity,value,currency\nko,1,USD\nsap,1,EUR\n", ["one currency", "EUR, USD", "convert"]),
        ("entity,value,currency\nko,1,dollars\n", ["ISO 4217", "line 2 with 'dollars'"]),
        ("entity,value,class\nko,1,share\n", ["index, stock, commodity", "'share'"]),
        ("entity,value,quantity\nko,1,\nko,,2\n", ["'ko' is given by value and by quantity"]),
        ("entity,value\nko,0\nxom,0\n", ["not zero", "2 positions"]),
        (b"entity,value\nk\xff,1\n", ["UTF-8", "line 2"]),
        ("entity,value\nko,1,2\n", ["2 fields", "line 2"]),
    ],
)
def test_a_wrong_book_is_refused_in_one_message(
    tmp_path: Path, content: str | bytes, words: list[str]
) -> None:
    message = refusal(written(tmp_path, content))
    assert [word for word in words if word not in message] == [], message


def test_a_frame_with_a_missing_amount_is_refused_by_its_row() -> None:
    frame = pl.DataFrame({"entity": ["ko", "xom"], "value": [1.0, float("nan")]})
    assert "row 2" in refusal(frame)
    assert "polars or pandas frame" in refusal(42)


def test_the_records_hold_what_they_promise() -> None:
    with pytest.raises(DataError, match="either a quantity or a value"):
        Position("ko", quantity=1.0, value=2.0)
    with pytest.raises(DataError, match="finite"):
        Position("ko", value=float("inf"))
    with pytest.raises(DataError, match="ISO 4217"):
        Position("ko", value=1.0, currency="usd")
    with pytest.raises(DataError, match="Did you mean 'stock'"):
        Position("ko", value=1.0, asset_class="stocks")
    with pytest.raises(DataError, match="'ko' comes twice"):
        Book((Position("ko", value=1.0), Position("ko", value=2.0)))
    with pytest.raises(DataError, match="EUR, USD"):
        Book((Position("ko", value=1.0), Position("sap", value=2.0, currency="EUR")))


def test_the_example_is_a_book_of_the_packaged_sample() -> None:
    book = read_book(EXAMPLE)
    assert book.entities == ("aapl", "jpm", "ko", "unh", "xom")
    assert set(book.entities) <= set(ENTITIES)
