"""Books from files and tables: positions in prices, banking books, currencies."""

from __future__ import annotations

from barograph.collect.books.banking import read_banking_book
from barograph.collect.books.currencies import read_currency_book
from barograph.collect.books.positions import read_book, usual_class
from barograph.collect.books.table import kind_of, raw_book

__all__ = ["kind_of", "raw_book", "read_banking_book", "read_book", "read_currency_book", "usual_class"]
