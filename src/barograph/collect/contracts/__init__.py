"""Contracts that a user writes as YAML: what a table must keep before any study sees it.

`read_contract` reads one, `checked` holds a source against it, `accepted` and `quarantined` let a table
through or not, `proposed` writes one from a table as read. Violations and their one table are those of
`barograph.collect.violation`, which the contract of prices uses too.
"""

from barograph.collect.contracts.checking import Findings, held
from barograph.collect.contracts.proposal import proposed
from barograph.collect.contracts.quarantine import REASONS, SetAside, accepted, quarantined
from barograph.collect.contracts.reading import read_contract
from barograph.collect.contracts.streamed import Checked, checked
from barograph.collect.contracts.terms import ColumnTerms, FreshTerms, TableContract

__all__ = [
    "REASONS",
    "Checked",
    "ColumnTerms",
    "Findings",
    "FreshTerms",
    "SetAside",
    "TableContract",
    "accepted",
    "checked",
    "held",
    "proposed",
    "quarantined",
    "read_contract",
]
