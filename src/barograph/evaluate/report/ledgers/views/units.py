"""The unit of money as the report names it."""

from __future__ import annotations

from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.words import Words


def unit_of(content: LedgerContent, words: Words) -> str:
    """The ledger's own unit; money units where none is stated."""
    return words.note(content.unit) or words("ledgers.data.money_units")
