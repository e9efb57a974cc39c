"""Opens a ledger by its packaged key, from a file, or from a table in memory."""

from __future__ import annotations

from collections.abc import Callable

from barograph.collect.ledgers.danish import read_danish_fire
from barograph.collect.ledgers.own import own_ledger
from barograph.collect.ledgers.simulated import read_simulated
from barograph.collect.reading import named_table, table_of
from barograph.core.ledger_study import LedgerSection
from barograph.core.ledger_table import LedgerSnapshot

PACKAGED_LEDGERS: dict[str, Callable[[LedgerSection], LedgerSnapshot]] = {
    "danish-fire": read_danish_fire,
    "simulated-losses": read_simulated,
}
"""Key -> packaged or simulated ledger."""


def open_ledger(section: LedgerSection) -> LedgerSnapshot:
    """The ledger a study names: a packaged key, or what `read_table` reads.

    Raises
    ------
    DataError, SettingError
        Source, table or column is not usable; the message says what to do.
    """
    if section.source in PACKAGED_LEDGERS:
        return PACKAGED_LEDGERS[section.source](section)
    return own_ledger(named_table(section.source, PACKAGED_LEDGERS, section), section)


def ledger_from_frame(frame: object, section: LedgerSection, *, label: str = "frame") -> LedgerSnapshot:
    """The ledger of a polars or pandas frame or an Arrow table; `section.source` is not looked at."""
    return own_ledger(table_of(frame, label=label, form=section), section)
