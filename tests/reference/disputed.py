"""Numbers of published cases that the product does not give, because they were found wrong.

A dispute names one number of one case and the value it disputes, so that a corrected case is held to in
full. A disputed number that holds after all is an error too: the dispute must then be struck out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dispute:
    """One number of one case, and what was found instead."""

    case: str
    path: tuple[str, ...]
    expected: float
    evidence: str


DISPUTES = (
    Dispute(
        case="VAR-13",
        path=("crit_0_01pct", "t3"),
        expected=-4.04,
        evidence=(
            "the case took the 10th smallest of 100,000 paths, which for t(3) scatters from -5.7 to -3.9; "
            "20 million paths give -4.57 (tests/measures/test_acerbi_szekely.py simulates it directly)"
        ),
    ),
)
