"""Step 1 for a loss ledger: packaged fire losses, a simulated ledger with known truth, or a user's table."""

from barograph.collect.ledgers.catalogue import PACKAGED_LEDGERS, ledger_from_frame, open_ledger
from barograph.collect.ledgers.own import ledger_of
from barograph.collect.ledgers.simulated import Truth, simulate_ledger
from barograph.collect.ledgers.snapshot import ledger_hash, load_ledger, save_ledger

__all__ = [
    "PACKAGED_LEDGERS",
    "Truth",
    "ledger_from_frame",
    "ledger_hash",
    "ledger_of",
    "load_ledger",
    "open_ledger",
    "save_ledger",
    "simulate_ledger",
]
