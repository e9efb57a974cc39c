"""Step 1: reads a table of daily prices, holds it against its contract, and says where it came from.

`open_source` opens what a study names, `from_frame` takes a table in memory; both give a
`core.records.Snapshot`, or one error with everything that is wrong. `save` and `load` keep a snapshot
in a folder.
"""

from barograph.collect.catalogue import PACKAGED, Packaged, open_source
from barograph.collect.contract import PRICES, Contract, check
from barograph.collect.frames import from_frame
from barograph.collect.snapshot import content_hash, load, save
from barograph.collect.violation import Violation

__all__ = [
    "PACKAGED",
    "PRICES",
    "Contract",
    "Packaged",
    "Violation",
    "check",
    "content_hash",
    "from_frame",
    "load",
    "open_source",
    "save",
]
