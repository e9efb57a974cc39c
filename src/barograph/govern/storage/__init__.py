"""The database behind the service: one file of SQLite, or PostgreSQL where there is more than one machine."""

from __future__ import annotations

from barograph.govern.storage.clock import Clock, now
from barograph.govern.storage.database import Database
from barograph.govern.storage.engine import DEFAULT_URL
from barograph.govern.storage.opening import open_database
from barograph.govern.storage.pages import By, page_of
from barograph.govern.storage.papers import check_keep, export, forget, forgettable, tables

__all__ = [
    "DEFAULT_URL",
    "By",
    "Clock",
    "Database",
    "check_keep",
    "export",
    "forget",
    "forgettable",
    "now",
    "open_database",
    "page_of",
    "tables",
]
