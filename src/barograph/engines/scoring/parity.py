"""What a scoring bundle must reproduce: the figure of every reference record, alone and in company."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.deploy.gate import FIGURE_TOLERANCE, Check, gap, sizes
from barograph.engines.scoring.live_rows import feeds_of
from barograph.engines.scoring.parts import Parts
from barograph.engines.scoring.serving import figures


def check_parity(parts: Parts, stored: Mapping[str, AnyArray]) -> list[Check]:
    """Send the reference records through, whole and in small batches, and compare with what is stored."""
    expected = stored["figure"]
    checks = [
        Check(
            f"served figure, {size} at once",
            gap(figures(parts, parts.reference.take(np.arange(size))), expected[:size]),
            FIGURE_TOLERANCE,
        )
        for size in sizes(expected.size)
    ]
    return [*checks, *_live_checks(parts, expected)]


def _live_checks(parts: Parts, expected: AnyArray) -> list[Check]:
    """The live graph, all at once and one by one."""
    if parts.live is None:
        return []
    graph, feeds = parts.live, feeds_of(parts.encoder, parts.reference)
    answers = {"together": graph.many(feeds), "one by one": np.empty(expected.size)}
    for row in range(expected.size):
        for name, buffer in graph.buffers.items():
            buffer[0] = feeds[name][row]
        answers["one by one"][row] = graph.one()
    return [
        Check(f"live figure, {name}", gap(answer, expected), FIGURE_TOLERANCE)
        for name, answer in answers.items()
    ]
