"""What a scoring bundle must reproduce: the figure of every reference record, alone and in company."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.deploy.gate import FIGURE_TOLERANCE, Check, gap, sizes
from barograph.engines.scoring.parts import Parts
from barograph.engines.scoring.serving import figures


def check_parity(parts: Parts, stored: Mapping[str, AnyArray]) -> list[Check]:
    """Send the reference records through, whole and in small batches, and compare with what is stored."""
    expected = stored["figure"]
    return [
        Check(
            f"served figure, {size} at once",
            gap(figures(parts, parts.reference.take(np.arange(size))), expected[:size]),
            FIGURE_TOLERANCE,
        )
        for size in sizes(expected.size)
    ]
